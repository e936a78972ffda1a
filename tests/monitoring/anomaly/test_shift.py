from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.monitoring.anomaly.shift import Run


if TYPE_CHECKING:
    from grantex_tui.monitoring.anomaly import Outside


ABOVE: Outside = "above"
BELOW: Outside = "below"
SIDES: list[Outside] = ["", ABOVE, BELOW]


def add(run: Run, *points: tuple[Outside, float]) -> float | None:
    adopted = None
    for outside, value in points:
        adopted = run.add(outside, value)
    return adopted


def test_adopts_the_median_once_there_are_enough():
    run = Run(8)
    assert add(run, *[(ABOVE, 5.0)] * 7) is None
    assert run.add("above", 50.0) == 5.0
    assert run.net == 0


def test_points_inside_count_against_it():
    run = Run(8)
    assert add(run, *[(ABOVE, 5.0)] * 7, ("", 0.0), (ABOVE, 5.0)) is None
    assert run.add("above", 5.0) == 5.0


def test_the_other_side_starts_anew():
    run = Run(8)
    assert add(run, *[(ABOVE, 5.0)] * 7) is None
    assert run.starts("below")
    assert not run.starts("above")
    assert add(run, *[(BELOW, 1.0)] * 7) is None
    assert run.add("below", 1.0) == 1.0


def test_a_cleared_run_has_nothing_left():
    run = Run(8)
    add(run, *[(ABOVE, 5.0)] * 7)
    run.clear()
    assert run.add("above", 5.0) is None


@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.sampled_from(SIDES), st.floats(-9, 9)), max_size=120),
)
def test_adopts_exactly_when_the_net_count_says_so(needed, points):
    run, net, side = Run(needed), 0, ""
    for outside, value in points:
        if not outside:
            net = max(0, net - 1)
        elif outside == side and net:
            net += 1
        else:
            side, net = outside, 1
        adopted = run.add(outside, value)
        assert (adopted is not None) == (bool(outside) and net >= needed)
        if adopted is not None:
            net = 0
        assert run.net == net
