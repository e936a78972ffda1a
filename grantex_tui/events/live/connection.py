"""How the stream's connection stands, as a value: its state, and since when.

Instants are epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ConnectionState(StrEnum):
    """Where the stream stands."""

    IDLE = "idle"
    CONNECTING = "connecting"
    """Waiting for the response headers; up to 30 s is normal on a quiet stream."""
    LIVE = "live"
    WAITING = "waiting"
    """Between two attempts; ``retry_at`` says until when."""
    LOCKED_OUT = "locked out"
    """Grantex counts too many connections; a retry before 300 s would prolong it."""
    REFUSED = "refused"
    """Asking again won't help (key, path, content type); ``detail`` says why."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """The stream's state, since when, and what happens next."""

    state: ConnectionState = ConnectionState.IDLE
    since: float = 0.0
    detail: str = ""
    attempt: int = 0
    """Attempts since the last healthy connection."""
    retry_at: float | None = None
    connects: int = 0
    last_byte_at: float | None = None
