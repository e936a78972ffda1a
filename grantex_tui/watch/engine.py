"""The live job: what the stream brings goes to the journal, then to whoever counts, judges, sends.

The engine decides nothing of its own. It keeps the order (journal first: what is not kept is not
promised), the limits of the run (so many events, so many seconds), and the way out: stop reading,
drain, close.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grantex_tui.clock import as_recorded, rfc3339
from grantex_tui.delivery.status import DeliveryState, DeliveryView
from grantex_tui.errors import GrantexTuiError, JournalError
from grantex_tui.events.event import Event, Malformed
from grantex_tui.events.live.connection import ConnectionState, ConnectionView
from grantex_tui.watch.answering import first_failure, loss, never_connected, refused_logs
from grantex_tui.watch.delivery_news import standing_words
from grantex_tui.watch.frame import Frame, MonitorView
from grantex_tui.watch.summary import Summary
from grantex_tui.words.log_lines import told
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.clock import Clock
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.live.connection import PathView
    from grantex_tui.events.live.sse import Oversized
    from grantex_tui.monitoring.evaluate.states import Notification
    from grantex_tui.watch.roles import Judge, Log, Observer, Reader, Sender
    from grantex_tui.watch.tally import Tally

_log = logging.getLogger(__name__)
_GAPS_SHOWN = 1000
_TEND_EVERY = 0.5
_TICK_LAG = 0.05
"""Seconds past the full one at which ticks are looked for: a read may have just been stamped."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When the run ends by itself, and how long its end may take (seconds)."""

    events: int | None = None
    seconds: float | None = None
    shutdown: float = 10.0


class Engine:
    """One run of `watch`.

    Construct it with a *reader* that is told to report to the engine (it has the stream
    listener's methods), then `run` it and call `stop` for the graceful way out.
    """

    def __init__(
        self,
        *,
        source: str,
        journal: Log,
        journal_path: str,
        sender: Sender | None,
        tally: Tally,
        clock: Clock,
        limits: Limits,
        mask: Callable[[str], str] = str,
        observers: Sequence[Observer] = (),
        warnings: Sequence[str] = (),
        listening: Sequence[str] = (),
    ) -> None:
        self._source = source
        self._journal = journal
        self._journal_path = journal_path
        self._sender = sender
        self._tally = tally
        self._clock = clock
        self._limits = limits
        self._mask = mask
        self._observers = observers
        self._warnings = list(warnings)
        self._monitors: Judge | None = None
        self._monitor_views: tuple[MonitorView, ...] = ()
        self._monitors_seen = -1
        self._started_at = clock.now()
        self._gaps: list[Gap] = []
        self._was_live = False
        self._failed: ConnectionView | None = None
        """The last attempt that failed."""
        self._closing: JournalError | None = None
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[object] | None = None
        self._reader: Reader | None = None
        self.listening = tuple(listening)
        """Where metrics and health are to be had."""
        self.bucket_width = 1
        """Seconds that one bar of the chart stands for."""
        self.renewals: list[Callable[[], None]] = []
        """What reads the keys again."""
        self.refusal: GrantexTuiError | None = None
        """Why the stream can't go on, once it can't."""

    def renew_keys(self) -> None:
        """Read the keys that came from files again."""
        for renew in self.renewals:
            renew()

    def attach(self, reader: Reader, monitors: Judge | None = None) -> None:
        """Give the engine the stream, and the monitors, that report to it."""
        self._reader = reader
        self._monitors = monitors

    # --- what the stream reports ------------------------------------------------------------

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Keep a read, then let everybody see it."""
        items = self._within_limit(items)
        if not items:
            return
        received_at = as_recorded(received_at)  # so that a rehearsal of the journal says the same
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(
                "read %s", count(len(items), "event"), extra=told(receivedAt=rfc3339(received_at))
            )
        self._keep(items, received_at)
        self._tally.add(items, received_at)
        if self._monitors is not None:
            self._monitors.on_read(items, received_at)
        for observer in self._observers:
            observer.on_read(items, received_at)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(
                "counted %s",
                count(len(items), "event"),
                extra=told(receivedAt=rfc3339(received_at)),
            )
        if self._limits.events is not None and self._tally.received >= self._limits.events:
            self.stop_reading()

    def on_oversized(self, event: Oversized, received_at: float) -> None:
        """Count and name an event that was too large to take."""
        del received_at
        self._tally.add_skipped()
        head = event.head[:80].decode("utf-8", "replace")
        self._warn(f"skipped an event of {event.size:,} bytes, over the limit: {head}…")

    def on_gap(self, gap: Gap) -> None:
        """Keep a gap and tell of it."""
        gap = replace(gap, reason=self._mask(gap.reason))
        self._gaps = [*self._gaps[-_GAPS_SHOWN:], gap]
        self._journal.append_gap(gap)
        self._tell_journal()
        for observer in self._observers:
            observer.on_gap(gap)

    def on_gap_opened(self, gap: Gap) -> None:
        """Keep that a gap has begun: whoever ends this run may leave no time to say so later."""
        try:
            self._journal.append_gap(gap)
        except JournalError as error:
            self._warn(error.message)

    def on_connection(self, view: ConnectionView) -> None:
        """Tell of the connection's new state."""
        view = self._masked(view)
        self._was_live = self._was_live or view.state is ConnectionState.LIVE
        if view.state in (ConnectionState.WAITING, ConnectionState.LOCKED_OUT):
            self._failed = view
        for observer in self._observers:
            observer.on_connection(view)

    def on_notice(self, text: str) -> None:
        """Tell of what a path lacks."""
        for observer in self._observers:
            observer.on_warning(text)

    def _within_limit(self, items: Sequence[Event | Malformed]) -> Sequence[Event | Malformed]:
        """*items* up to the run's last event; what the socket brought after it is not taken."""
        if self._limits.events is None:
            return items
        room = self._limits.events - self._tally.received
        if len(items) <= room:
            return items
        for index, item in enumerate(items):
            if isinstance(item, Event):
                if room <= 0:
                    return items[:index]
                room -= 1
        return items if self._tally.received < self._limits.events else ()

    def _keep(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        self._journal.append(items, received_at)
        self._tell_journal()
        if self._sender is not None:
            self._sender.notify()

    def _tell_journal(self) -> None:
        """Say what has begun or ended with the journal."""
        for text in self._journal.notices():
            for observer in self._observers:
                observer.on_warning(text)

    def _warn(self, text: str) -> None:
        text = self._mask(text)
        if text not in self._warnings:
            self._warnings = [*self._warnings[-20:], text]
        for observer in self._observers:
            observer.on_warning(text)

    def on_notification(self, told: Notification) -> None:
        """Tell of a monitor's transition."""
        for observer in self._observers:
            observer.on_notification(told)

    # --- the run ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Read and deliver until stopped or the run's limit, then drain and close.

        Returns normally when Grantex refuses the stream, too: `refusal` then says why, and
        delivery of what is there has been finished.

        Raises:
            JournalError: The journal failed in the forwarder's hands.
        """
        assert self._reader is not None, "attach a reader first"
        self._task = asyncio.current_task()
        reading = asyncio.create_task(self._reader.run())
        sending = asyncio.create_task(self._send())
        stopping = asyncio.create_task(self._stopping.wait())
        judging = asyncio.create_task(self._judge())
        tending = asyncio.create_task(self._tend())
        timer = self._limits.seconds
        try:
            await asyncio.wait(
                {reading, sending, stopping, judging, tending},
                timeout=timer,
                return_when=asyncio.FIRST_COMPLETED,
            )
            self._reader.stop()
            await asyncio.wait({reading})
            self._note_refusal(reading)
            if self._sender is not None and not sending.done():
                await self._sender.drain(self._limits.shutdown)
        finally:
            tasks = {reading, sending, stopping, judging, tending}
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            self._close()
        for task in (sending, judging, tending):
            if not task.cancelled():
                task.result()

    async def _send(self) -> None:
        if self._sender is None:
            await self._stopping.wait()
            return
        await self._sender.run()

    def _close(self) -> None:
        undelivered = None if self._sender is None else self._sender.view().pending
        try:
            self._journal.close(undelivered)
        except JournalError as error:
            self._closing = error
        self._tell_journal()
        if self._sender is not None:
            self._sender.notify()

    async def _tend(self) -> None:
        """Look after the journal, which may wait for a disk."""
        while True:
            await asyncio.sleep(_TEND_EVERY)
            self._journal.tend(self._clock.now())
            self._tell_journal()
            if self._sender is not None and self._journal.standing:
                self._sender.notify()

    async def _judge(self) -> None:
        """Run the monitors' ticks as their time comes."""
        while self._monitors is not None:
            now = self._clock.now()
            self._monitors.advance(now)
            for text in self._monitors.warnings():
                self._warn(text)
            await asyncio.sleep(_TICK_LAG + 1.0 - now % 1.0)
        await self._stopping.wait()

    def _note_refusal(self, reading: asyncio.Task[None]) -> None:
        error = reading.exception()
        if isinstance(error, GrantexTuiError):
            error.message, error.hint = self._mask(error.message), self._mask(error.hint)
            self.refusal = error
        elif error is not None:
            raise error

    def retry_delivery(self) -> None:
        """Try to deliver now, whatever wait there is."""
        if self._sender is not None:
            self._sender.try_now()

    def abort(self) -> None:
        """Leave at once: `run` is cancelled, what is undelivered stays where it is kept."""
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """Ask for the graceful way out: stop reading, drain, close. `run` returns then."""
        self.stop_reading()

    def stop_reading(self) -> None:
        """The same, from code that can't wait."""
        self._stopping.set()

    # --- what everybody sees ----------------------------------------------------------------

    def frame(self) -> Frame:
        """Everything, as it is now."""
        now = self._clock.now()
        connection = self._reader.view if self._reader is not None else ConnectionView()
        connection = self._masked(connection)
        delivery = self.delivery
        return Frame(
            now=now,
            started_at=self._started_at,
            source=self._source,
            connection=connection,
            paths=self._paths(),
            tally=self._tally.view(now, width=self.bucket_width),
            delivery=delivery,
            gaps=self._all_gaps(),
            monitors=self._views(),
            monitors_version=0 if self._monitors is None else self._monitors.version,
            journal=self._journal_path,
            warnings=(*self._warnings, *self._journal.standing, *standing_words(delivery)),
            troubles=tuple(self._journal.standing),
        )

    @property
    def alerted(self) -> bool:
        """Whether a monitor has gone to Alert in this run."""
        return self._monitors is not None and self._monitors.alerted

    def _views(self) -> tuple[MonitorView, ...]:
        if self._monitors is not None and self._monitors.version != self._monitors_seen:
            self._monitors_seen = self._monitors.version
            self._monitor_views = self._monitors.views()
        return self._monitor_views

    @property
    def now(self) -> float:
        """The run's time, in epoch seconds."""
        return self._clock.now()

    @property
    def delivery(self) -> DeliveryView:
        """The forwarder's accounts, as they are now."""
        if self._sender is None:
            dropped = tuple(self._journal.dropped.items())
            return DeliveryView(state=DeliveryState.OFF, dropped=dropped)
        return self._sender.view()

    def _masked(self, view: ConnectionView) -> ConnectionView:
        """A view without the keys that a server may have repeated."""
        return replace(view, detail=self._mask(view.detail))

    def _paths(self) -> tuple[PathView, ...]:
        paths = () if self._reader is None else self._reader.paths
        return tuple(replace(path, connection=self._masked(path.connection)) for path in paths)

    def _all_gaps(self) -> tuple[Gap, ...]:
        """The gaps so far, and the one that lasts while there is no stream."""
        open_gap = None if self._reader is None else self._reader.open_gap
        if open_gap is None:
            return tuple(self._gaps)
        return (*self._gaps, replace(open_gap, reason=self._mask(open_gap.reason)))

    def summary(self) -> Summary:
        """The run's accounts, for its end."""
        frame = self.frame()
        delivery = frame.delivery
        return Summary(
            received=frame.tally.received,
            by_type=frame.tally.by_type,
            malformed=frame.tally.malformed,
            skipped=frame.tally.skipped,
            gaps=frame.gaps,
            paths=frame.paths,
            delivered=delivery.delivered,
            pending=delivery.pending,
            dead_lettered=delivery.dead_lettered,
            dropped=delivery.dropped,
            requests=delivery.requests,
            retries=delivery.retries,
            seconds=frame.now - self._started_at,
            carried_over=delivery.carried_over,
            truncated=delivery.truncated,
            late=delivery.late,
        )

    def failure(self) -> GrantexTuiError | None:
        """What a run that has ended must answer for, the worst first."""
        delivery = self.delivery
        failed = None if self._was_live else self._failed
        return first_failure(
            loss(delivery.dropped),
            self.refusal,
            refused_logs(delivery, is_kept=bool(self._journal_path)),
            self._closing,
            never_connected(failed, self._limits.seconds),
        )
