"""What people are told of delivery while it goes on: what begins, what ends, each dead letter.

Looked at every second or so; a view in, lines out. Trouble is told when it begins, when it becomes
another one, and when it is over.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from grantex_tui.delivery.lateness import TOO_LATE
from grantex_tui.delivery.status import DeliveryState
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.delivery.status import DeliveryView

_TROUBLES = (DeliveryState.RETRYING, DeliveryState.HELD, DeliveryState.UNANSWERED)
_REPEAT_AFTER = 60.0
"""Seconds after which a trouble that goes on is told again if what is said of it has changed."""
_LENGTH = 400


def state_words(view: DeliveryView) -> str:
    """The state, since when, and why: for a line."""
    since = f" since {_clock(view.since)}" if view.state in _TROUBLES else ""
    detail = f" ({printable(view.detail, limit=_LENGTH)})" if view.detail else ""
    return f"delivery {view.state.value}{since}{detail}"


def _clock(instant: float) -> str:
    return datetime.fromtimestamp(instant).astimezone().strftime("%H:%M:%S")


class DeliveryNews:
    """What is new in a view since the one before."""

    def __init__(self) -> None:
        self._state = DeliveryState.OK
        self._detail = ""
        self._told_at = float("-inf")
        self._buried = 0
        self._truncated = 0
        self._late = 0
        self._is_late = False

    def look(self, view: DeliveryView, now: float) -> list[str]:
        """Lines to tell, at *now* (epoch seconds)."""
        return [*self._state_news(view, now), *self._letters(view), *self._lateness(view)]

    def _state_news(self, view: DeliveryView, now: float) -> Iterator[str]:
        if view.state not in _TROUBLES:
            if self._state in _TROUBLES:
                yield f"delivery goes on; pending {view.pending:,}"
            self._state, self._detail = view.state, ""
            return
        repeats = view.detail != self._detail and now - self._told_at >= _REPEAT_AFTER
        if view.state is not self._state or repeats:
            self._state, self._detail, self._told_at = view.state, view.detail, now
            wait = None if view.retry_at is None else max(0.0, view.retry_at - now)
            again = "" if wait is None else f"; next attempt in {wait:.0f} s"
            yield f"{state_words(view)}; pending {view.pending:,}, kept{again}"

    def _letters(self, view: DeliveryView) -> Iterator[str]:
        new, self._buried = view.dead_lettered - self._buried, view.dead_lettered
        told = view.dead_letters[-new:] if new > 0 else ()
        for letter in told:
            reason = printable(letter.reason, limit=_LENGTH)
            yield f"dead letter: {letter.event_id} is refused for good: {reason}"
        if new > len(told):
            yield f"{count(new - len(told), 'dead letter')} more; see dead-letter.ndjson in the journal"
        shorter, self._truncated = view.truncated - self._truncated, view.truncated
        if shorter:
            yield (
                f"{count(shorter, 'event')} over 1 MB went out shortened, tagged truncated:true; "
                "the whole is in truncated.ndjson in the journal"
            )

    def _lateness(self, view: DeliveryView) -> Iterator[str]:
        grows, self._late = view.late > self._late, view.late
        if grows and not self._is_late:
            yield late_words(view)
        if self._is_late and not grows and not view.late_by:
            yield f"delivery is in time again; {count(view.late, 'event')} went out late"
        self._is_late = grows or (self._is_late and view.late_by > 0)


def standing_words(view: DeliveryView) -> list[str]:
    """What a person should see for as long as it holds: late logs, the last dead letter."""
    words = [late_words(view)] if view.late_by else []
    if view.dead_letters:
        letter = view.dead_letters[-1]
        reason = printable(letter.reason, limit=_LENGTH)
        words.append(
            f"{count(view.dead_lettered, 'dead letter')}, last {letter.event_id}: {reason}"
        )
    return words


def late_words(view: DeliveryView) -> str:
    """What becomes of logs that are delivered late."""
    age = duration_text(float(round(view.late_by))) if view.late_by else "over 5m"
    dated = (
        "each carries its createdAt as timestamp"
        if view.entry_date
        else "Datadog dates them on arrival unless a pipeline there remaps createdAt: its monitors "
        "may take them for new (--entry-date dates them)"
    )
    dropped = (
        "; logs dated over 18 h back Datadog may drop without a word"
        if view.late_by > TOO_LATE
        else ""
    )
    return f"delivering late events, up to {age} old: {dated}{dropped}"
