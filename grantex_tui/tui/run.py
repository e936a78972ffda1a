"""Runs the dashboard on the terminal: signals, errors, the exit code."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode
from grantex_tui.tui.app import Dashboard
from grantex_tui.tui.driver import tolerate_foreign_bytes


if TYPE_CHECKING:
    from grantex_tui.tui.source import Source


def run_dashboard(source: Source, *, mouse: bool = True) -> int:
    """Show *source* until it ends or somebody quits; returns the exit code.

    Must be called outside of an event loop. A source that needs one to be made is better run with
    `show`.

    Raises:
        GrantexTuiError: The source could not go on; the terminal has been restored.
    """
    return asyncio.run(show(source, mouse=mouse))


async def show(source: Source, *, mouse: bool = True) -> int:
    """The same, inside of an event loop."""
    tolerate_foreign_bytes()
    app = Dashboard(source, mouse=mouse)
    loop = asyncio.get_running_loop()
    leaving: set[asyncio.Task[None]] = set()

    def on_signal(exit_code: int) -> None:
        leaving.add(task := loop.create_task(app.leave(exit_code)))
        task.add_done_callback(leaving.discard)

    # Textual puts the terminal into raw mode, where ^C is a key; these come from elsewhere.
    loop.add_signal_handler(signal.SIGINT, on_signal, ExitCode.INTERRUPTED)
    loop.add_signal_handler(signal.SIGTERM, on_signal, ExitCode.OK)
    try:
        result = await app.run_async(mouse=mouse)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)
    if app.failure is not None:
        raise app.failure
    if result is None:  # it crashed; the traceback is on the screen
        return app.return_code or ExitCode.FAILED
    return result
