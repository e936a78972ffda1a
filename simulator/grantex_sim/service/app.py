"""The simulator put together: one port, and the ways to run it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self, TypedDict, TypeVar, Unpack

from grantex_sim.events.emission import Source, from_payloads
from grantex_sim.http.server import Server
from grantex_sim.proxy.forward import ForwardProxy
from grantex_sim.proxy.gate import Gate
from grantex_sim.service.session import DATADOG_APP_KEY, DATADOG_KEY, GRANTEX_KEY, Options
from grantex_sim.service.sessions import Sessions
from grantex_tui.clock import Clock, WallClock
from grantex_tui.datadog.search import compile_query
from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from grantex_sim.account.report import Report
    from grantex_sim.datadog_api.monitors.alerting import Notified
    from grantex_sim.faults import Fault
    from grantex_sim.tls.authority import Authority
    from grantex_sim.tls.front import TlsFront
    from grantex_tui.datadog.log import Log

__all__ = [
    "DATADOG_APP_KEY",
    "DATADOG_KEY",
    "GRANTEX_KEY",
    "Options",
    "RunningSimulator",
    "Simulator",
    "serve_in_thread",
]

_T = TypeVar("_T")
_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where they are reached


class _Changes(TypedDict, total=False):
    """`Options`' fields, for callers that change a few."""

    host: str
    port: int
    grantex_key: str
    datadog_key: str
    datadog_app_key: str
    source: Source | None
    speed: float
    clients: int
    keepalive: float
    stream_limit: int
    plan_limit: int
    max_waiting: int
    intake_statuses: str
    intake_delay: float
    faults: Sequence[Fault | str]
    tls: bool | Path
    pass_through: Sequence[str]
    proxy_password: str
    allow_hosts: Sequence[str]
    fault_seed: int | None


class Simulator:
    """A running simulator: ``async with Simulator(Options()) as simulator: …``.

    Raises:
        UsageError: A key or the intake script does not fit.
    """

    def __init__(self, options: Options, *, clock: Clock | None = None) -> None:
        self.options = options
        self.port = 0
        self.on_failure: Callable[[BaseException], None] = lambda _error: None
        """Told why work beside the requests, of whichever session, ended before its time."""
        self.tls = _tls_front(options)
        """How clients that speak TLS are greeted; None: they are not."""
        self.sessions = Sessions(
            options, clock or WallClock(), on_failure=self._tell, front=self.tls
        )
        self.session = self.sessions.root
        front = self.tls.within(self.session.greeting) if self.tls is not None else None
        gate = Gate(
            port=lambda: self.port,
            own=tuple(map(str.lower, (options.host, *options.allow_hosts))),
            through=tuple(map(str.lower, options.pass_through)),
            password=options.proxy_password,
        )
        self.proxy = ForwardProxy(gate, self.sessions.handle, self.sessions.begin)
        self._server = Server(self.proxy.handle, on_head=self.proxy.begin, greeter=front)

    def _tell(self, error: BaseException) -> None:
        self.on_failure(error)

    @property
    def emission(self) -> asyncio.Task[None] | None:
        """Puts out the events of the session without a name; done at their end."""
        return self.session.emission

    @property
    def url(self) -> str:
        """Grantex's and Datadog's address, from this machine."""
        host = _LOOPBACK.get(self.options.host, self.options.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def secure_url(self) -> str:
        """The same by TLS; empty if none is spoken."""
        return "" if self.tls is None else f"https{self.url.removeprefix('http')}"

    async def __aenter__(self) -> Self:
        """Accept connections.

        Raises:
            OSError: The address can't be had.
        """
        self.port = await self._server.start(self.options.host, self.options.port)
        self.session.start()
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Drop every client and stop.

        Raises:
            RecordingError: The file that was replayed could not be read to its end.
        """
        await self._server.stop()  # first, so that no wait is answered by chance while all ends
        await self.sessions.close()
        failures = filter(None, (session.failure() for session in self.sessions))
        if error is None and (failure := next(failures, None)):
            raise failure


def _tls_front(options: Options) -> TlsFront | None:
    if options.tls is False:
        return None
    from grantex_sim.tls.front import TlsFront

    unspecific = ("localhost", *_LOOPBACK)
    hosts = [host for host in (options.host, *options.allow_hosts) if host not in unspecific]

    def make() -> Authority:
        from grantex_sim.tls.authority import Authority
        from grantex_sim.tls.kept import kept_authority

        if isinstance(options.tls, bool):
            return Authority.made(hosts)
        return kept_authority(options.tls, hosts)

    return TlsFront(make, hosts)


class RunningSimulator:
    """A simulator in another thread, for code that is not asynchronous."""

    def __init__(self, simulator: Simulator, loop: asyncio.AbstractEventLoop) -> None:
        self._session = simulator.session
        self._loop = loop
        self._tls = simulator.tls
        self.url = simulator.url
        self.secure_url = simulator.secure_url
        self.grantex_key = simulator.options.grantex_key
        self.datadog_key = simulator.options.datadog_key
        self.datadog_app_key = simulator.options.datadog_app_key

    @property
    def ca_pem(self) -> str:
        """The certificate of its authority, for whoever is to trust it.

        Raises:
            UsageError: It speaks no TLS.
        """
        tls = self._tls
        if tls is None:
            raise UsageError("the simulator speaks no TLS", hint="Start it with tls=True.")
        return self._call(lambda: tls.authority.pem)

    def ledger(self) -> Report:
        """The account so far, as ``GET /_sim/ledger?full=1`` gives it."""
        return self._call(self._session.control.report)

    def wait_delivered(self, count: int, timeout_s: float = 10.0) -> bool:
        """Wait until *count* events have been delivered; False when it took too long."""
        waiting = self._session.ledger.wait(count, timeout_s)
        return asyncio.run_coroutine_threadsafe(waiting, self._loop).result()

    def wait_clients(self, count: int, timeout_s: float = 10.0) -> None:
        """Wait until exactly *count* streams are open.

        Raises:
            TimeoutError: It took longer than *timeout_s* seconds.
        """

        async def there() -> None:
            async with asyncio.timeout(timeout_s):
                await self._session.wait_clients(lambda n: n == count)

        asyncio.run_coroutine_threadsafe(there(), self._loop).result()

    def emit(self, *payloads: bytes) -> list[str]:
        """Put *payloads* on the stream now; gives their ids."""
        return self._call(lambda: self._session.emitter.emit(payloads))

    def faults(self, *faults: Fault | str, add: bool = False) -> None:
        """Put *faults* in force, instead of those that were or in addition.

        Args:
            faults: As texts (``"intake first=2 status=503"``) or values; none: nothing goes wrong.
            add: Keep those in force.

        Raises:
            FaultError: A text is no fault.
        """
        script = self._session.faults

        def put_in_force() -> None:
            if add:
                script.add(faults)
            else:
                script.replace(faults)
                self._session.forget_leaks()

        self._call(put_in_force)

    def reset(self) -> None:
        """A new account, and the intake script from its start."""
        self._call(self._session.control.reset)

    def logs(self, query: str = "*") -> list[Log]:
        """The logs that the mock Datadog holds and *query* finds, the oldest first.

        Args:
            query: In Datadog's log search syntax.

        Raises:
            SearchError: It is no search.
        """
        matches = compile_query(query)
        kept = self._call(self._session.datadog.store.snapshot)
        return [stored.log for stored in kept if matches(stored.log)]

    def notifications(self) -> list[Notified]:
        """What the monitors that were posted would have sent until now, the oldest first."""
        return self._call(self._session.datadog.notifications)

    def wait_notifications(self, count: int, timeout_s: float = 10.0) -> bool:
        """Wait until *count* notifications have been; False when it took too long."""
        alerting, changes = self._session.datadog.alerting, self._session.ledger.changes
        waiting = changes.until(lambda: alerting.told >= count, timeout_s)
        return asyncio.run_coroutine_threadsafe(waiting, self._loop).result()

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
        RecordingError: At the end: the source could not be read to its own.

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
    ended: concurrent.futures.Future[None] = concurrent.futures.Future()

    async def serve() -> None:
        async with simulator:
            started.set_result(None)
            await stop.wait()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
            ended.set_result(None)
        except BaseException as error:  # noqa: BLE001 - the caller, who would wait for ever, gets it
            (ended if started.done() else started).set_exception(error)

    thread = threading.Thread(target=run, name="grantex-sim", daemon=True)
    thread.start()
    try:
        started.result()
        yield RunningSimulator(simulator, loop)
        loop.call_soon_threadsafe(stop.set)
        ended.result()
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
