from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.model import LogQuery
from grantex_tui.events.event import Event, decode_event
from grantex_tui.rehearsal.explain.counted import Counted
from grantex_tui.rehearsal.explain.running import Running
from grantex_tui.rehearsal.explain.tipping import by_arrival, by_leaving


COUNT = [("", LogQuery("*"))]
MEAN = [("", LogQuery("*", method="avg", measure="@data.n"))]
DISTINCT = [("", LogQuery("*", method="cardinality", measure="@data.n"))]
SHARE = [("a", LogQuery("a")), ("b", LogQuery("b"))]
CASES = {
    "count": (COUNT, ""),
    "mean": (MEAN, ""),
    "cardinality": (DISTINCT, ""),
    "share": (SHARE, "a / b * 100"),
}


def counted(number: int, kinds: str, value: int) -> list[Counted]:
    """One event as each of the queries counts it."""
    text = json.dumps({"id": f"evt_{number}", "type": "x", "createdAt": "2026-01-05T09:00:00Z"})
    event = decode_event(text.encode())
    assert isinstance(event, Event)
    at = float(number)
    return [Counted(number, at, at, event, ((),), (value,), kind) for kind in kinds.split("+")]


@st.composite
def stories(draw):
    """Events of a kind of query, in order, and which comparison they are about."""
    name = draw(st.sampled_from(sorted(CASES)))
    kinds = ["b", "a+b"] if name == "share" else [""]
    picks = draw(st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 6)), max_size=12))
    events = [each for n, pick in enumerate(picks) for each in counted(n, *pick)]
    limit = draw(st.sampled_from((0, 1, 2, 3, 4.5, 30, 50)))
    above = draw(st.booleans())
    return name, events, lambda value: value > limit if above else value < limit


def values_by_hand(name: str, events: list[Counted]) -> list[float | None]:
    """What each number of events from the first on comes to, by nothing but arithmetic."""
    ids = list(dict.fromkeys(each.event.id for each in events))
    found: list[float | None] = []
    for n in range(len(ids) + 1):
        some = [each for each in events if each.event.id in ids[:n]]
        numbers: list[Any] = [value for each in some for value in each.values]
        if name == "count":
            found.append(float(len(some)))
        elif name == "mean":
            found.append(sum(numbers) / len(numbers) if numbers else None)
        elif name == "cardinality":
            found.append(float(len(set(numbers))) if numbers else None)
        else:
            a, b = (sum(each.query == kind for each in some) for kind in "ab")
            found.append(a / b * 100 if b else None)
    return found


def first_from_which_it_stays(values, crosses) -> int | None:
    """The number of events from which on the value is across, to the end."""
    across = [value is not None and crosses(value) for value in values]
    if not across[-1] or all(across):
        return None
    return max(n for n, each in enumerate(across) if not each) + 1


@given(stories())
def test_the_event_that_tips_is_the_one_from_which_the_value_stays_across(story):
    name, events, crosses = story
    values = values_by_hand(name, events)
    number = first_from_which_it_stays(values, crosses)
    tip = by_arrival(Running(*CASES[name], events), events, crosses)
    if number is None:
        assert tip is None
        return
    assert tip is not None
    assert tip.event.event.id == list(dict.fromkeys(e.event.id for e in events))[number - 1]
    assert tip.after == pytest.approx(values[number])
    assert tip.before == pytest.approx(values[number - 1])
    assert not tip.leaving


@given(stories(), st.integers(0, 12))
def test_leaving_is_arriving_seen_from_the_other_end(story, kept):
    name, events, crosses = story
    ids = list(dict.fromkeys(each.event.id for each in events))
    gone = [each for each in events if each.event.id in ids[: len(ids) - kept]]
    left = [each for each in events if each not in gone]
    tip = by_leaving(Running(*CASES[name], left), gone, crosses)
    values = values_by_hand(name, [*left, *reversed(gone)])[len(set(ids)) - len({e.event.id for e in gone}) :]  # fmt: skip
    number = first_from_which_it_stays(values[::-1], crosses)
    if number is None:
        assert tip is None
        return
    assert tip is not None
    assert tip.leaving
    assert tip.event.event.id == list(dict.fromkeys(e.event.id for e in gone))[number - 1]
    assert tip.after == pytest.approx(values[::-1][number])


@given(stories())
def test_a_running_value_forgets_what_has_left(story):
    name, events, _ = story
    half = len(events) // 2
    running = Running(*CASES[name])
    for each in events:
        running.enter(each)
    for each in events[:half]:
        running.leave(each)
    assert running.found() == Running(*CASES[name], events[half:]).found()


def test_a_share_of_nothing_has_no_value_and_a_count_of_nothing_is_zero():
    assert Running(*CASES["share"]).value() is None
    assert Running(*CASES["mean"]).value() is None
    assert (Running(*CASES["count"]).value(), Running(*CASES["count"]).found()) == (0.0, None)
