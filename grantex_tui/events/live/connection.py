"""How a path's connection stands, as a value: its state, since when, and what it has brought.

Instants are epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ConnectionState(StrEnum):
    """Where a path stands."""

    IDLE = "idle"
    CONNECTING = "connecting"
    """Waiting for the response headers; up to 30 s is normal on a quiet stream."""
    LIVE = "live"
    WAITING = "waiting"
    """Between two attempts; ``retry_at`` says until when."""
    LOCKED_OUT = "locked out"
    """Grantex counts too many connections; a retry before 300 s would prolong it."""
    ABSENT = "absent"
    """The server does not have this path; it is looked for again now and then."""
    REFUSED = "refused"
    """Asking again won't help (key, path, content type); ``detail`` says why."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A path's state, since when, and what happens next."""

    state: ConnectionState = ConnectionState.IDLE
    since: float = 0.0
    detail: str = ""
    attempt: int = 0
    """Attempts since the last healthy connection."""
    retry_at: float | None = None
    connects: int = 0
    last_byte_at: float | None = None
    path: str = ""
    """Which path this is about: ``SSE`` or ``WebSocket``."""


@dataclass(frozen=True, slots=True)
class PathView:
    """One path's part in a run."""

    name: str
    connection: ConnectionView
    away_since: float | None = None
    """Since when it brings nothing; None while it is live."""
    reconnects: int = 0
    """Connections that were accepted after the first."""
    brought: int = 0
    """Events that came by it, whether the other path had brought them before or not."""
    first: int = 0
    """Those that it brought before the other path."""
    holes: int = 0
    """Events that the other path brought and that it lacked for 2 s."""


_BEST = (
    ConnectionState.LIVE,
    ConnectionState.CONNECTING,
    ConnectionState.WAITING,
    ConnectionState.LOCKED_OUT,
    ConnectionState.REFUSED,
    ConnectionState.ABSENT,
)


def best_of(views: tuple[ConnectionView, ...]) -> ConnectionView:
    """How the stream stands as a whole: as the path that stands best.

    Of two that wait it is the one that tries again first.
    """
    if not views:
        return ConnectionView()

    def rank(view: ConnectionView) -> tuple[int, float]:
        place = _BEST.index(view.state) if view.state in _BEST else len(_BEST)
        is_live = view.state is ConnectionState.LIVE
        return place, view.since if is_live or view.retry_at is None else view.retry_at

    return min(views, key=rank)
