"""A process of ``make verdicts``: its share of the trials at once, and none that holds it up unnamed."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests.verdicts.bugs import MUTANTS, REFERENCE
from tests.verdicts.cases import CASES
from tests.verdicts.trial import Outcome, Trial, events_of, plan, run


if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType


MARGIN = 10.0
"""Seconds after which a deadline that could not strike is held to be blocked."""


class Failure(NamedTuple):
    """A trial that came to no verdicts."""

    reason: str


def try_all(
    numbers: Sequence[int], count: int, deadline: float
) -> list[tuple[int, Outcome | Failure]]:
    """What comes of the trials with these numbers in the plan.

    The numbers travel between processes, not the trials: bugs and faults are made of functions.
    """
    trials = [*plan((REFERENCE, *MUTANTS), CASES)]
    outcomes = asyncio.run(_all([trials[number] for number in numbers], count, deadline))
    return [*zip(numbers, outcomes, strict=True)]


async def _all(trials: Sequence[Trial], count: int, deadline: float) -> list[Outcome | Failure]:
    for trial in trials:
        events_of(trial.scenario, count)  # now, for it takes long and would hold up the others
    begun: set[str] = set()
    watch = asyncio.create_task(_watch(begun, deadline))

    async def one(trial: Trial) -> Outcome | Failure:
        begun.add(trial.name)
        try:
            return await run(trial, count, deadline)
        except TimeoutError:
            return Failure(f"still busy after {deadline:g} s")
        except (AssertionError, OSError, ExceptionGroup) as error:
            return Failure(f"{type(error).__name__}: {error}")
        finally:
            begun.discard(trial.name)

    try:
        return await asyncio.gather(*map(one, trials))
    finally:
        watch.cancel()
        signal.setitimer(signal.ITIMER_REAL, 0)


async def _watch(begun: set[str], deadline: float) -> None:
    """A trial that computes without end lets no deadline strike: a signal ends the process then."""

    def blocked(_number: int, _frame: FrameType | None) -> None:
        names = "\n  ".join(sorted(begun))
        sys.stderr.write(
            f"FAILED: no turn of the loop for {deadline + MARGIN:g} s in one of\n  {names}\n"
        )
        faulthandler.dump_traceback()
        os._exit(1)

    signal.signal(signal.SIGALRM, blocked)
    while True:
        signal.setitimer(signal.ITIMER_REAL, deadline + MARGIN)
        await asyncio.sleep(1.0)
