"""The verdict on each event: exactly one, the first that fits, and who is to blame.

``emitted = delivered + undeliverable + pending + lost + withheld + filtered + unheard``, and what the
account has forgotten. Only what is lost is the forwarder's fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.events.hearing import Cause, Hearing

    Refuses = Callable[[str, str], Cause | None]
    """Says of an event's type and id which fault makes the intake refuse it for good."""

SETTLE: Final = 10.0
"""Seconds in which a forwarder may still deliver what it has heard."""


class EventVerdict(StrEnum):
    """What has become of an event, in the order in which it is looked for."""

    DELIVERED = "delivered"
    """The intake has accepted it."""
    UNDELIVERABLE = "undeliverable"
    """A client heard it whole, and the intake refuses it to the end, by a fault or its contract."""
    PENDING = "pending"
    """A client heard it whole, and may still deliver it."""
    LOST = "lost"
    """A client heard it whole, and it was never delivered."""
    WITHHELD = "withheld"
    """A fault kept it from every client that listened and wanted it."""
    FILTERED = "filtered"
    """The clients' own filters kept it away."""
    UNHEARD = "unheard"
    """Nobody listened."""


class Verdicts(msgspec.Struct, frozen=True, kw_only=True):
    """How many events there are of each verdict."""

    delivered: int = 0
    undeliverable: int = 0
    pending: int = 0
    lost: int = 0
    withheld: int = 0
    filtered: int = 0
    unheard: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Gives the verdict on what has not been delivered, at one instant.

    Args:
        now: Monotonic seconds.
        quiet_since: When the intake last gave a forwarder reason to wait.
        settle: Seconds from then, and from the hearing, in which an event is pending.
        is_busy: Whether the intake is at work on a request.
        refuses: What the intake refuses for good; None: nothing.
    """

    now: float
    quiet_since: float = float("-inf")
    settle: float = SETTLE
    is_busy: bool = False
    refuses: Refuses | None = None

    def verdict(
        self, event_id: str, event_type: str, hearing: Hearing, *, is_filtered: bool = False
    ) -> tuple[EventVerdict, Cause | None]:
        """The verdict, and the fault that it names."""
        if hearing.heard_at is not None:
            cause = self.refuses(event_type, event_id) if self.refuses is not None else None
            if cause is not None:
                return EventVerdict.UNDELIVERABLE, cause
            return self._of_heard(hearing.heard_at), None
        if hearing.cause is not None:
            return EventVerdict.WITHHELD, hearing.cause
        return (EventVerdict.FILTERED if is_filtered else EventVerdict.UNHEARD), None

    def _of_heard(self, heard_at: float) -> EventVerdict:
        since = max(heard_at, self.quiet_since)
        if self.is_busy or self.now - since < self.settle:
            return EventVerdict.PENDING
        return EventVerdict.LOST
