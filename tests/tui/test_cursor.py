from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.tui.cursor import Cursor
from grantex_tui.watch.frame import EventRow


def events(first, last):
    return [
        EventRow(n, float(n), "token.issued", "", "", "", b"{}") for n in range(first, last + 1)
    ]


def sequences(cursor):
    return [row.sequence for row in cursor.window()]


@pytest.fixture
def cursor():
    cursor = Cursor()
    cursor.update(events(1, 20), height=5)
    return cursor


def test_it_follows_the_newest_at_first(cursor):
    assert sequences(cursor) == [16, 17, 18, 19, 20]
    cursor.update(events(5, 23), height=5)
    assert sequences(cursor) == [19, 20, 21, 22, 23]
    assert cursor.new == 0


def test_going_up_stays_on_what_is_visible_however_many_arrive(cursor):
    cursor.move(-1)
    assert cursor.selected.sequence == 19
    cursor.update(events(1, 300), height=5)
    assert sequences(cursor) == [16, 17, 18, 19, 20]
    assert cursor.new == 280


def test_an_anchor_pushed_out_of_memory_leaves_the_view_on_the_oldest(cursor):
    cursor.move(-1)
    cursor.update(events(100, 300), height=5)
    assert sequences(cursor) == [100, 101, 102, 103, 104]
    assert cursor.selected.sequence == 100


def test_the_selection_takes_the_window_with_it(cursor):
    cursor.move(-6)
    assert sequences(cursor)[0] == cursor.selected.sequence == 14
    cursor.move(5)
    assert sequences(cursor)[-1] == cursor.selected.sequence == 19


def test_going_down_to_the_end_follows_again(cursor):
    cursor.move(-3)
    cursor.move(3)
    assert cursor.following


def test_the_wheel_scrolls_the_window_and_keeps_the_selection_inside(cursor):
    cursor.scroll(-7)
    assert sequences(cursor) == [9, 10, 11, 12, 13]
    assert cursor.selected.sequence == 13
    cursor.scroll(-100)
    assert sequences(cursor) == [1, 2, 3, 4, 5]
    cursor.scroll(100)
    assert cursor.following


def test_a_filter_that_leaves_nothing_leaves_nothing_selected(cursor):
    cursor.update([], height=5)
    assert cursor.selected is None
    assert sequences(cursor) == []
    cursor.move(-1)
    cursor.scroll(3)
    assert cursor.new == 0


steps = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(0, 30)),
        st.tuples(st.just("move"), st.integers(-30, 30)),
        st.tuples(st.just("scroll"), st.integers(-30, 30)),
        st.tuples(st.just("pick"), st.integers(-1, 9)),
        st.tuples(st.just("resize"), st.integers(1, 12)),
        st.tuples(st.just("follow"), st.just(0)),
        st.tuples(st.just("hold"), st.just(0)),
    ),
    max_size=30,
)


@given(steps, st.integers(1, 40))
def test_whatever_is_done_the_window_is_full_contiguous_and_holds_the_selection(script, memory):
    cursor, last, height = Cursor(), 0, 5
    for action, number in script:
        before = sequences(cursor)
        held = not cursor.following
        if action == "arrive":
            last += number
        elif action == "resize":
            height = number
        elif action in ("follow", "hold"):
            getattr(cursor, action)()
        else:
            getattr(cursor, action)(number)
        rows = events(max(1, last - memory + 1), last)
        cursor.update(rows, height)
        shown = sequences(cursor)
        assert shown == list(range(shown[0], shown[0] + len(shown))) if shown else not rows
        assert len(shown) == min(height, len(rows))
        if rows:
            assert cursor.selected in cursor.window()
            assert cursor.new == rows[-1].sequence - shown[-1]
        if action == "arrive" and held and before and before[0] >= rows[0].sequence:
            assert shown[-1] == before[-1] or len(before) < height
        if cursor.following and rows:
            assert shown[-1] == last
