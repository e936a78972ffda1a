from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.delivery.batch import EntryFormat
from grantex_tui.delivery.shorten import shorter
from grantex_tui.events.kept.spool import Entry


LIMIT = 1_000_000
IDS = {"recordId": "crec_1", "principalId": "p" * 256, "scopes": ["calendar:read"]}


def event(**data) -> bytes:
    whole = {
        "id": "evt_1",
        "type": "dpdp.consent.withdrawn",
        "createdAt": "2026-01-05T09:00:00.000Z",
    }
    return json.dumps(whole | {"data": IDS | data}).encode()


def copy_of(raw: bytes):
    entry = json.loads(EntryFormat().shortened(Entry(raw, "t", 7), LIMIT).body)
    assert entry["ddtags"] == "type:t,truncated:true"
    return json.loads(entry["message"])


@pytest.mark.parametrize(
    "long",
    ["x" * 2_000_000, "\n" * 2_000_000, '"' * 2_000_000, "é\u2028" * 800_000],
    ids=["plain", "escaped", "quotes", "wide"],
)
def test_a_long_text_is_cut_and_every_id_stays(long) -> None:
    raw = event(reason=long)
    copy = copy_of(raw)
    assert {name: copy["data"][name] for name in IDS} == IDS
    assert (copy["id"], copy["type"]) == ("evt_1", "dpdp.consent.withdrawn")
    assert copy["truncated"] == {"bytes": len(raw)}
    assert copy["data"]["reason"].startswith(long[:256])
    assert copy["data"]["reason"].endswith("more characters)")


def test_lists_and_objects_without_end_are_cut_too() -> None:
    raw = event(
        revokedGrants=[f"grnt_{n:026}" for n in range(60_000)],
        more={f"k{n}": "x" * 99 for n in range(9999)},
    )
    copy = copy_of(raw)
    assert copy["data"]["revokedGrants"][:2] == [f"grnt_{n:026}" for n in range(2)]
    assert copy["data"]["revokedGrants"][-1].endswith("more items)")
    assert {name: copy["data"][name] for name in IDS} == IDS


def test_of_numbers_beyond_any_the_envelope_is_left() -> None:
    digits = b"9" * 1_100_000
    raw = b'{"id":"evt_1","type":"t","createdAt":"2026-01-05T09:00:00.000Z","data":%s}' % digits
    copy = copy_of(raw)
    assert (copy["id"], copy["createdAt"]) == ("evt_1", "2026-01-05T09:00:00.000Z")


def test_what_is_deeply_nested_is_cut_no_less() -> None:
    raw = event(deep=json.loads("[" * 300 + f'"{"x" * 1_100_000}"' + "]" * 300))
    assert {name: copy_of(raw)["data"][name] for name in IDS} == IDS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=600),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=20), inner),
    max_leaves=30,
)


@given(json_values)
def test_copies_are_json_and_the_last_is_tiny(value) -> None:
    raw = json.dumps({"id": "evt_1", "type": "t", "data": value}).encode()
    copies = list(shorter(raw))
    assert all(json.loads(copy)["id"] == "evt_1" for copy in copies)
    assert len(copies[-1]) < 2000
