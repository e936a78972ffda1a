"""S: faults of the stream, each on one path while the other goes on, and some on both at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.reliability.case import Case, Outcome
from tests.reliability.program import Watch
from tests.reliability.sink import Sink
from tests.reliability.source import SSE, WEBSOCKET, Source
from tests.reliability.wire import Exchange


RATE = 100
Fault = Callable[[Source, str], Awaitable[None]]
NAMES = {SSE: "SSE", WEBSOCKET: "WebSocket"}


async def fin(source: Source, path: str) -> None:
    source.path(path).cut("fin")


async def rst(source: Source, path: str) -> None:
    source.path(path).cut("rst")


async def frozen(source: Source, path: str) -> None:
    """Thaws after four seconds, with all that was held."""
    subscribers = list(source.path(path).subscribers)
    for each in subscribers:
        each.frozen = True
    await asyncio.sleep(4)
    for each in subscribers:
        each.thaw()


async def refused(source: Source, path: str) -> None:
    async def reset(exchange: Exchange) -> None:
        exchange.reset()

    await source.path(path).refuse_for(5, reset)


async def deaf(source: Source, path: str) -> None:
    for each in source.path(path).subscribers:
        each.deaf = True
    await asyncio.sleep(8)


async def five_taken(source: Source, path: str) -> None:
    async def full(exchange: Exchange) -> None:
        await exchange.reply(429, b'{"message":"Max 5","code":"TOO_MANY_CONNECTIONS"}')

    await source.path(path).refuse_for(4, full)


def answered(status: int, body: bytes = b"", kind: str = "text/html") -> Fault:
    """One connection gets this answer, after a live stream."""

    async def fault(source: Source, path: str) -> None:
        door = source.path(path)

        async def once(exchange: Exchange) -> None:
            door.answer = None
            await exchange.reply(status, body, kind)

        door.answer = once
        door.cut()

    return fault


async def long_retry(source: Source, path: str) -> None:
    if path == SSE:
        for each in source.sse.subscribers:
            each.write(b"138f\r\nretry: " + b"9" * 5000 + b"\n\r\n")
    source.path(path).cut()


BAD_KEY = b'{"message":"Invalid API key","code":"UNAUTHORIZED"}'


@dataclass(frozen=True)
class Trial:
    """A fault, and the path or paths on which it happens."""

    fault: Fault
    paths: tuple[str, ...]
    seconds: float = 12.0
    must_say: str = ""

    async def __call__(self, folder: Path) -> Outcome:
        async with (
            Source(rate=RATE) as source,
            Sink() as sink,
            Watch(folder, source.url, sink.url, "--flush-interval", "0.2") as watch,
        ):
            await source.connected(SSE, WEBSOCKET)
            await asyncio.sleep(1.5)
            source.emitting.set()
            await asyncio.sleep(1.5)
            await asyncio.gather(*(self.fault(source, path) for path in self.paths))
            await asyncio.sleep(self.seconds - 3)
            source.emitting.clear()
            await asyncio.sleep(1)
            summary = await watch.end()
        return self.outcome(source, sink, summary, watch.stderr)

    def outcome(self, source: Source, sink: Sink, summary: dict[str, object], said: str) -> Outcome:
        lost = set(source.emitted) - set(sink.delivered)
        unnamed = [each for each in lost if not _named(source.emitted[each], summary["gaps"])]
        figures = {
            "emitted": len(source.emitted),
            "lost": len(lost),
            "in no gap": len(unnamed),
            "twice": sink.duplicates,
        }
        wrong = []
        if lost and len(self.paths) == 1:
            wrong.append("events are lost although one path was there")
        if unnamed:
            wrong.append("events are lost in no gap")
        if sink.duplicates:
            wrong.append("events were delivered twice")
        if self.must_say not in said:
            wrong.append(f"stderr does not say {self.must_say!r}")
        return Outcome(not wrong, figures, "; ".join(wrong))


def _named(emitted_at: float, gaps: object) -> bool:
    """Whether an instant lies in a gap; the gaps are written in whole milliseconds."""
    assert isinstance(gaps, list)
    return any(seconds_of(gap["from"]) - 0.002 <= emitted_at <= _end(gap) + 0.002 for gap in gaps)


def blind(gaps: object) -> float:
    """Seconds in gaps, but for the one before the first connection."""
    assert isinstance(gaps, list)
    return sum(_end(gap) - seconds_of(gap["from"]) for gap in gaps[1:])


def _end(gap: dict[str, str]) -> float:
    """Its end; of one that is open when the run ends, now."""
    return seconds_of(gap["to"]) if gap["to"] else time.time()


def seconds_of(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


ALONE: list[tuple[str, str, Fault, str]] = [
    ("1", "FIN", fin, "stream waiting"),
    ("2", "RST", rst, "stream waiting"),
    ("3", "frozen, then thawed", frozen, ""),
    ("4", "refused for 5 s", refused, "stream waiting"),
    ("9", "the path's subscriber is dead", deaf, "lacks"),
    ("10", "five slots taken for 4 s", five_taken, "TOO_MANY_CONNECTIONS"),
    ("13", "one 400", answered(400), "400"),
    ("14", "one 401", answered(401, BAD_KEY, "application/json"), "Invalid API key"),
    ("15", "one 403", answered(403), "403"),
    ("16", "one 302", answered(302), "302"),
    ("17", "one 404", answered(404), "404"),
    ("18", "one 200 HTML", answered(200, b"<html>"), "text/html"),
    ("22", "`retry:` with 5,000 digits", long_retry, "stream waiting"),
]
CASES = [
    Case(
        number, f"{name}, {NAMES[path]}", Trial(fault, (path,), must_say=says), brief=number == "2"
    )
    for number, name, fault, says in ALONE
    for path in (SSE, WEBSOCKET)
] + [
    Case(number, f"{name}, both", Trial(fault, (SSE, WEBSOCKET)), brief=number == "1")
    for number, name, fault in (
        ("1", "FIN", fin),
        ("2", "RST", rst),
        ("4", "refused for 5 s", refused),
    )
]
