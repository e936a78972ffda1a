"""Opens the live job and shows it: what `grantex-tui watch` runs on a terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from grantex_tui.clock import WallClock
from grantex_tui.errors import ExitCode
from grantex_tui.tui.run import show
from grantex_tui.watch.session import open_session


if TYPE_CHECKING:
    from grantex_tui.settings import Settings
    from grantex_tui.watch.engine import Limits


def start_dashboard(settings: Settings, limits: Limits, *, fail_on_alert: bool = False) -> int:
    """Watch and deliver with a dashboard, then print the accounts; returns the exit code.

    Raises:
        GrantexTuiError: The run could not start or go on; the terminal has been restored.
    """
    return asyncio.run(_run(settings, limits, fail_on_alert=fail_on_alert))


async def _run(settings: Settings, limits: Limits, *, fail_on_alert: bool) -> int:
    async with open_session(settings, limits, clock=WallClock(), detailed=True) as engine:
        exit_code = await show(engine)
    sys.stdout.write(engine.summary().to_text() + "\n")
    if (failure := engine.failure()) is not None:
        raise failure
    if not exit_code and fail_on_alert and engine.alerted:
        return ExitCode.FAILED
    return exit_code
