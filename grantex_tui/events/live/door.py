"""What one connection of a path asks of the path, and the path of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from grantex_tui.events.live.sse import DEFAULT_MAX_EVENT_SIZE


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.live.key import ApiKey
    from grantex_tui.events.live.reconnect import Ending
    from grantex_tui.events.live.sse import Oversized


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Where to listen, as whom, and how patiently. Durations in seconds."""

    url: str
    """The SSE stream's whole address, query included; the WebSocket's is told from it."""
    api_key: ApiKey = field(repr=False)
    types: tuple[str, ...] = ()
    """Names or ``prefix.*`` wildcards to keep; the service itself knows no wildcards."""
    silence: float = 45.0
    """Watchdog: no byte for so long, headers included, and the stream counts as dead. Headers and
    keepalives come within 30 s."""
    connect_timeout: float = 3.0
    """Short: an unanswered SYN is sent again after 1 s, 3 s, 7 s, and each of these is loss."""
    coalesce: float = 0.02
    """How long to let bytes gather after a read: wake-ups cost more than events."""
    settle: float = 1.0
    """Least age of a connection before it may be closed."""
    max_event_size: int = DEFAULT_MAX_EVENT_SIZE


class Reports(Protocol):
    """What a connection tells of itself."""

    def accepted(self, date: float | None = None, *, opened_at: float | None = None) -> None:
        """It is a stream.

        Args:
            date: The response's, in epoch seconds.
            opened_at: When its headers came, if that is not now.
        """
        ...

    def alive(self) -> None:
        """A sign of life that is no event."""
        ...

    def brought(self, payloads: Sequence[bytes]) -> None:
        """What one read completed."""
        ...

    def oversized(self, event: Oversized) -> None:
        """An event over the size limit went by."""
        ...

    def rest(self) -> float:
        """For how many seconds bytes are to gather before the next read."""
        ...

    def wait_named(self, seconds: float) -> None:
        """The server named the time to wait before a reconnect."""
        ...


class Door(Protocol):
    """One way into Grantex, for one connection after another."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    async def read(self, reports: Reports) -> Ending:
        """Connect, and read until the connection ends by itself."""
        ...
