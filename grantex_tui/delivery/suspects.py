"""Entries that were refused while they stood alone: guilty, or is the intake unwell? Pure.

Somebody on the way that refuses everything for ten seconds, JSON error and all, must not bury good
events. So a refusal alone condemns nobody: it takes a request that was accepted after one with this
entry had first been refused, and then three more refusals in a row. Until then the entry is put
aside. Where nothing at all is accepted, nothing is buried.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from grantex_tui.delivery.requests import Batch
    from grantex_tui.delivery.verdict import Verdict

TESTS = 3
"""Refusals in a row, with a proof before them that the intake takes others, that condemn."""
UNPROVEN = 8
"""Entries refused alone, one after another and none accepted, from which it is the intake."""
SMALL = 64 * 1024
"""No intake finds so little too large: who says so limits something else."""
_LONGEST_REST = 10


class Next(Enum):
    """What becomes of an entry that was refused alone."""

    ASIDE = auto()
    AGAIN = auto()
    """Now: it is being tested."""
    CONDEMNED = auto()


@dataclass(slots=True)
class _Suspect:
    batch: Batch
    after: int
    """The acceptance of a request with a higher number proves that the intake takes others."""


class Suspects:
    """Those that wait for a proof that the intake takes others."""

    def __init__(self) -> None:
        self._waiting: list[_Suspect] = []
        self._unproven = 0
        self._accepted = 0
        """The last request that was accepted, by number."""

    def __len__(self) -> int:
        return sum(len(suspect.batch.entries) for suspect in self._waiting)

    @property
    def blames_intake(self) -> bool:
        """Whether so many were refused in a row that it can't be the entries."""
        return self._unproven >= UNPROVEN

    def refused(self, batch: Batch, verdict: Verdict, sent: int) -> Next:
        """Take the refusal of *batch*, a single entry, after *sent* requests of this run."""
        if batch.tests == 0 and self._accepted <= batch.suspected:
            self._unproven += 1
            self._waiting.append(_Suspect(batch, batch.suspected))
            return Next.ASIDE
        if batch.tests < TESTS:
            batch.tests += 1
            return Next.AGAIN
        if verdict.too_large and batch.size <= SMALL:
            batch.rounds += 1
            batch.tests, batch.suspected = 0, sent + 2 ** min(batch.rounds, _LONGEST_REST)
            self._waiting.append(_Suspect(batch, batch.suspected))
            return Next.ASIDE
        return Next.CONDEMNED

    def proven(self, number: int) -> list[Batch]:
        """Request *number* was accepted: whom to test now."""
        self._unproven = 0
        self._accepted = max(self._accepted, number)
        ready = [suspect for suspect in self._waiting if suspect.after < number]
        self._waiting = [suspect for suspect in self._waiting if suspect.after >= number]
        for suspect in ready:
            suspect.batch.tests = 1
        return [suspect.batch for suspect in ready]

    def ask_anyway(self) -> Batch | None:
        """There is nothing else to send: one of them, untested, to see whether all is well again."""
        self._unproven = 0
        return self._waiting.pop(0).batch if self._waiting else None
