from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.events.emission import emission
from grantex_sim.faults import Opening
from grantex_sim.faults.frames import SseWire, event_text, pieces
from grantex_sim.faults.kinds import created_at_inversion, huge_event, id_inversion
from grantex_sim.faults.kinds.id_inversion import decode_time, encode_time
from grantex_sim.faults.kinds.kind import joined
from grantex_sim.faults.kinds.multi_line import over_lines
from grantex_sim.faults.kinds.registry import registered
from grantex_sim.http.wire import dechunk
from grantex_tui.events.live.sse import Message, SSEDecoder


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.fixed_dictionaries(
    {"id": st.text(min_size=1), "type": st.text(min_size=1), "data": VALUES}
).map(
    lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "replace"
    )
)


KINDS = {kind.word: kind for kind in registered() if not kind.ending}


def acts(**values):
    return joined(KINDS[word].act(value) for word, value in values.items())


SHAPES = st.fixed_dictionaries(
    {},
    optional={
        "split": st.integers(0, 5),
        "cr_only": st.just(value=True),
        "bom": st.just(value=True),
        "comments": st.integers(1, 2),
        "fields": st.just(value=True),
        "multi_line": st.just(value=True),
    },
)


@given(st.lists(EVENTS, min_size=1, max_size=4), SHAPES, st.booleans())
def test_however_lawfully_a_stream_is_written_the_same_events_are_read(payloads, shape, chunked):
    wire = SseWire(Opening(acts=acts(**shape, retry=2.5)), chunked=chunked)
    parts = wire.first()
    for payload in payloads:
        parts += wire.event(emission(payload), None)
    body = b"".join(dechunk(parts) if chunked else parts)
    found = [item for item in SSEDecoder().feed(body) if isinstance(item, Message)]
    assert [json.loads(item.data) for item in found] == [json.loads(data) for data in payloads]
    assert found[0].retry == 2500
    if "multi_line" not in shape:
        assert [item.data for item in found] == payloads


@given(st.binary(max_size=60), st.none() | st.integers(0, 7))
def test_pieces_are_the_whole(text, split):
    cut = pieces(text, split)
    assert b"".join(cut) == text
    assert split in (None, 0) or all(0 < len(piece) <= split for piece in cut)


@given(st.text())
def test_a_cut_lies_within_each_character_of_several_bytes(text):
    several = sum(len(character.encode()) > 1 for character in text if character.isprintable())
    encoded = text.encode("utf-8", "replace")
    assert len(pieces(encoded, 0)) >= several + 1


def test_json_over_lines_breaks_no_text():
    payload = b'{"a":"x,\\",y","b":[1,2],"c":{"d":1,"e":",,"}}'
    assert over_lines(payload) == b'{"a":"x,\\",y",\n"b":[1,\n2],\n"c":{"d":1,\n"e":",,"}}'


def spoiled(payload, **values):
    (act,) = acts(**values)
    return act.spoiled(payload)


def rewritten(kind, payload, value):
    return kind.KIND.act(value).rewritten(payload)


@given(EVENTS)
def test_what_is_malformed_can_not_be_read(payload):
    with pytest.raises(ValueError):
        json.loads(spoiled(payload, malformed_json=True).decode("utf-8", "replace"))
    with pytest.raises(UnicodeDecodeError):
        spoiled(payload, invalid_utf8=True).decode()


@given(st.integers(0, 2**48 - 1))
def test_a_ulids_time_is_read_as_it_is_written(moment):
    text = encode_time(moment)
    assert len(text) == 10
    assert decode_time(text) == moment


@given(st.integers(0, 2**48 - 1), st.integers(0, 10**9))
def test_an_older_id_sorts_before(moment, milliseconds):
    tail = "ABCDEFGHJKMNPQRS"
    payload = f'{{"id":"evt_{encode_time(moment)}{tail}","type":"t"}}'.encode()
    older = json.loads(rewritten(id_inversion, payload, milliseconds / 1000))["id"]
    assert decode_time(older[4:14]) == max(0, moment - milliseconds)
    assert older.endswith(tail)


@pytest.mark.parametrize(
    "payload", [b"", b"oops", b'{"id":"evt_1","createdAt":"soon"}', b'{"id":1}']
)
def test_what_has_no_such_id_or_date_stays_as_it_is(payload):
    assert rewritten(id_inversion, payload, 1.0) == payload
    assert rewritten(created_at_inversion, payload, 1.0) == payload


@given(EVENTS, st.integers(0, 5_000))
def test_a_padded_event_has_its_size_and_is_the_same_event(payload, size):
    huge = rewritten(huge_event, payload, size)
    assert len(huge) == size or huge == payload
    value = json.loads(huge)
    value.pop("padding", None)
    assert value == json.loads(payload)


def test_a_name_can_not_break_out_of_its_line():
    event = emission(b'{"id":"evt_1\\ndata: x","type":"t"}')
    text = event_text(event, acts(fields=True))
    assert not re.search(rb"^data: x", text, re.MULTILINE)
