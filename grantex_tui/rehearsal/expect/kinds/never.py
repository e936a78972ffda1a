"""``never``: no group is in a state, ever or in a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct, field

from grantex_tui.datadog.document import step
from grantex_tui.datadog.monitor.schedule import MINUTE
from grantex_tui.rehearsal.expect.about import group_text, listed, unsaid
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.expect.kind import STATES, Kind, about_of
from grantex_tui.rehearsal.expect.types import AllowAbsent, Group, Instant, Monitors, State
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts, duration_text


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.monitoring.evaluate import states
    from grantex_tui.rehearsal.engine.model import Pass, Span
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import Reader
    from grantex_tui.words.durations import Moment

_LISTED = 5


class NeverEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A state that no group is ever in."""

    monitor: Monitors | None = None
    state: (
        Annotated[
            State | Annotated[list[State], Meta(min_length=1)],
            Meta(description="One or several; alert by default."),
        ]
        | None
    ) = None
    group: Group | None = None
    allow_absent: AllowAbsent | None = None
    since: Annotated[Instant, Meta(description="From when on.")] | None = field(
        name="from", default=None
    )
    until: Annotated[Instant, Meta(description="Until when.")] | None = field(
        name="to", default=None
    )


@dataclass(frozen=True, slots=True)
class NeverClaim:
    """No group is in one of these states, ever or in a stretch of time.

    A group that waits for its first data is not taken as No Data.
    """

    about: About
    states: tuple[states.State, ...]
    since: Moment | None = None
    until: Moment | None = None
    kind: str = "never"

    @property
    def monitors(self) -> Sequence[int]:
        """Whoever must not."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``heartbeat is never No Data``."""
        when = f" from {self.since}" if self.since is not None else ""
        when += f" until {self.until}" if self.until is not None else ""
        return f"{self.about.text} is never {' or '.join(self.states)}{when}"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """Where a group was in such a state, and how often more."""
        start, end = rehearsed.start, rehearsed.end
        since = start if self.since is None else self.since.on(start)
        until = end if self.until is None else self.until.on(start)
        # Evaluations are a minute apart: what lies less beyond the rehearsal holds none more.
        if since <= start - MINUTE or since >= end or until < start or until >= end + MINUTE:
            return Failure(unsaid(rehearsed), min(max(since, start), end))
        if unseen := self.about.unseen(rehearsed):
            return Failure(unseen)
        found = sorted(
            (
                span
                for span in self.about.spans(rehearsed)
                if span.state in self.states and span.start <= until and span.end > since
            ),
            key=lambda span: span.start,
        )
        if not found:
            return None
        lasted = sum(min(span.end, until) - max(span.start, since) for span in found)
        return Failure(
            _stays(found, rehearsed),
            max(found[0].start, since),
            f"{duration_text(lasted)}" if lasted else "once",
            lasted,
        )


def _stays(spans: Sequence[Span], rehearsed: Pass) -> str:
    if len(spans) == 1:
        return f"it was {_stay_text(spans[0], rehearsed, several=False)}"
    several = len({span.monitor for span in spans}) > 1
    states = " or ".join(dict.fromkeys(str(span.state) for span in spans))
    texts = [_stay_text(span, rehearsed, several=several) for span in spans[:_LISTED]]
    return listed(f"it was {states} {len(spans)} times", texts, len(spans))


def _stay_text(span: Span, rehearsed: Pass, *, several: bool) -> str:
    name = f"{printable(rehearsed.monitors[span.monitor].name, limit=80)} " if several else ""
    group = f" ({group_text(span.group)})" if span.group else ""
    lasted = duration_text(span.end - span.start)
    when = both_texts(span.start, rehearsed.start)
    ended = " until the end" if span.end >= rehearsed.end else ""
    return f"{name}{span.state}{group} from {when} for {lasted}{ended}"


def read(reader: Reader, entries: Sequence[tuple[str, NeverEntry]]) -> Iterator[tuple[str, Claim]]:
    """One claim an entry."""
    for where, entry in entries:
        state = entry.state or "alert"
        yield (
            where,
            NeverClaim(
                about_of(reader, entry, where),
                tuple(STATES[name] for name in ([state] if isinstance(state, str) else state)),
                reader.moment(step(where, "from"), entry.since),
                reader.moment(step(where, "to"), entry.until),
            ),
        )


KINDS = (Kind("never", "No group is in one of these states.", NeverEntry, read),)
