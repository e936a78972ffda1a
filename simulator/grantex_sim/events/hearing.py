"""Which clients got an event whole, and which fault kept it from those that did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Callable


class Cause(NamedTuple):
    """A fault, as the account names it."""

    number: int
    """Its place among those in force; 0: it has none."""
    line: str
    """The line that reads as it."""


NOBODY = Cause(0, "")
"""No fault."""


class Hearing:
    """What has come of one event on the streams; of several, if all clients got all of them.

    An event is heard once its last byte is on its way to a client that listens: what the client
    then does not read is its own loss. So that is known the moment it is written, and nothing that
    comes later takes it back.
    """

    __slots__ = ("cause", "client", "heard_at")

    def __init__(self) -> None:
        self.heard_at: float | None = None
        """Monotonic seconds at which the first client had it whole; None: none has."""
        self.cause: Cause | None = None
        """The fault that kept it from a client, the first of several."""
        self.client = 0
        """Whose stream that was."""

    def hear(self, now: float) -> None:
        """A client has got it whole."""
        if self.heard_at is None:
            self.heard_at = now

    def withhold(self, cause: Cause, client: int) -> None:
        """A fault keeps it from *client*, at least for now."""
        if self.cause is None:
            self.cause, self.client = cause, client


class Way:
    """The events on their way to one client that a fault holds up, by the bytes that end them.

    Args:
        now: Monotonic seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._ends: list[tuple[int, Hearing]] = []

    def put(self, end: int, hearing: Hearing) -> None:
        """The event's last byte is the *end*-th of the stream."""
        self._ends.append((end, hearing))

    def passed(self, count: int) -> None:
        """So many bytes are on their way."""
        done = 0
        for end, hearing in self._ends:
            if end > count:
                break
            hearing.hear(self._now())
            done += 1
        del self._ends[:done]
