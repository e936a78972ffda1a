"""List I: the intake, and what stands between it and us."""

import asyncio
import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.reliability.case import Case, Outcome
from tests.reliability.program import Watch
from tests.reliability.sink import Behaviour, Sink, accept
from tests.reliability.source import Source
from tests.reliability.wire import Exchange


COUNT, RATE = 600, 100.0
ERROR = b'{"errors":[{"status":"400","title":"Bad Request","detail":"Malformed payload"}]}'
PAGE = b"<!doctype html><title>Sign in</title><p>Your session has expired."
TROUBLE = ("delivery retrying", "delivery held", "delivery unanswered")
TOLD_WITHIN = 15.0


# --- what an intake may do ------------------------------------------------------------------------


def lasting(seconds: float, bad: Behaviour, then: Behaviour = accept) -> Behaviour:
    """*bad* for so many seconds from the first request on."""

    async def behave(sink: Sink, exchange: Exchange, number: int) -> None:
        over = time.monotonic() - sink.requests[0] > seconds
        await (then if over else bad)(sink, exchange, number)

    return behave


def says(status: int, body: bytes = b"", kind: str = "application/json", *lines: str) -> Behaviour:
    """Read it all, and answer so."""

    async def behave(_: Sink, exchange: Exchange, number: int) -> None:
        del number
        await exchange.body()
        await exchange.reply(status, body, kind, *lines)

    return behave


def takes(status: int, body: bytes = b"") -> Behaviour:
    """Accept it, with another status than Datadog's."""

    async def behave(sink: Sink, exchange: Exchange, number: int) -> None:
        del number
        sink.take(await exchange.body(), exchange)
        await exchange.reply(status, body)

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    async def behave(sink: Sink, exchange: Exchange, number: int) -> None:
        await behaviours[number % len(behaviours)](sink, exchange, number)

    return behave


async def resets_in_mid_body(_: Sink, exchange: Exchange, number: int) -> None:
    del number
    await exchange.reader.readexactly(min(64, int(exchange.headers["content-length"])))
    exchange.reset()


async def answers_before_the_body(_: Sink, exchange: Exchange, number: int) -> None:
    del number
    await exchange.reply(503, b"{}")
    exchange.close()


async def answers_byte_by_byte(sink: Sink, exchange: Exchange, number: int) -> None:
    if number > 1:
        await accept(sink, exchange, number)
        return
    sink.take(await exchange.body(), exchange)
    for byte in b"HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n":
        await exchange.send(bytes((byte,)))
        await asyncio.sleep(1)


async def continues_first(sink: Sink, exchange: Exchange, number: int) -> None:
    await exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    await accept(sink, exchange, number)


async def takes_single_entries(sink: Sink, exchange: Exchange, number: int) -> None:
    del number
    body = await exchange.body()
    if len(sink.decode(body, exchange)) > 1:
        await exchange.reply(413, ERROR)
    else:
        sink.take(body, exchange)
        await exchange.reply(202, b"{}")


async def closes_after_each(sink: Sink, exchange: Exchange, number: int) -> None:
    del number
    sink.take(await exchange.body(), exchange)
    await exchange.reply(202, b"{}", "application/json", "Connection: close")
    exchange.close()


def is_bad(event_id: str) -> bool:
    return int(event_id[-4:]) % 150 == 77


async def refuses_some(sink: Sink, exchange: Exchange, number: int) -> None:
    del number
    body = await exchange.body()
    ids = [json.loads(str(entry["message"]))["id"] for entry in sink.decode(body, exchange)]
    if any(map(is_bad, ids)):
        await exchange.reply(400, ERROR)
    else:
        sink.take(body, exchange)
        await exchange.reply(202, b"{}")


async def wants_to_be_left_until(_: Sink, exchange: Exchange, number: int) -> None:
    del number
    await exchange.body()
    until = datetime.now(UTC) + timedelta(seconds=3)
    date = until.strftime("%a, %d %b %Y %H:%M:%S GMT")
    await exchange.reply(429, ERROR, "application/json", f"Retry-After: {date}")


async def is_no_http(_: Sink, exchange: Exchange, number: int) -> None:
    del number
    await exchange.body()
    await exchange.send(b"\x16\x03\x01\x02\x00" * 40 + b"\r\n\r\n")
    exchange.close()


def coded(coding: str, body: bytes) -> Behaviour:
    return says(200, body, "application/json", f"Content-Encoding: {coding}")


async def answers_with_a_huge_header(_: Sink, exchange: Exchange, number: int) -> None:
    del number
    await exchange.body()
    await exchange.reply(202, b"{}", "application/json", "X-Much: " + "x" * 1_000_000)


async def never_answers_some(sink: Sink, exchange: Exchange, number: int) -> None:
    if number not in (4, 9):
        await accept(sink, exchange, number)
        return
    await exchange.body()
    await asyncio.sleep(3600)


async def loses_its_answer(sink: Sink, exchange: Exchange, number: int) -> None:
    del number
    sink.take(await exchange.body(), exchange)
    exchange.reset()


# --- how a case is tried --------------------------------------------------------------------------


async def attempt(
    folder: Path,
    behaviour: Behaviour,
    *,
    told: bool,
    dead: Callable[[str], bool] = lambda _: False,
    for_good: bool = False,
    twice: bool = False,
    settle: float = 1.5,
) -> Outcome:
    """Events against an intake of this *behaviour*.

    Args:
        folder: empty.
        behaviour: of the intake.
        told: there is trouble to be told within 15 s of the first request.
        dead: which events are to become dead letters.
        for_good: it never takes anything; the run is ended once that was told.
        settle: seconds that its last answer may take.
        twice: it may have events twice, since it can't be known that it has them.
    """
    async with (
        Source(RATE, COUNT) as source,
        Sink(behaviour) as sink,
        Watch(folder, source.url, sink.url, "--flush-interval", "0.2") as watch,
    ):
        await source.connected("sse")
        source.emitting.set()
        delay = await _heard(watch, sink) if told else None
        while len(source.emitted) < COUNT:
            await asyncio.sleep(0.05)
        if not for_good:
            good = [event_id for event_id in source.emitted if not dead(event_id)]
            await sink.has(len(good))
            await asyncio.sleep(settle)
        summary = await watch.end()
        stderr = watch.stderr
    return _judge(
        source, sink, summary, stderr, delay, told=told, dead=dead, for_good=for_good, twice=twice
    )


async def _heard(watch: Watch, sink: Sink) -> float | None:
    """Seconds from the first request to the first line about it; None if none came in time."""
    while not sink.requests:
        await asyncio.sleep(0.01)
    while time.monotonic() - sink.requests[0] <= TOLD_WITHIN:
        for at, line in watch.said:
            if any(word in line for word in TROUBLE):
                return round(at - sink.requests[0], 1)
        await asyncio.sleep(0.02)
    return None


def _judge(
    source: Source,
    sink: Sink,
    summary: dict[str, object],
    stderr: str,
    delay: float | None,
    *,
    told: bool,
    dead: Callable[[str], bool],
    for_good: bool,
    twice: bool,
) -> Outcome:
    expected = {event_id for event_id in source.emitted if not dead(event_id)}
    expected = set() if for_good else expected
    bad = len(source.emitted) - len(expected) if not for_good else 0
    count = {name: summary[name] for name in ("delivered", "pending", "deadLettered", "dropped")}
    wrong = [
        text
        for text, is_wrong in {
            f"{len(expected - set(sink.delivered))} lost": expected - set(sink.delivered),
            "delivered what it should not have": set(sink.delivered) - expected,
            f"counted {count['delivered']} as delivered": count["delivered"] != len(expected),
            f"buried {count['deadLettered']}": count["deadLettered"] != bad,
            f"pending {count['pending']}": count["pending"] != (COUNT if for_good else 0),
            f"dropped {count['dropped']}": count["dropped"],
            f"{sink.duplicates} twice": sink.duplicates and not twice,
            "not told in time": told and delay is None,
            "a traceback": "Traceback" in stderr,
            "a dead letter untold": bad and stderr.count("dead letter: evt_") != bad,
        }.items()
        if is_wrong
    ]
    figures = {
        "emitted": len(source.emitted),
        "delivered": len(sink.delivered),
        "twice": sink.duplicates,
        "dead letters": count["deadLettered"],
        "kept": count["pending"],
        "told after": "" if delay is None else f"{delay} s",
    }
    return Outcome(not wrong, figures, "; ".join(wrong))


def case(
    number: int,
    name: str,
    behaviour: Behaviour,
    *,
    told: bool = True,
    brief: bool = False,
    **how: object,
) -> Case:
    async def run(folder: Path) -> Outcome:
        return await attempt(folder, behaviour, told=told, **how)  # type: ignore[arg-type]

    return Case(str(number), name, run, brief)


_after = partial(lasting, 4.0)
_bomb = gzip.compress(bytes(50_000_000), 9)
CASES = [
    case(1, "reset in mid-body", _after(resets_in_mid_body)),
    case(2, "an answer before the body is read, then close", _after(answers_before_the_body)),
    case(3, "an answer of a byte a second", answers_byte_by_byte, settle=35.0),
    case(4, "100 Continue first", continues_first, told=False),
    case(5, "413 every second time", in_turn(says(413, ERROR), accept), told=False),
    case(6, "413 to all but single entries", takes_single_entries, told=False),
    case(7, "connection closed after each answer", closes_after_each, told=False),
    case(8, "400 JSON for one bad entry of many", refuses_some, told=False, dead=is_bad, brief=True),
    case(9, "400 text/plain from a gateway, 10 s", lasting(10, says(400, b"bad", "text/plain"))),
    case(10, "429 with Retry-After in seconds", _after(says(429, ERROR, "application/json", "Retry-After: 2"))),
    case(11, "429 with Retry-After as a date", _after(wants_to_be_left_until)),
    case(12, "429 with a negative Retry-After", _after(says(429, ERROR, "application/json", "Retry-After: -5"))),
    case(13, "429 with Retry-After: 10^9", says(429, ERROR, "application/json", "Retry-After: 1000000000"), for_good=True),
    case(14, "429 with Retry-After: nan", _after(says(429, ERROR, "application/json", "Retry-After: nan"))),
    case(15, "429 with two Retry-After", _after(says(429, ERROR, "application/json", "Retry-After: 1", "Retry-After: 2"))),
    case(16, "a storm of 429", lasting(8, says(429, ERROR))),
    case(17, "503 with and without a body", lasting(8, in_turn(says(503, b"", ""), says(503, PAGE, "text/html")))),
    case(18, "200 with {}", takes(200, b"{}"), told=False),
    case(19, "204", takes(204), told=False),
    case(20, "403 for 10 s", lasting(10, says(403, ERROR)), brief=True),
    case(21, "403 for good", says(403, ERROR), for_good=True),
    case(22, "bytes that are no HTTP", _after(is_no_http)),
    case(23, "a gzip bomb as the answer", _after(coded("gzip", _bomb))),
    case(24, "broken gzip as the answer", _after(coded("gzip", b"\x1f\x8b\x08not gzip"))),
    case(25, "an unknown content coding", _after(coded("rot13", b"{}"))),
    case(26, "a header of 1 MB", _after(answers_with_a_huge_header)),
    case(27, "200 text/html, 10 s", lasting(10, says(200, PAGE, "text/html")), brief=True),
    case(28, "redirects to another host, and to https", lasting(10, in_turn(
        says(307, b"", "", "Location: http://elsewhere.example/api/v2/logs"),
        says(302, b"", "", "Location: https://127.0.0.1/api/v2/logs"),
    ))),
    case(29, "400, 402, 413, 451 as HTML, 10 s", lasting(10, in_turn(*(says(status, PAGE, "text/html") for status in (400, 402, 413, 451))))),
    case(30, "accepts and never answers", never_answers_some),
    case(31, "202 sent, connection lost before it arrives", _after(loses_its_answer), twice=True),
]  # fmt: skip
