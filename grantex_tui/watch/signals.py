"""What signals ask of a run without a screen."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.watch.engine import Engine


class Signals:
    """The first SIGINT or SIGTERM asks for the graceful way out, the second leaves at once.

    SIGHUP has the key files read again and ends nothing: a terminal that goes away takes no events
    with it.
    """

    def __init__(self, engine: Engine, narrate: Callable[[str], None]) -> None:
        self._engine = engine
        self._narrate = narrate
        self._task = asyncio.current_task()
        self._asked_at: float | None = None
        self.exit_code = ExitCode.OK

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the signals, until the loop is closed."""
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal, number)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)

    @property
    def asked_at(self) -> float | None:
        """When the run was asked to end, on the loop's clock."""
        return self._asked_at

    def _on_hangup(self) -> None:
        self._engine.renew_keys()
        self._narrate("SIGHUP: key files are read again; reading and delivery go on")

    def _on_signal(self, number: signal.Signals) -> None:
        if number is signal.SIGINT:
            self.exit_code = ExitCode.INTERRUPTED
        if self._asked_at is None:
            self._asked_at = asyncio.get_running_loop().time()
            self._narrate(f"{number.name}: delivering what is there; again to leave at once")
            self._engine.stop_reading()
        elif self._task is not None:
            self._task.cancel()
