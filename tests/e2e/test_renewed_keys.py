"""Keys that stand in files are read again: when they are refused, and on SIGHUP."""

from __future__ import annotations

import asyncio
import signal

from tests.reliability.program import Watch
from tests.reliability.sink import Sink, accept
from tests.reliability.source import Source
from tests.reliability.wire import Exchange


OLD, NEW = "0" * 31 + "1", "0" * 31 + "2"


def taking(key: str):
    async def behaviour(sink: Sink, exchange: Exchange, number: int) -> None:
        if exchange.headers["dd-api-key"] == key:
            await accept(sink, exchange, number)
        else:
            await exchange.body()
            await exchange.reply(403, b'{"errors":["Forbidden"]}')

    return behaviour


async def test_a_datadog_key_that_was_rotated_in_its_file_delivers_what_was_held(tmp_path):
    file, config = tmp_path / "key", tmp_path / "config.toml"
    file.write_text(OLD)
    file.chmod(0o600)
    config.write_text(f'dd_api_key_file = "{file}"\n')
    async with (
        asyncio.timeout(60),
        Source(rate=100, count=20) as source,
        Sink(taking(NEW)) as sink,
        Watch(
            tmp_path, source.url, sink.url, "--config", str(config), "--flush-interval", "0.2",
            DD_API_KEY="",
        ) as watch,
    ):  # fmt: skip
        await source.connected("sse")
        source.emitting.set()
        await watch.says("held")
        file.write_text(NEW)
        watch.process.send_signal(signal.SIGHUP)
        await watch.says("key files are read again")
        await sink.has(20)
        summary = await watch.end()
    assert (summary["delivered"], summary["pending"]) == (20, 0)
    assert OLD not in watch.stderr
    assert NEW not in watch.stderr
