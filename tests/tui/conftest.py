from __future__ import annotations

import asyncio
import importlib.util
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from grantex_tui.delivery.status import DeliveryState, DeliveryView, RequestRecord
from grantex_tui.events.event import decode_event
from grantex_tui.events.live.connection import ConnectionState, ConnectionView
from grantex_tui.tui.drawing.glyphs import ASCII, UNICODE
from grantex_tui.tui.drawing.palette import THEME, Look, Palette
from grantex_tui.watch.frame import Frame, MonitorView
from grantex_tui.watch.tally import Tally


NOW = 1_800_000_000.0
FIXTURES = Path(__file__).parents[2] / "fixtures"
MONITORS = (
    MonitorView("Revocation rate", "Alert", NOW - 90, 57.0, 50.0, 10.0, ">", triggered=1),
    MonitorView("Heartbeat", "OK", NOW - 900, 12.0, 1.0, None, "<"),
)
DELIVERY = DeliveryView(
    version=3,
    state=DeliveryState.OK,
    target="https://http-intake.logs.datadoghq.com/api/v2/logs",
    delivered=300,
    pending=54,
    in_flight=1,
    batch_fill=54,
    batch_size=100,
    next_flush_at=NOW + 3.2,
    last_flush_at=NOW - 2,
    last_verdict="202",
    dropped=(("journal full", 2),),
    dead_lettered=1,
    last_requests=(
        RequestRecord(NOW - 2, 202, "delivered", 100, 12_345, 0.048),
        RequestRecord(NOW - 9, None, "retry", 100, 12_345, 10.0, "connection refused"),
    ),
)


@dataclass
class ScriptedSource:
    """A source that shows the frame it is given and ends when it is told to."""

    shown: Frame
    bucket_width: int = 1
    stops: int = 0
    aborts: int = 0
    retries: int = 0
    ends_when_stopped: bool = True
    fails_with: Exception | None = None
    frames: int = 0

    def __post_init__(self):
        self.started = asyncio.Event()
        self.ended = asyncio.Event()

    def frame(self):
        self.frames += 1
        return self.shown

    async def run(self):
        self.started.set()
        await self.ended.wait()
        if self.fails_with is not None:
            raise self.fails_with

    async def stop(self):
        self.stops += 1
        if self.ends_when_stopped:
            self.ended.set()

    def retry_delivery(self):
        self.retries += 1

    def abort(self):
        self.aborts += 1


def frame_of(lines, *, now=NOW, **changes):
    tally = Tally(now - 120)
    for index, line in enumerate(lines):
        tally.add([decode_event(line)], now - 100 + index * 100 / max(1, len(lines)))
    parts = {
        "connection": ConnectionView(ConnectionState.LIVE, now - 751, connects=1),
        "delivery": DELIVERY,
        "monitors": MONITORS,
        "monitors_version": 1,
        **changes,
    }
    base = Frame(now, now - 760, "https://api.example.test/v1/events/stream")
    return replace(base, tally=tally.view(now), **parts)


def screen_rows(app):
    return [strip.text for strip in app.screen._compositor.render_strips()]


def _look(glyphs, *, colour=True):
    return Look(Palette.of(THEME.to_color_system().generate(), dark=True), glyphs, colour)


@pytest.fixture(scope="session")
def look():
    return _look(UNICODE)


@pytest.fixture(scope="session")
def looks():
    """All three: with colour, in ASCII, and without colour."""
    return _look(UNICODE), _look(ASCII), _look(UNICODE, colour=False)


@pytest.fixture(scope="session")
def recorded():
    """Real events, one a line."""
    return (FIXTURES / "grantex-events.ndjson").read_bytes().splitlines()


@pytest.fixture
def make_frame():
    return frame_of


@pytest.fixture
def frame(recorded):
    return frame_of(recorded[:200])


@pytest.fixture
def make_source():
    return ScriptedSource


@pytest.fixture
def rows_of():
    return screen_rows


async def settle(app, pilot):
    """Wait until the screen has come to rest: three looks at it, with all work done in between,
    find the same. The footer, for one, arrives some rounds after the panels."""
    seen: list[object] = []
    while len(seen) < 3 or seen[-1] != seen[-2] or seen[-2] != seen[-3]:
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        seen.append([[(segment.text, segment.style) for segment in strip] for strip in strips])
    return seen[-1]


@pytest.fixture
def settled():
    return settle


@pytest.fixture(scope="session")
def lively_script():
    return Path(__file__).with_name("lively.py")


@pytest.fixture(scope="session")
def lively(lively_script):
    spec = importlib.util.spec_from_file_location("lively", lively_script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
