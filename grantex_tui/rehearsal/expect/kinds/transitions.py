"""Expected changes of state, in order: the whole list of them, or some among others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from math import inf
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct, field

from grantex_tui.datadog.document import step
from grantex_tui.rehearsal.expect import types
from grantex_tui.rehearsal.expect.about import (
    About,
    Meant,
    group_text,
    nearest_approach,
    ordinal,
    transition_text,
    unsaid,
    value_text,
)
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.expect.kind import STATES, Kind
from grantex_tui.words.durations import duration_text, parse_duration


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.states import State, Transition
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import Reader
    from grantex_tui.words.durations import Moment, Range


class TransitionEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A change of state."""

    monitor: types.MonitorName
    to: Annotated[types.State, Meta(description="The state that the group enters.")]
    source: Annotated[types.State, Meta(description="The state that it leaves.")] | None = field(
        name="from", default=None
    )
    group: (
        Annotated[
            types.Group,
            Meta(description="Which group; by default those that the list doesn't name."),
        ]
        | None
    ) = None
    at: Annotated[types.Instant, Meta(description="When, give or take within.")] | None = None
    within: (
        Annotated[
            types.Duration,
            Meta(description="How far from at it may be, either way; 1m by default."),
        ]
        | None
    ) = None
    after: Annotated[types.Instant, Meta(description="Not before it.")] | None = None
    before: Annotated[types.Instant, Meta(description="Not after it.")] | None = None
    value: (
        Annotated[types.Number, Meta(description="What was compared with the threshold.")] | None
    ) = None


_LISTED = 10


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


@dataclass(frozen=True, slots=True)
class TransitionsClaim:
    """The changes of one monitor's groups, in order.

    Changes without a group are about the groups that no other change of the list names. Each such
    part has its own order.
    """

    meant: Meant
    changes: tuple[Change, ...]
    whole: bool
    """Whether nothing else may happen."""

    @property
    def kind(self) -> str:
        """Its key in the file."""
        return "transitions" if self.whole else "transitions_include"

    @property
    def monitors(self) -> Sequence[int]:
        """The one monitor."""
        return (self.meant.index,)

    @property
    def text(self) -> str:
        """All of the list in one line."""
        what = "goes" if self.whole else "goes, among others,"
        ending = ", and nothing else" if self.whole else ""
        return f"{self.meant.name} {what} {', '.join(c.text for c in self.changes)}{ending}"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """The first part of the list that is not met, and what happened instead."""
        happened = list(About((self.meant,)).changes(rehearsed))
        for pairs in dict.fromkeys(change.pairs for change in self.changes):
            expected = [change for change in self.changes if change.pairs == pairs]
            own = [each for each in happened if self._belongs(each, pairs)]
            mismatch = _whole if self.whole else _included
            if (found := mismatch(expected, own, rehearsed)) is not None:
                reason = f"{self._name(pairs)}: {found.reason}\n{_story(own, rehearsed)}"
                reason += "" if own else self._why_none(pairs, rehearsed)
                return replace(found, reason=reason)
        return None

    def _why_none(self, pairs: Group, rehearsed: Pass) -> str:
        """Why a group has no changes: there is none such, or its values were never near enough."""
        about = About((replace(self.meant, pairs=pairs),))
        near = about.absence(rehearsed) or nearest_approach(about, rehearsed)
        return f": {near}" if near else ""

    def _belongs(self, transition: Transition, pairs: Group) -> bool:
        if pairs:
            return all(pair in transition.group for pair in pairs)
        named = {change.pairs for change in self.changes if change.pairs}
        return not any(all(pair in transition.group for pair in each) for each in named)

    def _name(self, pairs: Group) -> str:
        return f"{self.meant.name} {group_text(pairs)}" if pairs else self.meant.name


def _whole(
    expected: Sequence[Change], happened: Sequence[Transition], rehearsed: Pass
) -> Failure | None:
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


def _included(
    expected: Sequence[Change], happened: Sequence[Transition], rehearsed: Pass
) -> Failure | None:
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


def _story(happened: Sequence[Transition], rehearsed: Pass) -> str:
    if not happened:
        return "what happened: nothing at all"
    lines = [f"  {transition_text(each, rehearsed.start)}" for each in happened[:_LISTED]]
    more = len(happened) - _LISTED
    return "\n".join(["what happened:", *lines, *([f"  and {more} more"] if more > 0 else [])])


def _read(
    reader: Reader, entries: Sequence[tuple[str, TransitionEntry]], *, whole: bool
) -> Iterator[tuple[str, Claim]]:
    """One claim a monitor; it stands where the monitor is first named."""
    found: list[tuple[int, str, Meant, Change]] = []
    for where, entry in entries:
        meant = reader.meant(entry.monitor, entry.group, where)
        change = _change(reader, entry, () if meant is None else meant.pairs, where)
        if meant is not None:
            found.append((meant.index, where, meant, change))
    for index, own in groupby(sorted(found, key=lambda each: each[0]), lambda each: each[0]):
        rows = list(own)
        meant = Meant(index, rows[0][2].name)
        yield rows[0][1], TransitionsClaim(meant, tuple(row[3] for row in rows), whole)


def _change(reader: Reader, entry: TransitionEntry, pairs: Group, where: str) -> Change:
    after = reader.moment(step(where, "after"), entry.after)
    before = reader.moment(step(where, "before"), entry.before)
    if after and before and after.relative == before.relative and after.seconds > before.seconds:
        what = f"before {before} comes before after {after}"
        reader.note(step(where, "before"), what, "swap them")
    return Change(
        to=STATES[entry.to],
        source=None if entry.source is None else STATES[entry.source],
        pairs=pairs,
        at=reader.moment(step(where, "at"), entry.at),
        within=60.0 if entry.within is None else parse_duration(entry.within),
        after=after,
        before=before,
        value=None if entry.value is None else reader.range(entry.value, step(where, "value")),
    )


KINDS = (
    Kind(
        "transitions",
        "Every change of state, in order, of the monitors and groups that it names: the whole list, "
        "nothing else may happen to them.",
        TransitionEntry,
        partial(_read, whole=True),
        takes="a list",
        requires={"within": "at"},
    ),
    Kind(
        "transitions_include",
        "The same, but others may come before, between and after.",
        TransitionEntry,
        partial(_read, whole=False),
        takes="a list",
        requires={"within": "at"},
    ),
)
