"""Opens the live job and shows it: what `grantex-tui watch` runs on a terminal."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from grantex_tui.clock import WallClock
from grantex_tui.errors import ExitCode
from grantex_tui.tui.explaining import Explainer
from grantex_tui.tui.host import Host, Relay
from grantex_tui.tui.run import show
from grantex_tui.watch.masking import secrets_of
from grantex_tui.watch.narration import Narrator
from grantex_tui.watch.output import LineWriter
from grantex_tui.watch.session import open_session


if TYPE_CHECKING:
    from grantex_tui.settings import Settings
    from grantex_tui.watch.engine import Limits
    from grantex_tui.watch.narration import LogSettings

_LAST_WORDS = 1.0


def start_dashboard(
    settings: Settings,
    limits: Limits,
    *,
    fail_on_alert: bool = False,
    detach: bool = False,
    log: LogSettings | None = None,
) -> int:
    """Watch and deliver with a dashboard, then print the accounts; returns the exit code.

    A dashboard that fails restores the terminal, and the run goes on without it.

    Raises:
        GrantexTuiError: The run could not start or go on; the terminal has been restored.
    """
    narrator = Narrator(None, secrets_of(settings, os.environ).masked_bytes, log)
    try:
        return asyncio.run(_run(settings, limits, fail_on_alert=fail_on_alert, detach=detach))
    finally:
        narrator.close(_LAST_WORDS)


async def _run(settings: Settings, limits: Limits, *, fail_on_alert: bool, detach: bool) -> int:
    relay = Relay()
    async with open_session(
        settings, limits, clock=WallClock(), detailed=True, observers=(relay,)
    ) as engine:
        host = Host(engine, relay)
        explainer = Explainer(settings, os.environ)
        shown = await show(host, detach=detach, explain=explainer.explain)
        exit_code = shown.exit_code
        if not host.has_ended:
            exit_code = await host.go_on(shown.lost)
    # A terminal that takes nothing any more must not keep the process.
    accounts = LineWriter(sys.stdout.fileno())
    accounts.write(engine.summary().to_text().encode("utf-8", "backslashreplace") + b"\n")
    accounts.close(_LAST_WORDS)
    if (failure := engine.failure()) is not None:
        raise failure
    if not exit_code and fail_on_alert and engine.alerted:
        return ExitCode.FAILED
    return exit_code
