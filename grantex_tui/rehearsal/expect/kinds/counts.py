"""Expected counts: of alerts, flaps, minutes in alert, notifications; at most or at least."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import Meta, Struct

from grantex_tui.datadog.document import step
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.expect import types
from grantex_tui.rehearsal.expect.about import group_text, listed, nearest_approach
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.expect.kind import Kind, about_of
from grantex_tui.rehearsal.measure.stays import flaps
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import Reader


class CountEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """How often things happen, all groups and monitors that are meant together."""

    monitor: types.Monitors | None = None
    group: types.Group | None = None
    allow_absent: types.AllowAbsent | None = None
    alerts: Annotated[int, Meta(ge=0, description="Changes to alert.")] | None = None
    warnings: Annotated[int, Meta(ge=0, description="Changes to warn.")] | None = None
    no_data: Annotated[int, Meta(ge=0, description="Changes to no_data.")] | None = None
    recoveries: Annotated[int, Meta(ge=0, description="Changes to ok.")] | None = None
    flaps: (
        Annotated[int, Meta(ge=0, description="Alerts within ten evaluations of a recovery.")]
        | None
    ) = None
    alert_minutes: (
        Annotated[float, Meta(ge=0, description="Minutes in alert, of every group.")] | None
    ) = None
    notifications: Annotated[int, Meta(ge=0, description="Messages to people.")] | None = None


_LISTED = 5


class Happening(NamedTuple):
    """One thing that counts, and by how much."""

    at: float
    text: str
    amount: float = 1.0


@dataclass(frozen=True, slots=True)
class CountsClaim:
    """Limits on how often things happen."""

    about: About
    limits: Mapping[str, float]
    """By a key of `COUNTED`."""
    kind: str
    """``at_most`` or ``at_least``."""

    @property
    def monitors(self) -> Sequence[int]:
        """Whose happenings count, all together."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``denials has at most 1 alert, 0 flaps``."""
        what = ", ".join(_counted(name, limit) for name, limit in self.limits.items())
        return f"{self.about.text} has {self.kind.replace('_', ' ')} {what}"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """What is too many or too few, with when it happened."""
        if unseen := self.about.unseen(rehearsed):
            return Failure(unseen)
        wrong: list[str] = []
        shorts: list[str] = []
        at: float | None = None
        excess = 0.0
        for name, limit in self.limits.items():
            happened = sorted(COUNTED[name](self.about, rehearsed))
            amount = sum(each.amount for each in happened)
            if amount <= limit if self.kind == "at_most" else amount >= limit:
                continue
            shorts.append(_counted(name, amount))
            wrong.append(
                listed(shorts[-1], [each.text for each in happened[:_LISTED]], len(happened))
            )
            excess += abs(amount - limit)
            if at is None:
                at = _tipping(happened, limit)
        if not wrong:
            return None
        reason = "\n".join(wrong)
        if self.kind == "at_least" and (near := nearest_approach(self.about, rehearsed)):
            reason += f"\n{near}"
        return Failure(reason, at, ", ".join(shorts), excess)


def _tipping(happened: Sequence[Happening], limit: float) -> float | None:
    """When the limit was passed; the last happening if it wasn't."""
    total = 0.0
    for each in happened:
        total += each.amount
        if total > limit:
            return each.at
    return happened[-1].at if happened else None


def _changes(state: State) -> Callable[[About, Pass], Iterator[Happening]]:
    def counted(about: About, rehearsed: Pass) -> Iterator[Happening]:
        for change in about.changes(rehearsed):
            if change.destination is state:
                text = _text(change.at, change.index, change.group, about, rehearsed)
                yield Happening(change.at, text)

    return counted


def _flaps(about: About, rehearsed: Pass) -> Iterator[Happening]:
    by_monitor: dict[int, list[Transition]] = {}
    for change in about.changes(rehearsed):
        by_monitor.setdefault(change.index, []).append(change)
    for index, changes in by_monitor.items():
        for change in flaps(changes, rehearsed.monitors[index]):
            text = _text(change.at, index, change.group, about, rehearsed)
            yield Happening(change.at, text)


def _alert_minutes(about: About, rehearsed: Pass) -> Iterator[Happening]:
    for span in about.spans(rehearsed):
        if span.state is State.ALERT:
            minutes = (span.end - span.start) / 60
            when = _text(span.start, span.monitor, span.group, about, rehearsed)
            text = f"{minutes:.6g} from {when}"
            yield Happening(span.start, text, minutes)


def _notifications(about: About, rehearsed: Pass) -> Iterator[Happening]:
    for each in rehearsed.notifications:
        cause = each.transition
        if cause.notify and about.covers(cause.index, cause.group):
            when = _text(cause.at, cause.index, cause.group, about, rehearsed)
            yield Happening(cause.at, f"{cause.kind} at {when}")


def _text(at: float, index: int, group: Group, about: About, rehearsed: Pass) -> str:
    """When, of which group, and of several monitors which."""
    when = both_texts(at, rehearsed.start) + (f" {group_text(group)}" if group else "")
    if len(about.meant) == 1:
        return when
    return f"{when} {printable(rehearsed.monitors[index].name, limit=80)}"


COUNTED: Mapping[str, Callable[[About, Pass], Iterator[Happening]]] = {
    "alerts": _changes(State.ALERT),
    "warnings": _changes(State.WARN),
    "no_data": _changes(State.NO_DATA),
    "recoveries": _changes(State.OK),
    "flaps": _flaps,
    "alert_minutes": _alert_minutes,
    "notifications": _notifications,
}
_SINGULAR = {
    "alerts": "alert",
    "warnings": "warning",
    "no_data": "change to No Data",
    "recoveries": "recovery",
    "flaps": "flap",
    "alert_minutes": "minute in alert",
    "notifications": "notification",
}
_PLURAL = {"no_data": "changes to No Data", "alert_minutes": "minutes in alert"}


def _counted(name: str, amount: float) -> str:
    many = _PLURAL.get(name, name)
    return f"{amount:.6g} {_SINGULAR[name] if amount == 1 else many}"


def _read(
    reader: Reader, entries: Sequence[tuple[str, CountEntry]], kind: str
) -> Iterator[tuple[str, Claim]]:
    """One claim an entry."""
    for where, entry in entries:
        limits = {name: getattr(entry, name) for name in COUNTED}
        given = {name: float(limit) for name, limit in limits.items() if limit is not None}
        if not given:
            what = f"{kind} says not how many of what"
            reader.note(where, what, f"give one of {', '.join(COUNTED)}")
        for name in given if kind == "at_least" else ():
            if not given[name]:
                what = f"at_least 0 {name} holds whatever happens"
                reader.note(step(where, name), what, "write 1 or more, or leave it out")
        yield where, CountsClaim(about_of(reader, entry, where), given, kind)


KINDS = (
    Kind(
        "at_least", "So often do things happen at the least.", CountEntry,
        partial(_read, kind="at_least"),
    ),
    Kind(
        "at_most", "So often do things happen at the most.", CountEntry,
        partial(_read, kind="at_most"),
    ),
)  # fmt: skip
