"""``make fuzz``: so many mutated requests; each must be answered, and nothing may fail inside."""

from __future__ import annotations

import argparse
import logging
import re
import socket
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from os import cpu_count
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from grantex_sim.service.app import serve_in_thread
from tests.simulator.fuzz.requests import all_requests, mutated


if TYPE_CHECKING:
    from collections.abc import Iterator

SOON = 0.03
"""Seconds after which a request without an answer is ended, in case that it isn't whole."""
GUARD = 60.0
_WAITS = re.compile(rb"/(wait|events/stream)")
"""Has no answer for a client that leaves before what it waits for has come."""
A_SIMULATOR = 500
"""Requests that one simulator takes: what is posted to it adds up."""
SHOWN = 20
"""Simulators after which a line says how far it is."""


@dataclass(slots=True)
class Outcome:
    """What became of the requests."""

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: list[bytes] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Tracebacks, and answers that tell of one."""

    def add(self, other: Outcome) -> None:
        """Count another's in."""
        self.sent += other.sent
        self.statuses += other.statuses
        self.unanswered += other.unanswered
        self.failures += other.failures

    @property
    def is_good(self) -> bool:
        """Whether each was answered and none failed inside."""
        return not self.unanswered and not self.failures


class _Logged(logging.Handler):
    """Takes what asyncio complains about."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(logging.WARNING)
        self._outcome = outcome

    def emit(self, record: logging.LogRecord) -> None:
        """One complaint, with its traceback."""
        self._outcome.failures.append(logging.Formatter().format(record))


@contextmanager
def _complaints_into(outcome: Outcome) -> Iterator[None]:
    logger, handler = logging.getLogger("asyncio"), _Logged(outcome)
    logger.addHandler(handler)
    was, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.propagate = was
        logger.removeHandler(handler)


def fuzz(count: int, seed: int) -> Outcome:
    """Send *count* requests, the same for the same *seed*."""
    outcome = Outcome()
    for start in range(0, count, A_SIMULATOR):
        outcome.add(to_a_simulator(start, min(A_SIMULATOR, count - start), seed))
    return outcome


def to_a_simulator(start: int, count: int, seed: int) -> Outcome:
    """Send the *count* requests from the place *start* on to a simulator of their own."""
    outcome, good, dice = Outcome(), all_requests(), Random(f"{seed} {start}")
    with _complaints_into(outcome), serve_in_thread(keepalive=0.2) as simulator:
        address = urlsplit(simulator.url)
        where = (str(address.hostname), address.port or 0)
        for _ in range(count):
            _one(where, mutated(dice.choice(good), dice), outcome)
    return outcome


def in_processes(count: int, seed: int, jobs: int) -> Iterator[Outcome]:
    """The same by *jobs* processes: what came of each simulator's requests, as it is done."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = [
            pool.submit(to_a_simulator, start, min(A_SIMULATOR, count - start), seed)
            for start in range(0, count, A_SIMULATOR)
        ]
        for done in as_completed(waiting):
            yield done.result()


def _one(where: tuple[str, int], sent: bytes, outcome: Outcome) -> None:
    outcome.sent += 1
    answer = _answer(where, sent)
    if not answer.startswith(b"HTTP/1.1 "):
        if not _WAITS.search(sent.partition(b"\r\n")[0]) and sent.strip():
            outcome.unanswered.append(sent)
        return
    status = int(answer[9:12])
    outcome.statuses[status] += 1
    if status == 500 and b"the simulator failed" in answer:
        outcome.failures.append(f"500 to {sent[:300]!r}")


def _answer(where: tuple[str, int], sent: bytes) -> bytes:
    """The beginning of the answer; of a request that isn't whole, to its end."""
    with socket.create_connection(where, GUARD) as client:
        with suppress(OSError):  # it is refused before it is read; the answer says why
            client.sendall(sent)
        client.settimeout(SOON)
        try:
            return client.recv(65_536)
        except TimeoutError:
            client.settimeout(GUARD)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            return b""
        try:
            return client.recv(65_536)
        except OSError:
            return b""


def main() -> int:
    """Run it, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="requests (1,000,000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2 * (cpu_count() or 1), help="processes")
    args = parser.parse_args()
    began = time.monotonic()
    outcome = Outcome()
    for number, each in enumerate(in_processes(args.count, args.seed, args.jobs), 1):
        outcome.add(each)
        if not number % SHOWN or not each.is_good:
            bad = len(outcome.unanswered) + len(outcome.failures)
            print(f"{outcome.sent:,} of {args.count:,}: {bad} bad", flush=True)
    took = time.monotonic() - began
    print(f"{outcome.sent:,} requests in {took:.0f} s (seed {args.seed}): ", end="")
    print(", ".join(f"{status}: {n:,}" for status, n in sorted(outcome.statuses.items())))
    print(f"{len(outcome.unanswered)} without an answer, {len(outcome.failures)} failures inside")
    for sent in outcome.unanswered[:20]:
        print(f"no answer to {sent[:2_000]!r}")
    for failure in outcome.failures[:20]:
        print(failure.encode("ascii", "backslashreplace").decode())
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
