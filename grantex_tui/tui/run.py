"""Runs the dashboard on the terminal: signals, errors, the exit code."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.ending import say
from grantex_tui.errors import ExitCode
from grantex_tui.tui.app import Dashboard
from grantex_tui.tui.terminal import TerminalDriver, tame_the_driver


if TYPE_CHECKING:
    from grantex_tui.tui.source import Explain, Source


@dataclass(frozen=True, slots=True)
class Shown:
    """How the dashboard came to its end."""

    exit_code: int
    lost: str = ""
    """Why the screen is gone while the source goes on; empty where that has ended."""


def run_dashboard(source: Source, *, mouse: bool = True) -> int:
    """Show *source* until it ends or somebody quits; returns the exit code.

    Must be called outside of an event loop. A source that needs one to be made is better run with
    `show`.

    Raises:
        GrantexTuiError: The source could not go on; the terminal has been restored.
    """
    return asyncio.run(show(source, mouse=mouse)).exit_code


async def show(
    source: Source,
    *,
    mouse: bool = True,
    detach: bool = False,
    explain: Explain | None = None,
) -> Shown:
    """The same, inside of an event loop.

    Args:
        source: what is shown.
        mouse: whether the terminal reports it.
        detach: leave the source running when the terminal goes away, instead of draining it.
        explain: says why a monitor stands as it does.
    """
    tame_the_driver()
    app = Dashboard(
        source, mouse=mouse, driver_class=TerminalDriver, detach=detach, explain=explain
    )
    loop = asyncio.get_running_loop()
    leaving: set[asyncio.Task[None]] = set()

    def on_signal(exit_code: int) -> None:
        leaving.add(task := loop.create_task(app.leave(exit_code)))
        task.add_done_callback(leaving.discard)

    # Textual puts the terminal into raw mode, where ^C is a key; these come from elsewhere.
    loop.add_signal_handler(signal.SIGINT, on_signal, ExitCode.INTERRUPTED)
    loop.add_signal_handler(signal.SIGTERM, on_signal, ExitCode.OK)
    loop.add_signal_handler(signal.SIGHUP, lambda: app.call_later(app.on_terminal_gone))
    try:
        result = await app.run_async(mouse=mouse)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
    if app.failure is not None:
        raise app.failure
    if app.last_words:
        say(app.last_words)
    if result is None:
        return Shown(app.return_code or ExitCode.FAILED, "the dashboard failed (see above)")
    return Shown(result, "the terminal is gone" if app.is_detached else "")
