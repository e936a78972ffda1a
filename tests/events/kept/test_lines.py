from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.lines import (
    count_events,
    encode_gap,
    encode_items,
    parse_entries,
    received_at,
)
from grantex_tui.events.recorded.line import Arrival, LineReader


AT = 1_767_603_600.123
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """Events as they may come: any fields, any spacing, several lines or one."""
    fields = {"id": draw(TEXT) or "e", "type": draw(TEXT) or "t", "data": draw(st.none() | TEXT)}
    fields |= draw(st.dictionaries(TEXT.filter(lambda key: key not in fields), TEXT, max_size=2))
    text = json.dumps(fields, ensure_ascii=draw(st.booleans()), indent=draw(st.none() | st.just(1)))
    return (draw(st.sampled_from(["", " ", "\n", "\t"])) + text).encode()


def events(raws: list[bytes]) -> list[Event | Malformed]:
    return [decode_event(raw) for raw in raws]


@given(st.lists(payloads(), max_size=5), st.lists(st.binary(max_size=8), max_size=2))
@example([b'{"id":"1","type":"t","a":"\xe2\x80\xa8\\u2028"}'], [])
def test_payloads_come_back_byte_for_byte(raws: list[bytes], bad: list[bytes]) -> None:
    items = events([*raws, *bad])
    lines = encode_items(items, AT).split(b"\n")[:-1]
    assert len(lines) == len(items)
    entries, unreadable = parse_entries(lines, 7)
    wanted = [item for item in items if isinstance(item, Event)]
    assert unreadable == 0
    assert [(e.raw, e.type) for e in entries] == [(event.raw, event.type) for event in wanted]
    assert count_events(lines) == len(wanted)
    assert all(received_at(line) == AT for line in lines)


@given(st.lists(payloads(), max_size=3), st.lists(st.binary(max_size=8), max_size=2))
def test_a_journal_reads_as_a_recording(raws: list[bytes], bad: list[bytes]) -> None:
    items = events([*raws, *bad])
    read = LineReader().read
    lines = encode_items(items, AT).split(b"\n")[:-1]
    assert [read(line) for line in lines] == [Arrival(AT, item) for item in items]


def test_every_line_is_json_with_the_time_first() -> None:
    plain, wrapped, broken = encode_items(
        events([b'{"id":"1","type":"t"}', b'{"id":"2",\n"type":"t"}', b"{nonsense"]), AT
    ).splitlines()
    at = "2026-01-05T09:00:00.123Z"
    assert json.loads(plain) == {"receivedAt": at, "event": {"id": "1", "type": "t"}}
    assert json.loads(wrapped) == {"receivedAt": at, "payload": '{"id":"2",\n"type":"t"}'}
    assert json.loads(broken)["malformed"]["payload"] == "{nonsense"


def test_gaps_are_no_events() -> None:
    lines = [encode_gap(Gap(0.0, 5.0, "cut")).rstrip(), encode_gap(Gap(9.0, None, "away")).rstrip()]
    assert json.loads(lines[0]) == {
        "gap": {
            "from": "1970-01-01T00:00:00.000Z",
            "to": "1970-01-01T00:00:05.000Z",
            "reason": "cut",
        }
    }
    assert count_events(lines) == 0
    assert parse_entries(lines, 0) == ([], 0)
    assert [LineReader().read(line) for line in lines] == [
        Gap(0.0, 5.0, "cut"),
        Gap(9.0, None, "away"),
    ]


def test_ends_are_where_the_lines_end() -> None:
    block = encode_items(events([b'{"id":"1","type":"t"}', b'{"id":"2","type":"longer"}']), AT)
    entries, _ = parse_entries(block.split(b"\n")[:-1], 100)
    assert [entry.end for entry in entries] == [100 + block.index(b"\n") + 1, 100 + len(block)]


def test_damage_is_counted_and_harms_no_neighbour() -> None:
    good = b'{"id":"1","type":"t"}'
    lines = encode_items(events([good, good, good]), AT).split(b"\n")[:-1]
    lines[1] = lines[1].replace(b'"type"', b'"tyqe"')
    lines.append(lines[0][:50] + b"\0\0\0")
    entries, unreadable = parse_entries(lines, 0)
    assert [entry.raw for entry in entries] == [good, good]
    assert unreadable == 2
    assert count_events(lines) == 4
