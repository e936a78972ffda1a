"""``state``: of a group, or the worst of several, at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct, field

from grantex_tui.datadog.document import step
from grantex_tui.monitoring.evaluate import states
from grantex_tui.monitoring.evaluate.states import worst
from grantex_tui.rehearsal.expect.about import group_text, outside
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.expect.kind import STATES, Kind, about_of
from grantex_tui.rehearsal.expect.types import AllowAbsent, Group, Instant, MonitorName, State
from grantex_tui.words.durations import both_texts


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import Reader
    from grantex_tui.words.durations import Moment


class StateEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """The state at an instant."""

    monitor: MonitorName
    at: Instant
    expected: State = field(name="is")
    group: Annotated[Group, Meta(description="By default the worst of all groups.")] | None = None
    allow_absent: AllowAbsent | None = None


@dataclass(frozen=True, slots=True)
class StateClaim:
    """A state at an instant: of a group, or the worst of several."""

    about: About
    at: Moment
    state: states.State
    kind: str = "state"

    @property
    def monitors(self) -> Sequence[int]:
        """The one."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``heartbeat is OK at +1h``."""
        return f"{self.about.text} is {self.state} at {self.at}"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """What it was instead, and since when."""
        at = self.at.on(rehearsed.start)
        if beyond := outside(at, rehearsed):
            return Failure(beyond, at)
        if unseen := self.about.unseen(rehearsed):
            return Failure(unseen)
        on = [span for span in rehearsed.spans if self.about.covers(span.monitor, span.group)]
        on = [
            span for span in on if span.start <= at < span.end or span.start <= at == rehearsed.end
        ]
        found = worst((span.state for span in on), self._default())
        if found is self.state:
            return None
        which = [span for span in on if span.state is found]
        since = (
            f", since {both_texts(min(s.start for s in which), rehearsed.start)}" if which else ""
        )
        group = f" ({group_text(which[0].group)})" if which and which[0].group else ""
        named = "no such group" if any(each.pairs for each in self.about.meant) else "no group"
        never = "" if which else f", since {named} had been evaluated yet"
        return Failure(f"it was {found}{group}{since}{never}", at, str(found))

    def _default(self) -> states.State:
        """A named group that there is not has no data; a multi alert without groups is OK."""
        named = any(each.pairs for each in self.about.meant)
        return states.State.NO_DATA if named else states.State.OK


def read(reader: Reader, entries: Sequence[tuple[str, StateEntry]]) -> Iterator[tuple[str, Claim]]:
    """One claim an entry."""
    for where, entry in entries:
        at = reader.moment(step(where, "at"), entry.at)
        about = about_of(reader, entry, where)
        if at is not None:
            yield where, StateClaim(about, at, STATES[entry.expected])


KINDS = (Kind("state", "The state at an instant, of a group or the worst.", StateEntry, read),)
