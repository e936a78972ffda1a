"""S, the long ones and those of the key: restarts, limits, maintenance, rotation, revocation, thaw."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.reliability.case import Case, Outcome
from tests.reliability.program import Watch
from tests.reliability.sink import Sink
from tests.reliability.source import SSE, WEBSOCKET, Answer, Source
from tests.reliability.streams import BAD_KEY, Fault, Trial, blind
from tests.reliability.wire import Exchange, frame


OLD, NEW = "grantex-old-0123456789abcdef", "grantex-new-0123456789abcdef"
Run = Callable[[Path], Awaitable[Outcome]]


def answering(status: int, body: bytes, kind: str, *lines: str) -> Answer:
    async def answer(exchange: Exchange) -> None:
        await exchange.reply(status, body, kind, *lines)

    return answer


def spoiled(seconds: float, answer: Answer) -> Fault:
    """For a while the path is cut and gives this answer to whoever comes."""

    async def fault(source: Source, path: str) -> None:
        await source.path(path).refuse_for(seconds, answer)

    return fault


async def late_headers(source: Source, path: str) -> None:
    """The connection is accepted, and its answer comes after 30 s."""

    async def late(exchange: Exchange) -> None:
        await asyncio.sleep(30)
        exchange.reset()

    source.path(path).answer = late
    source.path(path).cut()
    await asyncio.sleep(1)
    source.path(path).answer = None


async def thaw_of_old_events(source: Source, path: str) -> None:
    """What is held is older than ids are remembered for: it is not to be read."""
    subscribers = list(source.path(path).subscribers)
    for each in subscribers:
        each.frozen = True
    await asyncio.sleep(75)
    for each in subscribers:
        each.thaw()


RESTART = 3.0
"""Seconds for which a service that restarts refuses connections."""


async def restart(folder: Path) -> Outcome:
    """Both paths are drained and closed as a service does that restarts, and refused meanwhile."""
    async with (
        Source(rate=100) as source,
        Sink() as sink,
        Watch(folder, source.url, sink.url, "--flush-interval", "0.2") as watch,
    ):
        await source.connected(SSE, WEBSOCKET)
        source.emitting.set()
        await asyncio.sleep(2)
        for each in source.websocket.subscribers:
            each.write(frame(b"\x03\xe9", 8))  # 1001, going away

        async def refuse(exchange: Exchange) -> None:
            exchange.reset()

        await asyncio.gather(
            *(source.path(p).refuse_for(RESTART, refuse) for p in (SSE, WEBSOCKET))
        )
        await asyncio.sleep(8)
        source.emitting.clear()
        await asyncio.sleep(1)
        summary = await watch.end()
    outcome = Trial(nothing, (SSE, WEBSOCKET)).outcome(source, sink, summary, watch.stderr)
    seconds = blind(summary["gaps"])
    figures = {**outcome.figures, "blind": f"{seconds:.1f} s"}
    reason = outcome.reason or (f"blind for {seconds:.1f} s" * (seconds > RESTART + 1))
    return Outcome(not reason, figures, reason)


async def cut_again_and_again(folder: Path) -> Outcome:
    """SSE alone, cut four times in a minute: at least 97 % is kept, the rest is in gaps."""
    async with (
        Source(rate=50) as source,
        Sink() as sink,
        Watch(folder, source.url, sink.url, "--flush-interval", "0.2", "--paths", "sse") as watch,
    ):
        await source.connected(SSE)
        source.emitting.set()
        for _ in range(4):
            await asyncio.sleep(15)
            source.sse.cut("rst")
        await asyncio.sleep(5)
        source.emitting.clear()
        await asyncio.sleep(1)
        summary = await watch.end()
    outcome = Trial(nothing, (SSE, WEBSOCKET)).outcome(source, sink, summary, watch.stderr)
    kept = 1 - int(str(outcome.figures["lost"])) / len(source.emitted)
    reason = outcome.reason or f"{kept:.1%} kept" * (kept < 0.97)
    return Outcome(not reason, {**outcome.figures, "kept": f"{kept:.1%}"}, reason)


def with_key(*, rotated: bool) -> Run:
    """The key is rotated while live, in its file, or revoked for good."""

    async def run(folder: Path) -> Outcome:
        key, config = folder / "grantex-key", folder / "config.toml"
        key.write_text(OLD)
        key.chmod(0o600)
        config.write_text(f'grantex_api_key_file = "{key}"\n')
        good = NEW if rotated else ""
        async with (
            Source(rate=100, me={"developerId": "dev_A"}) as source,
            Sink() as sink,
            Watch(folder, source.url, sink.url, "--flush-interval", "0.2", "--config", str(config),
                  GRANTEX_API_KEY="") as watch,
        ):  # fmt: skip
            await source.connected(SSE, WEBSOCKET)
            source.emitting.set()
            await asyncio.sleep(2)
            if rotated:
                key.write_text(NEW)
            for path in (source.sse, source.websocket):
                path.answer = _only(good, source, path.name)
                path.cut()
            if rotated:
                await source.connected(SSE, WEBSOCKET)
                await asyncio.sleep(2)
                source.emitting.clear()
                await asyncio.sleep(1)
                summary = await watch.end()
            else:
                await asyncio.wait_for(watch.process.wait(), 100)
                summary = await watch.end()
        lost = set(source.emitted) - set(sink.delivered)
        ended = watch.process.returncode
        trial = Trial(nothing, (SSE, WEBSOCKET)).outcome(source, sink, summary, watch.stderr)
        wanted = 0 if rotated else 4
        figures = {**trial.figures, "blind": f"{blind(summary['gaps']):.1f} s", "exit": ended}
        reason = trial.reason or ("" if ended == wanted else f"exit code {ended}")
        if not rotated and not lost:
            reason = "nothing was refused"
        if OLD in watch.stderr or NEW in watch.stderr:
            reason = "a key was shown"
        return Outcome(not reason, figures, reason)

    return run


async def nothing(source: Source, path: str) -> None:
    """No fault of its own."""


def _only(key: str, source: Source, name: str) -> Answer:
    async def answer(exchange: Exchange) -> None:
        if key and exchange.headers.get("authorization") == f"Bearer {key}":
            await source.subscribe(source.path(name), exchange)
        else:
            await exchange.reply(401, BAD_KEY)

    return answer


LIMIT = b'{"message":"Plan rate limit exceeded, retry in 4 seconds","code":"RATE_LIMIT_EXCEEDED"}'
FULL = b'{"message":"Max 5 concurrent SSE connections per developer","code":"TOO_MANY_CONNECTIONS"}'
PAGE = answering(503, b"<html>We'll be back</html>", "text/html")
ONE_PATH: list[tuple[str, str, Fault, float, str]] = [
    ("7", "headers 30 s late", late_headers, 40, "stream waiting"),
    (
        "12", "plan limit with Retry-After",
        spoiled(4, answering(429, LIMIT, "application/json", "Retry-After: 4")), 14, "rate limit",
    ),
    ("19", "two minutes of a maintenance page", spoiled(120, PAGE), 15, "503"),
    (
        "11", "five slots taken, stale for 300 s",
        spoiled(300, answering(429, FULL, "application/json")), 15, "TOO_MANY_CONNECTIONS",
    ),
    ("24", "a path that thaws with old events", thaw_of_old_events, 15, ""),
]  # fmt: skip
CASES = [
    Case(number, f"{name}, {label}", Trial(fault, (path,), seconds, says), timeout=420.0)
    for number, name, fault, seconds, says in ONE_PATH
    for path, label in ((SSE, "SSE"), (WEBSOCKET, "WebSocket"))
] + [
    Case("6", "service restart with drain, both", restart),
    Case("1c", "one path alone, cut each 15 s at 50 events/s", cut_again_and_again, timeout=150.0),
    Case("20", "key rotated while live", with_key(rotated=True)),
    Case("21", "key revoked for good", with_key(rotated=False), timeout=180.0),
]
