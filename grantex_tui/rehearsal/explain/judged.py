"""The points that an anomaly monitor has judged: counts, the band at each, and what it rests on.

The series are those of the real run: the same counters, detectors and ticks over the same arrivals,
with a detector in between that notes what it is asked and what it says.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from math import ceil, floor, isinf
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.monitor.schedule import first_tick, period_of
from grantex_tui.events.recorded.sketch import Sketcher, Sketches
from grantex_tui.monitoring.count.counters import Counters
from grantex_tui.monitoring.count.metrics import log_query_of
from grantex_tui.monitoring.count.question import question_of
from grantex_tui.monitoring.count.senders import SenderRouter
from grantex_tui.monitoring.evaluate.bands import AnomalySource
from grantex_tui.monitoring.evaluate.detector import own_detector
from grantex_tui.rehearsal.engine.heard import Heard, arrivals
from grantex_tui.rehearsal.explain.explanation import BandPoint


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Band, Monitor
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.recorded.line import Arrival
    from grantex_tui.monitoring.count.question import GroupKey
    from grantex_tui.monitoring.evaluate.detector import SeriesDetector, Verdict
    from grantex_tui.rehearsal.engine.heard import Delivered
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan


class Judged(NamedTuple):
    """The points of one series, and in words what its band rests on."""

    points: tuple[BandPoint, ...]
    rests_on: str


def judged(
    make_events: Callable[[], Iterable[Arrival | Gap]],
    plan: RehearsalPlan,
    found: Pass,
    monitor: int,
    *,
    group: GroupKey,
    since: float,
    until: float,
) -> Judged:
    """The points of a group that an anomaly monitor has judged by an instant.

    Args:
        make_events: the events, from the beginning: a band rests on all before.
        plan: how logs are made.
        found: the pass, with tracks.
        monitor: position among the pass's; an anomaly monitor.
        group: whose series.
        since: points that begin earlier are left out, epoch seconds.
        until: the evaluation's instant.

    Raises:
        GrantexTuiError: The events can't be read.
    """
    left = [
        (track.left_at, tuple(value for _, value in track.group))
        for track in found.tracks
        if track.monitor == monitor and track.left_at is not None
    ]
    replay = _Replay(plan, found.monitors[monitor], sorted(left), since)
    heard = Heard(make_events(), found.source, start=found.start, end=until)
    for delivered in arrivals(heard, found.delivery, replay.sketcher()):
        replay.begin(heard, found.phase)
        replay.take(delivered)
    replay.begin(heard, found.phase)
    replay.advance(until)
    return replay.judged(group)


class _Noting:
    """A detector that remembers its points from an instant on."""

    def __init__(self, band: Band, since: float) -> None:
        self._detector: SeriesDetector = own_detector(band)
        self._since = since
        self.points: list[tuple[float, float | None, Verdict]] = []

    def update(self, start: float, count: float | None, /) -> Verdict:
        """Judge an interval, as `SeriesDetector.update`."""
        verdict = self._detector.update(start, count)
        if start >= self._since:
            self.points.append((start, count, verdict))
        return verdict

    def status(self) -> str:
        """What the band rests on."""
        return self._detector.status()


class _Replay:
    """One anomaly monitor's series, evaluated as the real run does."""

    def __init__(
        self,
        plan: RehearsalPlan,
        monitor: Monitor,
        left: Sequence[tuple[float, GroupKey]],
        since: float,
    ) -> None:
        band, options = monitor.query.band, monitor.options
        assert band is not None
        self._band = band
        self._interval = band.point
        self._delay = options.evaluation_delay
        self._left = deque(left)
        counters = Counters()
        self._source = AnomalySource(
            band,
            counters.intervals(question_of(log_query_of(band.metric, plan.metrics)), self._interval),
            self._delay,
            lambda asked: _Noting(asked, since),
            options.recovery_window,
        )  # fmt: skip
        self._router = SenderRouter(counters, plan.logs, plan.pipelines)
        self._period = period_of(band.alert_window)
        self._next: int | None = None
        self._ready_at = 0.0

    def sketcher(self) -> Sketcher | None:
        """What sees as much of events as is looked at; None if that isn't enough."""
        return self._router.sketcher()

    def begin(self, heard: Heard, phase: int) -> None:
        """Make ready, unless that has been done."""
        if self._next is None:
            start, known_from = heard.began()
            self._next = first_tick(start, self._period, phase)
            self._ready_at = known_from + self._delay

    def take(self, delivered: Delivered) -> None:
        """Count events on their arrival; ticks before it do not know them."""
        at, instants = 0, delivered.arrivals
        while at < len(instants):
            assert self._next is not None
            end = bisect_right(instants, self._next, at)
            if end > at:
                self._count(delivered, at, end)
                at = end
            else:
                self.advance(ceil(instants[at]) - 1)

    def _count(self, delivered: Delivered, begin: int, end: int) -> None:
        events, first, instants = delivered
        some = instants[begin:end]
        if isinstance(events, Sketches):
            self._router.take(events, first + begin, some)
            self._router.count(first + end)
        else:
            self._router.route_each(events[first + begin : first + end], some)

    def advance(self, to: float) -> None:
        """Evaluate every tick up to and including *to*."""
        assert self._next is not None
        while self._next <= floor(to):
            if self._next >= self._ready_at:
                while self._left and self._left[0][0] <= self._next:
                    self._source.forget(self._left.popleft()[1])
                self._source.read(self._next)
            self._next += self._period

    def judged(self, group: GroupKey) -> Judged:
        """What was noted of a group."""
        series = self._source.series.get(group)
        if series is None:
            return Judged((), self._source.status(group))
        assert isinstance(series.detector, _Noting)
        points = tuple(self._point(*each) for each in series.detector.points)
        return Judged(points, series.detector.status())

    def _point(self, start: float, count: float | None, verdict: Verdict) -> BandPoint:
        band = self._band
        known = count is not None or band.count_default_zero
        bare = verdict.learning or isinf(verdict.upper)
        return BandPoint(
            start=start,
            end=start + self._interval,
            count=0.0 if count is None and known else count,
            lower=None if verdict.learning else verdict.lower,
            upper=None if bare else verdict.upper,
            side=verdict.outside,
            outside=verdict.outside in band.sides if known else None,
        )
