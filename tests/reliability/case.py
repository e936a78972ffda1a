"""A numbered case of a list of faults: how it is tried, and what came of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """What came of a case: a row of the table in ``docs/reliability.md``."""

    holds: bool
    figures: Mapping[str, object]
    """By column, such as ``emitted``, ``lost``, ``told``."""
    reason: str = ""
    """What did not hold."""


@dataclass(frozen=True)
class Case:
    """One row of a list.

    *run* gets an empty folder. *brief* ones are part of the suite, all are part of ``make faults``.
    """

    number: str
    name: str
    run: Callable[[Path], Awaitable[Outcome]]
    brief: bool = False
    timeout: float = 120.0
