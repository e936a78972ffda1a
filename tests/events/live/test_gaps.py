from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.events.gap import Gap, created_instant
from grantex_tui.events.live.gaps import Coverage, accepted_instant


BOTH = ("SSE", "WebSocket")


def covered(*, since=0.0):
    coverage = Coverage(BOTH, since=since, reason="not connected yet")
    coverage.accepted("SSE", 1.0)
    coverage.accepted("WebSocket", 2.0)
    return coverage


def lose(coverage, path, now, *, heard_until=None, reason="cut"):
    heard = now if heard_until is None else heard_until
    return coverage.lost(path, heard_until=heard, now=now, reason=reason)


def test_the_first_gap_ends_with_the_first_path():
    coverage = Coverage(BOTH, since=5.0, reason="not connected yet")
    assert coverage.open_gap == Gap(5.0, None, "not connected yet")
    assert coverage.accepted("WebSocket", 7.0) == [Gap(5.0, 7.0, "not connected yet")]
    assert coverage.accepted("SSE", 9.0) == ()


def test_one_path_away_is_no_gap():
    coverage = covered()
    assert lose(coverage, "SSE", 10.0) == []
    assert coverage.open_gap is None
    assert coverage.accepted("SSE", 12.0) == ()


def test_both_away_is_one_from_the_last_event_kept_to_the_first_acceptance():
    coverage = covered()
    lose(coverage, "SSE", 10.0, reason="reset")
    coverage.kept(11.5)
    lose(coverage, "WebSocket", 12.0, reason="1006")
    assert coverage.open_gap == Gap(11.5, None, "SSE: reset; WebSocket: 1006")
    assert coverage.accepted("WebSocket", 14.0) == [Gap(11.5, 14.0, "SSE: reset; WebSocket: 1006")]


def test_gaps_never_overlap_even_if_no_event_came_between():
    coverage = Coverage(["SSE"], since=0.0, reason="x")
    ends: list[Gap] = []
    for second in range(1, 9, 2):
        ends += coverage.accepted("SSE", float(second))
        coverage.lost("SSE", heard_until=second + 1.0, now=second + 1.0, reason="cut")
    assert [(gap.start, gap.end) for gap in ends] == [(0, 1), (1, 3), (3, 5), (5, 7)]


def test_an_acceptance_before_the_gap_began_leaves_none():
    coverage = Coverage(["SSE"], since=0.0, reason="x")
    coverage.accepted("SSE", 1.0)
    coverage.kept(9.0)
    coverage.lost("SSE", heard_until=9.0, now=9.5, reason="cut")
    assert coverage.accepted("SSE", 8.0) == ()
    assert coverage.open_gap is None


def test_a_path_that_was_deaf_while_the_other_was_away_makes_a_gap_afterwards():
    coverage = covered()
    lose(coverage, "SSE", 20.0, reason="reset")
    coverage.accepted("SSE", 25.0)
    assert lose(coverage, "WebSocket", 55.0, heard_until=10.0, reason="silent for 45 s") == [
        Gap(20.0, 25.0, "WebSocket: silent for 45 s; SSE: reset")
    ]


def test_the_causes_of_a_gap_are_told_once_each_and_not_without_end():
    coverage = Coverage(["SSE"], since=0.0, reason="first")
    for number in (1, 1, 2, 3, 4, 5):
        coverage.refused("SSE", f"answer {number}")
    assert coverage.open_gap == Gap(0.0, None, "first; answer 3; answer 4; answer 5")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(BOTH), st.sampled_from(("accept", "lose", "keep")), st.integers(0, 4)
    ),
    max_size=40,
)


@given(STEPS)
def test_every_tenth_of_a_second_without_a_path_lies_in_a_gap(steps):
    """Against a twin that looks at each instant."""
    coverage = Coverage(BOTH, since=0.0, reason="start")
    live: set[str] = set()
    blind: list[tuple[float, float]] = []
    gaps: list[Gap] = []
    now, since = 0.0, 0.0
    for path, step, pause in steps:
        now += 0.1 + pause
        if step == "keep" and live:
            coverage.kept(now)
        elif step == "accept" and path not in live:
            gaps += coverage.accepted(path, now)
            if not live:
                blind.append((since, now))
            live.add(path)
        elif step == "lose" and path in live:
            gaps += coverage.lost(path, heard_until=now, now=now, reason="cut")
            live.discard(path)
            since = now
    for start, end in blind:
        assert any(gap.start <= start and gap.end == end for gap in gaps)
    assert (coverage.open_gap is None) == bool(live)


def test_an_event_of_a_clock_that_disagrees_counts_from_its_receipt():
    assert created_instant("1970-01-01T00:01:30.000Z", 100.0) == 90.0
    assert created_instant("1970-01-01T00:00:30.000Z", 100.0) == 100.0
    assert created_instant("1970-01-01T00:02:00.000Z", 100.0) == 100.0
    assert created_instant("yesterday", 100.0) == 100.0


def test_an_acceptance_is_a_second_after_its_date_or_the_receipt():
    assert accepted_instant(100.0, asked_at=99.0, received_at=130.0) == 101.0
    assert accepted_instant(100.0, asked_at=99.0, received_at=100.2) == 100.2
    assert accepted_instant(None, asked_at=99.0, received_at=130.0) == 130.0
    assert accepted_instant(10.0, asked_at=99.0, received_at=130.0) == 130.0, "a wrong clock"
