"""Expected notifications: to whom, how many, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from grantex_tui.datadog.document import step
from grantex_tui.rehearsal.expect import types
from grantex_tui.rehearsal.expect.about import nearest_approach
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.rehearsal.expect.kind import STATES, Kind, about_of
from grantex_tui.words.display import printable
from grantex_tui.words.durations import Range, both_texts


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.monitoring.evaluate.states import Notification, State
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.rehearsal.expect.judge import Claim
    from grantex_tui.rehearsal.expect.kind import Reader


class NotificationEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What people are told."""

    count: Annotated[types.Count, Meta(description="How many; by default at least one.")] | None = (
        None
    )
    to: Annotated[types.Text, Meta(description="A handle, such as @pagerduty-x.")] | None = None
    monitor: types.Monitors | None = None
    group: types.Group | None = None
    allow_absent: types.AllowAbsent | None = None
    about: (
        Annotated[types.State, Meta(description="The state that the message is about.")] | None
    ) = None
    title_contains: types.Text | None = None
    body_contains: types.Text | None = None


_LISTED = 5


@dataclass(frozen=True, slots=True)
class NotificationsClaim:
    """How many messages of a kind people get."""

    about: About
    count: Range
    to: str = ""
    """A handle with its ``@``; empty: whoever gets it, even nobody."""
    state: State | None = None
    title: str = ""
    body: str = ""
    kind: str = "notifications"

    @property
    def monitors(self) -> Sequence[int]:
        """Whose messages."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``denials sends 1 notification to @pagerduty-x``."""
        one = str(self.count).rpartition(" ")[2] == "1"
        many = "" if one else "s"
        parts = [f"{self.about.text} sends {self.count} notification{many}"]
        parts += [f"to {self.to}"] if self.to else []
        parts += [f"about {self.state}"] if self.state is not None else []
        parts += [f"titled with {self.title!r}"] if self.title else []
        parts += [f"saying {self.body!r}"] if self.body else []
        return printable(" ".join(parts), limit=300)

    def failure(self, rehearsed: Pass) -> Failure | None:
        """What was sent instead; of what is missing, the message that came nearest."""
        if unseen := self.about.unseen(rehearsed):
            return Failure(unseen)
        sent = [
            each
            for each in rehearsed.notifications
            if each.transition.notify
            and self.about.covers(each.transition.index, each.transition.group)
        ]
        misses = [(self._misses(each), each) for each in sent]
        fitting = [each for missed, each in misses if not missed]
        if self.count.holds(len(fitting)):
            return None
        too_many = len(fitting) > self.count.most
        reason = f"{len(fitting)} were sent" if len(fitting) != 1 else "1 was sent"
        if fitting:
            reason += ":" + "".join(_line(each, rehearsed) for each in fitting[:_LISTED])
            reason += f"\n  and {len(fitting) - _LISTED} more" if fitting[_LISTED:] else ""
        at = fitting[-1].transition.at if fitting else None
        if not too_many:
            near = min((pair for pair in misses if pair[0]), key=_distance, default=None)
            if near is not None:
                reason += f"\nthe nearest other {' and '.join(near[0])}:{_line(near[1], rehearsed)}"
                at = near[1].transition.at
            elif not self.about.everything and (text := nearest_approach(self.about, rehearsed)):
                reason += f"; {text}"
        wrong = max(len(fitting) - self.count.most, self.count.least - len(fitting))
        return Failure(reason, at, f"{len(fitting)} sent", wrong)

    def _misses(self, sent: Notification) -> list[str]:
        wrong = []
        if self.to and self.to not in sent.recipients:
            wrong.append(f"goes to {', '.join(sent.recipients) or 'nobody'}")
        if self.state is not None and sent.transition.destination is not self.state:
            wrong.append(f"is about {sent.transition.destination}")
        if self.title and self.title not in sent.title:
            wrong.append("has another title")
        if self.body and self.body not in sent.body:
            wrong.append(f"says {printable(sent.body, limit=200)!r}")
        return wrong


def _distance(pair: tuple[list[str], Notification]) -> int:
    return len(pair[0])


def _line(sent: Notification, rehearsed: Pass) -> str:
    when = both_texts(sent.transition.at, rehearsed.start)
    to = " ".join(sent.recipients) or "nobody"
    return f"\n  {when} to {printable(to, limit=100)}: {printable(sent.title, limit=160)}"


def read(
    reader: Reader, entries: Sequence[tuple[str, NotificationEntry]]
) -> Iterator[tuple[str, Claim]]:
    """One claim an entry."""
    for where, entry in entries:
        at = step(where, "count")
        count = Range(1) if entry.count is None else reader.range(entry.count, at)
        if count.least <= 0 and count.most == inf:
            what = "at least 0 notifications are sent whatever happens"
            reader.note(at, what, "write such as {min: 1}, or {max: 3}")
        to = f"@{entry.to.removeprefix('@')}" if entry.to else ""
        if to:
            reader.check_handle(to, where)
        yield (
            where,
            NotificationsClaim(
                about_of(reader, entry, where),
                count,
                to=to,
                state=None if entry.about is None else STATES[entry.about],
                title=entry.title_contains or "",
                body=entry.body_contains or "",
            ),
        )


KINDS = (Kind("notifications", "So many messages do people get.", NotificationEntry, read),)
