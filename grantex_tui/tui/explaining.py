"""Explanations of monitors, worked out by `rehearse explain` over the journal in another process.

Reading a journal of a gigabyte takes a processor for seconds; the process that reads the stream and
delivers has better things to do. The other one runs at low priority, and never sees a key.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.clock import rfc3339


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.settings import Settings

_NICE = 10
_PATIENCE = 120.0
"""Seconds after which an explanation is given up."""
_COLUMNS = 100
_KEYS = ("GRANTEX_API_KEY", "DD_API_KEY")


@dataclass(frozen=True, slots=True)
class Explainer:
    """Asks for explanations as this run's settings say."""

    settings: Settings
    environment: Mapping[str, str]

    def command(self, monitor: str, journal: str, at: float) -> list[str]:
        """What is run, and what a person may run to see the same."""
        settings = self.settings
        words = [
            "rehearse",
            "explain",
            monitor,
            journal,
            "--at",
            rfc3339(at),
            "--delivery",
            "instant",
        ]
        for option, values in (
            ("--monitors", settings.monitors),
            ("--pipeline", settings.pipelines),
            ("--tag", settings.tags),
            ("--service", (settings.service,)),
            ("--source", (settings.source,)),
        ):
            words += [word for value in values for word in (option, value)]
        return words

    async def explain(self, monitor: str, journal: str, at: float) -> str:
        """The explanation of *monitor* as of *at* (epoch seconds), or why there is none."""
        if not journal:
            return "there is no journal, and an explanation is made of what is in it"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "grantex_tui", *self.command(monitor, journal, at),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={
                **{name: value for name, value in self.environment.items() if name not in _KEYS},
                "COLUMNS": str(_COLUMNS),
                "NO_COLOR": "1",
            },
        )  # fmt: skip
        with suppress(OSError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
        try:
            async with asyncio.timeout(_PATIENCE):
                said, wrong = await process.communicate()
        except TimeoutError:
            return f"it took more than {_PATIENCE:.0f} s and was given up"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return (said or wrong).decode("utf-8", "replace")
