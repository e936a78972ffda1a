"""One fault in force: how many it has seen that match, how often it has hit, and its dice.

Each fault counts for itself and draws from random numbers of its own, so that what one of them
does never depends on the others.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_sim.events.hearing import Cause
from grantex_sim.faults.model import Answer, Opening, Passing
from grantex_sim.faults.text import fault_text


if TYPE_CHECKING:
    from grantex_sim.faults.model import Do, Fault


class InForce:
    """A fault and its counts.

    Args:
        fault: What it does, and when.
        number: Its place among all that have been put in force, from 1; no other ever has it.
        seed: The script's; with the number it makes the dice.
        since: When its time began, on the script's clock.
    """

    def __init__(self, fault: Fault, number: int, seed: int, since: float) -> None:
        self.fault = fault
        self.cause = Cause(number, fault_text(fault))
        self.do = _signed(fault.do, self.cause)
        """What the fault does, with its cause."""
        self.number = number
        self.since = since
        self.seen = 0
        self.fired = 0
        self._draw = random.Random(f"{seed}/{number - 1}").random  # noqa: S311 - dice, no secret

    @property
    def left(self) -> int | None:
        """How often it can still hit; None if there is no end to it."""
        fault, last = self.fault, self.fault.when.last()
        room = [] if fault.times is None else [fault.times - self.fired]
        if last is not None:
            room.append(max(0, last - self.seen) if fault.when.nth is None else self.seen < last)
        return int(min(room)) if room else None

    @property
    def strikes(self) -> bool:
        """Whether it can end a stream that is open already."""
        do = self.fault.do
        return isinstance(do, Opening) and do.strikes and not do.waits

    def hits(self) -> bool:
        """Count one that matches; whether it is hit."""
        self.seen += 1
        times = self.fault.times
        if times is not None and self.fired >= times:
            return False
        hit = self.fault.when.picks(self.seen, self._draw)
        self.fired += hit
        return hit

    def decided(self) -> Do:
        """What the fault does this time: a delay that has a spread is drawn."""
        do = self.do
        if isinstance(do, Answer | Opening) and do.latency is not None:
            return replace(do, delay=do.latency.seconds(self._draw), latency=None)
        return do

    def line(self) -> str:
        """The fault and how it stands, for people."""
        left = self.left
        room = "" if left is None else f", {left:,} left" if left else ", spent"
        return f"{fault_text(self.fault)} · hit {self.fired:,} of {self.seen:,}{room}"

    def report(self) -> dict[str, object]:
        """The same as values."""
        return {
            "number": self.number,
            "fault": fault_text(self.fault),
            "seen": self.seen,
            "fired": self.fired,
            "left": self.left,
        }


def _signed(do: Do, cause: Cause) -> Do:
    return replace(do, by=cause) if isinstance(do, Opening | Passing) else do
