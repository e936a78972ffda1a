from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.types import EVENT_TYPES


CAPTURE = Path(__file__).parents[2] / "fixtures" / "grantex-events.ndjson"
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def decoded(payload: bytes) -> Event:
    event = decode_event(payload)
    assert isinstance(event, Event), event
    return event


def test_every_captured_event_decodes_and_keeps_its_bytes():
    payloads = CAPTURE.read_bytes().splitlines()
    events = [decoded(payload) for payload in payloads]
    assert len(events) == 354
    assert {event.type for event in events} == set(EVENT_TYPES)
    assert [event.raw for event in events] == payloads


@pytest.mark.parametrize("name", ["principalId", "userId", "dataPrincipalId"])
def test_a_principal_is_found_under_each_of_its_names(name):
    payload = json.dumps({"id": "e", "type": "t", "data": {name: "user_1"}}).encode()
    assert decoded(payload).principal_id == "user_1"


def test_an_event_of_the_services_own_four_keys_is_known_as_such():
    assert decoded(b'{"id":"e","type":"t","createdAt":"","data":{"anything":1}}').plain
    assert not decoded(b'{"id":"e","type":"t","createdAt":"","data":{},"more":1}').plain
    assert not decoded(b'{"id":"e","type":"t","createdAt":7,"data":{}}').plain


def test_unknown_types_and_further_fields_pass_through():
    payload = b'{"id":"e","type":"brand.new","extra":[1,{"x":null}],"data":{"odd":1e3}}'
    assert decoded(payload) == Event("e", "brand.new", "", "", "", "", payload)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"id":"e","type":"t"}',
        b'{"id":"e","type":"t","data":null}',
        b'{"id":"e","type":"t","data":[1]}',
        b'{"id":"e","type":"t","data":"text"}',
        b'{"id":"e","type":"t","createdAt":5,"data":{"agentId":7,"grantId":null}}',
        b'{"id":"e","type":"t","data":{"principalId":"\\ud800"}}',
        b' {"id":"e",\n"type":"t"}\n',
        b'{"id":"x","id":"e","type":"t"}',
    ],
)
def test_a_field_of_an_unexpected_shape_is_still_an_event(payload):
    event = decoded(payload)
    assert (event.id, event.type, event.raw) == ("e", "t", payload)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"oops", "not JSON"),
        (b"", "not JSON"),
        (b'{"id":"e","type":"t"', "not JSON"),
        (b'{"id":"e","type":"t"} trailing', "not JSON"),
        (b'{"id":"e","type":"t","x":NaN}', "not JSON"),
        (b"null", "not an object but null"),
        (b"[]", "not an object but a list"),
        (b"7", "not an object but a number"),
        (b"true", "not an object but a boolean"),
        (b'"x"', "not an object but a text"),
        (b'{"type":"t"}', "no id"),
        (b'{"id":"e"}', "no type"),
        (b'{"id":7,"type":"t"}', "id is not a text"),
        (b'{"id":"e","type":null}', "type is not a text"),
        (b'{"id":"","type":"t"}', "empty id or type"),
        (b'{"id":"e","type":""}', "empty id or type"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_what_is_no_event_is_kept_with_the_reason(payload, reason):
    item = decode_event(payload)
    assert isinstance(item, Malformed)
    assert item.reason.startswith(reason)
    assert item.raw == payload


def test_invalid_utf8_is_replaced_in_fields_that_nobody_reads_too():
    assert decoded(b'{"id":"e","type":"t","x":"\xff"}').raw.endswith('"x":"\ufffd"}'.encode())


def test_invalid_utf8_is_replaced_as_an_sse_client_must():
    event = decoded(b'{"id":"e","type":"t","data":{"principalId":"\xff\xfe"}}')
    assert event.principal_id == "\ufffd\ufffd"
    assert event.raw.decode() == '{"id":"e","type":"t","data":{"principalId":"\ufffd\ufffd"}}'


@given(st.binary())
def test_no_bytes_raise(payload):
    assert isinstance(decode_event(payload), Event | Malformed)


@given(st.dictionaries(st.sampled_from(["id", "type", "createdAt", "data", "x"]), JSON_VALUES))
def test_both_readings_agree_on_what_is_an_event(value):
    item = decode_event(json.dumps(value).encode())
    is_event = all(isinstance(value.get(key), str) and value[key] for key in ("id", "type"))
    assert isinstance(item, Event) == is_event
