"""Runs `watch` without a screen: signals, printing, the summary, the exit code."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from grantex_tui.clock import WallClock
from grantex_tui.errors import ExitCode
from grantex_tui.watch.delivery_news import DeliveryNews
from grantex_tui.watch.headless import JsonPrinter, PlainPrinter, status_line
from grantex_tui.watch.masking import secrets_of
from grantex_tui.watch.narration import Narrator
from grantex_tui.watch.output import LineWriter, OutputWatch
from grantex_tui.watch.session import open_session
from grantex_tui.watch.signals import Signals


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.settings import Settings
    from grantex_tui.watch.engine import Engine, Limits
    from grantex_tui.watch.narration import LogSettings
    from grantex_tui.words.secrets import Secrets

_LOOK_EVERY = 1.0
_STATUS_EVERY = 10
"""Looks between two status lines."""
_LAST_WORDS = 1.0
"""Seconds that a reader of the last lines is given, at least."""


def run_headless(
    settings: Settings,
    limits: Limits,
    *,
    as_json: bool,
    fail_on_alert: bool = False,
    log: LogSettings | None = None,
) -> int:
    """Watch and deliver until the limits or a signal; returns the exit code.

    Nobody who reads stdout or stderr can stop it, by reading slowly, not at all, or by going away.

    Raises:
        GrantexTuiError: The run could not start, or could not go on.
    """
    secrets = secrets_of(settings, os.environ)
    narrate = Narrator.on_stderr(secrets.masked_bytes, log)
    try:
        return asyncio.run(
            _run(settings, limits, narrate, secrets, as_json=as_json, fail_on_alert=fail_on_alert)
        )
    except asyncio.CancelledError:
        return ExitCode.INTERRUPTED
    finally:
        narrate.close(_LAST_WORDS)


async def _run(
    settings: Settings,
    limits: Limits,
    narrate: Narrator,
    secrets: Secrets,
    *,
    as_json: bool,
    fail_on_alert: bool,
) -> int:
    writer = LineWriter(sys.stdout.fileno(), mask=secrets.masked_bytes)
    printer = (JsonPrinter if as_json else PlainPrinter)(writer.write, narrate, narrate.warn)
    async with open_session(
        settings, limits, observers=(printer,), clock=WallClock(), secrets=secrets
    ) as engine:
        signals = Signals(engine, narrate)
        signals.install(asyncio.get_running_loop())
        for place in engine.listening:
            narrate(f"metrics on {place}/metrics, health on {place}/livez and {place}/readyz")
        for warning in engine.frame().warnings:
            printer.on_warning(warning)
        ends_unread = not settings.forward
        await watch(engine, writer, narrate, quiet=as_json, ends_unread=ends_unread)
    summary = engine.summary()
    writer.write((summary.to_json() if as_json else summary.to_text()).encode() + b"\n")
    if not writer.close(_left(limits, signals)):
        unprinted = writer.unwritten
        narrate(f"{unprinted:,} lines could not be printed on stdout: nobody read them")
    if (failure := engine.failure()) is not None:
        raise failure
    if signals.exit_code is ExitCode.OK and fail_on_alert and engine.alerted:
        return ExitCode.FAILED
    return signals.exit_code


def _left(limits: Limits, signals: Signals) -> float:
    """Seconds for the last lines: what is left of the time that a shutdown may take."""
    if signals.asked_at is None:
        return max(limits.shutdown, _LAST_WORDS)
    spent = asyncio.get_running_loop().time() - signals.asked_at
    return max(limits.shutdown - spent - _LAST_WORDS, _LAST_WORDS)


async def watch(
    engine: Engine,
    writer: LineWriter,
    narrate: Callable[[str], None],
    *,
    quiet: bool,
    ends_unread: bool = False,
) -> None:
    """Run *engine* to its end; say how it goes, and when lines can't be printed.

    Args:
        engine: The run.
        writer: Of stdout.
        narrate: Takes a line for people.
        quiet: Without status lines.
        ends_unread: Stop once stdout's reader has gone: nothing is delivered, printing was all.
    """
    running = asyncio.create_task(engine.run())
    output = OutputWatch(writer, "stdout", narrate)
    news = DeliveryNews()
    looks = 0
    try:
        while not running.done():
            await asyncio.wait({running}, timeout=_LOOK_EVERY)
            looks += 1
            output.look()
            for line in news.look(engine.delivery, engine.now):
                narrate(line)
            if writer.is_gone and ends_unread:
                engine.stop_reading()
                await asyncio.wait({running})
            elif not quiet and not looks % _STATUS_EVERY and not running.done():
                narrate(status_line(engine.frame()))
        await running
    finally:
        if not running.done():
            running.cancel()
            await asyncio.wait({running})
