"""The forwarder that `grantex-sim run` is about: started, watched until it is judged, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING, Final

from grantex_sim.runtimes.environment import Entrance, environment
from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Sequence

    from grantex_sim.account.report import Report
    from grantex_sim.runtimes.trust import Trust
    from grantex_sim.service.app import Simulator

_GLANCE: Final = 0.1
"""Seconds between two looks at an account that only time can settle."""
_CALM: Final = 0.3
"""Seconds without a request, with all delivered and no fault in force, until it is done."""
_PATIENCE: Final = 10.0
"""Seconds that it has for what is still on its way, once it is asked to end."""


class Forwarder:
    """One process.

    Args:
        simulator: What it is to come to.
        trust: What it is to trust.
        settle: Seconds without a further request after which what is missing is lost.
        connect_within: Seconds that it has to open the stream.
    """

    def __init__(
        self, simulator: Simulator, trust: Trust, *, settle: float, connect_within: float
    ) -> None:
        self._simulator = simulator
        self._trust = trust
        self._settle = settle
        self._connect_within = connect_within
        self._signals = 0
        self._asked_to_end = False
        self.said = ""
        """Why it was ended before its time, if it was."""

    async def run(self, words: Sequence[str]) -> int | None:
        """Start it, and wait for the end; its exit code, None if we have ended it.

        Raises:
            UsageError: There is no such program.
        """
        process = await self._start(words)
        self._mind_signals(process)
        ended = asyncio.create_task(process.wait())
        judged = asyncio.create_task(self._judged())
        failed = asyncio.ensure_future(self._failure())
        try:
            await asyncio.wait({ended, judged, failed}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await self._end(process, ended)
        finally:
            for task in (judged, failed):
                task.cancel()
            await asyncio.gather(judged, failed, return_exceptions=True)
            if process.returncode is None:
                process.kill()
                await ended
        return None if self._asked_to_end else process.returncode

    async def _start(self, words: Sequence[str]) -> Process:
        options = self._simulator.options
        entrance = Entrance(
            url=self._simulator.url,
            grantex_key=options.grantex_key,
            datadog_key=options.datadog_key,
            datadog_app_key=options.datadog_app_key,
        )
        try:
            return await asyncio.create_subprocess_exec(
                *words, env=environment(entrance, self._trust, os.environ)
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(
                f"{words[0]!r} can't be started: {reason}", hint="Name a program behind --."
            ) from error

    def _mind_signals(self, process: Process) -> None:
        """Ctrl-C reaches the command by itself; its end is awaited, and the second time forced."""

        def interrupted() -> None:
            self._signals += 1
            self._asked_to_end = True
            if self._signals > 1:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()

        def terminated() -> None:
            self._asked_to_end = True
            with contextlib.suppress(ProcessLookupError):
                process.terminate()

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, interrupted)
        loop.add_signal_handler(signal.SIGTERM, terminated)

    async def _judged(self) -> None:
        """Until every event is out and delivered, or nothing goes on any more, or nobody comes."""
        session, loop = self._simulator.session, asyncio.get_running_loop()
        until = loop.time() + self._connect_within
        while not session.control.report(0).streams_opened:
            if session.control.report(0).connections_hit:
                until = loop.time() + self._connect_within
            elif loop.time() >= until:
                self.said = (
                    f"it did not open the stream within {self._connect_within:g} s: neither "
                    "https://api.grantex.dev/v1/events/stream nor that of GRANTEX_URL"
                )
                return
            await asyncio.sleep(_GLANCE)
        if session.emission is None:
            await asyncio.Event().wait()  # events are posted by others: there is no end to see
        before, since = -1, loop.time()
        while True:
            report = session.control.report(0, settle=0.0)
            if (progress := session.ledger.answered + report.emitted) != before:
                before, since = progress, loop.time()
            if not report.emitting and loop.time() - since >= self._quiet(report):
                return
            await asyncio.sleep(_GLANCE)

    def _quiet(self, report: Report) -> float:
        """Seconds without a request after which no more is to be expected.

        What has been delivered may be sent again as long as a fault can have kept the answer away.
        """
        is_owing = report.verdicts.lost + report.verdicts.pending
        return self._settle if is_owing or self._simulator.session.faults.active else _CALM

    async def _failure(self) -> None:
        """Until the simulator's own work fails."""
        failed = asyncio.Event()
        self._simulator.on_failure = lambda _error: failed.set()
        await failed.wait()

    async def _end(self, process: Process, ended: asyncio.Task[int]) -> None:
        self._asked_to_end = True
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        done, _ = await asyncio.wait({ended}, timeout=_PATIENCE)
        if not done:
            self.said = self.said or f"it did not end within {_PATIENCE:g} s of SIGTERM: killed"
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await ended
