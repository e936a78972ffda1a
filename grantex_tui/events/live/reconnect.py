"""What to do after a connection ended or was refused. Pure: an ending in, a decision out.

The rules follow the service's measured behaviour: nothing is ever replayed, so that each second
without a stream is loss; every attempt that is refused with ``TOO_MANY_CONNECTIONS`` keeps a stale
lock-out alive for another 300 s, while a live one ends as soon as somebody leaves; a plan limit
names its own ``Retry-After``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.events.live.refusal import Refusal, describe, hint_for


if TYPE_CHECKING:
    from collections.abc import Callable

SOONEST, SOON = 0.3, 1.0
"""Bounds of the wait after a stream that was served."""
LONG_LIFE = 10.0
"""Seconds after which a stream is no part of a storm of reconnects: its wait is near `SOONEST`."""
PERSISTENT = 60.0
"""Seconds for which an address that takes no connection is tried as often as that."""
MAX_UNREACHABLE_DELAY = 5.0
MAX_DELAY = 60.0
PROBE = 5.0
"""Of five live connections one may have left by then."""
LOCK_OUT = 305.0
"""Grantex forgets leaked connections 300 s after the last attempt, refused ones included."""
MAX_RETRY_AFTER = 3600.0
KEY_REFUSED_FOR = 60.0
"""So long a key that has served a stream may be refused before the run ends: it may be rotated."""
LOOK_AGAIN = 600.0
"""Seconds after which a path that the server doesn't have is looked for again."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A connection that failed, or a stream that ended, was cut or fell silent."""

    reason: str
    in_order: bool = False
    """The server ended it: what it had sent before has been read."""
    deaf: bool = False
    """We ended it, for what it lacked."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The server has no such path."""

    refusal: Refusal


Ending = Refusal | Cut | Absent


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision depends on besides the ending. Instants are monotonic seconds."""

    now: float
    was_live: bool = False
    """Some path has served a stream in this run: the address was right, the key was good."""
    was_here: bool = False
    """This path has."""
    other_is_live: bool = False
    served: bool = False
    """The connection that ended was a stream with at least a byte."""
    lived: float = 0.0
    """Seconds for which it was one."""
    retry: float | None = None
    """Seconds to wait, if the server named them (SSE's ``retry``)."""


@dataclass(frozen=True, slots=True)
class History:
    """What a path has been through since it was last served."""

    failures: int = 0
    """Attempts in a row that came to nothing."""
    failing_since: float | None = None
    lock_outs: int = 0
    key_refused_since: float | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Wait *delay* seconds, then connect again."""

    delay: float
    state: ConnectionState
    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Asking again won't help. If another path goes on, this one is tried again all the same."""

    reason: str
    hint: str
    meanwhile: Retry


def decide(
    ending: Ending, history: History, around: Circumstances, *, jitter: Callable[[], float]
) -> tuple[Retry | GiveUp, History]:
    """What follows *ending*, and the history for the next time.

    Args:
        ending: How the connection ended.
        history: Of this path.
        around: The circumstances.
        jitter: A number in [0, 1), drawn anew at each call.
    """
    if isinstance(ending, Cut) and around.served:
        return Retry(_soon(around, jitter()), ConnectionState.WAITING, ending.reason), History()
    since = around.now if history.failing_since is None else history.failing_since
    history = replace(history, failures=history.failures + 1, failing_since=since)
    if isinstance(ending, Cut):
        delay = _unreachable(around.now - since, jitter())
        return Retry(delay, ConnectionState.WAITING, ending.reason), history
    if isinstance(ending, Absent):
        if not around.was_here:
            return _absent(ending.refusal), history
        ending = ending.refusal
    return _refused(ending, history, around, jitter)


def _soon(around: Circumstances, jitter: float) -> float:
    if around.retry is not None:
        return min(max(around.retry, SOONEST), MAX_DELAY)
    width = SOON - SOONEST
    return SOONEST + jitter * (width if around.lived < LONG_LIFE else width / 7)


def _unreachable(failing_for: float, jitter: float) -> float:
    """A connection that isn't taken costs nobody anything, and the service may be back any moment."""
    if failing_for < PERSISTENT:
        return SOONEST + jitter * (SOON - SOONEST)
    return SOON + jitter * (MAX_UNREACHABLE_DELAY - SOON)


def backoff(failures: int, jitter: float) -> float:
    """Up to 1 s at first, doubling up to 60 s; never below `SOONEST`."""
    most = min(MAX_DELAY, 2.0 ** min(failures - 1, 16))
    return SOONEST + jitter * (most - SOONEST)


def _absent(refusal: Refusal) -> GiveUp:
    reason = describe(refusal)
    wait = Retry(LOOK_AGAIN, ConnectionState.ABSENT, reason)
    return GiveUp(reason, "The server has no WebSocket: use --paths sse.", wait)


def _refused(
    refusal: Refusal, history: History, around: Circumstances, jitter: Callable[[], float]
) -> tuple[Retry | GiveUp, History]:
    reason = describe(refusal)
    if refusal.code == "TOO_MANY_CONNECTIONS":
        probe = history.lock_outs == 0 and not around.other_is_live
        delay = PROBE + jitter() if probe else LOCK_OUT + 10 * jitter()
        history = replace(history, lock_outs=history.lock_outs + 1)
        return Retry(delay, ConnectionState.LOCKED_OUT, reason), history
    history = replace(history, lock_outs=0)
    delay = backoff(history.failures, jitter())
    if refusal.is_of_the_key and around.was_live:
        return _key_refused(refusal, history, around, delay)
    history = replace(history, key_refused_since=None)
    waits = refusal.status >= 500 or refusal.status in (408, 425, 429)
    if waits and refusal.retry_after is not None:
        delay = max(delay, min(refusal.retry_after, MAX_RETRY_AFTER) + jitter())
    elif refusal.status == 429:
        delay = max(1.0, delay)
    again = Retry(delay, ConnectionState.WAITING, reason)
    if waits or around.was_live:
        return again, history
    return _give_up(refusal, reason), history


def _key_refused(
    refusal: Refusal, history: History, around: Circumstances, delay: float
) -> tuple[Retry | GiveUp, History]:
    """A key that was good may be rotated under us: its file is read again each time."""
    since = around.now if history.key_refused_since is None else history.key_refused_since
    history = replace(history, key_refused_since=since)
    left = KEY_REFUSED_FOR - (around.now - since)
    reason = describe(refusal)
    if left <= 0:
        return _give_up(refusal, reason), history
    return Retry(min(delay, max(left, 1.0)), ConnectionState.WAITING, reason), history


def _give_up(refusal: Refusal, reason: str) -> GiveUp:
    meanwhile = Retry(MAX_DELAY, ConnectionState.REFUSED, reason)
    return GiveUp(reason, hint_for(refusal), meanwhile)
