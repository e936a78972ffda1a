"""Expected changes of state, in order: the whole list of them, or some among others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct, field

from grantex_tui.datadog.document import step
from grantex_tui.rehearsal.expect import types
from grantex_tui.rehearsal.expect.about import (
    About,
    Meant,
    group_text,
    nearest_approach,
    transition_text,
)
from grantex_tui.rehearsal.expect.changes import Change, included, whole
from grantex_tui.rehearsal.expect.kind import STATES, Kind
from grantex_tui.words.durations import parse_duration


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.judge import Claim, Failure
    from grantex_tui.rehearsal.expect.kind import Reader


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
            mismatch = whole if self.whole else included
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
