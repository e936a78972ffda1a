"""What the evaluator asks of an anomaly detector: one series, one closed interval at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

from grantex_tui.datadog.monitor.model import Band


if TYPE_CHECKING:
    from grantex_tui.monitoring.anomaly import Detector


class Verdict(Protocol):
    """What a detector says of one interval. Without a band (*learning*) nothing is outside."""

    @property
    def lower(self) -> float:
        """The band's lower end, a count."""
        ...

    @property
    def upper(self) -> float:
        """The band's upper end, a count."""
        ...

    @property
    def outside(self) -> Literal["", "above", "below"]:
        """The side of the band that the count lies on; empty inside."""
        ...

    @property
    def learning(self) -> bool:
        """Whether there is too little history for a band."""
        ...


class SeriesDetector(Protocol):
    """Judges the counts of one series."""

    def update(self, start: float, count: float | None, /) -> Verdict:
        """Judge the interval that begins at *start* (epoch seconds), then learn from it.

        *count* is None if no log came; whether that is 0 is the detector's to know.
        """
        ...

    def status(self) -> str:
        """What the band rests on, for people: ``learning 3/20 intervals``, ``daily pattern``."""
        ...


DetectorFactory = Callable[[Band], SeriesDetector]
"""A fresh detector for one series of a monitor."""


def own_detector(band: Band) -> Detector:
    """The detector of `grantex_tui.monitoring.anomaly` for a series of *band*."""
    from grantex_tui.monitoring.anomaly import Detector

    return Detector(
        interval=band.point,
        deviations=band.deviations,
        algorithm=band.algorithm,
        seasonality=band.seasonality,
        count_default_zero=band.count_default_zero,
    )
