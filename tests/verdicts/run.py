"""Verdicts against the truth: a forwarder without a bug and twenty with one, under every fault.

``python -m tests.verdicts.run`` is ``make verdicts``: 1,365 trials of 2,000 events.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from os import cpu_count
from typing import TYPE_CHECKING

from tests.verdicts.bugs import MUTANTS, REFERENCE
from tests.verdicts.cases import CASES
from tests.verdicts.trial import DEADLINE, Outcome, Trial, plan
from tests.verdicts.worker import Failure, try_all


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHARE = 8
"""Trials that a process does at once: most of a trial is waiting."""
SHOWN = 3


def numbered() -> list[Trial]:
    """Every trial, in an order that the processes know as well."""
    return [*plan((REFERENCE, *MUTANTS), CASES)]


def results(
    numbers: Sequence[int], count: int, jobs: int, deadline: float
) -> Iterator[tuple[int, Outcome | Failure]]:
    """What came of each trial, by its number, as the processes are done with their shares."""
    shares = [numbers[at : at + SHARE] for at in range(0, len(numbers), SHARE)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(try_all, share, count, deadline) for share in shares]
        for share in as_completed(waiting):
            yield from share.result()


class Summary:
    """Says what is wrong as soon as it is known, and counts."""

    def __init__(self, trials: Sequence[Trial], chosen: int) -> None:
        self._trials, self._chosen = trials, chosen
        self._begun = time.monotonic()
        self._shown = 0
        self._counts: Counter[str] = Counter()

    @property
    def failed(self) -> bool:
        return bool(self._counts["wrong"] + self._counts["failures"])

    def add(self, number: int, outcome: Outcome | Failure) -> None:
        name = self._trials[number].name
        self._counts["trials"] += 1
        if isinstance(outcome, Failure):
            self._counts["failures"] += 1
            _say(f"FAILED {name}: {outcome.reason}")
            return
        for event_id, (said, right) in [*outcome.wrong.items()][:SHOWN]:
            _say(f"WRONG {name}: {event_id} {said}, not {right}")
        if outcome.wrong:
            _say(f"      {len(outcome.wrong)} of {outcome.events}: {dict(outcome.verdicts)}")
        self._counts["events"] += outcome.events
        self._counts["wrong"] += len(outcome.wrong)
        self._counts["lost"] += outcome.lost
        self._counts["caught"] += bool(outcome.lost)

    def progress(self) -> None:
        """A line for each hundred trials."""
        if self._counts["trials"] // 100 > self._shown:
            self._shown = self._counts["trials"] // 100
            _say(f"{self._counts['trials']:,} of {self._chosen:,}: {self._so_far()}")

    def end(self) -> None:
        counts = self._counts
        _say(
            f"{counts['trials']:,} trials, {counts['events']:,} verdicts, {self._so_far()}; "
            f"{counts['lost']:,} events lost by bugs in {counts['caught']:,} trials, each named"
        )

    def _so_far(self) -> str:
        seconds = time.monotonic() - self._begun
        wrong, failures = self._counts["wrong"], self._counts["failures"]
        return f"{wrong:,} wrong, {failures:,} failed ({seconds:.0f} s)"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--every", type=int, default=1, help="only each so manieth trial")
    parser.add_argument("--jobs", type=int, default=cpu_count() or 1, help="processes")
    parser.add_argument("--deadline", type=float, default=DEADLINE, help="seconds for one trial")
    parser.add_argument("--only", default="", help="only trials with this text in their name")
    args = parser.parse_args(argv)
    trials = numbered()
    numbers = [i for i in range(0, len(trials), args.every) if args.only in trials[i].name]
    summary = Summary(trials, len(numbers))
    try:
        for number, outcome in results(numbers, args.events, args.jobs, args.deadline):
            summary.add(number, outcome)
            summary.progress()
    except BrokenProcessPool:
        _say("FAILED: a process has ended, and says above in which of its trials")
        return 1
    summary.end()
    return 1 if summary.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
