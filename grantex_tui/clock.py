"""Time as a value: the wall's clock, and instants as they are written."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from math import floor
from typing import Protocol


class Clock(Protocol):
    """Where the edges take the time from; the core takes it as an argument."""

    def now(self) -> float:
        """Seconds since the Unix epoch, for what people read and what is written down."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never go back, for waiting."""
        ...


class WallClock:
    """The machine's own clocks."""

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some start, never going back."""
        return time.monotonic()


def rfc3339(epoch: float) -> str:
    """*epoch* seconds as ``2026-01-05T09:00:00.000Z`` (UTC, milliseconds)."""
    moment = datetime.fromtimestamp(epoch, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def as_recorded(epoch: float) -> float:
    """*epoch* seconds to the millisecond, as `rfc3339` writes it and a recording gives it back.

    Whoever judges by an instant that is written down takes this one: at the edge of an evaluation
    half a millisecond decides what it knows.
    """
    return floor(epoch * 1000) / 1000


def parse_rfc3339(text: str) -> float:
    """Epoch seconds of an RFC 3339 / ISO 8601 instant; without an offset, UTC.

    Raises:
        ValueError: *text* is not such an instant.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def seconds_to_wait(value: str, *, now: float) -> float | None:
    """Seconds from a ``Retry-After`` header, which holds seconds or an HTTP date; None otherwise.

    Negative for a date before *now* (epoch seconds).
    """
    from email.utils import parsedate_to_datetime

    value = value.strip()
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return float(value[:20])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return date.timestamp() - now
