"""Runs `watch` without a screen: signals, printing, the summary, the exit code."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from grantex_tui.clock import WallClock
from grantex_tui.errors import ExitCode
from grantex_tui.watch.headless import JsonPrinter, PlainPrinter, status_line
from grantex_tui.watch.output import LineWriter
from grantex_tui.watch.session import open_session


if TYPE_CHECKING:
    from grantex_tui.settings import Settings
    from grantex_tui.watch.engine import Engine, Limits

_STATUS_EVERY = 10.0


def run_headless(
    settings: Settings, limits: Limits, *, as_json: bool, fail_on_alert: bool = False
) -> int:
    """Watch and deliver until the limits or a signal; returns the exit code.

    Raises:
        GrantexTuiError: The run could not start, or could not go on.
    """
    try:
        return asyncio.run(_run(settings, limits, as_json=as_json, fail_on_alert=fail_on_alert))
    except asyncio.CancelledError:
        return ExitCode.INTERRUPTED


async def _run(settings: Settings, limits: Limits, *, as_json: bool, fail_on_alert: bool) -> int:
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()

    def noticed() -> None:
        loop.call_soon_threadsafe(gone.set)

    # A duplicate of stdout that nobody else writes to, so that a closed pipe is ours to notice.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as stdout:
        writer = LineWriter(stdout, on_closed=noticed)
        printer = (JsonPrinter if as_json else PlainPrinter)(writer.write, narrate)
        async with open_session(
            settings, limits, observers=(printer,), clock=WallClock()
        ) as engine:
            signals = _Signals(engine)
            signals.install(loop)
            for warning in engine.frame().warnings:
                printer.on_warning(warning)
            await _watch(engine, gone, quiet=as_json)
        summary = engine.summary()
        writer.write((summary.to_json() if as_json else summary.to_text()).encode() + b"\n")
        if not writer.close(limits.shutdown) and not gone.is_set():
            narrate(f"stdout was too slow: {writer.unwritten} blocks of lines were not printed")
        if gone.is_set():
            narrate("stdout was closed by its reader; stopped")
    if (failure := engine.failure()) is not None:
        raise failure
    if signals.exit_code is ExitCode.OK and fail_on_alert and engine.alerted:
        return ExitCode.FAILED
    return signals.exit_code


async def _watch(engine: Engine, gone: asyncio.Event, *, quiet: bool) -> None:
    """Run *engine* to its end; stop it when nobody reads its output any more."""
    running = asyncio.create_task(engine.run())
    closed = asyncio.create_task(gone.wait())
    try:
        while not running.done():
            await asyncio.wait(
                {running, closed}, timeout=_STATUS_EVERY, return_when=asyncio.FIRST_COMPLETED
            )
            if closed.done():
                engine.stop_reading()
                await asyncio.wait({running})
            elif not quiet and not running.done():
                narrate(status_line(engine.frame()))
        await running
    finally:
        closed.cancel()
        if not running.done():
            running.cancel()
            await asyncio.wait({running})


class _Signals:
    """The first SIGINT or SIGTERM asks for the graceful way out, the second leaves at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._task = asyncio.current_task()
        self._asked = False
        self.exit_code = ExitCode.OK

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal, number)

    def _on_signal(self, number: signal.Signals) -> None:
        if number is signal.SIGINT:
            self.exit_code = ExitCode.INTERRUPTED
        if not self._asked:
            self._asked = True
            narrate(f"{number.name}: delivering what is there; again to leave at once")
            self._engine.stop_reading()
        elif self._task is not None:
            self._task.cancel()


def narrate(text: str) -> None:
    """One line for people, with the time, on stderr."""
    clock = datetime.now().astimezone().strftime("%H:%M:%S")
    sys.stderr.write(f"{clock} {text}\n")
    sys.stderr.flush()
