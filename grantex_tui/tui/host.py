"""A run that outlives its screen: the screen may fail or go away, reading and delivery go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode
from grantex_tui.watch.headless import PlainPrinter, status_line
from grantex_tui.watch.narration import Narrator
from grantex_tui.watch.signals import Signals


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.event import Event, Malformed
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.live.connection import ConnectionView
    from grantex_tui.monitoring.evaluate.states import Notification
    from grantex_tui.watch.engine import Engine
    from grantex_tui.watch.frame import Frame
    from grantex_tui.watch.roles import Observer

_STATUS_EVERY = 10.0
_LAST_WORDS = 1.0


class Relay:
    """An observer that passes on to another one, once there is one."""

    def __init__(self) -> None:
        self.target: Observer | None = None

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Pass on."""
        if self.target is not None:
            self.target.on_read(items, received_at)

    def on_gap(self, gap: Gap) -> None:
        """Pass on."""
        if self.target is not None:
            self.target.on_gap(gap)

    def on_connection(self, view: ConnectionView) -> None:
        """Pass on."""
        if self.target is not None:
            self.target.on_connection(view)

    def on_warning(self, text: str) -> None:
        """Pass on."""
        if self.target is not None:
            self.target.on_warning(text)

    def on_notification(self, told: Notification) -> None:
        """Pass on."""
        if self.target is not None:
            self.target.on_notification(told)


class Host:
    """The dashboard's `Source`: an engine whose run belongs to nobody's screen."""

    def __init__(self, engine: Engine, relay: Relay) -> None:
        self._engine = engine
        self._relay = relay
        self._task: asyncio.Task[None] | None = None

    @property
    def bucket_width(self) -> int:
        """Seconds that one bar of the chart stands for."""
        return self._engine.bucket_width

    @bucket_width.setter
    def bucket_width(self, seconds: int) -> None:
        self._engine.bucket_width = seconds

    def frame(self) -> Frame:
        """Everything, as it is now."""
        return self._engine.frame()

    def _running(self) -> asyncio.Task[None]:
        if self._task is None:
            self._task = asyncio.create_task(self._engine.run())
        return self._task

    @property
    def has_ended(self) -> bool:
        """Whether the run is over."""
        return self._task is not None and self._task.done()

    async def run(self) -> None:
        """Wait for the run's end; whoever waits may be cancelled, the run is not."""
        await asyncio.shield(self._running())

    async def stop(self) -> None:
        """Ask for the graceful way out."""
        await self._engine.stop()

    def retry_delivery(self) -> None:
        """Try to deliver now."""
        self._engine.retry_delivery()

    def abort(self) -> None:
        """Leave at once."""
        self._engine.abort()

    async def go_on(self, reason: str) -> int:
        """Run to the end without a screen, with narration on stderr; returns the exit code.

        Args:
            reason: why there is no screen any more.

        Raises:
            GrantexTuiError: The run could not go on.
        """
        narrate = Narrator.on_stderr()
        narrate(f"{reason}; reading and delivery go on without a screen")
        narrate("SIGINT or SIGTERM ends the run; at the next start add --headless for a server")
        self._relay.target = PlainPrinter(lambda _: None, narrate, narrate.warn)
        signals = Signals(self._engine, narrate)
        signals.install(asyncio.get_running_loop())
        running = self._running()
        try:
            while not running.done():
                await asyncio.wait({running}, timeout=_STATUS_EVERY)
                narrate(status_line(self._engine.frame()))
        except asyncio.CancelledError:  # the second signal
            self.abort()
            await asyncio.wait({running})
            return ExitCode.INTERRUPTED
        finally:
            narrate.close(_LAST_WORDS)
        running.result()
        return signals.exit_code
