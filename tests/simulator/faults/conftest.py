"""The dashboard's engine against a simulator with faults, in one loop and without waiting."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

import httpx
import pytest

from grantex_sim.faults import parse_fault_text
from grantex_sim.service.app import Options, Simulator
from grantex_tui.delivery.batch import BatchSettings
from grantex_tui.delivery.forwarder import Forwarder
from grantex_tui.delivery.intake import Intake, intake_address
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.settings import JournalSettings
from grantex_tui.events.live.door import StreamSettings
from grantex_tui.events.live.filters import stream_url
from grantex_tui.events.live.key import ApiKey
from grantex_tui.events.live.opening import Paths, open_doors
from grantex_tui.events.live.stream import EventStream
from grantex_tui.network.route import Network
from grantex_tui.watch.engine import Engine, Limits
from grantex_tui.watch.tally import Tally
from tests.support.clock import VirtualClock


if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from grantex_sim.account.report import Report

GUARD = 60.0
"""Seconds after which a test that hangs fails."""
START = 1_767_603_600.0


def payload(number: int) -> bytes:
    ulid = f"01KE6B2T{number:02d}0000000000000000"
    return (
        f'{{"id":"evt_{ulid}","type":"grant.created","createdAt":"2026-01-05T09:00:00.000Z",'
        f'"data":{{"grantId":"grnt_{number}","principalId":"zoë 🦊"}}}}'
    ).encode()


class Watching:
    """`watch` and what it listens to; waits are virtual, answers real."""

    def __init__(self, simulator: Simulator, clock: VirtualClock) -> None:
        self.simulator = simulator
        self.session = simulator.session
        self.clock = clock
        self.waited: list[float] = []
        self.engine: Engine
        self.forwarder: Forwarder
        self.running: asyncio.Task[None]

    async def sleep(self, seconds: float) -> None:
        """The stream's pause between two connections."""
        self.waited.append(seconds)
        await asyncio.sleep(0)
        self.clock.advance(seconds)

    async def pause(self, event: asyncio.Event, seconds: float | None) -> None:
        """The forwarder's."""
        if seconds is None:
            await event.wait()
            return
        await asyncio.sleep(0)
        if not event.is_set():
            self.clock.advance(seconds)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(GUARD):
            while not holds():
                assert not self.running.done(), "watch has ended"
                await asyncio.sleep(0.001)

    async def open(self) -> None:
        """Until a stream is open that takes events."""
        async with asyncio.timeout(GUARD):
            await self.session._broadcast.room()

    @property
    def received(self) -> int:
        return self.engine.summary().received

    async def emit(self, number: int) -> None:
        await self.open()
        self.session.emitter.emit([payload(number)])

    async def delivered(self, count: int) -> Report:
        await self.until(lambda: self.session.ledger.delivered >= count)
        return self.session.control.report()


@pytest.fixture(autouse=True)
def one_ssl_context(monkeypatch):
    """Making one takes longer than most of these tests."""
    monkeypatch.setattr(httpx, "create_ssl_context", lambda *_, **__: _context())


_make_context = httpx.create_ssl_context


@cache
def _context():
    return _make_context()


@pytest.fixture
def watching(tmp_path: Path) -> Callable:
    """Starts a simulator with faults and a `watch` on it."""

    @asynccontextmanager
    async def start(
        *faults: str,
        silence: float = GUARD,
        answer_within: float = GUARD,
        paths: Paths = "sse",
        **options,
    ) -> AsyncIterator[Watching]:
        clock = VirtualClock(START)
        script = tuple(map(parse_fault_text, faults))
        chosen = Options(faults=script, keepalive=0.05, **options)
        async with (
            Simulator(chosen, clock=clock) as simulator,
            Network().session("http://127.0.0.1") as intake_http,
        ):
            run = Watching(simulator, clock)
            journal = Journal.open(tmp_path, clock=clock, settings=JournalSettings(fsync=False))
            intake = Intake(
                intake_http,
                intake_address(simulator.url),
                chosen.datadog_key,
                clock=clock,
                timeout=answer_within,
            )
            run.forwarder = Forwarder(
                journal,
                intake,
                clock=clock,
                target="simulator",
                settings=BatchSettings(batch_size=1, linger=0.0),
                jitter=lambda: 0.0,
                pause=run.pause,
            )
            url = stream_url(simulator.url, ())
            settings = StreamSettings(
                url, ApiKey(chosen.grantex_key), silence=silence, coalesce=0.0, settle=0.0
            )
            run.engine = Engine(
                source=url,
                journal=journal,
                journal_path=str(tmp_path),
                sender=run.forwarder,
                tally=Tally(clock.now()),
                clock=clock,
                limits=Limits(),
            )
            async with open_doors(paths, settings, Network(), clock) as doors:
                reader = EventStream(
                    doors, settings, run.engine, clock=clock, jitter=lambda: 0.0, sleep=run.sleep
                )
                run.engine.attach(reader)
                run.running = asyncio.create_task(run.engine.run())
                try:
                    yield run
                finally:
                    run.engine.stop_reading()
                    async with asyncio.timeout(GUARD):
                        await run.running

    return start


@pytest.fixture(scope="session")
def make_payload() -> Callable[[int], bytes]:
    return payload
