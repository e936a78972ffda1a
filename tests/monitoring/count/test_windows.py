from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.count.counters import Counters
from grantex_tui.monitoring.count.question import Question
from grantex_tui.monitoring.count.tallies import CountMethod, ValueMethod
from grantex_tui.monitoring.count.windows import Slots, second_of


@pytest.mark.parametrize(
    ("timestamp", "second"), [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (-1, 0), (-1000, -1)]
)
def test_a_second_covers_the_milliseconds_up_to_and_including_its_end(timestamp, second):
    assert second_of(timestamp) == second


@given(st.integers(-10_000, 10_000), st.integers(-10, 10), st.integers(1, 10))
def test_windows_of_seconds_are_exact_in_milliseconds(date, tick, width):
    in_milliseconds = (tick - width) * 1000 < date <= tick * 1000
    assert (tick - width < second_of(date) <= tick) == in_milliseconds


AGGREGATE: dict[str, Callable[[list[float]], float]] = {
    "count": len,
    "avg": lambda values: sum(values) / len(values),
    "max": max,
    "cardinality": lambda values: len(set(values)),
}


@pytest.fixture
def counters():
    return Counters()


@pytest.fixture
def window(counters):
    return counters.window(Question("q"), 300, 0, 0)


def count(window, second):
    window.move_to(second)
    return window.values().get((), 0)


def test_a_window_is_open_at_its_start_and_closed_at_its_end(counters, window):
    for second in (300, 301, 600, 601):
        counters.add(0, second)
    assert count(window, 600) == 2


def test_a_late_log_counts_from_the_next_look_on(counters, window):
    assert count(window, 600) == 0
    counters.add(0, 400)
    assert count(window, 600) == 1
    assert count(window, 660) == 1
    assert count(window, 720) == 0


def test_a_log_of_the_future_counts_when_its_time_comes(counters, window):
    counters.add(0, 901)
    assert [count(window, t) for t in (600, 900, 960, 1200, 1260)] == [0, 0, 1, 1, 0]


def test_logs_can_be_added_in_bulk(counters, window):
    counters.add(0, 10, n=500)
    counters.add(0, 10, n=7)
    assert count(window, 60) == 507


def test_what_every_window_has_left_behind_is_forgotten_and_stays_out():
    slots = Slots(60, 0, CountMethod())
    short, long = slots.window(1), slots.window(5)
    for second in range(1, 3601):
        slots.add(second, (), None, 1)
    for tick in range(1, 61):
        short.move(tick)
        long.move(tick)
    assert sorted(slots.by_slot) == list(range(56, 61))
    slots.add(100, (), None, 1)
    slots.add(55 * 60, (), None, 1)
    assert sorted(slots.by_slot) == list(range(56, 61))


def test_a_window_that_is_moved_far_forgets_in_one_go():
    slots = Slots(60, 0, CountMethod())
    window = slots.window(5)
    slots.add(30, (), None, 1)
    window.move(1)
    slots.add(60 * 10**9, (), None, 1)
    window.move(10**9)
    assert window.values() == {(): 1}
    assert list(slots.by_slot) == [10**9]


@given(
    st.sampled_from(["count", "avg", "max", "cardinality"]),
    st.integers(-100, 100),
    st.lists(
        st.one_of(
            st.tuples(st.integers(0, 40), st.sampled_from("xy"), st.integers(0, 3)),
            st.integers(1, 12),
        ),
        max_size=40,
    ),
)
def test_a_window_holds_what_lies_in_it_however_it_is_moved(method, now, happenings):
    """A number moves the windows by so many slots, beyond their lengths too; else a log comes."""
    keeps: Any = CountMethod() if method == "count" else ValueMethod(method)
    slots: Slots[Any] = Slots(10, 0, keeps)
    windows = {length: slots.window(length) for length in (2, 5)}
    logs: list[tuple[int, str, float]] = []
    for happening in happenings:
        if isinstance(happening, int):
            now += happening
            for length, window in windows.items():
                window.move(now)
                expected = {}
                for group in "xy":
                    held = [v for s, g, v in logs if g == group and now - length < s <= now]
                    if held:
                        expected[(group,)] = AGGREGATE[method](held)
                assert dict(window.values()) == expected
        else:
            ago, group, value = happening
            second = now * 10 + 20 - ago
            slot = -(-second // 10)
            slots.add(second, (group,), float(value), 1)
            if slot > now - 5:
                logs.append((slot, group, float(value)))
    assert len(slots.by_slot) <= 5 + 2


def test_the_same_question_is_counted_once_for_all_windows(counters):
    five = counters.window(Question("q"), 300, 0, 0)
    ten = counters.window(Question("q"), 600, 0, 0)
    assert counters.window(Question("q"), 300, 0, 0) is five
    assert counters.questions == (Question("q"),)
    counters.add(0, 30)
    assert (count(five, 360), count(ten, 360)) == (0, 1)


def test_windows_with_different_delays_see_the_same_logs_at_their_own_times(counters):
    now = counters.window(Question("q"), 60, 0, 0)
    later = counters.window(Question("q"), 60, 0, 30)
    counters.add(0, 50)
    assert (count(now, 60), count(later, 30)) == (1, 0)
    assert (count(now, 120), count(later, 90)) == (0, 1)


def test_a_log_that_is_just_too_late_for_a_window_never_enters_it(counters, window):
    counters.window(Question("q"), 900, 0, 0)
    assert count(window, 600) == 0
    counters.add(0, 300)
    assert [count(window, t) for t in (600, 660, 6000)] == [0, 0, 0]


def test_groups_come_and_go_with_their_logs(counters):
    window = counters.window(Question("q", group_by=("a",)), 120, 0, 0)
    counters.add(0, 30, ("x",))
    counters.add(0, 90, ("y",))
    seen = []
    for tick in (60, 120, 180, 240):
        window.move_to(tick)
        seen.append(dict(window.values()))
    assert seen == [{("x",): 1}, {("x",): 1, ("y",): 1}, {("y",): 1}, {}]
