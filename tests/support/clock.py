"""A clock that tests move by hand."""

from __future__ import annotations


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def now(self) -> float:
        """Seconds since the Unix epoch, as last set."""
        return self._now

    def monotonic(self) -> float:
        """The same reading: virtual time never goes back."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward by *seconds* (not negative)."""
        if seconds < 0:
            raise ValueError("a clock does not go back")
        self._now += seconds
