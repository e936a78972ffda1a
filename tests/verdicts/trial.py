"""One trial: a forwarder reads a scenario under a fault, and the ledger is held against the truth."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from grantex_sim.events.emission import emission, from_payloads
from grantex_sim.scenario.bundled import bundled_names, load_scenario
from grantex_sim.scenario.events import scenario_events
from grantex_sim.service.app import Options, Simulator
from tests.verdicts.bugs import REFERENCE, Bug
from tests.verdicts.forwarder import Forwarder


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_sim.events.emission import Emission
    from grantex_sim.service.session import Session
    from tests.verdicts.cases import Case

PATHS = (("sse",), ("websocket",), ("sse", "websocket"))
LOOK = 0.01
"""Seconds between two looks at whether anything happens."""
QUIET = 60
"""Looks that see nothing happen, after which nothing will: longer than any pause or freeze.

Looks, not seconds: a loop that other trials hold up for a second has not been quiet for one.
"""
DEADLINE = 300.0
"""Seconds for a whole trial: the longest takes 3 alone on an idle machine, 60 among seven others on a busy one."""
SEED = 7


class Trial(NamedTuple):
    """What is tried."""

    scenario: str
    case: Case
    bug: Bug
    paths: tuple[str, ...]

    @property
    def name(self) -> str:
        return " · ".join((self.scenario, self.case.fault, self.bug.name, "+".join(self.paths)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one trial."""

    wrong: dict[str, tuple[str, str]]
    """By the event's id: the verdict, and the right one."""
    verdicts: Counter[str]
    """How many events have each."""
    lost: int
    """What the bug has cost."""

    @property
    def events(self) -> int:
        return self.verdicts.total()


class Truth:
    """What is known of a run besides the ledger: who was there, and what the intake accepted."""

    def __init__(self, session: Session) -> None:
        self.emitted: dict[str, Emission] = {}
        self.with_client: set[str] = set()
        self.accepted: set[str] = set()
        self.answers = 0
        self._session = session
        session.emitter._on_emit = self._emit
        session._intake._on_answer = self._answer

    def _emit(self, events: Sequence[Emission]) -> None:
        for event in events:
            self.emitted[event.id] = event
            if len(self._session._broadcast):
                self.with_client.add(event.id)

    def _answer(self, _request: object, exchange, messages: Sequence[str], _at: float) -> None:
        self.answers += 1
        if exchange.status == 202:
            self.accepted |= {emission(each.encode("utf-8", "replace")).id for each in messages}

    def verdict(self, event_id: str, heard: set[str], case: Case) -> str:
        """The only right one."""
        event = self.emitted[event_id]
        if event_id in self.accepted:
            return "delivered"
        if event_id in heard:
            met = self.answers > case.spares
            refused = met and case.refuses(event.type, len(event.payload))
            return "undeliverable" if refused else "lost"
        return "withheld" if event_id in self.with_client else "unheard"


@cache
def events_of(scenario: str, count: int) -> tuple[bytes, ...]:
    """The first *count* payloads of a bundled scenario."""
    loaded = load_scenario(scenario)
    return tuple(event.payload for event in islice(scenario_events(loaded), count))


async def run(trial: Trial, count: int, deadline: float = DEADLINE) -> Outcome:
    """Let one forwarder read *count* events of a scenario under a fault, and judge the ledger.

    Raises:
        TimeoutError: After *deadline* seconds there is still something going on.
    """
    options = Options(
        source=from_payloads(events_of(trial.scenario, count)), speed=0.0,
        faults=(trial.case.fault,), fault_seed=SEED, keepalive=0.05,
        clients=len(trial.paths) if "nth=1" not in trial.case.fault else 1,
    )  # fmt: skip
    async with asyncio.timeout(deadline), Simulator(options) as simulator:
        truth = Truth(simulator.session)
        port = int(simulator.url.rpartition(":")[2])
        keys = (options.grantex_key, options.datadog_key)
        forwarder = Forwarder(port, keys, trial.bug, trial.paths)
        running = asyncio.create_task(forwarder.run())
        await _until_done(simulator.session, forwarder, running, count)
        running.cancel()
        await asyncio.wait({running})
        while simulator.session._intake.is_busy:
            await asyncio.sleep(0.001)
        return _judged(trial, simulator.session, truth, forwarder)


def _judged(trial: Trial, session: Session, truth: Truth, forwarder: Forwarder) -> Outcome:
    judged = {each[0]: each[2].value for each in session.ledger._judged(0.0)}
    verdicts = {each: judged.get(each, "delivered") for each in truth.emitted}
    right = {each: truth.verdict(each, forwarder.heard, trial.case) for each in truth.emitted}
    counts = Counter(verdicts.values())
    report = session.control.report(settle=0.0).verdicts
    reported = {name: getattr(report, name) for name in report.__struct_fields__}
    assert reported == {**dict.fromkeys(reported, 0), **counts}, (reported, counts)
    if trial.bug is REFERENCE:
        assert not forwarder.dropped
    wrong = {i: (said, right[i]) for i, said in verdicts.items() if said != right[i]}
    return Outcome(wrong, counts, sum(right[each] == "lost" for each in forwarder.dropped))


async def _until_done(
    session: Session, forwarder: Forwarder, running: asyncio.Task[None], count: int
) -> None:
    """Until all is heard and nothing waits, or nothing has changed for `QUIET` looks."""
    unchanged = 0
    before: tuple[int, ...] = ()
    while unchanged < QUIET:
        if running.done():
            await running
        heard, waiting, _ = progress = forwarder.progress
        if heard == session.ledger.emitted == count and not waiting:
            return
        now = (*progress, session.ledger.emitted, session.ledger.delivered)
        unchanged = unchanged + 1 if now == before else 0
        before = now
        await asyncio.sleep(LOOK)


def plan(bugs: Sequence[Bug], cases: Sequence[Case]) -> Iterator[Trial]:
    """Each bug under each fault; scenarios and paths go round."""
    names = bundled_names()
    for row, bug in enumerate(bugs):
        for column, case in enumerate(cases):
            turn = row * len(cases) + column
            paths = PATHS[turn % len(PATHS)]
            yield Trial(names[(row + column) % len(names)], case, bug, paths)
