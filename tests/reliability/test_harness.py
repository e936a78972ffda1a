"""The harness itself: a program that does everything right loses nothing between source and sink."""

import asyncio

from tests.reliability.program import Watch
from tests.reliability.sink import Sink
from tests.reliability.source import Source


async def test_what_the_source_emits_the_sink_has_once(tmp_path):
    async with (
        asyncio.timeout(30),
        Source(rate=200, count=100) as source,
        Sink() as sink,
        Watch(tmp_path, source.url, sink.url, "--flush-interval", "0.2") as watch,
    ):
        await source.connected("sse")
        source.emitting.set()
        await sink.has(100)
        summary = await watch.end()
    assert set(sink.delivered) == set(source.emitted)
    assert sink.duplicates == 0
    assert (summary["received"], summary["delivered"], summary["pending"]) == (100, 100, 0)
