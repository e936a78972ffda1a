"""T: standard streams and terminals. Nobody who reads or types may stop reading and delivery.

Each case is tried with the dashboard on a pseudo-terminal, plain and with ``--json``. A case has a
way to start the program and something that is done to it while events flow; all events have to be
delivered as soon as without it, and SIGTERM has to end it within `SHUTDOWN`.
"""

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.reliability.case import Case, Outcome
from tests.reliability.program import KEYS
from tests.reliability.sink import Sink
from tests.reliability.source import Source


RATE, EVENTS = 200.0, 400
SHUTDOWN = 10.0
"""Seconds: the default of ``shutdown_timeout``."""
LATE = 2.0
"""Seconds after the last event in which the intake has to have it: flush interval and a margin."""
DASHBOARD, PLAIN, JSON = "dashboard", "plain", "json"
MODES = (DASHBOARD, PLAIN, JSON)


@dataclass
class Run:
    """A program under test, and our ends of its standard streams."""

    process: asyncio.subprocess.Process
    ends: dict[str, int]
    """Descriptors: ``stdout`` and ``stderr`` of pipes, ``pty`` of a terminal's master."""
    taken: dict[str, bytes] = field(default_factory=dict)
    _readers: list[asyncio.Task[None]] = field(default_factory=list)

    def read(self, name: str, pause: float = 0.0) -> None:
        """Go on reading one of them in the background; 1 kB and a *pause* at a time."""
        self._readers.append(asyncio.create_task(self._read(name, pause)))

    async def _read(self, name: str, pause: float) -> None:
        descriptor = self.ends[name]
        os.set_blocking(descriptor, False)
        while True:
            try:
                data = os.read(descriptor, 1000 if pause else 65_536)
                if not data:
                    return
                self.taken[name] = self.taken.get(name, b"") + data
            except BlockingIOError:
                await asyncio.sleep(0.01)
            except OSError:
                return
            await asyncio.sleep(pause)

    def close(self, *names: str) -> None:
        """Close our ends."""
        for name in names:
            os.close(self.ends.pop(name))

    async def end(self) -> float:
        """SIGTERM; seconds until it has ended."""
        began = time.monotonic()
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), SHUTDOWN + 5)
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        for reader in self._readers:
            reader.cancel()
        self.close(*list(self.ends))
        return time.monotonic() - began


Act = Callable[[Run], Coroutine[None, None, None]]


def command(folder: Path, source: Source, sink: Sink, mode: str) -> list[str]:
    options = {DASHBOARD: [], PLAIN: ["--headless"], JSON: ["--headless", "--json"]}[mode]
    return [
        sys.executable, "-m", "grantex_tui", "watch", "--url", source.url, "--intake-url", sink.url,
        "--journal", str(folder / "journal"), "--no-monitors", "--flush-interval", "0.2", *options,
    ]  # fmt: skip


async def start(
    words: Sequence[str], *, terminal: bool, closed: Sequence[int] = (), full: Sequence[str] = ()
) -> Run:
    """Start it on a pseudo-terminal, or on two pipes.

    Args:
        words: the command.
        terminal: on a pseudo-terminal.
        closed: descriptors that are closed from the start.
        full: streams that are files on a full disk.
    """
    env = {**os.environ, **KEYS, "TERM": "xterm-256color"}
    if terminal:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = await asyncio.create_subprocess_exec(
            *words, stdin=slave, stdout=slave, stderr=slave, env=env, preexec_fn=take_terminal
        )
        os.close(slave)
        return Run(process, {"pty": master})
    given: dict[str, int] = {}
    ends: dict[str, int] = {}
    for name in ("stdout", "stderr"):
        if name in full:
            given[name] = os.open("/dev/full", os.O_WRONLY)
        else:
            ends[name], given[name] = os.pipe()

    def close_some() -> None:
        for descriptor in closed:
            os.close(descriptor)

    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=given["stdout"],
        stderr=given["stderr"],
        env=env,
        preexec_fn=close_some,
    )
    for descriptor in given.values():
        os.close(descriptor)
    return Run(process, ends)


def take_terminal() -> None:
    """Make the pseudo-terminal the controlling one, so that its end sends SIGHUP."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


async def attempt(
    mode: str, act: Act, folder: Path, *, closed: Sequence[int] = (), full: Sequence[str] = ()
) -> Outcome:
    """Run a case in one mode."""
    async with Source(RATE, EVENTS) as source, Sink() as sink:
        words = command(folder, source, sink, mode)
        run = await start(words, terminal=mode == DASHBOARD, closed=closed, full=full)
        try:
            await asyncio.wait_for(source.connected("sse"), 30)
            source.emitting.set()
            acting = asyncio.create_task(act(run))
            seconds = EVENTS / RATE + LATE
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(arrived(sink, run, acting), max(seconds, 0.1) + PATIENCE)
            await acting
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(sink.has(EVENTS), seconds)
        finally:
            took = await run.end()
    return judged(source, sink, took, run)


PATIENCE = 30.0
"""Seconds more for cases that stop the program themselves for a while."""


async def arrived(sink: Sink, run: Run, acting: asyncio.Task[None]) -> None:
    """Until everything is delivered, or the program has ended."""
    while len(sink.delivered) < EVENTS and run.process.returncode is None:
        await asyncio.sleep(0.02)
        if acting.done():
            acting.result()


def judged(source: Source, sink: Sink, took: float, run: Run) -> Outcome:
    lost = len(source.emitted) - len(sink.delivered)
    code = run.process.returncode
    figures = {
        "emitted": len(source.emitted), "delivered": len(sink.delivered), "lost": lost,
        "twice": sink.duplicates, "end": f"{took:.1f} s", "exit": code,
    }  # fmt: skip
    reasons = [
        f"{lost} lost" * bool(lost),
        f"{sink.duplicates} delivered twice" * bool(sink.duplicates),
        f"it took {took:.1f} s to end" * (took > SHUTDOWN),
        f"exit code {code}" * (code != 0),
    ]
    reason = ", ".join(each for each in reasons if each)
    return Outcome(not reason, figures, reason)


# --- what is done to it ---------------------------------------------------------------------


async def read_all(run: Run) -> None:
    for name in run.ends:
        run.read(name)


def unread(*names: str) -> Act:
    """Read all but these, which is for the dashboard: nothing."""

    async def act(run: Run) -> None:
        for name in run.ends:
            if name not in names and name != "pty":
                run.read(name)

    return act


def closing(*names: str) -> Act:
    """Read for a moment, then go away."""

    async def act(run: Run) -> None:
        for name in run.ends:
            if name not in names:
                run.read(name)
        if "pty" not in run.ends:
            await asyncio.sleep(0.5)
            run.close(*(name for name in names if name in run.ends))

    return act


async def slowly(run: Run) -> None:
    for name in run.ends:
        run.read(name, pause=1.0)


async def stop_and_read_again(run: Run) -> None:
    await asyncio.sleep(1.5)
    await read_all(run)


async def hang_up(run: Run) -> None:
    """The terminal's window is closed; without one, somebody sends SIGHUP."""
    await read_all(run)
    await asyncio.sleep(EVENTS / RATE + 0.5)
    if "pty" in run.ends:
        run.close("pty")
    else:
        run.process.send_signal(signal.SIGHUP)
        await asyncio.sleep(0.5)


def stopped_by(number: signal.Signals, seconds: float) -> Act:
    async def act(run: Run) -> None:
        await read_all(run)
        await asyncio.sleep(0.5)
        run.process.send_signal(number)
        await asyncio.sleep(seconds)
        run.process.send_signal(signal.SIGCONT)

    return act


async def two_sigterms(run: Run) -> None:
    """The second signal leaves at once; what is undelivered stays in the journal."""
    await read_all(run)
    await asyncio.sleep(EVENTS / RATE + LATE)
    run.process.send_signal(signal.SIGTERM)
    run.process.send_signal(signal.SIGTERM)


async def resize(run: Run) -> None:
    await read_all(run)
    for step in range(100):
        if "pty" in run.ends:
            size = struct.pack("HHHH", 10 + step % 50, 20 + step % 180, 0, 0)
            fcntl.ioctl(run.ends["pty"], termios.TIOCSWINSZ, size)
        run.process.send_signal(signal.SIGWINCH)
        await asyncio.sleep(0.01)


async def mouse(run: Run) -> None:
    await read_all(run)
    for step in range(0x80, 0x100):
        if "pty" in run.ends:
            os.write(run.ends["pty"], b"\x1b[M" + bytes([32, step, 40]))
        await asyncio.sleep(0.005)


ROWS: Sequence[tuple[str, str, Act, dict[str, Sequence[int] | Sequence[str]], Sequence[str]]] = (
    ("1", "stdout unread", unread("stdout"), {}, MODES),
    ("2", "stderr unread", unread("stderr"), {}, (PLAIN, JSON)),
    ("3", "both unread", unread("stdout", "stderr"), {}, (PLAIN, JSON)),
    ("4", "stdout closed by its reader", closing("stdout"), {}, (PLAIN, JSON)),
    ("5", "stderr closed by its reader", closing("stderr"), {}, (PLAIN, JSON)),
    ("6", "both closed by their reader", closing("stdout", "stderr"), {}, (PLAIN, JSON)),
    ("7", "stdin closed", read_all, {"closed": (0,)}, (PLAIN, JSON)),
    ("8", "all three closed", read_all, {"closed": (0, 1, 2)}, (PLAIN, JSON)),
    ("9", "stdout a full disk's file", read_all, {"full": ("stdout",)}, (PLAIN, JSON)),
    ("10", "stderr a full disk's file", read_all, {"full": ("stderr",)}, (PLAIN, JSON)),
    ("11", "a slow reader (1 kB/s)", slowly, {}, MODES),
    ("12", "terminal unread (Ctrl-S)", unread(), {}, (DASHBOARD,)),
    ("13", "unread, then read", stop_and_read_again, {}, MODES),
    ("14", "terminal gone (SIGHUP)", hang_up, {}, MODES),
    ("15", "SIGTSTP, SIGCONT", stopped_by(signal.SIGTSTP, 1.0), {}, MODES),
    ("16", "SIGSTOP 85 s", stopped_by(signal.SIGSTOP, 85.0), {}, MODES),
    ("17", "SIGTERM while unread", unread("stdout", "stderr"), {}, MODES),
    ("18", "second SIGTERM", two_sigterms, {}, MODES),
    ("19", "resize storm", resize, {}, MODES),
    ("20", "mouse bytes from 0x80 on", mouse, {}, (DASHBOARD,)),
)
_BRIEF = {
    ("1", DASHBOARD),
    ("3", PLAIN),
    ("6", JSON),
    ("9", JSON),
    ("13", DASHBOARD),
    ("14", DASHBOARD),
}

CASES: Sequence[Case] = tuple(
    Case(
        number, f"{name}, {mode}", partial(attempt, mode, act, **given),  # type: ignore[arg-type]  # one of two keywords
        brief=(number, mode) in _BRIEF, timeout=180,
    )
    for number, name, act, given, modes in ROWS
    for mode in modes
)  # fmt: skip
