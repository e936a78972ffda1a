"""Parts of several recordings, merged, are their items merged one by one."""

from __future__ import annotations

import json
from heapq import merge
from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.sketch import Sketcher, Sketches
from grantex_tui.rehearsal.engine.merging import Known, merged
from grantex_tui.rehearsal.engine.timing import timed


START = 1_780_000_020.0
SKETCHER = Sketcher(["n"])


def payload(name: str, at: float) -> bytes:
    value = {"id": name, "type": "token.issued", "createdAt": rfc3339(at), "data": {"n": 1}}
    return json.dumps(value, separators=(",", ":")).encode()


@st.composite
def parts(draw, source: int):
    """A recording's parts, blocks and lists, each with what its items are one by one."""
    at = START
    found: list[tuple[Sketches | list, list]] = []
    for number in range(draw(st.integers(0, 6))):
        instants = []
        for _ in range(draw(st.integers(1, 6))):
            at += draw(st.sampled_from([0.0, 0.0, 1.0, 2.0, -1.0]))
            instants.append(at)
        names = [f"{source}-{number}-{place}" for place in range(len(instants))]
        payloads = [payload(name, at) for name, at in zip(names, instants, strict=True)]
        items: list = [
            Arrival(at, decode_event(p)) for at, p in zip(instants, payloads, strict=True)
        ]
        kind = draw(st.sampled_from(["journal", "journal", "bare", "list", "odd"]))
        if kind == "odd":
            odd = [Gap(at, None, names[0]), Arrival(None, decode_event(payload(names[0], at)
                   .replace(b"2026", b"soon", 1)))]  # fmt: skip
            items = draw(st.permutations([*odd, *items[1:]]))
        if kind in ("list", "odd"):
            found.append((items, items))
            continue
        lines = [
            b'{"receivedAt":"%s","event":%s}' % (rfc3339(at).encode(), each)
            if kind == "journal" else each
            for at, each in zip(instants, payloads, strict=True)
        ]  # fmt: skip
        sketches = SKETCHER.read(b"\n".join(lines))
        assert sketches is not None
        found.append((sketches, items))
    return found


def name_of(item) -> object:
    if isinstance(item, Gap):
        return ("gap", item.reason)
    assert isinstance(item.event, Event)
    return item.event.id


def names_of(part) -> list[object]:
    if isinstance(part, Sketches):
        return [json.loads(part.event(number).raw)["id"] for number in range(len(part.events))]
    return [name_of(item) for item in part]


def instants_of(part) -> list[float]:
    return part.instants if isinstance(part, Sketches) else [at for at, _ in timed(part)]


@given(st.integers(1, 4).flatmap(lambda count: st.tuples(*map(parts, range(count)))))
def test_items_come_by_time_then_by_recording(recordings) -> None:
    plain = merge(
        *(timed(item for _, items in each for item in items) for each in recordings),
        key=itemgetter(0),
    )
    expected = [(name_of(item), at) for at, item in plain]
    quick = list(merged([part for part, _ in each] for each in recordings))
    assert [name for part in quick for name in names_of(part)] == [name for name, _ in expected]
    known = dict(expected)
    for part in quick:
        if isinstance(part, Sketches):
            assert part.instants == [known[name] for name in names_of(part)]


def sketches(source: int, instants) -> Sketches:
    found = SKETCHER.read(b"\n".join(payload(f"{source}-{at}", START + at) for at in instants))
    assert found is not None
    return found


def test_recordings_that_follow_each_other_pass_as_they_are() -> None:
    days = [[sketches(0, range(5)), sketches(0, range(5, 9))], [sketches(1, range(9, 12))]]
    assert list(merged(days)) == [*days[0], *days[1]]


def test_recordings_of_the_same_hours_stay_in_blocks() -> None:
    found = list(merged([[sketches(source, range(0, 100, 2 + source))] for source in range(3)]))
    assert all(isinstance(part, Sketches) for part in found)
    assert len(found) <= 3
    assert [at for part in found for at in instants_of(part)] == sorted(
        START + at for source in range(3) for at in range(0, 100, 2 + source)
    )


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 7), st.booleans()), max_size=12))
def test_what_several_recordings_hold_is_taken_once(draws) -> None:
    """Each draw is an event: when it was created, the recordings that hold it, twice or once."""
    recordings: list[list[tuple[float, bytes]]] = [[], [], []]
    expected: dict[str, int] = {}
    for number, (at, held, twice) in enumerate(draws):
        line = payload(f"e{number}", START + at)
        holders = [place for place in range(3) if held >> place & 1]
        for place in holders:
            recordings[place] += [(at, line)] * (1 + (twice and place == holders[0]))
        expected[f"e{number}"] = 1 + twice
    for recording in recordings:
        recording.sort(key=itemgetter(0))
    parts = [
        [found for first in range(0, len(recording), 3)
         if (found := SKETCHER.read(b"\n".join(line for _, line in recording[first : first + 3])))]
        for recording in recordings
    ]  # fmt: skip
    known = Known()
    names = [name for part in merged(parts, known) for name in names_of(part)]
    assert {name: names.count(name) for name in names} == expected
    assert known.repeated == sum(map(len, recordings)) - sum(expected.values())


def test_a_second_recorder_that_lags_by_minutes_repeats_nothing_and_later_ids_are_anew() -> None:
    known = Known()
    assert known.is_new(("e", "t"), 0, START)
    assert not known.is_new(("e", "t"), 1, START + 800)
    assert known.is_new(("e", "other"), 1, START + 800)
    assert known.is_new(("e", "t"), 0, START + 800)
    assert known.is_new(("e", "t"), 1, START + 5000)


def test_recordings_far_apart_pass_as_they_are_though_ids_are_known() -> None:
    days = [[sketches(0, range(5))], [sketches(1, range(2000, 2005))]]
    assert list(merged(days, Known())) == [*days[0], *days[1]]
