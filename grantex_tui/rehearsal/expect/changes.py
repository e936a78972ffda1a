"""One expected change of state, and how what happened is held against several."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from grantex_tui.rehearsal.expect.about import (
    group_text,
    ordinal,
    transition_text,
    unsaid,
    value_text,
)
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.words.durations import duration_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.states import State, Transition
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.words.durations import Moment, Range


@dataclass(frozen=True, slots=True)
class Change:
    """One expected change of state."""

    to: State
    source: State | None = None
    pairs: Group = ()
    at: Moment | None = None
    within: float = 60.0
    after: Moment | None = None
    before: Moment | None = None
    value: Range | None = None

    @property
    def text(self) -> str:
        """``→ Alert at +2h3m ± 2m``."""
        parts = [f"{self.source} → {self.to}" if self.source else f"→ {self.to}"]
        if self.pairs:
            parts.append(f"of {group_text(self.pairs)}")
        if self.at is not None:
            parts.append(f"at {self.at} ± {duration_text(self.within)}")
        parts += [f"after {self.after}"] if self.after is not None else []
        parts += [f"before {self.before}"] if self.before is not None else []
        parts += [f"with value {self.value}"] if self.value is not None else []
        return " ".join(parts)

    def misses(self, found: Transition, start: float) -> list[str]:
        """In what *found* is something else; nothing: it is what is expected."""
        wrong = []
        if found.destination is not self.to:
            wrong.append(f"to {found.destination} instead of {self.to}")
        if self.source is not None and found.source is not self.source:
            wrong.append(f"from {found.source} instead of {self.source}")
        early, late = self.early(found.at, start), self.late(found.at, start)
        wrong += [f"{duration_text(early)} too early"] if early > 0 else []
        wrong += [f"{duration_text(late)} too late"] if late > 0 else []
        if self.value is not None and not self.value.holds(found.value):
            wrong.append(f"with {value_text(found.value)} instead of {self.value}")
        return wrong

    def early(self, at: float, start: float) -> float:
        """Seconds by which *at* lies before the time that is allowed; negative: it doesn't."""
        earliest = [-inf]
        earliest += [self.at.on(start) - self.within] if self.at is not None else []
        earliest += [self.after.on(start)] if self.after is not None else []
        return max(earliest) - at

    def late(self, at: float, start: float) -> float:
        """Seconds by which *at* lies after the time that is allowed; negative: it doesn't."""
        latest = [inf]
        latest += [self.at.on(start) + self.within] if self.at is not None else []
        latest += [self.before.on(start)] if self.before is not None else []
        return at - min(latest)

    def off(self, at: float, start: float) -> float:
        """Seconds by which *at* lies outside the time that is allowed."""
        return max(self.early(at, start), self.late(at, start), 0.0)

    def excess(self, found: Transition, start: float) -> float:
        """How much is wrong with *found*: seconds, if only the time is."""
        off = self.off(found.at, start)
        return off if len(self.misses(found, start)) == (off > 0) else inf

    def instant(self, start: float) -> float | None:
        """Where to look for it."""
        moment = self.at or self.before or self.after
        return None if moment is None else moment.on(start)


def whole(
    expected: Sequence[Change], happened: Sequence[Transition], rehearsed: Pass
) -> Failure | None:
    """Where the changes that happened are not those expected, one after another."""
    for number, (change, found) in enumerate(zip(expected, happened, strict=False), 1):
        if wrong := change.misses(found, rehearsed.start):
            return Failure(
                f"{_which(number, expected)} {change.text}, but it came "
                f"{' and '.join(wrong)}: {transition_text(found, rehearsed.start)}",
                found.at,
                " and ".join(wrong),
                change.excess(found, rehearsed.start),
            )
    if len(happened) < len(expected):
        missing = expected[len(happened)]
        return _never_came(
            f"{_which(len(happened) + 1, expected)} {missing.text}", missing, rehearsed
        )
    if len(happened) > len(expected):
        extra = happened[len(expected)]
        return Failure(
            f"nobody expected {transition_text(extra, rehearsed.start)}",
            extra.at,
            f"{len(happened) - len(expected)} more",
            inf,
        )
    return None


def included(
    expected: Sequence[Change], happened: Sequence[Transition], rehearsed: Pass
) -> Failure | None:
    """Which of the expected changes is not among those that happened, in order."""
    left = list(happened)
    for number, change in enumerate(expected, 1):
        position = next(
            (i for i, each in enumerate(left) if not change.misses(each, rehearsed.start)), None
        )
        if position is None:
            return _nearest(f"{_which(number, expected)} {change.text}", change, left, rehearsed)
        left = left[position + 1 :]
    return None


def _nearest(what: str, change: Change, left: Sequence[Transition], rehearsed: Pass) -> Failure:
    """The failure to find *change*, with what came nearest to it."""
    start = rehearsed.start

    def distance(found: Transition) -> tuple[bool, int, float]:
        misses = len(change.misses(found, start))
        return found.destination is not change.to, misses, change.off(found.at, start)

    nearest = min(left, key=distance, default=None)
    if nearest is None:
        return _never_came(what, change, rehearsed)
    wrong = " and ".join(change.misses(nearest, start))
    return Failure(
        f"{what}, but the nearest came {wrong}: {transition_text(nearest, rehearsed.start)}",
        nearest.at,
        wrong,
        change.excess(nearest, start),
    )


def _never_came(what: str, change: Change, rehearsed: Pass) -> Failure:
    at = change.instant(rehearsed.start)
    told = f"{what}, but it never came"
    if at is not None and not rehearsed.start <= at <= rehearsed.end:
        told += f"; {unsaid(rehearsed)}"
    return Failure(told, at, "never came", inf)


def _which(number: int, expected: Sequence[Change]) -> str:
    return "expected" if len(expected) == 1 else f"expected as the {ordinal(number)}"
