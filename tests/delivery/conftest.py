from __future__ import annotations

import asyncio
import gzip
import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import zstandard

from grantex_tui.clock import WallClock
from grantex_tui.delivery.batch import BatchSettings, EntryFormat
from grantex_tui.delivery.dispatch import Dispatcher
from grantex_tui.delivery.forwarder import Forwarder
from grantex_tui.delivery.gate import Gate
from grantex_tui.delivery.intake import Intake
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.settings import JournalSettings
from grantex_tui.network.route import Network
from tests.support.clock import VirtualClock


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _event(number: int, *, padding: int = 0) -> Event:
    text = f'{{"id":"evt_{number}","type":"grant.created","data":{{"note":"{"x" * padding}"}}}}'
    decoded = decode_event(text.encode())
    assert isinstance(decoded, Event)
    return decoded


@pytest.fixture
def event() -> Callable[..., Event]:
    """Makes the event with a number."""
    return _event


def number_of(entry: dict[str, str]) -> int:
    return int(json.loads(entry["message"])["id"][4:])


@dataclass
class Request:
    """What the server was sent."""

    headers: dict[str, str]
    body: bytes

    @property
    def entries(self) -> list[dict[str, str]]:
        unpack = {
            "gzip": gzip.decompress,
            "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
        }.get(self.headers.get("content-encoding", ""), bytes)
        entries: list[dict[str, str]] = json.loads(unpack(self.body))
        return entries

    @property
    def numbers(self) -> list[int]:
        return [number_of(entry) for entry in self.entries]


@dataclass
class Answer:
    """What the server says; ``reset`` hangs up, ``never`` says nothing."""

    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    reset: bool = False
    never: bool = False


@dataclass
class IntakeServer:
    """A real HTTP server that answers as its script says, then as ``otherwise`` says."""

    url: str = ""
    script: list[Answer] = field(default_factory=list)
    otherwise: Callable[[Request], Answer] = lambda _: Answer()
    requests: list[Request] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    connections: int = 0
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader, writer) -> None:
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader, writer) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        named = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in named}
        request = Request(headers, await reader.readexactly(int(headers["content-length"])))
        self.requests.append(request)
        self.arrived.set()
        answer = self.script.pop(0) if self.script else self.otherwise(request)
        if answer.never:
            await self.hold.wait()
        if answer.reset:
            writer.transport.abort()
            return False
        if 200 <= answer.status < 300:
            self.accepted += request.numbers
        lines = [f"HTTP/1.1 {answer.status} X", f"content-length: {len(answer.body)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body)
        await writer.drain()
        return True


@pytest.fixture
async def server():
    server = IntakeServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/api/v2/logs"
    yield server
    server.hold.set()
    listening.close()


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
async def make_intake(server):
    """Makes the client of the test's server."""
    async with Network().session(server.url) as session:

        def make(**options) -> Intake:
            options = {"clock": WallClock(), "url": server.url, "key": "dd-secret-key", **options}
            return Intake(session, options.pop("url"), options.pop("key"), **options)

        yield make


@pytest.fixture
def journal(tmp_path: Path):
    """A journal on disk whose clock is the wall's."""
    journal = Journal.open(
        tmp_path / "journal", clock=WallClock(), settings=JournalSettings(fsync=False)
    )
    yield journal
    journal.close()


class Runner:
    """Starts forwarders over the test's journal and server."""

    def __init__(self, journal: Journal, make_intake) -> None:
        self._journal = journal
        self._make_intake = make_intake
        self._tasks: list[asyncio.Task[None]] = []

    def __call__(self, *, spool=None, intake=None, settings=None, **options) -> Forwarder:
        forwarder = Forwarder(
            spool or self._journal,
            intake or self._make_intake(),
            clock=WallClock(),
            target="test",
            settings=settings or BatchSettings(batch_size=10, flush_interval=0.0, linger=0.0),
            jitter=lambda: 0.0,  # retry at once
            **options,
        )
        self._tasks.append(asyncio.create_task(forwarder.run()))
        return forwarder

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.fixture
async def running(journal, make_intake):
    """Starts forwarders; ends them with the test."""
    runner = Runner(journal, make_intake)
    yield runner
    await runner.stop()


class Desk:
    """A dispatcher over a spool, with a clock that is moved by hand."""

    def __init__(self, spool, clock: VirtualClock, **settings) -> None:
        self.clock = clock
        self.spool = spool
        self.gate = Gate(random.Random(0).random)
        self.dispatcher = Dispatcher(
            spool,
            self.gate,
            settings=BatchSettings(**{"batch_size": 10, "linger": 0.0, **settings}),
            entry_format=EntryFormat(),
            clock=clock,
        )

    def next(self):
        return self.dispatcher.next_batch(self.clock.monotonic())

    def finish(self, batch, verdict, duration: float = 0.05) -> None:
        self.dispatcher.finish(batch, verdict, self.clock.monotonic(), duration)

    def append(self, events) -> None:
        self.spool.append(events, self.clock.now())

    @staticmethod
    def numbers(batch) -> list[int]:
        return [number_of(json.loads(entry.body)) for entry in batch.entries]


@pytest.fixture
def make_desk(tmp_path: Path):
    """Opens desks, each over a journal of its own unless it is given a spool."""
    journals: list[Journal] = []

    def make(spool=None, **settings) -> Desk:
        clock = VirtualClock(1_767_603_600.0)
        if spool is None:
            folder = tmp_path / f"journal-{len(journals)}"
            spool = Journal.open(folder, clock=clock, settings=JournalSettings(fsync=False))
            journals.append(spool)
        return Desk(spool, clock, **settings)

    yield make
    for journal in journals:
        journal.close()
