"""From the entries under ``expect`` to claims; what an entry can't mean is noted as a mistake."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from itertools import groupby
from math import inf
from typing import TYPE_CHECKING, TypeVar, cast

from grantex_tui.datadog.document import step
from grantex_tui.monitoring import states
from grantex_tui.rehearsal.expect import Expectation
from grantex_tui.rehearsal.expect_about import About, Meant
from grantex_tui.rehearsal.expect_counts import COUNTED, CountsClaim
from grantex_tui.rehearsal.expect_incidents import (
    DetectsAllClaim,
    DetectTimeClaim,
    NoFalseAlertsClaim,
)
from grantex_tui.rehearsal.expect_states import (
    NeverClaim,
    NoneFiresClaim,
    StateClaim,
    ValueClaim,
)
from grantex_tui.rehearsal.expect_told import NotificationsClaim
from grantex_tui.rehearsal.expect_transitions import Change, TransitionsClaim
from grantex_tui.rehearsal.spec_check import Mistake
from grantex_tui.rehearsal.spec_monitors import NotFoundError
from grantex_tui.rehearsal.spec_values import Range, duration_text, parse_duration, parse_moment


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from grantex_tui.datadog.document import Document
    from grantex_tui.rehearsal.expect import Claim
    from grantex_tui.rehearsal.spec_entries import (
        ByMonitorEntry,
        CountEntry,
        DetectEntry,
        Expect,
        NeverEntry,
        NotificationEntry,
        StateEntry,
        TransitionEntry,
        ValueEntry,
    )
    from grantex_tui.rehearsal.spec_monitors import NamedMonitors
    from grantex_tui.rehearsal.spec_types import Bounds, CountBounds
    from grantex_tui.rehearsal.spec_values import Moment

Entry = TypeVar("Entry")
Names = str | int | list[str | int] | None
Group = str | dict[str, str] | None
STATES = {
    "ok": states.State.OK,
    "warn": states.State.WARN,
    "alert": states.State.ALERT,
    "no_data": states.State.NO_DATA,
}


@dataclass(slots=True)
class Notes:
    """The mistakes of one file, as they are found."""

    found: list[Mistake] = field(default_factory=list)

    def note(self, where: str, what: str, todo: str = "") -> None:
        """Remember one."""
        self.found.append(Mistake(where, what, todo))

    def moment(self, where: str, text: str | None) -> Moment | None:
        """An instant that has the right form; noted if there is no such date."""
        if text is None:
            return None
        try:
            return parse_moment(text)
        except (ValueError, OverflowError):
            self.note(where, f"{text!r} is no date that there is", "write 2026-01-05T09:00:00Z")
            return None


@dataclass(frozen=True, slots=True)
class ExpectReader:
    """Reads what one rehearsal expects."""

    named: NamedMonitors
    document: Document
    notes: Notes
    incidents: Sequence[str] | None
    """The labels that there are; None if only the rehearsal's run knows them."""

    def read(self, expect: Expect | Literal["none-fires"], where: str) -> list[Expectation]:
        """The expectations, in the order of the file."""
        if isinstance(expect, str):
            claims: list[tuple[str, Claim]] = [(where, NoneFiresClaim(self._everything()))]
        else:
            claims = list(self._claims(expect, where))
        lines = self.document.line
        return sorted(
            (Expectation(claim, lines(at)) for at, claim in claims), key=lambda each: each.line
        )

    def _claims(self, expect: Expect, where: str) -> Iterator[tuple[str, Claim]]:
        yield from self._transitions(expect.transitions, step(where, "transitions"), whole=True)
        yield from self._transitions(
            expect.transitions_include, step(where, "transitions_include"), whole=False
        )
        for at, never in _each(expect.never, step(where, "never")):
            yield at, self._never(never, at)
        for kind, entries in (("at_most", expect.at_most), ("at_least", expect.at_least)):
            for at, counts in _each(entries, step(where, kind)):
                yield at, self._counts(counts, kind, at)
        for at, detect in _each(expect.time_to_detect, step(where, "time_to_detect")):
            yield at, self._detect(detect, at)
        if expect.detects_all_incidents is not None:
            at = step(where, "detects_all_incidents")
            yield at, DetectsAllClaim(self._whose(expect.detects_all_incidents, at))
        if expect.no_false_alerts is not None:
            at = step(where, "no_false_alerts")
            yield at, NoFalseAlertsClaim(self._whose(expect.no_false_alerts, at))
        for at, told in _each(expect.notifications, step(where, "notifications")):
            yield at, self._told(told, at)
        for at, state in _each(expect.state, step(where, "state")):
            yield from self._state(state, at)
        for at, value in _each(expect.value, step(where, "value")):
            yield from self._value(value, at)

    def _transitions(
        self, entries: Sequence[TransitionEntry] | None, where: str, *, whole: bool
    ) -> Iterator[tuple[str, Claim]]:
        """One claim a monitor; it stands where the monitor is first named."""
        found: list[tuple[int, str, Meant, Change]] = []
        for number, entry in enumerate(entries or ()):
            at = step(where, number)
            meant = self._meant(entry.monitor, entry.group, at)
            if meant is not None:
                found.append((meant.index, at, meant, self._change(entry, meant, at)))
        for index, own in groupby(sorted(found, key=lambda each: each[0]), lambda each: each[0]):
            rows = list(own)
            meant = Meant(index, rows[0][2].name)
            yield rows[0][1], TransitionsClaim(meant, tuple(row[3] for row in rows), whole)

    def _change(self, entry: TransitionEntry, meant: Meant, where: str) -> Change:
        after = self.notes.moment(step(where, "after"), entry.after)
        before = self.notes.moment(step(where, "before"), entry.before)
        if (
            after
            and before
            and after.relative == before.relative
            and after.seconds > before.seconds
        ):
            self.notes.note(
                step(where, "before"), f"before {before} comes before after {after}", "swap them"
            )
        return Change(
            to=STATES[entry.to],
            source=None if entry.source is None else STATES[entry.source],
            pairs=meant.pairs,
            at=self.notes.moment(step(where, "at"), entry.at),
            within=60.0 if entry.within is None else parse_duration(entry.within),
            after=after,
            before=before,
            value=None if entry.value is None else self._range(entry.value, step(where, "value")),
        )

    def _never(self, entry: NeverEntry, where: str) -> Claim:
        state = entry.state or "alert"
        return NeverClaim(
            self._about(entry.monitor, entry.group, where),
            tuple(STATES[name] for name in ([state] if isinstance(state, str) else state)),
            self.notes.moment(step(where, "from"), entry.since),
            self.notes.moment(step(where, "to"), entry.until),
        )

    def _counts(self, entry: CountEntry, kind: str, where: str) -> Claim:
        limits = {name: getattr(entry, name) for name in COUNTED}
        given = {name: float(limit) for name, limit in limits.items() if limit is not None}
        if not given:
            self.notes.note(
                where, f"{kind} says not how many of what", f"give one of {', '.join(COUNTED)}"
            )
        return CountsClaim(self._about(entry.monitor, entry.group, where), given, kind)

    def _detect(self, entry: DetectEntry, where: str) -> Claim:
        label = entry.incident
        if entry.p50 is None and entry.p100 is None:
            self.notes.note(where, "time_to_detect says not how long", "give p50, p100 or both")
        if label is not None and self.incidents is not None and label not in self.incidents:
            near = difflib.get_close_matches(label, self.incidents, 1) or self.incidents
            todo = f"there are {', '.join(near)}" if near else "give it under incidents"
            self.notes.note(step(where, "incident"), f"there is no incident {label!r}", todo)
        p50, p100 = (
            None if each is None else parse_duration(each) for each in (entry.p50, entry.p100)
        )
        if p50 is not None and p100 is not None and p50 > p100:
            what = f"p50 {duration_text(p50)} is more than p100 {duration_text(p100)}"
            self.notes.note(step(where, "p50"), what, "the slowest is never below the median")
        return DetectTimeClaim(self._about(entry.monitor, None, where), label, p50, p100)

    def _told(self, entry: NotificationEntry, where: str) -> Claim:
        count = Range(1) if entry.count is None else self._range(entry.count, step(where, "count"))
        to = entry.to or ""
        return NotificationsClaim(
            self._about(entry.monitor, entry.group, where),
            count,
            to=to if to.startswith("@") or not to else f"@{to}",
            state=None if entry.about is None else STATES[entry.about],
            title=entry.title_contains or "",
            body=entry.body_contains or "",
        )

    def _state(self, entry: StateEntry, where: str) -> Iterator[tuple[str, Claim]]:
        at = self.notes.moment(step(where, "at"), entry.at)
        if at is not None:
            about = self._about(entry.monitor, entry.group, where)
            yield where, StateClaim(about, at, STATES[entry.expected])

    def _value(self, entry: ValueEntry, where: str) -> Iterator[tuple[str, Claim]]:
        at = self.notes.moment(step(where, "at"), entry.at)
        about = self._about(entry.monitor, entry.group, where)
        facets = [self.named.monitors[meant.index].group_by for meant in about.meant]
        named = {facet for meant in about.meant for facet, _ in meant.pairs}
        if about.meant and set(facets[0]) != named:
            self.notes.note(
                where, "value is of one group, and it isn't said which",
                f"give group: {{{', '.join(f'{facet!r}: …' for facet in facets[0])}}}",
            )  # fmt: skip
        expected = entry.expected
        wanted = None if isinstance(expected, str) else self._range(expected, step(where, "is"))
        if at is not None:
            yield where, ValueClaim(about, at, wanted)

    def _range(self, value: float | Bounds | CountBounds, where: str) -> Range:
        if isinstance(value, int | float):
            return Range(value, value)
        least = -inf if value.min is None else value.min
        most = inf if value.max is None else value.max
        if least > most:
            self.notes.note(where, f"min {least:g} is more than max {most:g}", "swap them")
        return Range(least, most)

    def _whose(self, entry: ByMonitorEntry | Literal[True], where: str) -> About:
        return self._about(None if entry is True else entry.monitor, None, where)

    def _about(self, names: Names, group: Group, where: str) -> About:
        if names is None or names == "*":
            if group is not None:
                self.notes.note(step(where, "group"), "a group without a monitor", "give monitor")
            return self._everything()
        each = names if isinstance(names, list) else [names]
        found = (self._meant(name, group, where) for name in each)
        return About(tuple(meant for meant in found if meant is not None))

    def _everything(self) -> About:
        return About(self.named.all(), everything=True)

    def _meant(self, name: str | int, group: Group, where: str) -> Meant | None:
        try:
            return self.named.meant(name, group)
        except NotFoundError as error:
            key = "group" if "group" in error.what or "facet" in error.what else "monitor"
            self.notes.note(step(where, key), error.what, error.todo)
            return None


def _each(entries: Entry | Sequence[Entry] | None, where: str) -> Iterator[tuple[str, Entry]]:
    """The entries of a key that takes one or several, each with its path."""
    if isinstance(entries, list):
        yield from ((step(where, number), entry) for number, entry in enumerate(entries))
    elif entries is not None:
        yield where, cast("Entry", entries)
