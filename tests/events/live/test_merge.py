from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.events.live.health import Watchers
from grantex_tui.events.live.merge import Seen, keys_of


def test_an_event_is_known_by_its_id_and_what_is_none_by_itself():
    good = b'{"id":"evt_1","type":"a"}'
    assert keys_of([good, b'{"id":"evt_2","type":"b"}']) == ["evt_1", "evt_2"]
    assert keys_of([good, b"oops", b'{"id":"","type":"b"}']) == [
        "evt_1", b"oops", b'{"id":"","type":"b"}',
    ]  # fmt: skip


@given(st.lists(st.lists(st.integers(0, 30), max_size=8), max_size=30))
def test_each_id_is_fresh_once_like_in_a_plain_set(reads):
    seen, plain = Seen(), set()
    for read in reads:
        keys = [f"evt_{number}" for number in read]
        expected = []
        for position, key in enumerate(keys):
            if key not in plain:
                plain.add(key)
                expected.append(position)
        fresh = list(seen.fresh(keys))
        assert fresh == expected
        seen.add([keys[at] for at in fresh], 0.0, 0.0)


def test_ids_are_remembered_for_a_minute_and_forgotten_in_time():
    seen = Seen()
    seen.add(["a"], 10.0, 0.0)
    seen.add(["b"], 20.0, 61.0)
    assert not seen.fresh(["a"])
    assert seen.add(["c"], 30.0, 130.0) == {"a"}
    assert list(seen.fresh(["a"])) == [0]
    assert seen.horizon == 10.0


def test_no_more_ids_are_remembered_than_allowed():
    seen = Seen(limit=10)
    for number in range(100):
        seen.add([f"evt_{number}"], float(number), 0.0)
        assert len(seen._new) + len(seen._old) <= 10
    assert not seen.fresh([f"evt_{number}" for number in range(95, 100)])


def watchers():
    made = Watchers(["SSE", "WebSocket"])
    made.accepted("SSE", 0.0)
    made.accepted("WebSocket", 0.0)
    return made


def bring(made, path, keys, now):
    made.brought(path, keys)
    made.other_brought(path, keys, now, set())


def test_what_one_path_lacks_for_two_seconds_is_named():
    made = watchers()
    bring(made, "SSE", ["a", "b"], 5.0)
    made.brought("WebSocket", ["b"])
    assert list(made.notices(6.9)) == []
    assert list(made.notices(7.1)) == ["WebSocket lacks an event that SSE brought: a"]
    assert (made.holes_of("WebSocket"), made.holes_of("SSE")) == (1, 0)


def test_holes_are_named_at_most_every_ten_seconds_and_all_counted():
    made = watchers()
    said = []
    for second in range(5, 25):
        bring(made, "SSE", [f"evt_{second}"], float(second))
        made.brought("WebSocket", ["something else"])
        said += list(made.notices(second + 0.5))
    assert len(said) == 2
    assert "lacks 10 events" in said[1]
    assert made.holes_of("WebSocket") >= 16


def test_a_path_is_silent_after_five_seconds_in_which_the_other_brought_three():
    made = watchers()
    bring(made, "SSE", ["a", "b"], 5.0)
    assert not made.silent("WebSocket", 11.0)
    bring(made, "SSE", ["c"], 9.0)
    assert not made.silent("WebSocket", 9.9)
    assert made.silent("WebSocket", 10.0) == "silent while SSE brought 3 events"


def test_any_event_ends_a_silence():
    made = watchers()
    bring(made, "SSE", ["a", "b", "c"], 5.0)
    made.brought("WebSocket", ["c"])
    assert not made.silent("WebSocket", 60.0)


def test_a_path_reconnects_for_its_silence_once_a_minute():
    made = watchers()
    assert [made.may_reconnect("SSE", now) for now in (10.0, 69.0, 70.5)] == [True, False, True]


def test_nothing_is_expected_of_a_path_that_is_away_or_has_just_come():
    made = watchers()
    made.ended("WebSocket")
    bring(made, "SSE", ["a", "b", "c"], 5.0)
    made.accepted("WebSocket", 6.0)
    bring(made, "SSE", ["d"], 6.5)
    assert list(made.notices(60.0)) == []
    assert not made.silent("WebSocket", 60.0)


def test_a_path_that_lacks_what_is_forgotten_could_bring_it_as_new():
    made = watchers()
    bring(made, "SSE", ["a"], 5.0)
    list(made.notices(8.0))
    made.other_brought("SSE", ["z"], 130.0, {"a"})
    assert made.has_forgotten("WebSocket")
    assert not made.has_forgotten("SSE")
    made.accepted("WebSocket", 131.0)
    assert not made.has_forgotten("WebSocket")
