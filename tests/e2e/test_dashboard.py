"""The real dashboard over a real engine: a captured stream in, every event of it delivered."""

from __future__ import annotations

import asyncio
import itertools
import os
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from grantex_sim.events.replay import replay
from grantex_sim.service.app import serve_in_thread
from grantex_tui.clock import WallClock
from grantex_tui.settings import Settings
from grantex_tui.tui.app import Dashboard
from grantex_tui.watch.engine import Limits
from grantex_tui.watch.session import open_session


pytestmark = pytest.mark.slow
CAPTURE = Path(__file__).parents[2] / "fixtures" / "grantex-sse-raw.txt"
EVENTS = 354
PATIENCE = 60.0


@pytest.fixture
def simulator():
    with serve_in_thread(source=replay(CAPTURE), speed=0.0) as simulator:
        yield simulator


def assert_nothing_lost(simulator):
    ledger = simulator.ledger()
    assert (ledger.emitted, ledger.delivered) == (EVENTS, EVENTS)
    assert (ledger.missing, ledger.duplicates, ledger.altered) == ([], 0, 0)


async def test_every_captured_event_is_delivered_byte_for_byte_after_q(simulator, tmp_path):
    settings = replace(
        Settings(),
        url=simulator.url,
        intake_url=simulator.url,
        grantex_api_key=simulator.grantex_key,
        dd_api_key=simulator.datadog_key,
        journal=str(tmp_path),
        batch_size=1000,  # never full, and without a timer: all of it is left for the way out
        flush_interval=0.0,
    )
    async with open_session(settings, Limits(), clock=WallClock(), detailed=True) as engine:
        app = Dashboard(engine, monotonic=itertools.count().__next__)
        async with app.run_test(size=(160, 48)) as pilot, asyncio.timeout(PATIENCE):
            while engine.frame().tally.received < EVENTS:
                await pilot.pause()
            assert simulator.ledger().delivered == 0
            await pilot.press("q", "y")
            while app.is_running:
                await pilot.pause()
        summary = engine.summary()
    assert app.return_value == 0
    assert (summary.received, summary.delivered, summary.pending) == (EVENTS, EVENTS, 0)
    assert_nothing_lost(simulator)


class Tmux:
    """A tmux server of one's own with one window of 160 by 48."""

    def __init__(self, folder, command):
        self._socket = f"grantex-{os.getpid()}-{time.monotonic_ns()}"
        self._code = folder / "code"
        code, ended = shlex.quote(str(self._code)), self._tmux("wait-for", "-S", "ended")
        # The window stays open after the end, to look at what is left on its screen.
        script = f"{command}; echo $? > {code}; {ended}; read -r _"
        self._run("-f", os.devnull, "new-session", "-d", "-x", "160", "-y", "48", script)

    def _tmux(self, *arguments):
        return shlex.join(["tmux", "-L", self._socket, *arguments])

    def _run(self, *arguments):
        return subprocess.run(
            ["tmux", "-L", self._socket, *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        ).stdout

    def screen(self):
        return self._run("capture-pane", "-p")

    def wait_for(self, text):
        deadline = time.monotonic() + PATIENCE
        while text not in (screen := self.screen()):
            assert time.monotonic() < deadline, f"{text!r} never came:\n{screen}"
        return screen

    def press(self, key):
        self._run("send-keys", key)

    def has_ended(self):
        return self._code.exists()

    def wait_for_the_end(self):
        self._run("wait-for", "ended")
        return int(self._code.read_text())

    def close(self):
        self._run("kill-server")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not on PATH")
def test_in_tmux_every_captured_event_is_shown_and_delivered(simulator, tmp_path, monkeypatch):
    for name in ("TMUX", "TMUX_PANE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRANTEX_API_KEY", simulator.grantex_key)
    monkeypatch.setenv("DD_API_KEY", simulator.datadog_key)
    command = shlex.join([
        sys.executable, "-m", "grantex_tui", "watch", "--url", simulator.url,
        "--intake-url", simulator.url, "--journal", str(tmp_path), "--flush-interval", "0.2",
    ])  # fmt: skip
    tmux = Tmux(tmp_path, command)
    try:
        assert simulator.wait_delivered(EVENTS, PATIENCE)
        screen = tmux.wait_for(f"{EVENTS}")
        assert "live" in screen
        tmux.press("q")
        tmux.wait_for("Quit?")
        tmux.wait_for("key  stay")
        while not tmux.has_ended():  # an answer that comes too soon is none
            tmux.press("y")
        assert tmux.wait_for_the_end() == 0
        assert f"delivered {EVENTS}" in " ".join(tmux.screen().split())
    finally:
        tmux.close()
    assert_nothing_lost(simulator)
