"""Expected states: never, at an instant, nowhere at all; and the value that an evaluation found."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.schedule import MINUTE
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.states import State, worst
from grantex_tui.rehearsal.expect.about import (
    group_text,
    listed,
    transition_text,
    unmatched_text,
    unsaid,
    value_text,
)
from grantex_tui.rehearsal.expect.judge import Failure
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts, duration_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Pass, Span, Track
    from grantex_tui.rehearsal.expect.about import About
    from grantex_tui.words.durations import Moment, Range

_LISTED = 5


@dataclass(frozen=True, slots=True)
class NeverClaim:
    """No group is in one of these states, ever or in a stretch of time.

    A group that waits for its first data is not taken as No Data.
    """

    about: About
    states: tuple[State, ...]
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


@dataclass(frozen=True, slots=True)
class StateClaim:
    """A state at an instant: of a group, or the worst of several."""

    about: About
    at: Moment
    state: State
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
        if outside := _outside(at, rehearsed):
            return Failure(outside, at)
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

    def _default(self) -> State:
        """A named group that there is not has no data; a multi alert without groups is OK."""
        named = any(each.pairs for each in self.about.meant)
        return State.NO_DATA if named else State.OK


@dataclass(frozen=True, slots=True)
class ValueClaim:
    """What the latest evaluation at an instant found."""

    about: About
    at: Moment
    value: Range | None
    """None: that there was nothing to compare."""
    kind: str = "value"

    @property
    def monitors(self) -> Sequence[int]:
        """The one."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """``revocations finds 12 at +5m``."""
        what = "no value" if self.value is None else str(self.value)
        return f"{self.about.text} finds {what} at {self.at}"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """What it found instead."""
        at = self.at.on(rehearsed.start)
        if outside := _outside(at, rehearsed):
            return Failure(outside, at)
        if unseen := self.about.unseen(rehearsed):
            return Failure(unseen)
        evaluations = [
            found
            for track in rehearsed.tracks
            if self.about.covers(track.monitor, track.group)
            and (found := _latest(track, at)) is not None
        ]
        if not evaluations:
            return None if self.value is None else Failure("it had not been evaluated yet", at)
        evaluated, value = max(evaluations)
        holds = value is None if self.value is None else self.value.holds(value)
        when = both_texts(evaluated, rehearsed.start)
        if holds:
            return None
        return Failure(f"it found {value_text(value)} at {when}", evaluated, value_text(value))


@dataclass(frozen=True, slots=True)
class NoneFiresClaim:
    """No monitor leaves OK: no Alert, no Warn, and nobody is told of No Data."""

    about: About
    kind: str = "none-fires"

    @property
    def monitors(self) -> Sequence[int]:
        """All of them."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """The same words for every rehearsal."""
        return "no monitor fires"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """The first that did, and how many more."""
        fired = [each for each in self.about.changes(rehearsed) if _fires(each)]
        if not fired:
            return self._blind(rehearsed)
        lines = [
            f"{each.monitor}: {transition_text(each, rehearsed.start)}" for each in fired[:_LISTED]
        ]
        more = len(fired) - _LISTED
        lines += [f"and {more} more"] if more > 0 else []
        reason = "\n  ".join(["what fired:", *lines])
        return Failure(reason, fired[0].at, f"{len(fired)} changes", len(fired))

    @staticmethod
    def _blind(rehearsed: Pass) -> Failure | None:
        """That nothing fired says nothing of a monitor whose query no log could match."""
        if not rehearsed.unmatched:
            return None
        lines = [unmatched_text(*each) for each in rehearsed.unmatched[:_LISTED]]
        more = len(rehearsed.unmatched) - _LISTED
        lines += [f"and {more} more"] if more > 0 else []
        reason = "\n  ".join(["nothing fired, but some of it could not have:", *lines])
        return Failure(reason, None, "queries that match no log", len(rehearsed.unmatched))


def _fires(transition: Transition) -> bool:
    state = transition.destination
    return state in (State.ALERT, State.WARN) or (state is State.NO_DATA and transition.notify)


def _outside(at: float, rehearsed: Pass) -> str:
    """Why nothing can be said about an instant; "" if something can."""
    return "" if rehearsed.start <= at <= rehearsed.end else unsaid(rehearsed)


def _latest(track: Track, at: float) -> tuple[float, float | None] | None:
    """Instant and value of the last evaluation up to *at*, if the group was there then."""
    position = bisect_right(track.instants, at) - 1
    if position < 0 or (track.left_at is not None and track.left_at <= at):
        return None
    outcome = track.outcomes[position]
    return track.instants[position], None if isinstance(outcome, Absent) else outcome


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
