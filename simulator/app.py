"""The simulator put together: one port, a Grantex and a Datadog on it, and what they share."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self, TypedDict, TypeVar, Unpack

from grantex_tui.clock import Clock, WallClock
from grantex_tui.errors import UsageError
from simulator.broadcast import MAX_WAITING, Broadcast
from simulator.control import PREFIX, Control
from simulator.datadog import PATHS, Intake
from simulator.emission import Source, from_payloads
from simulator.emitter import Emitter
from simulator.faults import IntakeScript, parse_statuses
from simulator.grantex import KEEPALIVE_PERIOD, MIN_KEY, Grantex
from simulator.ledger import Ledger
from simulator.limits import PLAN_LIMIT, STREAM_LIMIT
from simulator.server import Server


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from simulator.ledger import Report
    from simulator.server import Channel
    from simulator.wire import Request

GRANTEX_KEY: Final = "grantex-sim-api-key"
DATADOG_KEY: Final = "0000000000000000000000000000051e"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a simulator does; the defaults are the real services' behaviour."""

    host: str = "127.0.0.1"
    port: int = 0
    """0: a free one."""
    grantex_key: str = field(default=GRANTEX_KEY, repr=False)
    datadog_key: str = field(default=DATADOG_KEY, repr=False)
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
    """A script such as ``500x2,429@3,202*``; see `simulator.faults`."""
    intake_delay: float = 0.0
    """Seconds before each answer of the intake."""


class _Changes(TypedDict, total=False):
    """`Options`' fields, for callers that change a few."""

    host: str
    port: int
    grantex_key: str
    datadog_key: str
    source: Source | None
    speed: float
    clients: int
    keepalive: float
    stream_limit: int
    plan_limit: int
    max_waiting: int
    intake_statuses: str
    intake_delay: float


class Simulator:
    """A running simulator: ``async with Simulator(Options()) as simulator: …``.

    Raises:
        UsageError: A key or the intake script does not fit.
    """

    def __init__(self, options: Options, *, clock: Clock | None = None) -> None:
        if len(options.grantex_key) < MIN_KEY:
            raise UsageError(
                f"a Grantex key of {len(options.grantex_key)} characters",
                hint=f"The real service takes none under {MIN_KEY}.",
            )
        self.options = options
        self.port = 0
        self.ledger = Ledger()
        self._clock = clock or WallClock()
        self._script = IntakeScript(
            parse_statuses(options.intake_statuses) if options.intake_statuses else ()
        )
        self._broadcast = Broadcast(max_waiting=options.max_waiting)
        self.emitter = Emitter(self._broadcast, self.ledger)
        self._grantex = Grantex(
            key=options.grantex_key,
            broadcast=self._broadcast,
            clock=self._clock,
            keepalive=options.keepalive,
            stream_limit=options.stream_limit,
            plan_limit=options.plan_limit,
        )
        self._intake = Intake(
            key=options.datadog_key,
            ledger=self.ledger,
            script=self._script,
            delay=options.intake_delay,
            clock=self._clock,
        )
        self.control = Control(
            ledger=self.ledger,
            broadcast=self._broadcast,
            emitter=self.emitter,
            on_reset=self._script.restart,
        )
        self._server = Server(self._handle)
        self.emission: asyncio.Task[None] | None = None
        """Puts out the source's events; done when it is at its end, or can't be read."""

    @property
    def url(self) -> str:
        """Grantex's and Datadog's address."""
        host = self.options.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def __aenter__(self) -> Self:
        """Accept connections.

        Raises:
            OSError: The address can't be had.
        """
        self.port = await self._server.start(self.options.host, self.options.port)
        if self.options.source is not None:
            self.emission = asyncio.create_task(self._emit_all(self.options.source))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Drop every client and stop."""
        if self.emission is not None:
            self.emission.cancel()
            await asyncio.gather(self.emission, return_exceptions=True)
        await self._server.stop()

    async def wait_clients(self, enough: Callable[[int], bool]) -> None:
        """Wait until the number of open streams is *enough*."""
        await self._broadcast.until(enough)

    async def _emit_all(self, source: Source) -> None:
        await self.wait_clients(lambda count: count >= self.options.clients)
        await self.emitter.run(source(self._clock.now()), self.options.speed)

    async def _handle(self, request: Request, channel: Channel) -> None:
        if request.path.startswith(PREFIX):
            await self.control.handle(request, channel)
        elif request.path in PATHS or request.path.startswith("/api/"):
            await self._intake.handle(request, channel)
        else:
            await self._grantex.handle(request, channel)


class RunningSimulator:
    """A simulator in another thread, for code that is not asynchronous."""

    def __init__(self, simulator: Simulator, loop: asyncio.AbstractEventLoop) -> None:
        self._simulator = simulator
        self._loop = loop
        self.url = simulator.url
        self.grantex_key = simulator.options.grantex_key
        self.datadog_key = simulator.options.datadog_key

    def ledger(self) -> Report:
        """The account so far, as ``GET /_sim/ledger`` gives it."""
        return self._call(self._simulator.control.report)

    def wait_delivered(self, count: int, timeout_s: float = 10.0) -> bool:
        """Wait until *count* events have been delivered; False when it took too long."""
        waiting = self._simulator.ledger.wait(count, timeout_s)
        return asyncio.run_coroutine_threadsafe(waiting, self._loop).result()

    def wait_clients(self, count: int, timeout_s: float = 10.0) -> None:
        """Wait until exactly *count* streams are open.

        Raises:
            TimeoutError: It took longer than *timeout_s* seconds.
        """
        waiting = asyncio.wait_for(self._simulator.wait_clients(lambda n: n == count), timeout_s)
        asyncio.run_coroutine_threadsafe(waiting, self._loop).result()

    def emit(self, *payloads: bytes) -> list[str]:
        """Put *payloads* on the stream now; gives their ids."""
        return self._call(lambda: self._simulator.emitter.emit(payloads))

    def reset(self) -> None:
        """A new account, and the intake script from its start."""
        self._call(self._simulator.control.reset)

    def _call(self, work: Callable[[], _T]) -> _T:
        async def called() -> _T:
            return work()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result()


@contextlib.contextmanager
def serve_in_thread(
    options: Options | None = None,
    *,
    payloads: Sequence[bytes] | None = None,
    clock: Clock | None = None,
    **changes: Unpack[_Changes],
) -> Iterator[RunningSimulator]:
    """Run a simulator on a free port in a thread, and stop it afterwards.

    Args:
        options: What to start from; by default everything as the real services.
        payloads: Events to emit once the first client listens; with them ``speed`` is 0 unless
            given, so that a client gets all of them at the pace at which it reads.
        clock: Where it takes the time from.
        changes: Fields of `Options`, over *options*: ``intake_statuses="500x2,202*"``,
            ``intake_delay=0.2``, ``keepalive=0.1``, ``speed=0``, ``port=…``, ``grantex_key=…``.

    Raises:
        OSError: The address can't be had.
        UsageError: A script or key does not fit.

    Example:
        >>> with serve_in_thread(payloads=[b'{"id":"evt_1",…}']) as simulator:
        ...     forward(simulator.url, simulator.grantex_key, simulator.datadog_key)
        ...     assert simulator.wait_delivered(1)
        ...     assert simulator.ledger().missing == []
    """
    chosen = options or Options()
    if payloads is not None:
        chosen = replace(chosen, source=from_payloads(payloads), speed=0.0)
    simulator = Simulator(replace(chosen, **changes), clock=clock)
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    started: concurrent.futures.Future[None] = concurrent.futures.Future()
    thread = threading.Thread(
        target=_run, args=(simulator, loop, started, stop), name="grantex-sim", daemon=True
    )
    thread.start()
    try:
        started.result()
        yield RunningSimulator(simulator, loop)
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def _run(
    simulator: Simulator,
    loop: asyncio.AbstractEventLoop,
    started: concurrent.futures.Future[None],
    stop: asyncio.Event,
) -> None:
    async def serve() -> None:
        try:
            await simulator.__aenter__()
        except OSError as error:
            started.set_exception(error)
            return
        started.set_result(None)
        try:
            await stop.wait()
        finally:
            await simulator.__aexit__()

    loop.run_until_complete(serve())
