"""From the entries under ``expect`` to claims; what an entry can't mean is noted as a mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from grantex_tui.datadog.document import step
from grantex_tui.rehearsal.expect import types  # noqa: TC001 - msgspec reads annotations
from grantex_tui.rehearsal.expect.about import About, Meant
from grantex_tui.rehearsal.expect.judge import Expectation
from grantex_tui.rehearsal.expect.none_fires import NoneFiresClaim
from grantex_tui.rehearsal.expect.registry import registered
from grantex_tui.rehearsal.spec.check import Mistake
from grantex_tui.rehearsal.spec.monitors import NotFoundError
from grantex_tui.words.durations import OFFSET, Range, parse_moment


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.document import Document
    from grantex_tui.errors import GrantexTuiError
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import GroupName, Kind, Names
    from grantex_tui.rehearsal.expect.types import Bounds, CountBounds
    from grantex_tui.rehearsal.spec.monitors import NamedMonitors
    from grantex_tui.rehearsal.spec.parts import Parts
    from grantex_tui.words.durations import Moment


class NamesEntry(Struct, frozen=True):
    """Whom an entry names, whatever else is in it."""

    monitor: types.Monitors | None = None
    group: types.Group | None = None


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
    """Reads what one rehearsal expects; a `Reader` to the kinds of expectations."""

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
            for kind in registered():
                entries = list(self._entries(kind, expect.get(kind.key), step(where, kind.key)))
                claims += kind.read(self, entries)
        elif expect is not None:
            claims = [(where, NoneFiresClaim(self._everything()))]
        lines = self.document.line
        return sorted(
            (Expectation(claim, lines(at)) for at, claim in claims), key=lambda each: each.line
        )

    def _entries(self, kind: Kind[Any], value: object, where: str) -> Iterator[tuple[str, Struct]]:
        """A key's entries; of those that are wrong the names are looked at all the same."""
        if kind.takes == "true or one" and value is True:
            value = {"monitor": "*"}
        for at, entry, plain in self.parts.each(value, kind.entry, where):
            if entry is not None:
                yield at, entry
                continue
            named = self.parts.some(plain, NamesEntry, at)
            if named.monitor is not None:
                self.about(named.monitor, named.group, at)

    def note(self, where: str, what: str, todo: str = "") -> None:
        """Remember a mistake."""
        self.notes.note(where, what, todo)

    def moment(self, where: str, written: float | str | None) -> Moment | None:
        """An instant that has the right form; noted if there is no such date."""
        return self.notes.moment(where, written)

    def facets(self, meant: Meant) -> tuple[str, ...]:
        """What a monitor groups by."""
        return () if self.named is None else self.named.monitors[meant.index].group_by

    def check_handle(self, handle: str, where: str) -> None:
        """Note a handle that no message names."""
        if self.named is not None:
            try:
                self.named.check_handle(handle)
            except NotFoundError as error:
                self.note(step(where, error.key), error.what, error.todo)

    def range(self, value: float | Bounds | CountBounds, where: str) -> Range:
        """A number or a range; noted if its ends are the wrong way round."""
        if isinstance(value, int | float):
            return Range(value, value)
        least = -inf if value.min is None else value.min
        most = inf if value.max is None else value.max
        if least > most:
            self.note(where, f"min {least:g} is more than max {most:g}", "swap them")
        return Range(least, most)

    def about(
        self, names: Names, group: GroupName, where: str, *, may_be_absent: bool = False
    ) -> About:
        """The monitors of these names, all without any, and their group."""
        if names is None or names == "*":
            if group is not None:
                self.note(step(where, "group"), "a group without a monitor", "give monitor")
            return self._everything()
        each = names if isinstance(names, list) else [names]
        found = (self.meant(name, group, where) for name in each)
        meant = tuple(meant for meant in found if meant is not None)
        return About(meant, may_be_absent=may_be_absent)

    def _everything(self) -> About:
        return About(() if self.named is None else self.named.all(), everything=True)

    def meant(self, name: str | int, group: GroupName, where: str) -> Meant | None:
        """One monitor and its group; noted if there is none."""
        try:
            return None if self.named is None else self.named.meant(name, group)
        except NotFoundError as error:
            self.note(step(where, error.key), error.what, error.todo)
            return None
