"""Expected notifications: to whom, how many, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.rehearsal.expect.about import nearest_approach
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.monitoring.evaluate.states import Notification, State
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.words.durations import Range

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
