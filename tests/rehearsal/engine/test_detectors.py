"""Detectors that share what they found say what each would have found alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.monitoring.evaluate.detector import own_detector
from grantex_tui.rehearsal.engine import detectors
from grantex_tui.rehearsal.engine.detectors import SharedVerdicts
from tests.support.plans import load_plan


BAND = next(m.query.band for m in load_plan().monitors if m.query.band is not None)
COUNTS = st.lists(st.sampled_from([None, 0.0, 3.0, 4.0, 5.0, 90.0]), min_size=30, max_size=60)


@settings(max_examples=30, deadline=None)
@given(COUNTS, st.lists(st.integers(0, 59), max_size=3), st.data())
def test_verdicts_are_those_of_a_detector_alone(counts, late, data) -> None:
    series = [counts, list(counts), list(counts)]
    for place in late:  # some phases see another count here and there
        if place < len(counts):
            series[data.draw(st.integers(0, 2))][place] = 7.0
    alone = [own_detector(BAND) for _ in series]
    shared = SharedVerdicts()
    together = [shared.detector(BAND) for _ in series]
    for number in range(len(counts)):
        for phase, each in enumerate(series):
            start = 60.0 * number
            expected = alone[phase].update(start, each[number])
            assert together[phase].update(start, each[number]) == expected
    assert [d.status() for d in together] == [d.status() for d in alone]


def test_what_was_forgotten_is_found_out_again(monkeypatch) -> None:
    monkeypatch.setattr(detectors, "_MOST", 8)
    alone, shared = own_detector(BAND), SharedVerdicts()
    first, second = shared.detector(BAND), shared.detector(BAND)
    expected = [alone.update(60.0 * n, float(n % 5)) for n in range(100)]
    assert [first.update(60.0 * n, float(n % 5)) for n in range(100)] == expected
    assert [second.update(60.0 * n, float(n % 5)) for n in range(100)] == expected
