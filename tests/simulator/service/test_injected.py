from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.service.injected import InjectedError, Injector, ulid


NOW = 1_767_603_600.0
ONE = b'{"id":"evt_1", "type":"t","data":{}}'
TWO = b'{"id":"evt_2","type":"t","data":{"a":"\xe2\x80\xa8"}}'


@pytest.mark.parametrize(
    ("body", "payloads"),
    [
        (b"", []),
        (b"\n\r\n", []),
        (ONE, [ONE]),
        (ONE + b"\n\n" + TWO + b"\r\n", [ONE, TWO]),
        (b"[" + ONE + b" , " + TWO + b"]", [ONE, TWO]),
        (b"[]", []),
        (b"\n [" + ONE + b"\n]\n", [ONE]),
        (b"no JSON\n" + ONE, [b"no JSON", ONE]),
        (b'{"a":\n1}', [b'{"a":1}']),
        (b'{"id":"","type":"t"}', [b'{"id":"","type":"t"}']),
        (b'{"data":{}}', [b'{"data":{}}']),
    ],
)
def test_what_is_posted_goes_out_as_it_stands(body, payloads):
    assert Injector().payloads(body, NOW) == payloads


def test_a_short_form_gets_an_id_and_the_present():
    injector = Injector()
    body = b'{"type":"grant.revoked","data":{"grantId": "g"}}\n{"type":"sso.login"}'
    first, second = (json.loads(payload) for payload in injector.payloads(body, NOW))
    assert list(first) == ["id", "type", "createdAt", "data"]
    assert first["createdAt"] == "2026-01-05T09:00:00.000Z"
    assert first["data"] == {"grantId": "g"}
    assert second["data"] == {}
    assert first["id"] != second["id"]
    assert first["id"].startswith("evt_01KE")
    assert len(first["id"]) == len("evt_") + 26


def test_short_forms_and_whole_events_mix_in_an_array():
    payloads = Injector().payloads(b'[{"type":"t"},' + ONE + b"]", NOW)
    assert payloads[1] == ONE
    assert json.loads(payloads[0])["type"] == "t"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[1,", "can't be read"),
        (b'{"type":5}', "type is 5"),
        (b'{"type":["\xff"]}', "not a text"),
        (b"[" * 100_000, "can't be read"),
    ],
)
def test_what_can_not_be_read_is_said(body, said):
    with pytest.raises(InjectedError, match=said):
        Injector().payloads(body, NOW)


@given(st.lists(st.tuples(st.integers(0, 2**48 - 1), st.integers(0, 2**80 - 1)), max_size=5))
def test_ulids_sort_like_their_time_and_number(pairs):
    texts = [ulid(ms / 1000, number) for ms, number in pairs]
    rounded = [(int(ms / 1000 * 1000), number) for ms, number in pairs]
    assert sorted(texts) == [text for _, text in sorted(zip(rounded, texts, strict=True))]
