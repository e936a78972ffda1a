"""What is gone is counted in events: a lost note of a gap is told, and is no lost event."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.care.looking import look
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.lines import count_events, place_behind, seal_items, step_of
from grantex_tui.events.kept.settings import JournalSettings
from tests.support.clock import VirtualClock


if TYPE_CHECKING:
    from pathlib import Path

AT = 1_767_603_600.0
KINDS = "eeegmpe"
"""Events, a gap, something malformed, an event of two lines."""


def event(number: int, *, broken: bool = False) -> Event:
    between = "\n" if broken else ""
    found = decode_event(f'{{"id":"evt_{number}",{between}"type":"token.issued"}}'.encode())
    assert isinstance(found, Event)
    return found


def fill(folder: Path, kinds: str, segment_bytes: int = 100_000) -> None:
    journal = Journal.open(
        folder,
        clock=VirtualClock(AT),
        settings=JournalSettings(fsync=False, segment_bytes=segment_bytes),
    )
    for number, kind in enumerate(kinds):
        if kind == "g":
            journal.append_gap(Gap(AT, AT + 1, "cut"))
        elif kind == "m":
            journal.append([Malformed(b"rubbish", "no JSON")], AT)
        else:
            journal.append([event(number, broken=kind == "p")], AT)
    journal.close()


def lost_of(folder: Path) -> int:
    journal = Journal.open(folder, clock=VirtualClock(AT))
    taken = 0
    while chunk := journal.take(1000, 1 << 30):
        taken += len(chunk.entries)
    assert journal.carried_over == taken + sum(journal.dropped.values())
    journal.close()
    return sum(journal.dropped.values())


@given(kinds=st.text("egmp", min_size=1, max_size=8), place=st.integers(1, 1 << 40))
@settings(max_examples=60, deadline=None)
def test_what_follows_a_block_stands_where_its_lines_say(kinds: str, place: int) -> None:
    items = [
        Malformed(b"rubbish", "no JSON") if kind in "gm" else event(n, broken=kind == "p")
        for n, kind in enumerate(kinds)
    ]
    lines = seal_items(items, AT, place).splitlines()
    assert place_behind(lines, place) == place + sum(map(step_of, lines))
    assert place_behind(lines, place + 1) is None
    if len(set(map(step_of, lines))) > 1 or len(set(lines)) > 1:
        assert place_behind(lines[::-1], place) is None or lines[::-1] == lines


@pytest.mark.parametrize("seed", range(30))
def test_lines_taken_out_cost_the_events_among_them(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    fill(tmp_path, "".join(dice.choices(KINDS, k=40)))
    path = tmp_path / "00000001.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    start = dice.randrange(1, len(lines))
    end = dice.randrange(start + 1, len(lines) + 1)
    path.write_bytes(b"".join(lines[:start] + lines[end:]))
    gone = count_events(lines[start:end])
    assert look(tmp_path, whole=True).lost == gone
    assert lost_of(tmp_path) == gone


@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_missing_segment_costs_its_events(which: int, tmp_path: Path) -> None:
    fill(tmp_path, KINDS * 6, segment_bytes=700)
    path = sorted(tmp_path.glob("0*.ndjson"))[which]
    gone = count_events(path.read_bytes().splitlines())
    path.unlink()
    assert lost_of(tmp_path) == gone


def test_a_journal_reformatted_by_a_json_tool_costs_its_events_and_no_more(tmp_path: Path) -> None:
    kinds = "g" + KINDS.replace("p", "e") * 3
    fill(tmp_path, kinds)
    path = tmp_path / "00000001.ndjson"
    path.write_bytes(path.read_bytes().replace(b'":', b'": '))
    assert lost_of(tmp_path) == kinds.count("e")


def test_a_lost_gap_is_told_and_costs_nothing(tmp_path: Path) -> None:
    fill(tmp_path, "eegee")
    path = tmp_path / "00000001.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(b'{"gap"')))
    journal = Journal.open(tmp_path, clock=VirtualClock(AT))
    assert any("missing in 1 place;" in note for note in journal.notes)
    assert (journal.carried_over, sum(journal.dropped.values())) == (4, 0)
    journal.close()


@pytest.mark.parametrize("change", [bytes.upper, lambda digits: b"+" + digits[1:]])
def test_digits_of_a_seal_that_nobody_here_writes_are_damage(change, tmp_path: Path) -> None:
    """Else a check that is strict and one that is not would look at the line in turn, for ever."""
    fill(tmp_path, "e" * 20)
    path = tmp_path / "00000001.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    changed = [line[:-11] + change(line[-11:-3]) + line[-3:] for line in lines[1:]]
    path.write_bytes(lines[0] + b"".join(changed))
    gone = sum(a != b for a, b in zip(lines[1:], changed, strict=True))
    assert lost_of(tmp_path) == gone > 0


def test_a_flipped_bit_in_a_seal_is_no_other_place(tmp_path: Path) -> None:
    fill(tmp_path, "e" * 20)
    path = tmp_path / "00000001.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    for digit in range(-11, -3):
        for bit in (1, 2, 4):
            broken = bytearray(lines[9])
            broken[digit] ^= bit
            path.write_bytes(b"".join([*lines[:9], bytes(broken), *lines[10:]]))
            assert look(tmp_path, whole=True).lost == 1


def test_a_damaged_header_leaves_the_segment_what_it_is(tmp_path: Path) -> None:
    fill(tmp_path, "e" * 20)
    path = tmp_path / "00000001.ndjson"
    path.write_bytes(path.read_bytes().replace(b'{"journal"', b'{"jour\0al"', 1))
    assert lost_of(tmp_path) == 0


def test_delivery_goes_on_by_place_when_its_segment_was_changed(tmp_path: Path) -> None:
    fill(tmp_path, "e" * 20)
    journal = Journal.open(tmp_path, clock=VirtualClock(AT))
    chunk = journal.take(10, 1 << 30)
    assert chunk is not None
    journal.settle(chunk.end, delivered=len(chunk.entries), dead_lettered=0, unreadable=0)
    journal.close()
    path = tmp_path / "00000001.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"rubbish\n", *lines[4:]]))
    journal = Journal.open(tmp_path, clock=VirtualClock(AT))
    assert (journal.unread, sum(journal.dropped.values())) == (20 - len(chunk.entries), 0)
    assert "was changed where delivery had come to" in journal.notes[0]
    journal.close()


def test_a_flipped_digit_of_the_format_is_damage_and_no_newer_version(tmp_path: Path) -> None:
    fill(tmp_path, "e" * 20)
    path = tmp_path / "00000001.ndjson"
    path.write_bytes(path.read_bytes().replace(b'{"journal":2', b'{"journal":6', 1))
    assert lost_of(tmp_path) == 0
