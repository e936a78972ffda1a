"""A read, as payloads with all envelopes opened at once, and as the events that it is."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.events.arrived import Arrived, payloads_of, types_of
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.recorded.sketch import Sketcher


ODD = st.sampled_from(
    [
        b"",
        b"{}",
        b"not JSON",
        b'{"id":"a","type":"t"}\n{"id":"b","type":"t"}',
        b'{"id":"a","type":"t"},{"id":"b","type":"t"}',
        b'{"id":"a","type":"t","data":{}',
        b'}"}',
        b'{"id":"a",\n"type":"t","data":{}}',
        b'{"id":"a","type":"","data":{}}',
        b'{"id":"a","type":"t","more":1,"data":{}}',
        b'{"id":"a","type":"t","data":{"reason":"\xff"}}',
        b'{"type":"t","id":"a","data":{}}',
        '{"id":"a","type":"t","data":{"reason":"é"}}'.encode(),
    ]
)
USUAL = st.builds(
    lambda number, kind, created, data: json.dumps(
        {"id": f"evt_{number}", "type": kind, "createdAt": created, "data": data},
        separators=(",", ":"),
    ).encode(),
    st.integers(0, 99),
    st.sampled_from(["grant.created", "token.issued"]),
    st.sampled_from(["2026-01-05T09:00:00.000Z", "", "soon"]),
    st.dictionaries(st.sampled_from(["agentId", "x"]), st.text(max_size=3), max_size=2),
)


@given(st.lists(USUAL, min_size=1, max_size=5), st.lists(ODD, max_size=2), st.randoms())
@settings(max_examples=100)
def test_opened_at_once_or_one_by_one_a_read_is_the_same(usual, odd, random):
    payloads = [*usual, *odd]
    random.shuffle(payloads)
    events = [decode_event(payload) for payload in payloads]
    opened = Arrived(payloads, Sketcher(("agentId",)).envelopes(payloads))
    closed = Arrived(payloads, None)
    assert list(opened) == events
    assert types_of(opened) == types_of(closed) == types_of(events)
    assert opened.keys() == closed.keys()
    assert opened.newest_at(1.5) == closed.newest_at(1.5)
    some = sorted(random.sample(range(len(payloads)), random.randint(1, len(payloads))))
    assert list(opened.at(some)) == [events[at] for at in some]
    if opened.envelopes is not None:
        assert payloads_of(opened) == payloads_of(events)
    else:
        assert payloads_of(opened) == ([e.raw for e in events] if all(
            isinstance(e, Event) for e in events) else None)  # fmt: skip


@given(st.lists(USUAL, min_size=1, max_size=5))
@settings(max_examples=30)
def test_what_grantex_sends_is_opened_at_once_unless_some_have_no_data(usual):
    assert Sketcher().envelopes(usual) is not None or any(b'"data":{}' in p for p in usual)
