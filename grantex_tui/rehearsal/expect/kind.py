"""What a kind of expectation says of itself, and what reading one asks of the file around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from msgspec import Struct

from grantex_tui.monitoring.evaluate.states import State


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from grantex_tui.rehearsal.expect.about import About, Meant
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.types import Bounds, CountBounds
    from grantex_tui.words.durations import Moment, Range

Names = str | int | list[str | int] | None
GroupName = str | dict[str, str] | None
STATES = {"ok": State.OK, "warn": State.WARN, "alert": State.ALERT, "no_data": State.NO_DATA}
"""As a file writes them."""

Entry = TypeVar("Entry", bound=Struct)


class Reader(Protocol):
    """The file around an entry: its monitors and groups, and where mistakes go.

    *where* is always a JSON path.
    """

    @property
    def incidents(self) -> Sequence[str] | None:
        """The labels that there are; None if only the rehearsal's run knows them."""
        ...

    def note(self, where: str, what: str, todo: str = "") -> None:
        """Remember a mistake."""
        ...

    def moment(self, where: str, written: float | str | None) -> Moment | None:
        """An instant that has the right form; noted if there is no such date."""
        ...

    def range(self, value: float | Bounds | CountBounds, where: str) -> Range:
        """A number or a range; noted if its ends are the wrong way round."""
        ...

    def about(
        self, names: Names, group: GroupName, where: str, *, may_be_absent: bool = False
    ) -> About:
        """The monitors of these names, all without any, and their group."""
        ...

    def meant(self, name: str | int, group: GroupName, where: str) -> Meant | None:
        """One monitor and its group; noted if there is none."""
        ...

    def facets(self, meant: Meant) -> tuple[str, ...]:
        """What a monitor groups by."""
        ...

    def check_handle(self, handle: str, where: str) -> None:
        """Note a handle that no message names."""
        ...


class Grouped(Protocol):
    """An entry about a group that may be absent."""

    @property
    def monitor(self) -> Names:
        """Whose."""
        ...

    @property
    def group(self) -> GroupName:
        """Which."""
        ...

    @property
    def allow_absent(self) -> bool | None:
        """Whether there may be no such group."""
        ...


def about_of(reader: Reader, entry: Grouped, where: str) -> About:
    """Whom an entry is about."""
    absent = bool(entry.allow_absent)
    return reader.about(entry.monitor, entry.group, where, may_be_absent=absent)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Entry]):
    """A kind of expectation: its key below ``expect``, what it takes, and how it is read."""

    key: str
    says: str
    """What must hold, for the JSON schema and the documentation."""
    entry: type[Entry]
    read: Callable[[Reader, Sequence[tuple[str, Entry]]], Iterable[tuple[str, Claim]]]
    """From the entries, each with its path, to claims, each with the path where it stands."""
    takes: Literal["one or several", "a list", "true or one"] = "one or several"
    """``true`` stands for an entry whose ``monitor`` is ``*``."""
    write: str = ""
    """How to write it, where it takes ``true``."""
    requires: Mapping[str, str] | None = None
    """Keys of an entry that mean nothing without another."""
