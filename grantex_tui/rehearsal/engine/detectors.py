"""Anomaly detectors for several phases over the same events, which mostly judge the same counts.

A detector's verdicts follow from the counts that it was given and nothing else, and the intervals
lie on the epoch whatever the phase. So what one has said after some counts, another needn't find
out: of six phases, two have to be computed, the one at the intervals' end and all others together.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.detector import own_detector


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Band
    from grantex_tui.monitoring.evaluate.detector import DetectorFactory, SeriesDetector, Verdict


_MOST = 4096
"""Verdicts that are remembered. The phases are within a minute of each other, so few are used."""
_Step = tuple[int, float, "float | None"]


def detectors_for(phases: int) -> DetectorFactory:
    """Detectors for so many phases, which share what they find if there are several."""
    if phases == 1:
        return own_detector
    shared: dict[Band, SharedVerdicts] = {}

    def make(band: Band) -> SeriesDetector:
        return shared.setdefault(band, SharedVerdicts()).detector(band)

    return make


class SharedVerdicts:
    """What the detectors of a band have said: after which counts, of which, and what then."""

    def __init__(self) -> None:
        self._known: dict[_Step, tuple[Verdict, int]] = {}
        self._numbers = count(1)

    def detector(self, band: Band) -> SeriesDetector:
        """A fresh one; all must be for the same band."""
        return _Follower(own_detector(band), self)

    def find(self, step: _Step) -> tuple[Verdict, int] | None:
        """The verdict and the number of what was then known, if somebody was there before."""
        return self._known.get(step)

    def keep(self, step: _Step, verdict: Verdict) -> int:
        """Remember a verdict; returns the number of what is known with it."""
        if len(self._known) >= _MOST:
            for old in list(self._known)[: _MOST // 2]:
                del self._known[old]
        number = next(self._numbers)
        self._known[step] = verdict, number
        return number


class _Follower:
    """A detector that computes only what no other has; then it takes in what it left out."""

    def __init__(self, detector: SeriesDetector, shared: SharedVerdicts) -> None:
        self._detector = detector
        self._shared = shared
        self._at = 0
        self._left_out: list[tuple[float, float | None]] = []

    def update(self, start: float, value: float | None, /) -> Verdict:
        """Judge an interval, as `SeriesDetector.update`."""
        step = (self._at, start, value)
        found = self._shared.find(step)
        if found is not None:
            self._left_out.append((start, value))
            verdict, self._at = found
            return verdict
        verdict = self._caught_up().update(start, value)
        self._at = self._shared.keep(step, verdict)
        return verdict

    def status(self) -> str:
        """What the band rests on."""
        return self._caught_up().status()

    def _caught_up(self) -> SeriesDetector:
        for start, value in self._left_out:
            self._detector.update(start, value)
        self._left_out.clear()
        return self._detector
