"""Judges for synthetic series, and how their verdicts are counted.

raw     a single minute outside the band. An anomaly is found if one of its minutes is outside; each
        run of outside minutes that touches no anomaly is one false alarm.
3/5     at least three of the latest five minutes outside, either side: an alert window of five
        minutes at threshold 0.6. An episode is a run of minutes at which that holds. An anomaly is
        found, and an episode excused, where they meet; an anomaly's reach is five minutes longer
        than the anomaly, since the window still holds it.
F1      of anomalies found and false alarms or episodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from grantex_tui.monitoring.anomaly import Detector
from grantex_tui.monitoring.anomaly.bounds import Width


if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.anomaly_series import Series


DEVIATIONS = 3.0
REACH = 5
Judge = Literal["ours", "oracle", "basic"]
Span = tuple[int, int]


@dataclass
class Verdicts:
    """Which minutes lay outside the band, and the band's upper end, by minute."""

    outside: list[bool]
    upper: list[float]


def judged(series: Series, judge: Judge) -> Verdicts:
    """Let a judge see the series, minute by minute."""
    if judge == "oracle":
        width = Width(DEVIATIONS)
        uppers = [width.upper(mean, 1.0) for mean in series.known]
        lowers = [width.lower(mean, 1.0) for mean in series.known]
        ends = zip(series.counts, lowers, uppers, strict=True)
        return Verdicts([not low <= count <= high for count, low, high in ends], uppers)
    algorithm: Literal["agile", "basic"] = "agile" if judge == "ours" else "basic"
    detector = Detector(interval=60, deviations=DEVIATIONS, algorithm=algorithm)
    points = [
        detector.update(series.start(at), float(count)) for at, count in enumerate(series.counts)
    ]
    return Verdicts([point.outside != "" for point in points], [point.upper for point in points])


def three_of_five(outside: list[bool]) -> list[bool]:
    """At which minutes at least three of the latest five lie outside."""
    return [sum(outside[max(0, at - 4) : at + 1]) >= 3 for at in range(len(outside))]


def runs(flags: list[bool], first: int = 0) -> Iterator[Span]:
    """The maximal stretches of true, as (first, end), from a minute on."""
    begin = None
    for at in range(first, len(flags)):
        if flags[at] and begin is None:
            begin = at
        elif not flags[at] and begin is not None:
            yield begin, at
            begin = None
    if begin is not None:
        yield begin, len(flags)


def meets(span: Span, label: Span, reach: int = REACH) -> bool:
    """Whether a run touches an anomaly or its reach."""
    return span[0] < label[1] + reach and span[1] > label[0]


@dataclass
class Score:
    """Anomalies found, anomalies there, and false alarms in so many weeks."""

    found: int = 0
    there: int = 0
    false: int = 0
    weeks: float = 0.0

    def add(self, flags: list[bool], labels: list[Span], first: int, reach: int = REACH) -> None:
        """Count a series from a minute on."""
        spans = list(runs(flags, first))
        self.found += sum(any(meets(span, label, reach) for span in spans) for label in labels)
        self.there += len(labels)
        self.false += sum(not any(meets(span, label) for label in labels) for span in spans)
        self.weeks += (len(flags) - first) / 10_080

    @property
    def recall(self) -> float:
        """The share of anomalies found."""
        return self.found / self.there if self.there else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.found + self.false + self.there
        return 2.0 * self.found / total if total else 0.0

    @property
    def false_a_week(self) -> float:
        """False alarms a week and series."""
        return self.false / self.weeks if self.weeks else 0.0
