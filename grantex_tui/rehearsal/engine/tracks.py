"""Every evaluation of a pass, kept as runs of the same: to explain it, and to try other thresholds.

Two weeks are 20,160 evaluations of a group, and most find what the one before found. So a track
keeps how often, and looks like the full columns; a threshold is tried at the price of the changes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain, repeat
from math import nan
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, overload

from grantex_tui.monitoring.evaluate.machine import GroupMachine
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.rehearsal.engine.model import Track


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.groups import Evaluation
    from grantex_tui.monitoring.evaluate.missing import Outcome
    from grantex_tui.monitoring.evaluate.rule import Rule
    from grantex_tui.monitoring.evaluate.states import Transition


T = TypeVar("T")
_ABSENT = tuple(Absent)


class Run(NamedTuple):
    """Evaluations, as many as *times*, *period* seconds apart, that found the same."""

    start: float
    period: int
    times: int
    outcome: Outcome
    recovery: float | None


class _Runs:
    """The runs of one track in arrays: 25 bytes each, and nothing for what a run repeats."""

    __slots__ = ("_absent", "_ends", "_period", "_recovery", "_starts", "_values")

    def __init__(self, period: int) -> None:
        self._period = period
        self._starts = array("d")
        self._ends = array("L")
        """How many evaluations there are up to the end of each run."""
        self._values = array("d")
        self._absent: dict[int, Absent] = {}
        self._recovery: dict[int, float] = {}

    def add(self, at: float, outcome: Outcome, recovery: float | None, count: int) -> None:
        number = len(self._starts)
        self._starts.append(at)
        self._ends.append(self.evaluations + count)
        if isinstance(outcome, Absent):
            self._absent[number] = outcome
            self._values.append(nan)
        else:
            self._values.append(outcome)
        if recovery is not None:
            self._recovery[number] = recovery

    @property
    def evaluations(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __len__(self) -> int:
        return len(self._starts)

    def run(self, number: int) -> Run:
        before = self._ends[number - 1] if number else 0
        return Run(
            self._starts[number],
            self._period,
            self._ends[number] - before,
            self._absent[number] if number in self._absent else self._values[number],
            self._recovery.get(number),
        )

    def at(self, index: int) -> tuple[Run, int]:
        """The run that evaluation *index* belongs to, and its place in it."""
        number = bisect_right(self._ends, index)
        before = self._ends[number - 1] if number else 0
        return self.run(number), index - before

    def __iter__(self) -> Iterator[Run]:
        return map(self.run, range(len(self)))


class _Column(Sequence[T], Generic[T]):
    """One column of a track: as long as there are evaluations."""

    def __init__(self, runs: _Runs) -> None:
        self.runs = runs

    def __len__(self) -> int:
        return self.runs.evaluations

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> list[T]: ...

    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index += len(self) if index < 0 else 0
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._of(*self.runs.at(index))

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(map(self._all, self.runs))

    def _of(self, run: Run, place: int) -> T:
        raise NotImplementedError

    def _all(self, run: Run) -> Iterable[T]:
        return repeat(self._of(run, 0), run.times)


class _Instants(_Column[float]):
    def _of(self, run: Run, place: int) -> float:
        return run.start + place * run.period

    def _all(self, run: Run) -> Iterable[float]:
        return (run.start + place * run.period for place in range(run.times))


class _Outcomes(_Column["Outcome"]):
    def _of(self, run: Run, place: int) -> Outcome:  # noqa: ARG002 - the same all along
        return run.outcome


class _Recoveries(_Column["float | None"]):
    def _of(self, run: Run, place: int) -> float | None:  # noqa: ARG002 - the same all along
        return run.recovery


def runs_of(track: Track) -> Iterable[Run]:
    """The evaluations of a track, those that found the same and follow each other together."""
    if isinstance(track.outcomes, _Outcomes):
        return track.outcomes.runs
    columns = zip(track.instants, track.outcomes, track.recoveries, strict=True)
    return (Run(at, 0, 1, outcome, recovery) for at, outcome, recovery in columns)


def replay_track(
    track: Track, rule: Rule, monitor: str = ""
) -> tuple[GroupMachine, list[Transition]]:
    """The same, and the machine that went through it."""
    return replay_runs(track, runs_of(track), rule, monitor)


def replay_runs(
    track: Track, runs: Iterable[Run], rule: Rule, monitor: str = ""
) -> tuple[GroupMachine, list[Transition]]:
    """The same, of a track whose *runs* are at hand: whoever tries many rules lists them once."""
    machine = GroupMachine(rule, monitor, track.group, track.monitor)
    found: list[Transition | None] = []
    for start, period, times, outcome, recovery in runs:
        for place in range(times):
            found.append(machine.step(start + place * period, outcome, recovery))
            if machine.settled(outcome):
                break
    if track.left_at is not None:
        found.append(machine.leave(track.left_at))
    return machine, [transition for transition in found if transition is not None]


class _Open:
    """A track that grows."""

    __slots__ = ("count", "last_at", "outcome", "recovery", "runs", "start")

    def __init__(self, period: int, evaluation: Evaluation) -> None:
        self.runs = _Runs(period)
        self.begin(evaluation.at, evaluation.outcome, evaluation.recovery_value)

    def begin(self, at: float, outcome: Outcome, recovery: float | None) -> None:
        self.start = self.last_at = at
        self.count = 1
        self.outcome, self.recovery = outcome, recovery

    def finish_run(self) -> None:
        self.runs.add(self.start, self.outcome, self.recovery, self.count)


class TrackRecorder:
    """Makes tracks of the evaluations that an `Evaluator` tells of.

    A silent group that rests is not told of again, and finds the same until it is.

    Args:
        periods: seconds between the evaluations of each monitor.
    """

    def __init__(self, periods: Sequence[int]) -> None:
        self._periods = periods
        self._open: dict[tuple[int, Group], _Open] = {}
        self._done: list[Track] = []

    def on_evaluation(self, evaluation: Evaluation) -> None:
        """Take one evaluation."""
        index, at, group, outcome, recovery, _ = evaluation
        track = self._open.get((index, group))
        if track is None:
            self._open[index, group] = _Open(self._periods[index], evaluation)
            return
        period = self._periods[index]
        track.count += int(at - track.last_at) // period - 1
        if outcome == track.outcome and recovery == track.recovery:
            track.count += 1
            track.last_at = at
        else:
            track.finish_run()
            track.begin(at, outcome, recovery)

    def on_leave(self, machine: GroupMachine, at: float) -> None:
        """A group leaves its monitor before the evaluation at *at*."""
        key = machine.index, machine.group
        if (track := self._open.pop(key, None)) is not None:
            self._close(key, track, at - self._periods[machine.index], at)

    def tracks(self, last_ticks: Sequence[float]) -> tuple[Track, ...]:
        """All of them, by monitor, group and time.

        Args:
            last_ticks: each monitor's last evaluation.
        """
        for key, track in self._open.items():
            self._close(key, track, last_ticks[key[0]], None)
        self._open.clear()
        return tuple(sorted(self._done, key=lambda t: (t.monitor, t.group, t.instants[0])))

    def _close(
        self, key: tuple[int, Group], track: _Open, last: float, left_at: float | None
    ) -> None:
        track.count += int(last - track.last_at) // self._periods[key[0]]
        track.finish_run()
        runs = track.runs
        self._done.append(Track(*key, _Instants(runs), _Outcomes(runs), _Recoveries(runs), left_at))
