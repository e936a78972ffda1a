"""One account of one world: a Grantex, a Datadog, and the ledger between them; no socket."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from grantex_sim.account.ledger import Ledger
from grantex_sim.datadog_api import DatadogApi
from grantex_sim.events.clock import SessionClock
from grantex_sim.events.hearing import Cause
from grantex_sim.faults import Fault, FaultRoutes, FaultScript, IntakeScript, Side, parse_statuses
from grantex_sim.faults.kinds.kind import greeting_of
from grantex_sim.faults.refusal import cause_of
from grantex_sim.grantex.api import KEEPALIVE_PERIOD, MIN_KEY, Grantex
from grantex_sim.grantex.broadcast import MAX_WAITING, Broadcast
from grantex_sim.grantex.limits import PLAN_LIMIT, STREAM_LIMIT
from grantex_sim.http.address import meant
from grantex_sim.intake.contract import takes
from grantex_sim.intake.intake import PATHS, Intake
from grantex_sim.page import Page, Recent
from grantex_sim.service.clock_routes import ClockRoutes
from grantex_sim.service.control import PREFIX, ROOT, Control
from grantex_sim.service.emitter import Emitter
from grantex_sim.service.scenario_routes import ScenarioRoutes
from grantex_sim.service.terminal import Status
from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from grantex_sim.account.verdicts import Refuses
    from grantex_sim.events.emission import Source
    from grantex_sim.http.channel import Channel
    from grantex_sim.http.tls_transport import Spoil
    from grantex_sim.http.wire import Request
    from grantex_sim.page.view import SessionRow
    from grantex_sim.scenario import Scenario
    from grantex_sim.tls.flaw import Flaw
    from grantex_tui.clock import Clock

_KEY: Final = re.compile(r"[!-~]+")
_TURNS: Final = 5
"""Of the event loop, in which who has been woken does its work and waits anew."""
GRANTEX_KEY: Final = "grantex-sim-api-key"
DATADOG_KEY: Final = "0000000000000000000000000000051e"
DATADOG_APP_KEY: Final = "000000000000000000000000000000000000a551"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a simulator does; the defaults are the real services' behaviour."""

    host: str = "127.0.0.1"
    port: int = 0
    """0: a free one."""
    grantex_key: str = field(default=GRANTEX_KEY, repr=False)
    datadog_key: str = field(default=DATADOG_KEY, repr=False)
    datadog_app_key: str = field(default=DATADOG_APP_KEY, repr=False)
    source: Source | None = None
    """Events to emit once the first client has connected; None: only what is injected."""
    speed: float = 1.0
    """1: real time; 10: ten times faster; 0: as fast as clients read, waiting for one."""
    clients: int = 1
    """Emission begins when so many listen."""
    keepalive: float = KEEPALIVE_PERIOD
    """Seconds between keepalives."""
    stream_limit: int = STREAM_LIMIT
    plan_limit: int = PLAN_LIMIT
    max_waiting: int = MAX_WAITING
    """Bytes that may wait for one client before it is cut."""
    intake_statuses: str = ""
    """A script such as ``500x2,429@3,202*``; see `grantex_sim.faults`."""
    intake_delay: float = 0.0
    """Seconds before each answer of the intake."""
    faults: Sequence[Fault | str] = ()
    """What goes wrong on both sides, texts as for ``--fault``; see `grantex_sim.faults`."""
    tls: bool | Path = False
    """Whether TLS is spoken, too, on the same port: by an authority that lives as long as the
    simulator, or by the one that this folder keeps."""
    pass_through: Sequence[str] = ()
    """Hosts that clients may reach through the proxy; ``*.example.com`` is each below it."""
    proxy_password: str = field(default="", repr=False)
    """``USER:PASSWORD`` that the proxy wants; empty: none."""
    allow_hosts: Sequence[str] = ()
    """Names by which the simulator's own routes may be asked for, beside addresses, localhost and
    *host*."""
    fault_seed: int | None = None
    """Of faults that have a probability; None: that of a scenario posted later, until then 0."""


class Session:
    """Everything that one set of keys, one source and one ledger are about.

    Args:
        options: What it does.
        base: Where it takes the time from.
        others: The sessions that its page leads to.
        on_failure: Told why the emission, or the evaluation of monitors, ended before its time.

    Raises:
        UsageError: A key or the intake script does not fit.
    """

    def __init__(
        self,
        options: Options,
        base: Clock,
        *,
        others: Callable[[], Sequence[SessionRow]] = tuple,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
    ) -> None:
        self._on_failure = on_failure
        _check_keys(options)
        self._options = options
        self._clock = clock = SessionClock(base)
        self._broadcast = Broadcast(max_waiting=options.max_waiting, now=clock.monotonic)
        self._script = _script(options.intake_statuses)
        self.faults = FaultScript(
            options.faults,
            clock=clock,
            seed=options.fault_seed or 0,
            speed=options.speed,
            speaks_tls=options.tls is not False,
        )
        self._broadcast.faults = self.faults.passing
        self.ledger = Ledger(now=clock.monotonic, date=clock.now, takes=takes)
        self.ledger.refusal = self._refusal
        self.ledger.refused_at = self.faults.refused_at
        self._broadcast.on_clients = self.ledger.changes.notify
        self.recent = Recent()
        self.emitter = Emitter(
            self._broadcast,
            self.ledger,
            on_emit=lambda events: self.recent.take_events(events, clock.now()),
            rewrite=self.faults.rewrite,
            clock=clock,
        )
        self._grantex = Grantex(
            key=options.grantex_key,
            broadcast=self._broadcast,
            clock=clock,
            faults=self.faults,
            keepalive=options.keepalive,
            stream_limit=options.stream_limit,
            plan_limit=options.plan_limit,
        )
        self.datadog = DatadogApi(
            api_key=lambda: self.faults.valid_key(Side.INTAKE, options.datadog_key),
            app_key=options.datadog_app_key,
            clock=clock,
            faults=self.faults,
        )
        self.datadog.alerting.on_told = self.ledger.changes.notify
        self._intake = Intake(
            key=options.datadog_key,
            ledger=self.ledger,
            script=self._script,
            faults=self.faults,
            delay=options.intake_delay,
            clock=clock,
            on_answer=self.recent.take_request,
            on_accepted=self.datadog.take,
        )
        self.ledger.is_busy = lambda: self._intake.is_busy
        self.control = Control(
            ledger=self.ledger,
            broadcast=self._broadcast,
            emitter=self.emitter,
            clock=clock,
            on_reset=self._start_over,
            notified=lambda: self.datadog.alerting.told,
            connections_hit=lambda: self.faults.connections_hit,
            is_emitting=lambda: self.emission is not None and not self.emission.done(),
            time=ClockRoutes(clock, self._settle),
            scenarios=ScenarioRoutes(self._begin_scenario),
            faults=FaultRoutes(self.faults, on_clear=self._grantex.forget_leaks),
        )
        self._page = Page(
            self.recent,
            report=lambda: self.control.report(0),
            faults=self._faults_in_force,
            verdict=self.ledger.verdict,
            sessions=others,
        )
        self._alerting: asyncio.Task[None] | None = None
        self.emission: asyncio.Task[None] | None = None
        """Puts out the source's events; done when it is at its end, or can't be read."""

    def start(self) -> None:
        """Begin to emit once enough clients listen."""
        if self._options.source is not None:
            self.emission = self._in_background(self.emit_all())
        self._alerting = self._in_background(self.datadog.run())

    async def close(self) -> None:
        """End the emission and every open stream."""
        tasks = [task for task in (self.emission, self._alerting) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
            self.failure()  # whose session it was is gone: nobody else will ask
        self.ledger.changes.end()
        self._broadcast.close()

    def failure(self) -> BaseException | None:
        """Why the emission, or the evaluation of monitors, ended before its time, if one did."""
        ended = (task for task in (self.emission, self._alerting) if task and task.done())
        failures = [task.exception() for task in ended if not task.cancelled()]
        return next(filter(None, failures), None)

    def begin(self, request: Request, channel: Channel) -> None:
        """A request's head is there; its body may follow."""
        self._intake.begin(meant(request), channel)

    async def handle(self, request: Request, channel: Channel) -> None:
        """Answer one request, whichever of the three APIs it is for, or a browser's."""
        request = meant(request)
        if (page := self._page.answer(request)) is not None:
            channel.write(page)
            return
        if (answer := await self.datadog.answer_beside(request)) is not None:
            channel.write(answer)
        elif request.path.startswith(PREFIX) or request.path == ROOT:
            await self.control.handle(request, channel)
        elif request.path in PATHS:
            await self._intake.handle(request, channel)
        else:
            await self._grantex.handle(request, channel)

    def greeting(self, host: str) -> Flaw | Spoil | None:
        """What goes wrong with the handshake of a client that asks for *host*."""
        found = self.faults.handshake(host) if self.faults.active else None
        return None if found is None else greeting_of(found.acts)

    def forget_leaks(self) -> None:
        """Free the slots that faults have leaked."""
        self._grantex.forget_leaks()

    async def emit_all(self) -> None:
        """Emit the source's events, once enough clients listen.

        Raises:
            RecordingError: The file that is replayed can't be read to its end.
        """
        if self._options.source is None:
            return
        await self.wait_clients(lambda count: count >= self._options.clients)
        events = self._options.source(self._clock.now())
        self.faults.begin()
        await self.emitter.run(events, self._options.speed)

    def _begin_scenario(self, scenario: Scenario, speed: float, is_now: bool) -> None:  # noqa: FBT001 - a callback's
        from grantex_sim.scenario import scenario_source

        if scenario.faults:
            told = self._options.fault_seed
            self.faults.replace(scenario.faults, seed=scenario.seed if told is None else told)
        if self.emission is not None:
            self.emission.cancel()
        self.faults.pace(speed)
        source = scenario_source(scenario, is_now=is_now)
        self._options = replace(self._options, source=source, speed=speed, clients=1)
        self.emission = self._in_background(self.emit_all())

    def _in_background(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """*work* beside the requests; who runs the session hears of its failure at once."""

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                self._on_failure(error)

        task = asyncio.create_task(work)
        task.add_done_callback(ended)
        return task

    async def _settle(self) -> None:
        """At a stop on the way of a jump in time: what is due is done, and what is out is read."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        while self.emitter.behind:  # noqa: ASYNC110 - turns of the loop are what it needs
            await asyncio.sleep(0)
        self.faults.catch_up()
        self.datadog.advance(self._clock.now())

    def _start_over(self) -> None:
        self._script.restart()
        self.faults.restart()
        self._grantex.forget_leaks()
        self.recent.clear()
        self.datadog.reset()

    def _refusal(self, accepted_at: float) -> Refuses | None:
        """What the intake refuses for good, by its script or a fault."""
        if self._script.refuses_for_good:
            return lambda _type, _id: Cause(0, f"intake statuses {self._options.intake_statuses}")
        states = self.faults.refusals(accepted_at=accepted_at)
        return (lambda name, event_id: cause_of(states, name, event_id)) if states else None

    def _faults_in_force(self) -> list[str]:
        lines = (state.line() for state in self.faults.in_force)
        return [*lines]

    def status(self) -> Status:
        """The account at this instant, in numbers."""
        ledger = self.ledger
        return Status(
            clients=len(self._broadcast),
            clients_cut=self._broadcast.cut,
            emitted=ledger.emitted,
            delivered=ledger.delivered,
            missing=ledger.missing,
            duplicates=ledger.duplicates,
            requests=ledger.answered,
            refused=ledger.refused,
            refusal=ledger.last_refusal,
            faults=self._faults_in_force(),
        )

    async def wait_clients(self, enough: Callable[[int], bool]) -> None:
        """Wait until the number of open streams is *enough*."""
        await self._broadcast.until(enough)


def _check_keys(options: Options) -> None:
    if len(options.grantex_key) < MIN_KEY:
        raise UsageError(
            f"a Grantex key of {len(options.grantex_key)} characters",
            hint=f"The real service takes none under {MIN_KEY}.",
        )
    keys = {
        "Grantex": options.grantex_key,
        "Datadog": options.datadog_key,
        "Datadog application": options.datadog_app_key,
    }
    for name, key in keys.items():
        if not _KEY.fullmatch(key):
            raise UsageError(
                f"a {name} key that no header can carry"
                if key
                else f"a {name} key without a character",
                hint="Take ASCII letters, digits and signs, no blanks; or leave the option out.",
            )


def _script(statuses: str) -> IntakeScript:
    return IntakeScript(parse_statuses(statuses) if statuses else ())
