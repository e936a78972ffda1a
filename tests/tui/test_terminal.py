"""The dashboard on a real pseudo-terminal: it must be restored whatever happens."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from grantex_sim import serve_in_thread


pytestmark = pytest.mark.slow
LIVE = b"live"
EVENT = b'{"id":"evt_%d","type":"grant.revoked","createdAt":"2026-01-05T09:00:00.000Z","data":{}}'
RESTORED = (
    b"\x1b[?1049l",  # the main screen
    b"\x1b[?25h",  # the cursor
    b"\x1b[?1000l",  # no mouse
    b"\x1b[?1003l",
    b"\x1b[?1006l",
    b"\x1b[?2004l",  # no bracketed paste
    b"\x1b[?1004l",  # no focus reports
    b"\x1b[<u",  # no kitty keyboard
)


class Terminal:
    """A child on a pseudo-terminal of 160 by 48."""

    def __init__(self, *command, **environment):
        self.master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 48, 160, 0, 0))
        self.before = termios.tcgetattr(self._slave)
        self.output = b""
        self.process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
        )

    def read_until(self, wanted, timeout=30.0):
        deadline = time.monotonic() + timeout
        while wanted not in self.output:
            left = deadline - time.monotonic()
            assert left > 0, f"{wanted!r} never came: {self.output[-2000:]!r}"
            assert self.process.poll() is None or self._read(0.1), self.output[-2000:]
            self._read(left)

    def _read(self, timeout):
        if not select.select([self.master], [], [], timeout)[0]:
            return False
        self.output += os.read(self.master, 65536)
        return True

    def send(self, data):
        os.write(self.master, data)

    def wait(self, timeout=30.0):
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it never ended"
            self._read(0.05)
        while self._read(0.05):
            pass
        return self.process.returncode

    def quit(self):
        """As a person does: ask, and answer; an answer that comes too soon is none."""
        self.send(b"q")
        deadline = time.monotonic() + 30
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it never ended"
            with contextlib.suppress(OSError):
                self.send(b"y")
            self._read(0.1)
        return self.wait()

    def assert_restored(self):
        for sequence in RESTORED:
            assert sequence in self.output, sequence
        assert self.output.rindex(b"\x1b[?1049l") > self.output.rindex(b"\x1b[?1049h")
        assert self.output.rindex(b"\x1b[?1000l") > self.output.rindex(b"\x1b[?1000h")
        assert self.output.rindex(b"\x1b[?25h") > self.output.rindex(b"\x1b[?25l")
        assert termios.tcgetattr(self._slave) == self.before

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self._slave)


@pytest.fixture
def terminal(lively_script):
    with contextlib.ExitStack() as stack:

        def start(script=lively_script, *options, **environment):
            child = Terminal(script, *options, **environment)
            stack.callback(child.close)
            return child

        yield start


def test_q_and_y_quit_with_0_and_restore_the_terminal(terminal):
    child = terminal()
    child.read_until(LIVE)
    assert child.quit() == 0
    child.assert_restored()


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["TERM", "INT"]
)
def test_a_signal_ends_it_gracefully_and_restores_the_terminal(terminal, number, exit_code):
    child = terminal()
    child.read_until(LIVE)
    child.process.send_signal(number)
    assert child.wait() == exit_code
    child.assert_restored()


def test_a_crash_restores_the_terminal_tells_of_it_and_no_secret(terminal):
    child = terminal(Path(__file__).with_name("crashing.py"))
    assert child.wait() == 1
    child.assert_restored()
    assert b"the source broke" in child.output
    assert b"sesamesesame" not in child.output


def test_mouse_reports_that_are_no_utf8_are_survived(terminal):
    child = terminal()
    child.read_until(LIVE)
    child.send(b"\x1b[M" + bytes([32, 32 + 140, 32 + 10]))  # X10: column 140
    child.send(b"\x1b[M" + bytes([35, 0xFF, 0xC3]))
    child.output = b""
    child.send(b" ")
    child.read_until(b"PAUSED")
    assert child.quit() == 0
    assert b"UnicodeDecodeError" not in child.output


def test_a_terminal_that_comes_back_is_asked_for_the_mouse_again(terminal):
    child = terminal()
    child.read_until(LIVE)
    child.output = b""
    child.send(b"\x1b[O")
    child.send(b"\x1b[I")
    child.read_until(b"\x1b[?1000h")
    child.output = b""
    child.send(b"m")
    child.read_until(b"\x1b[?1000l")
    child.quit()


def test_a_terminal_that_stops_reading_does_not_stop_the_source(terminal, tmp_path):
    ticks = tmp_path / "ticks"
    child = terminal(Path(__file__).with_name("lively.py"), "--rate", "2000", "--ticks", str(ticks))
    child.read_until(LIVE)
    deadline = time.monotonic() + 30
    # Not reading: the kernel's buffer and the driver's queue fill up within a few frames.
    wanted = (ticks.stat().st_size if ticks.exists() else 0) + 200
    while not ticks.exists() or ticks.stat().st_size < wanted:
        assert time.monotonic() < deadline, "the source stands still"
        select.select([], [], [], 0.05)
    assert child.quit() == 0


def test_without_colour_no_colour_is_sent_and_states_read_as_words(terminal):
    child = terminal(Path(__file__).with_name("lively.py"), "--rate", "20", NO_COLOR="1")
    child.read_until(b"Alert")
    child.quit()
    colours = re.findall(rb"38;2;(\d+);(\d+);(\d+)", child.output)
    assert all(len(set(colour)) == 1 for colour in colours), "greys only"


def test_a_dashboard_that_fails_leaves_the_run_delivering(terminal, tmp_path):
    with serve_in_thread(payloads=[]) as simulator:
        child = terminal(
            Path(__file__).with_name("slipping.py"),
            "--url", simulator.url, "--intake-url", simulator.url, "--journal", str(tmp_path),
            "--flush-interval", "0.2", "--no-monitors",
            GRANTEX_API_KEY=simulator.grantex_key, DD_API_KEY=simulator.datadog_key,
        )  # fmt: skip
        child.read_until(b"reading and delivery go on without a screen")
        simulator.emit(*(EVENT % number for number in range(20)))
        assert simulator.wait_delivered(20, timeout_s=60)
        child.process.send_signal(signal.SIGTERM)
        assert child.wait() == 0
        child.assert_restored()
    assert b"a widget slipped" in child.output
