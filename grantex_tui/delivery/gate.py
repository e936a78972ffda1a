"""How many requests may be in flight, and when after a failure: pure, time is an argument.

Additive increase, multiplicative decrease, as TCP does it: the window opens by one for each
window of answers (at the start by one for each answer), halves when the intake fails or says it
is too much, and shrinks by a tenth when answers take far longer than they used to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.delivery.status import DeliveryState


if TYPE_CHECKING:
    from collections.abc import Callable

MAX_IN_FLIGHT = 16
FIRST_WINDOW = 4
LONGEST_BACKOFF = 60.0
FIRST_HOLD, LONGEST_HOLD = 5.0, 60.0
"""Waits after the first refusal and at most, in seconds; each is twice the one before."""
_SLOW_FACTOR = 2.5
_SLOW_LEAST = 0.1
_SMOOTHING = 0.1


class Gate:
    """Lets requests go, or makes them wait.

    Requests carry the ``epoch`` in which they began: when sixteen in flight fail together, that
    is one failure, not sixteen, and a late answer from before does not end a wait.
    """

    def __init__(self, jitter: Callable[[], float], *, max_in_flight: int = MAX_IN_FLIGHT) -> None:
        self._jitter = jitter
        self._max = max_in_flight
        self._window = float(min(FIRST_WINDOW, max_in_flight))
        self._starting = True
        self._typical: float | None = None
        self._slowed_at = float("-inf")
        self._failures = 0
        self._refusals = 0
        self.epoch = 0
        self.closed_until: float | None = None
        """Until when nothing goes out (monotonic seconds); None when it is open."""
        self.state = DeliveryState.OK
        self.detail = ""

    @property
    def window(self) -> int:
        """Requests that may be in flight now."""
        return 1 if self._failures else int(self._window)

    def has_room(self, in_flight: int, *, stragglers: int = 0) -> bool:
        """Whether another request may be in flight.

        *Stragglers* are those of *in_flight* that began before the last failure. They take no room
        from those that ask whether the intake is well again: one that hangs would hold up all
        others until it is given up.
        """
        return in_flight < self._max and in_flight - stragglers < self.window

    def admits(self, in_flight: int, now: float, *, stragglers: int = 0) -> bool:
        """Whether another request may go."""
        if self.closed_until is not None and now < self.closed_until:
            return False
        return self.has_room(in_flight, stragglers=stragglers)

    def answered(self, epoch: int, now: float, duration: float) -> None:
        """The intake did its work, in *duration* seconds."""
        if epoch == self.epoch:
            self._failures = self._refusals = 0
            self.closed_until = None
            self.state, self.detail = DeliveryState.OK, ""
        if self._is_slow(now, duration):
            self._slowed_at = now
            self._starting = False
            self._window = max(1.0, self._window * 0.9)
        else:
            grown = self._window + (1.0 if self._starting else 1.0 / self._window)
            self._window = min(float(self._max), grown)

    def _is_slow(self, now: float, duration: float) -> bool:
        """Whether this took far longer than usual; at most once in the time it takes."""
        typical = self._typical
        if typical is None:
            self._typical = duration
            return False
        self._typical = typical + _SMOOTHING * (duration - typical)
        slow = duration > max(typical * _SLOW_FACTOR, typical + _SLOW_LEAST)
        return slow and now - self._slowed_at > duration

    def failed(self, epoch: int, now: float, detail: str, retry_after: float | None) -> None:
        """The intake is unwell, unreachable or has had enough: back off, with full jitter."""
        least = retry_after or 0.0
        if epoch == self.epoch:
            self._next_epoch()
            self._failures += 1
            longest = min(LONGEST_BACKOFF, 2.0 ** min(self._failures - 1, 6))
            self._close(DeliveryState.RETRYING, detail, now + max(least, self._jitter() * longest))
        elif least and self.closed_until is not None:
            self.closed_until = max(self.closed_until, now + least)

    def refused(self, epoch: int, now: float, detail: str) -> None:
        """The intake refuses us: ask again slowly."""
        if epoch == self.epoch:
            self._next_epoch()
            self._failures += 1
            self._refusals += 1
            wait = min(LONGEST_HOLD, FIRST_HOLD * 2.0 ** min(self._refusals - 1, 6))
            self._close(DeliveryState.HELD, detail, now + wait)

    def reopen(self) -> None:
        """Something has changed (a key): try at once, and take no old answer for the new state."""
        self.epoch += 1
        self.closed_until = None

    def _next_epoch(self) -> None:
        self.epoch += 1
        self._starting = False
        self._window = max(1.0, self._window / 2)

    def _close(self, state: DeliveryState, detail: str, until: float) -> None:
        self.state, self.detail, self.closed_until = state, detail, until
