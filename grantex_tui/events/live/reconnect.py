"""What to do after a connection ended or was refused. Pure: an ending in, a decision out.

The rules follow the service's measured behaviour: every attempt that is refused with
``TOO_MANY_CONNECTIONS`` keeps a stale lock-out alive for another 300 s, a plan limit names its own
``Retry-After``, and nothing is ever replayed, so that after a plain cut every second counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.clock import seconds_to_wait
from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


FIRST_DELAY = 1.0
MAX_DELAY = 60.0
HEALTHY_AFTER = 60.0
"""Seconds of a live connection after which its end counts as a first failure again."""
LOCK_OUT = 305.0
"""Grantex forgets leaked connections 300 s after the last attempt, refused ones included."""
MAX_RETRY_AFTER = 3600.0
EVENT_STREAM = "text/event-stream"
_OK, _NO_CONTENT = 200, 204


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not a stream: its status and what its body and headers say."""

    status: int
    code: str = ""
    message: str = ""
    retry_after: float | None = None
    content_type: str = ""
    coding: str = ""
    """Its ``Content-Encoding``."""
    location: str = ""
    """Whole, as it was sent: only `describe` makes it fit to be shown."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A connection that failed, or a stream that ended, was cut or fell silent."""

    reason: str


Ending = Refusal | Cut


@dataclass(frozen=True, slots=True)
class Retry:
    """Wait *delay* seconds, then connect again."""

    delay: float
    state: ConnectionState
    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Asking again won't help."""

    reason: str
    hint: str


def decide(
    ending: Ending, *, attempt: int, was_live: bool, jitter: Callable[[], float]
) -> Retry | GiveUp:
    """What follows *ending*.

    Args:
        ending: How the connection ended.
        attempt: Failures in a row, this one included (1 for the first).
        was_live: Whether this URL has served a stream in this run: a 404 then is a deployment
            passing by, not a wrong address.
        jitter: A number in [0, 1), drawn anew at each call.
    """
    if isinstance(ending, Cut):
        return Retry(backoff(attempt, jitter()), ConnectionState.WAITING, ending.reason)
    reason = describe(ending)
    if ending.status == 429:
        return _limited(ending, reason, attempt, jitter)
    if ending.status >= 500 or ending.status in (408, 425):
        delay = max(backoff(attempt, jitter()), min(ending.retry_after or 0, MAX_RETRY_AFTER))
        return Retry(delay, ConnectionState.WAITING, reason)
    if ending.status == 404 and was_live:
        return Retry(backoff(attempt, jitter()), ConnectionState.WAITING, reason)
    return GiveUp(reason, _hint(ending))


def backoff(attempt: int, jitter: float) -> float:
    """Full jitter: up to 1 s at first, doubling up to 60 s."""
    return jitter * min(MAX_DELAY, FIRST_DELAY * 2.0 ** min(attempt - 1, 16))


def _limited(ending: Refusal, reason: str, attempt: int, jitter: Callable[[], float]) -> Retry:
    if ending.code == "TOO_MANY_CONNECTIONS":
        return Retry(LOCK_OUT + 10 * jitter(), ConnectionState.LOCKED_OUT, reason)
    if ending.retry_after is not None:
        delay = min(ending.retry_after, MAX_RETRY_AFTER) + jitter()
        return Retry(delay, ConnectionState.WAITING, reason)
    return Retry(max(1.0, backoff(attempt, jitter())), ConnectionState.WAITING, reason)


def describe(refusal: Refusal) -> str:
    """One line for people: status, code and the service's own words."""
    if refusal.status == _OK:
        return _unreadable(refusal)
    if refusal.status == _NO_CONTENT:
        return "204 No Content: the server wants no client to reconnect"
    if _redirects(refusal):
        where = printable(refusal.location, limit=200)
        return f"{refusal.status} redirect to {where}, which is not the address the key is for"
    said = ": ".join(part for part in (refusal.code, refusal.message) if part)
    return f"{refusal.status} {said}".strip()


def _redirects(refusal: Refusal) -> bool:
    return 300 <= refusal.status < 400 and bool(refusal.location)


def _unreadable(refusal: Refusal) -> str:
    """What is wrong with a 200."""
    if refusal.content_type.partition(";")[0].strip().lower() == EVENT_STREAM:
        return f"the stream is compressed ({refusal.coding}), which was not asked for"
    return f"the answer is {refusal.content_type or 'untyped'}, not {EVENT_STREAM}"


def _hint(refusal: Refusal) -> str:
    if refusal.status in (401, 403):
        return "Check GRANTEX_API_KEY; a rotated key must be given anew."
    if refusal.status == 404:
        return "Check the URL: the stream is at BASE/v1/events/stream."
    if _redirects(refusal):
        return "Give the new address as --url if it is Grantex's; the key is not sent on by itself."
    return "Check the URL, and what stands between here and Grantex (proxy, gateway)."


def read_refusal(status: int, headers: Mapping[str, str], body: bytes, *, now: float) -> Refusal:
    """The refusal in an answer: either of Grantex's body shapes, or anybody's text.

    *now* (epoch seconds) is what a ``Retry-After`` date is relative to.
    """
    code, message = "", ""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        message = body[:200].decode("utf-8", "replace").strip()
    else:
        if isinstance(value, dict):
            code = str(value.get("code") or value.get("error") or "")
            message = str(value.get("message") or "")
    wait = seconds_to_wait(headers.get("retry-after", ""), now=now)
    return Refusal(
        status=status,
        code=printable(code, limit=60),
        message=printable(message, limit=200),
        retry_after=None if wait is None else max(0.0, wait),
        content_type=printable(headers.get("content-type", ""), limit=60),
        coding=printable(headers.get("content-encoding", ""), limit=60),
        location=headers.get("location", ""),
    )
