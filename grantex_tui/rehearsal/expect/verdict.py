"""What a rehearsal comes to: a verdict for each expectation, and the passes that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from grantex_tui.rehearsal.engine.model import Pass


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one expectation of one rehearsal holds; plain data, fit for another process.

    A phase-sensitive expectation holds at some phases only. It has passed only if its rehearsal
    allows that; `phases_failed` tells where it doesn't hold, either way.
    """

    rehearsal: str
    expectation: str
    """As a person would say it, one line."""
    kind: str
    """The key in the spec: ``transitions``, ``never``, ``at_most`` …"""
    passed: bool
    reason: str = ""
    """What happened instead, possibly several lines; empty if it passed."""
    monitor: str | None = None
    """The monitor's name, if the expectation is about a single one."""
    where: tuple[str, int] = ("", 0)
    """The spec that holds the expectation, and the line there, from 1."""
    phases_failed: tuple[int, ...] = ()
    phase_sensitive: bool = False
    at: float | None = None
    """The instant that an explanation should look at, epoch seconds."""
    phase: int | None = None
    """At which phase that is: the worst, where it fails at several."""
    explanation: str = ""
    """The evaluation at *at*, explained in several lines; empty if nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rehearsal, run: one pass a phase, and a verdict an expectation.

    A recording that is rehearsed without a spec has no verdicts.
    """

    rehearsal: str
    path: str
    """The spec, or the recording where there is none."""
    passes: tuple[Pass, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    seconds: float = 0.0
    """How long it took on the wall's clock."""
    error: str | None = None
    """Why it could not be run; then there are no passes and no verdicts."""
    exit_code: int = 0
    """What an `error` makes the process tell the shell."""
    line: int = 0
    """Where the rehearsal stands in the spec, from 1; 0 without a spec, or for all of its file."""

    @property
    def passed(self) -> bool:
        """Whether it could be run and every expectation holds."""
        return self.error is None and all(verdict.passed for verdict in self.verdicts)
