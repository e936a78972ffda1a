"""Both paths on a source with both doors: one copy of each event, and no gap while one is there."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager

import pytest

from grantex_tui.clock import WallClock
from grantex_tui.errors import GrantexRefusedError
from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.events.live.door import StreamSettings
from grantex_tui.events.live.filters import stream_url
from grantex_tui.events.live.key import ApiKey
from grantex_tui.events.live.opening import open_doors
from grantex_tui.events.live.stream import EventStream
from grantex_tui.network.route import Network
from tests.reliability.source import Source
from tests.reliability.wire import frame, upgrade


BAD_KEY = b'{"message":"Invalid API key","code":"UNAUTHORIZED","requestId":"x"}'
FULL = b'{"message":"Max 5 concurrent SSE connections","code":"TOO_MANY_CONNECTIONS"}'


class Heard:
    def __init__(self):
        self.ids, self.gaps, self.opened, self.views, self.notices = [], [], [], [], []

    def on_read(self, items, received_at):
        self.ids += [item.id for item in items]

    def on_oversized(self, event, received_at):
        raise AssertionError

    def on_gap(self, gap):
        self.gaps.append(gap)

    def on_gap_opened(self, gap):
        self.opened.append(gap)

    def on_connection(self, view):
        self.views.append(view)

    def on_notice(self, text):
        self.notices.append(text)


class Run:
    def __init__(self, source, stream, heard, task):
        self.source, self.stream, self.heard, self.task = source, stream, heard, task
        self._number = 0

    def emit(self, count=1, kind="token.issued"):
        for _ in range(count):
            self._number += 1
            payload = {"id": f"evt_{self._number}", "type": kind, "createdAt": _now(), "data": {}}
            self.source.emit(json.dumps(payload).encode(), kind)

    async def until(self, happened):
        async with asyncio.timeout(20):
            while not happened():
                assert not self.task.done(), self.task
                await asyncio.sleep(0.01)

    async def heard_all(self):
        await self.until(lambda: len(self.heard.ids) == self._number)
        assert self.heard.ids == [f"evt_{number}" for number in range(1, self._number + 1)]

    def state(self, name):
        return next(p for p in self.stream.paths if p.name == name).connection.state

    async def both_live(self):
        await self.until(lambda: all(p.away_since is None for p in self.stream.paths))


def _now():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


@asynccontextmanager
async def reading(*, paths="both", types=(), prepare=None, **options):
    async with Source() as source:
        if prepare is not None:
            prepare(source)
        settings = StreamSettings(
            stream_url(source.url, types), ApiKey("gx_0123456789abcdef"), types=types,
            **{"coalesce": 0.0, "settle": 0.0, "silence": 10.0, **options},
        )  # fmt: skip
        heard = Heard()
        async with open_doors(paths, settings, Network(), WallClock()) as doors:
            stream = EventStream(
                doors, settings, heard, clock=WallClock(), jitter=lambda: 0.0, gap_from=time.time()
            )
            task = asyncio.create_task(stream.run())
            try:
                yield Run(source, stream, heard, task)
            finally:
                stream.stop()
                await asyncio.wait({task})


@pytest.mark.parametrize("paths", ["both", "sse", "websocket"])
async def test_each_event_comes_once_by_whichever_paths(paths):
    async with reading(paths=paths) as run:
        await run.both_live()
        run.emit(500)
        await run.heard_all()
    assert [path.brought for path in run.stream.paths] == [500] * len(run.stream.paths)


@pytest.mark.parametrize("how", ["fin", "rst"])
@pytest.mark.parametrize("path", ["sse", "websocket"])
async def test_one_path_cut_loses_nothing_and_is_no_gap(path, how):
    async with reading() as run:
        await run.both_live()
        gaps = len(run.heard.gaps)
        run.emit(50)
        run.source.path(path).cut(how)
        run.emit(50)
        await run.heard_all()
        await run.until(lambda: any(p.reconnects for p in run.stream.paths))
        run.emit(50)
        await run.heard_all()
        assert len(run.heard.gaps) == gaps


async def test_both_paths_cut_is_a_gap_that_names_both_causes():
    async with reading() as run:
        await run.both_live()
        run.emit(5)
        await run.heard_all()
        run.source.sse.cut()
        run.source.websocket.cut()
        await run.until(lambda: len(run.heard.gaps) == 2)
        assert run.heard.gaps[1].reason.startswith("SSE: ")
        assert "; WebSocket: " in run.heard.gaps[1].reason
        assert run.heard.gaps[1].end - run.heard.gaps[1].start < 3


async def test_a_server_without_websocket_is_read_by_sse_alone():
    async def not_there(exchange):
        await exchange.reply(404, b'{"message":"Route GET:/v1/events/ws not found"}')

    def prepare(source):
        source.websocket.answer = not_there

    async with reading(prepare=prepare) as run:
        await run.until(lambda: run.state("WebSocket") is ConnectionState.ABSENT)
        run.emit(10)
        await run.heard_all()
        assert run.stream.view.state is ConnectionState.LIVE
        assert len(run.source.websocket.connects) == 1


async def test_websocket_alone_on_a_server_without_it_ends_and_says_what_to_do():
    async def not_there(exchange):
        await exchange.reply(404, b"{}")

    def prepare(source):
        source.websocket.answer = not_there

    async with reading(paths="websocket", prepare=prepare) as run:
        with pytest.raises(GrantexRefusedError, match="--paths sse"):
            await asyncio.wait_for(run.task, 10)


async def test_a_locked_out_sse_leaves_the_websocket():
    async def full(exchange):
        await exchange.reply(429, FULL)

    def prepare(source):
        source.sse.answer = full

    async with reading(prepare=prepare) as run:
        await run.until(lambda: run.state("WebSocket") is ConnectionState.LIVE)
        assert run.state("SSE") is ConnectionState.LOCKED_OUT
        run.emit(10)
        await run.heard_all()


async def test_a_locked_out_websocket_is_never_called_live():
    """One connection too many is upgraded first, and then closed with 1013."""

    async def full(exchange):
        await exchange.send(upgrade(exchange))
        await exchange.send(frame(b"\x03\xf5Too many connections", 8))
        exchange.close()

    def prepare(source):
        source.websocket.answer = full

    async with reading(prepare=prepare) as run:
        await run.until(lambda: run.state("WebSocket") is ConnectionState.LOCKED_OUT)
        run.emit(10)
        await run.heard_all()
    states = [view.state for view in run.heard.views if view.path == "WebSocket"]
    assert ConnectionState.LIVE not in states


async def test_a_bad_key_ends_the_run_at_once():
    async def refuse(exchange):
        await exchange.reply(401, BAD_KEY)

    def prepare(source):
        source.sse.answer = source.websocket.answer = refuse

    for paths in ("both", "sse", "websocket"):
        async with reading(paths=paths, prepare=prepare) as run:
            with pytest.raises(GrantexRefusedError, match="Invalid API key"):
                await asyncio.wait_for(run.task, 10)


async def test_what_came_before_a_websocket_filters_is_filtered_here():
    async with reading(paths="websocket", types=("grant.created",)) as run:
        await run.until(lambda: run.source.websocket.subscribers)
        for each in run.source.websocket.subscribers:
            each.types = None
            each.write(frame(b'{"id":"evt_0","type":"token.issued"}'))
            each.write(frame(b'{"id":"evt_1","type":"grant.created"}'))
        await run.until(lambda: run.heard.ids)
    assert run.heard.ids == ["evt_1"]


async def test_a_websocket_asks_for_its_types():
    async with reading(paths="websocket", types=("grant.created",)) as run:
        subscribers = run.source.websocket.subscribers
        await run.until(lambda: any(each.types for each in subscribers))
        assert [each.types for each in subscribers] == [frozenset({"grant.created"})]


async def test_no_websocket_is_closed_within_a_second_of_opening_it():
    began = time.monotonic()
    async with reading(paths="websocket", settle=1.0) as run:
        await run.until(lambda: run.source.websocket.subscribers)
        run.stream.stop()
        await run.task
        assert time.monotonic() - began > 0.99


@pytest.mark.slow
async def test_a_deaf_path_is_named_and_reconnected_while_the_other_goes_on():
    async with reading() as run:
        await run.both_live()
        await asyncio.sleep(1.1)  # a path is held to bring what the other does from then on
        run.emit()
        await run.until(lambda: all(path.brought for path in run.stream.paths))
        for each in run.source.sse.subscribers:
            each.deaf = True
        while not any("silent while WebSocket" in view.detail for view in run.heard.views):
            run.emit()
            await asyncio.sleep(0.2)
        await run.heard_all()
        await run.both_live()
        assert any(notice.startswith("SSE lacks") for notice in run.heard.notices)
        assert run.stream.paths[0].holes > 0
        assert len(run.heard.gaps) == 1
