"""The anomaly detector against its bars, on synthetic series with known truth.

    make bench-anomaly                       the table; fails if a bar is missed
    python tests/bench/anomaly.py [--check] [--seed N] [--only WORD]

The series are defined in anomaly_series.py, the measures in anomaly_score.py. *oracle* knows the
true rate; *basic* is our lagging window of quantiles. A bar is a ceiling (<=) or a floor (>=) on
*ours*. The cost depends on the machine, so three times its bar is still let pass. The bars are
for the default seed: with others a recall is missed now and then where the oracle misses it too.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from statistics import mean, median, quantiles
from typing import TYPE_CHECKING

from grantex_tui.monitoring.anomaly import Algorithm, Detector
from tests.bench import anomaly_series as made
from tests.bench.anomaly_score import Judge, Score, judged, three_of_five


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


JUDGES: tuple[Judge, ...] = ("ours", "oracle", "basic")
Values = dict[Judge, float]


@dataclass
class Row:
    """One line of the table."""

    measure: str
    values: Values
    bar: float
    floor: bool = False
    slack: float = 1.0

    @property
    def met(self) -> bool:
        """Whether ours is on the right side of the bar."""
        ours = round(self.values["ours"], 2)
        return ours >= self.bar if self.floor else ours <= self.bar * self.slack


def quiet_points(seed: int) -> Iterator[Row]:
    for rate, bar in zip(made.RATES, (14, 10, 10, 20, 23, 30), strict=True):
        values: Values = {}
        for judge in JUDGES:
            outside = [
                flag
                for shape in made.SHAPES
                for series in made.quiet(seed, shape, (rate,))
                for flag in judged(series, judge).outside
            ]
            values[judge] = 1e4 * sum(outside) / len(outside)
        yield Row(f"no anomaly, {rate:g} a minute: outside per 10,000", values, bar)


def scores(
    all_series: Iterable[made.Series], first: int, *, raw: bool = False
) -> tuple[dict[Judge, Score], dict[Judge, Score]]:
    """Raw and 3/5 scores of each judge."""
    single, three = ({judge: Score() for judge in JUDGES} for _ in range(2))
    for series in all_series:
        for judge in JUDGES:
            outside = judged(series, judge).outside
            if raw:
                single[judge].add(outside, series.labels, first, reach=0)
            three[judge].add(three_of_five(outside), series.labels, first)
    return single, three


def of(scores: dict[Judge, Score], measure: Callable[[Score], float]) -> Values:
    return {judge: measure(score) for judge, score in scores.items()}


def quiet_episodes(seed: int) -> Iterator[Row]:
    """From the second week on: the first is for learning."""
    for name, series, bar in (
        ("flat", made.quiet(seed, "flat"), 0.0),
        ("daily", made.quiet(seed, "daily"), 0.0),
        ("daily + weekly", made.quiet(seed, "weekly"), 0.38),
        ("hourly job", made.hourly_job(seed), 0.04),
        ("hourly job that scales", made.scaling_job(seed), 0.1),
        ("autocorrelated", made.wandering(seed), 0.25),
    ):
        _, three = scores(series, made.WEEK)
        yield Row(
            f"no anomaly, {name}: 3/5 a week", of(three, lambda score: score.false_a_week), bar
        )


def spikes(seed: int) -> Iterator[Row]:
    single, three = scores(made.spikes(seed), 2 * made.WEEK, raw=True)
    yield Row("spikes raw: recall", of(single, lambda score: score.recall), 0.64, floor=True)
    yield Row("spikes raw: F1", of(single, lambda score: score.f1), 0.46, floor=True)
    yield Row("spikes 3/5: recall", of(three, lambda score: score.recall), 0.44, floor=True)
    yield Row("spikes 3/5: F1", of(three, lambda score: score.f1), 0.61, floor=True)
    yield Row("spikes 3/5: false a week", of(three, lambda score: score.false_a_week), 0.27)


def spike_detail(seed: int) -> Iterator[Row]:
    found: dict[float, dict[Judge, Score]] = {
        factor: {judge: Score() for judge in JUDGES} for factor in (3.0, 5.0, 10.0)
    }
    for series in made.spikes(seed):
        for judge in JUDGES:
            flags = three_of_five(judged(series, judge).outside)
            for (factor, minutes), label in zip(series.pairs, series.labels, strict=True):
                if minutes == 5 and factor in found:
                    found[factor][judge].add(flags, [label], 2 * made.WEEK)
    for factor, bar in ((3.0, 10), (5.0, 12), (10.0, 14)):
        values = of(found[factor], lambda score: score.found)
        yield Row(f"spikes 3/5: x{factor:g} for 5 min found of 18", values, bar, floor=True)


def drops(seed: int) -> Iterator[Row]:
    single, three = scores(made.drops(seed), 2 * made.WEEK, raw=True)
    yield Row("drops raw: recall", of(single, lambda score: score.recall), 0.61, floor=True)
    yield Row("drops 3/5: F1", of(three, lambda score: score.f1), 0.61, floor=True)
    yield Row("drops 3/5: false a week", of(three, lambda score: score.false_a_week), 0.7)


def jobs(seed: int) -> Iterator[Row]:
    _, three = scores(made.jobs(seed), made.WEEK)
    yield Row("jobs 3/5: missing, found of 16", of(three, lambda score: score.found), 8, floor=True)
    yield Row("jobs 3/5: false a week", of(three, lambda score: score.false_a_week), 0.3)


def shifts(seed: int) -> Iterator[Row]:
    """To absorb: minutes of the 3/5 alert after the shift's first half hour, up to six hours."""
    noticed: dict[Judge, list[bool]] = {judge: [] for judge in JUDGES}
    lasted: dict[Judge, list[int]] = {judge: [] for judge in JUDGES}
    for series in made.shifts(seed):
        at = series.labels[0][0]
        for judge in JUDGES:
            outside = judged(series, judge).outside
            noticed[judge].append(any(outside[at : at + 30]))
            lasted[judge].append(sum(three_of_five(outside)[at + 30 : at + 360]))
    yield Row(
        "level shift: outside within 30 min, of 28",
        {judge: sum(all_of) for judge, all_of in noticed.items()},
        25,
        floor=True,
    )
    yield Row(
        "level shift: median minutes to absorb",
        {judge: median(all_of) for judge, all_of in lasted.items()},
        2,
    )
    yield Row(
        "level shift: p90 minutes to absorb",
        {judge: quantiles(all_of, n=10)[8] for judge, all_of in lasted.items()},
        27,
    )


def poisoning(seed: int) -> Iterator[Row]:
    found = {judge: Score() for judge in JUDGES}
    after: dict[Judge, list[float]] = {judge: [] for judge in JUDGES}
    for series in made.poisonings(seed):
        hour, burst = series.labels
        ideal = judged(series, "oracle").upper
        for judge in JUDGES:
            verdicts = judged(series, judge)
            found[judge].add(verdicts.outside, [burst], 10 * made.DAY, reach=0)
            later = hour[1] + 120
            after[judge].append(verdicts.upper[later] / ideal[later])
    yield Row("poisoning: burst found", of(found, lambda score: score.recall), 0.90, floor=True)
    yield Row(
        "upper end 2 h after x20 for an hour (1 = ideal)",
        {judge: mean(all_of) for judge, all_of in after.items()},
        1.4,
    )


def cold_start(seed: int) -> Iterator[Row]:
    for hours, bar in ((2, 0.72), (6, 0.72), (24, 0.78), (72, 0.78)):
        single, three = scores(made.cold_starts(seed, hours), 0, raw=True)
        name = f"cold start, {hours} h"
        yield Row(f"{name}: found raw", of(single, lambda score: score.recall), bar, floor=True)
        yield Row(f"{name}: 3/5 false", of(three, lambda score: score.false), 0)


def cost(seed: int) -> Iterator[Row]:
    """The fastest of three weeks, processor time."""
    (series,) = made.quiet(seed, "daily", (20.0,))
    values: Values = {}
    algorithms: tuple[tuple[Judge, Algorithm], ...] = (("ours", "agile"), ("basic", "basic"))
    for judge, algorithm in algorithms:
        detector = Detector(interval=60, deviations=3.0, algorithm=algorithm)
        weeks = []
        for week in range(4):
            begun = time.process_time()
            for at in range(week * made.WEEK, (week + 1) * made.WEEK):
                detector.update(series.start(at), series.counts[at])
            weeks.append(time.process_time() - begun)
        values[judge] = min(weeks[1:])
    micro: Values = {judge: 1e6 * seconds / made.WEEK for judge, seconds in values.items()}
    yield Row("cost: microseconds an update", micro, 12, slack=3.0)
    milli: Values = {judge: 1e3 * seconds for judge, seconds in values.items()}
    yield Row("cost: milliseconds a week of minutes", milli, 104, slack=3.0)


MEASURES = (
    quiet_points,
    quiet_episodes,
    spikes,
    spike_detail,
    drops,
    jobs,
    shifts,
    poisoning,
    cold_start,
    cost,
)


def line(row: Row) -> str:
    cells = [f"{row.values[judge]:.2f}" if judge in row.values else "-" for judge in JUDGES]
    bar = f"{'>=' if row.floor else '<='} {row.bar:g}"
    mark = "" if row.met else "  MISSED"
    return f"{row.measure:<50}{cells[0]:>9}{bar:>10}{cells[1]:>9}{cells[2]:>9}{mark}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="measures whose name contains this")
    options = parser.parse_args()
    print(f"{'measure':<50}{'ours':>9}{'bar':>10}{'oracle':>9}{'basic':>9}")
    missed = 0
    for measure in MEASURES:
        if options.only in measure.__name__:
            for row in measure(options.seed):
                print(line(row), flush=True)
                missed += not row.met
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
