"""From the entries under ``expect`` to claims; what an entry can't mean is noted as a mistake."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from itertools import groupby
from math import inf
from typing import TYPE_CHECKING, TypeVar

from grantex_tui.datadog.document import step
from grantex_tui.monitoring.evaluate import states
from grantex_tui.rehearsal.expect.about import About, Meant
from grantex_tui.rehearsal.expect.counts import COUNTED, CountsClaim
from grantex_tui.rehearsal.expect.incidents import (
    DetectsAllClaim,
    DetectTimeClaim,
    NoFalseAlertsClaim,
)
from grantex_tui.rehearsal.expect.judge import Expectation
from grantex_tui.rehearsal.expect.notified import NotificationsClaim
from grantex_tui.rehearsal.expect.states import (
    NeverClaim,
    NoneFiresClaim,
    StateClaim,
    ValueClaim,
)
from grantex_tui.rehearsal.expect.transitions import Change, TransitionsClaim
from grantex_tui.rehearsal.spec.check import Mistake
from grantex_tui.rehearsal.spec.entries import (
    ByMonitorEntry,
    CountEntry,
    DetectEntry,
    NamesEntry,
    NeverEntry,
    NotificationEntry,
    StateEntry,
    TransitionEntry,
    ValueEntry,
)
from grantex_tui.rehearsal.spec.monitors import NotFoundError
from grantex_tui.words.durations import (
    OFFSET,
    Range,
    duration_text,
    parse_duration,
    parse_moment,
)


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.document import Document
    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.errors import GrantexTuiError
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.spec.monitors import NamedMonitors
    from grantex_tui.rehearsal.spec.parts import Parts
    from grantex_tui.rehearsal.spec.types import Bounds, CountBounds
    from grantex_tui.words.durations import Moment

Entry = TypeVar("Entry")
Names = str | int | list[str | int] | None
GroupName = str | dict[str, str] | None
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

    def tell(self, where: str, error: GrantexTuiError) -> None:
        """Remember what is wrong with another file, which is named here."""
        told = [line for line in error.message.splitlines() if line == line.lstrip()]
        for line in told:  # without what is quoted, indented
            self.note(where, line, error.hint[:1].lower() + error.hint[1:].rstrip("."))

    def moment(self, where: str, written: float | str | None) -> Moment | None:
        """An instant that has the right form; noted if there is no such date."""
        if written is None:
            return None
        text = str(written)
        try:
            return parse_moment(text)
        except ValueError:
            if re.fullmatch(OFFSET, text):
                self.note(where, f"{text!r} is more than ten years", "write such as +2h10m or +3d")
            else:
                what = f"{text!r} is no date from 1970 to 2999"
                self.note(where, what, "write 2026-01-05T09:00:00Z")
            return None


@dataclass(frozen=True, slots=True)
class ExpectReader:
    """Reads what one rehearsal expects."""

    named: NamedMonitors | None
    """None: they can't be had, so nothing is said of their names."""
    document: Document
    parts: Parts
    notes: Notes
    incidents: Sequence[str] | None
    """The labels that there are; None if only the rehearsal's run knows them."""

    def read(self, expect: object, where: str) -> list[Expectation]:
        """The expectations, in the order of the file.

        Args:
            expect: plain data; what the schema finds wrong of it is left out.
            where: its path.
        """
        claims: list[tuple[str, Claim]] = []
        if isinstance(expect, dict):
            claims = list(self._claims(expect, where))
        elif expect is not None:
            claims = [(where, NoneFiresClaim(self._everything()))]
        lines = self.document.line
        return sorted(
            (Expectation(claim, lines(at)) for at, claim in claims), key=lambda each: each.line
        )

    def _claims(self, expect: dict[str, object], where: str) -> Iterator[tuple[str, Claim]]:
        yield from self._claims_in_time(expect, where)
        yield from self._claims_on_incidents(expect, where)
        for kind in ("at_most", "at_least"):
            for at, counts in self._each(expect, where, kind, CountEntry):
                yield at, self._counts(counts, kind, at)
        for at, told in self._each(expect, where, "notifications", NotificationEntry):
            yield at, self._told(told, at)

    def _claims_in_time(self, expect: dict[str, object], where: str) -> Iterator[tuple[str, Claim]]:
        for key, whole in (("transitions", True), ("transitions_include", False)):
            yield from self._transitions(
                list(self._each(expect, where, key, TransitionEntry)), whole=whole
            )
        for at, never in self._each(expect, where, "never", NeverEntry):
            yield at, self._never(never, at)
        for at, state in self._each(expect, where, "state", StateEntry):
            yield from self._state(state, at)
        for at, value in self._each(expect, where, "value", ValueEntry):
            yield from self._value(value, at)

    def _claims_on_incidents(
        self, expect: dict[str, object], where: str
    ) -> Iterator[tuple[str, Claim]]:
        for at, detect in self._each(expect, where, "time_to_detect", DetectEntry):
            yield at, self._detect(detect, at)
        for at, whose in self._whose(expect, "detects_all_incidents", where):
            yield at, DetectsAllClaim(whose)
        for at, whose in self._whose(expect, "no_false_alerts", where):
            yield at, NoFalseAlertsClaim(whose)

    def _each(
        self, expect: dict[str, object], where: str, key: str, kind: type[Entry]
    ) -> Iterator[tuple[str, Entry]]:
        """A key's entries; of those that are wrong the names are looked at all the same."""
        for at, entry, plain in self.parts.each(expect.get(key), kind, step(where, key)):
            if entry is not None:
                yield at, entry
                continue
            named = self.parts.some(plain, NamesEntry, at)
            if named.monitor is not None:
                self._about(named.monitor, named.group, at)

    def _transitions(
        self, entries: Sequence[tuple[str, TransitionEntry]], *, whole: bool
    ) -> Iterator[tuple[str, Claim]]:
        """One claim a monitor; it stands where the monitor is first named."""
        found: list[tuple[int, str, Meant, Change]] = []
        for at, entry in entries:
            meant = self._meant(entry.monitor, entry.group, at)
            change = self._change(entry, () if meant is None else meant.pairs, at)
            if meant is not None:
                found.append((meant.index, at, meant, change))
        for index, own in groupby(sorted(found, key=lambda each: each[0]), lambda each: each[0]):
            rows = list(own)
            meant = Meant(index, rows[0][2].name)
            yield rows[0][1], TransitionsClaim(meant, tuple(row[3] for row in rows), whole)

    def _change(self, entry: TransitionEntry, pairs: Group, where: str) -> Change:
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
            pairs=pairs,
            at=self.notes.moment(step(where, "at"), entry.at),
            within=60.0 if entry.within is None else parse_duration(entry.within),
            after=after,
            before=before,
            value=None if entry.value is None else self._range(entry.value, step(where, "value")),
        )

    def _never(self, entry: NeverEntry, where: str) -> Claim:
        state = entry.state or "alert"
        return NeverClaim(
            self._of(entry, where),
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
        for name in given if kind == "at_least" else ():
            if not given[name]:
                what = f"at_least 0 {name} holds whatever happens"
                self.notes.note(step(where, name), what, "write 1 or more, or leave it out")
        return CountsClaim(self._of(entry, where), given, kind)

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
        if count.least <= 0 and count.most == inf:
            what = "at least 0 notifications are sent whatever happens"
            self.notes.note(step(where, "count"), what, "write such as {min: 1}, or {max: 3}")
        to = f"@{entry.to.removeprefix('@')}" if entry.to else ""
        if to and self.named is not None:
            try:
                self.named.check_handle(to)
            except NotFoundError as error:
                self.notes.note(step(where, error.key), error.what, error.todo)
        return NotificationsClaim(
            self._of(entry, where),
            count,
            to=to,
            state=None if entry.about is None else STATES[entry.about],
            title=entry.title_contains or "",
            body=entry.body_contains or "",
        )

    def _state(self, entry: StateEntry, where: str) -> Iterator[tuple[str, Claim]]:
        at = self.notes.moment(step(where, "at"), entry.at)
        if at is not None:
            about = self._of(entry, where)
            yield where, StateClaim(about, at, STATES[entry.expected])

    def _value(self, entry: ValueEntry, where: str) -> Iterator[tuple[str, Claim]]:
        at = self.notes.moment(step(where, "at"), entry.at)
        about = self._of(entry, where)
        monitors = () if self.named is None else self.named.monitors
        facets = [monitors[meant.index].group_by for meant in about.meant]
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

    def _whose(
        self, expect: dict[str, object], key: str, where: str
    ) -> Iterator[tuple[str, About]]:
        """The monitors of a key that takes true for all of them."""
        at = step(where, key)
        if expect.get(key) is True:
            yield at, self._everything()
            return
        for _, entry in self._each(expect, where, key, ByMonitorEntry):
            yield at, self._about(entry.monitor, None, at)

    def _of(
        self,
        entry: NeverEntry | CountEntry | NotificationEntry | StateEntry | ValueEntry,
        where: str,
    ) -> About:
        return self._about(
            entry.monitor, entry.group, where, may_be_absent=bool(entry.allow_absent)
        )

    def _about(
        self, names: Names, group: GroupName, where: str, *, may_be_absent: bool = False
    ) -> About:
        if names is None or names == "*":
            if group is not None:
                self.notes.note(step(where, "group"), "a group without a monitor", "give monitor")
            return self._everything()
        each = names if isinstance(names, list) else [names]
        found = (self._meant(name, group, where) for name in each)
        meant = tuple(meant for meant in found if meant is not None)
        return About(meant, may_be_absent=may_be_absent)

    def _everything(self) -> About:
        return About(() if self.named is None else self.named.all(), everything=True)

    def _meant(self, name: str | int, group: GroupName, where: str) -> Meant | None:
        try:
            return None if self.named is None else self.named.meant(name, group)
        except NotFoundError as error:
            self.notes.note(step(where, error.key), error.what, error.todo)
            return None
