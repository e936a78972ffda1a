"""Keys that every answer repeats are found nowhere: not on the screen's outputs, not in any file."""

import asyncio
from pathlib import Path

from tests.reliability.program import KEYS, Watch
from tests.reliability.sink import Sink
from tests.reliability.source import Source
from tests.reliability.wire import Exchange


PASSWORD = "canary-of-the-proxy"


def echo(exchange: Exchange) -> bytes:
    """Every secret of the request, as a server that means no harm might repeat it."""
    return " ".join(
        exchange.headers.get(name, "") for name in ("authorization", "dd-api-key")
    ).encode()


async def test_no_key_that_a_server_repeats_is_printed_or_written_down(tmp_path):
    answers = iter((503, 429, 400, 418))

    async def refuses_stream(exchange: Exchange) -> None:
        said = echo(exchange)
        status = next(answers, 0)
        if not status:
            source.sse.answer = source.websocket.answer = None
            await exchange.reply(503, said, "text/plain")
            return
        key = said.decode().strip()
        body = b'{"message":"%s","code":"%s"}' % (said, said)
        await exchange.reply(status, body, "application/json", f"X-Key: {key}", "Retry-After: 0")

    async def repeats(sink: Sink, exchange: Exchange, number: int) -> None:
        body, said = await exchange.body(), echo(exchange)
        key = said.decode().strip()
        error = b'{"errors":[{"detail":"no such key: %s"}]}' % said
        if number == 1:
            await exchange.reply(503, b"<p>" + said, "text/html")
        elif number == 2:
            await exchange.reply(403, error)
        elif number == 3:
            await exchange.reply(307, b"", "", f"Location: http://elsewhere.example/?key={key}")
        elif b"evt_bad" in b"".join(str(entry).encode() for entry in sink.decode(body, exchange)):
            await exchange.reply(400, error)
        else:
            sink.take(body, exchange)
            await exchange.reply(202, error)

    proxy = f"http://me:{PASSWORD}@127.0.0.1:1"
    async with (
        asyncio.timeout(90),
        Source(100.0, 50) as source,
        Sink(repeats) as sink,
        Watch(
            tmp_path, source.url, sink.url, "--flush-interval", "0.1", HTTPS_PROXY=proxy
        ) as watch,
    ):
        await source.connected("sse")
        source.emitting.set()
        source.emit(b'{"id":"evt_bad","type":"t"}', "t")
        source.sse.answer = source.websocket.answer = refuses_stream
        await watch.says("delivery held")
        source.sse.cut()
        source.websocket.cut()
        await watch.says("dead letter: evt_bad")
        await source.connected("sse")
        await watch.end()
    written = b"".join(path.read_bytes() for path in _files(tmp_path))
    everything = watch.stderr.encode() + b"".join(watch.out) + written
    assert b"***" in everything, "they were repeated, and taken out"
    for secret in (*KEYS.values(), PASSWORD):
        assert secret.encode() not in everything


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
