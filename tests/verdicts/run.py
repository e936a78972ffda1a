"""Verdicts against the truth: a forwarder without a bug and twenty with one, under every fault.

``python -m tests.verdicts.run`` is ``make verdicts``: about 1,300 runs of 2,000 events.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from grantex_sim.events.emission import emission, from_payloads
from grantex_sim.scenario.bundled import bundled_names, load_scenario
from grantex_sim.scenario.events import scenario_events
from grantex_sim.service.app import Options, Simulator
from tests.verdicts.bugs import MUTANTS, REFERENCE, Bug
from tests.verdicts.cases import CASES, Case
from tests.verdicts.forwarder import Forwarder


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_sim.events.emission import Emission
    from grantex_sim.service.session import Session

PATHS = (("sse",), ("websocket",), ("sse", "websocket"))
QUIET = 0.6
"""Seconds in which nothing happens, after which nothing will: longer than any pause or freeze."""
GUARD = 30.0
SEED = 7


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: what each verdict should have been, where it was another one, and the counts."""

    name: str
    events: int
    wrong: dict[str, tuple[str, str]]
    """By the event's id: the verdict, and the right one."""
    verdicts: Counter[str]
    lost: int
    """What the bug has cost."""


class Truth:
    """What is known of a run besides the ledger: who was there, and what the intake accepted."""

    def __init__(self, session: Session) -> None:
        self.emitted: dict[str, Emission] = {}
        self.with_client: set[str] = set()
        self.accepted: set[str] = set()
        self._session = session
        session.emitter._on_emit = self._emit
        session._intake._on_answer = self._answer

    def _emit(self, events: Sequence[Emission]) -> None:
        for event in events:
            self.emitted[event.id] = event
            if len(self._session._broadcast):
                self.with_client.add(event.id)

    def _answer(self, _request: object, exchange, messages: Sequence[str], _at: float) -> None:
        if exchange.status == 202:
            self.accepted |= {emission(each.encode("utf-8", "replace")).id for each in messages}

    def verdict(self, event_id: str, heard: set[str], case: Case) -> str:
        """The only right one."""
        event = self.emitted[event_id]
        if event_id in self.accepted:
            return "delivered"
        if event_id in heard:
            refused = case.refuses(event.type, len(event.payload))
            return "undeliverable" if refused else "lost"
        return "withheld" if event_id in self.with_client else "unheard"


@cache
def events_of(scenario: str, count: int) -> tuple[bytes, ...]:
    """The first *count* payloads of a bundled scenario."""
    loaded = load_scenario(scenario)
    return tuple(event.payload for event in islice(scenario_events(loaded), count))


async def run(scenario: str, case: Case, bug: Bug, paths: Sequence[str], count: int) -> Outcome:
    """Let one forwarder read one scenario under one fault, and hold the ledger against the truth."""
    payloads = events_of(scenario, count)
    options = Options(
        source=from_payloads(payloads), speed=0.0, faults=(case.fault,), fault_seed=SEED,
        keepalive=0.05, clients=len(paths) if "nth=1" not in case.fault else 1,
    )  # fmt: skip
    async with Simulator(options) as simulator:
        session = simulator.session
        truth = Truth(session)
        port = int(simulator.url.rpartition(":")[2])
        keys = (options.grantex_key, options.datadog_key)
        forwarder = Forwarder(port, keys, bug, paths)
        running = asyncio.create_task(forwarder.run())
        await _until_quiet(session, forwarder, running)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        async with asyncio.timeout(GUARD):
            while session._intake.is_busy:
                await asyncio.sleep(0.001)
        wrong = {}
        verdicts: Counter[str] = Counter()
        judged = {each[0]: each[2].value for each in session.ledger._judged(0.0)}
        for event_id in truth.emitted:
            verdict = judged.get(event_id, "delivered")
            verdicts[verdict] += 1
            right = truth.verdict(event_id, forwarder.heard, case)
            if verdict != right:
                wrong[event_id] = (verdict, right)
        report = session.control.report(settle=0.0)
        counts = {
            name: getattr(report.verdicts, name) for name in report.verdicts.__struct_fields__
        }
        assert counts == {**dict.fromkeys(counts, 0), **verdicts}, (counts, verdicts)
        lost = {i for i in forwarder.dropped if truth.verdict(i, forwarder.heard, case) == "lost"}
        if bug is REFERENCE:
            assert not forwarder.dropped
        name = _name(scenario, case, bug, paths)
        return Outcome(name, len(truth.emitted), wrong, verdicts, len(lost))


def _name(scenario: str, case: Case, bug: Bug, paths: Sequence[str]) -> str:
    return f"{scenario} · {case.fault} · {bug.name} · {'+'.join(paths)}"


async def _until_quiet(session: Session, forwarder: Forwarder, running: asyncio.Task) -> None:
    """Until nothing has changed for `QUIET` seconds."""
    loop = asyncio.get_running_loop()
    begun = since = loop.time()
    before: tuple[int, ...] = ()
    while loop.time() - since < QUIET and loop.time() - begun < GUARD:
        if running.done():
            await running
        now = (*forwarder.progress, session.ledger.emitted, session.ledger.delivered)
        if now != before:
            before, since = now, loop.time()
        await asyncio.sleep(0.01)


Chosen = tuple[str, Case, Bug, tuple[str, ...]]


def plan(bugs: Sequence[Bug], cases: Sequence[Case]) -> Iterator[Chosen]:
    """Each bug under each fault; scenarios and paths go round."""
    names = bundled_names()
    for row, bug in enumerate(bugs):
        for column, case in enumerate(cases):
            turn = row * len(cases) + column
            yield names[(row + column) % len(names)], case, bug, PATHS[turn % len(PATHS)]


async def _run_all(chosen: Sequence[Chosen], count: int, jobs: int) -> list[Outcome]:
    turns = asyncio.Semaphore(jobs)

    async def in_turn(each: Chosen) -> Outcome:
        async with turns:
            return await run(*each, count)

    return await asyncio.gather(*map(in_turn, chosen))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--every", type=int, default=1, help="only each so manieth run")
    parser.add_argument("--jobs", type=int, default=4, help="runs at the same time, in one process")
    parser.add_argument("--only", default="", help="only runs with this text in their name")
    args = parser.parse_args(argv)
    chosen = [
        each
        for number, each in enumerate(plan((REFERENCE, *MUTANTS), CASES))
        if not number % args.every and args.only in _name(*each)
    ]
    begun = time.monotonic()
    outcomes = asyncio.run(_run_all(chosen, args.events, args.jobs))
    for outcome in outcomes:
        for event_id, (said, right) in [*outcome.wrong.items()][:3]:
            sys.stdout.write(f"WRONG {outcome.name}: {event_id} {said}, not {right}\n")
        if outcome.wrong:
            counts = dict(outcome.verdicts)
            sys.stdout.write(f"      {len(outcome.wrong)} wrong of {outcome.events}: {counts}\n")
    runs, wrong = len(outcomes), sum(len(outcome.wrong) for outcome in outcomes)
    events, lost = (sum(getattr(each, name) for each in outcomes) for name in ("events", "lost"))
    caught = sum(bool(outcome.lost) for outcome in outcomes)
    seconds = time.monotonic() - begun
    sys.stdout.write(
        f"{runs:,} runs, {events:,} verdicts, {wrong:,} wrong; {lost:,} events lost by bugs in "
        f"{caught:,} runs, each named ({seconds:.0f} s)\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
