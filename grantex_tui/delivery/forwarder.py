"""The loop: from the journal to the intake, and the checkpoint behind it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter, deque
from typing import TYPE_CHECKING, Protocol

import msgspec

from grantex_tui.delivery.batch import BatchSettings, EntryFormat
from grantex_tui.delivery.dispatch import Dispatcher
from grantex_tui.delivery.gate import MAX_IN_FLIGHT, Gate
from grantex_tui.delivery.status import Buried, DeliveryState, DeliveryView, RequestRecord
from grantex_tui.errors import JournalError
from grantex_tui.words.display import printable
from grantex_tui.words.log_lines import told
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from grantex_tui.clock import Clock
    from grantex_tui.delivery.intake import Reply
    from grantex_tui.delivery.requests import Batch
    from grantex_tui.events.kept.spool import DeadLetter, Spool

_log = logging.getLogger(__name__)
PERSIST_EVERY = 1.0
UNANSWERED_AFTER = 10.0
"""Seconds from which a request in flight is no sign of health any more."""
_REQUESTS_SHOWN = 5


def buried(letter: DeadLetter) -> Buried:
    """A dead letter as people are told of it, made safe."""
    try:
        entry = msgspec.json.decode(letter.entry, type=_Message)
        event_id = msgspec.json.decode(entry.message, type=_Id).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        event_id = ""
    return Buried(printable(event_id or "without id", limit=80), letter.reason)


class _Message(msgspec.Struct):
    message: str


class _Id(msgspec.Struct):
    id: str


class Poster(Protocol):
    """The intake, as far as the forwarder uses it."""

    async def post(self, entries: Sequence[bytes]) -> Reply:
        """Send *entries* in one request; whatever happens is a verdict."""
        ...

    def change_key(self, key: str) -> None:
        """Use *key* from the next request on."""
        ...


def _place_of(batch: Batch) -> dict[str, object]:
    """Which events of the journal a request holds: where their lines end in their segment."""
    first, last = batch.entries[0].end, batch.entries[-1].end
    return {"request": batch.number, "segment": batch.segment, "first": first, "last": last}


async def wait_for(event: asyncio.Event, seconds: float | None) -> None:
    """Until *event* is set, but no longer than *seconds*."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Forwarder:
    """Delivers what is in the spool, until cancelled."""

    def __init__(
        self,
        spool: Spool,
        intake: Poster,
        *,
        clock: Clock,
        target: str,
        settings: BatchSettings | None = None,
        entry_format: EntryFormat | None = None,
        max_in_flight: int = MAX_IN_FLIGHT,
        persist_every: float = PERSIST_EVERY,
        jitter: Callable[[], float] = random.random,
        pause: Callable[[asyncio.Event, float | None], Awaitable[None]] = wait_for,
    ) -> None:
        """Wire it up.

        Args:
            spool: Where events wait.
            intake: Where they go.
            clock: For ages, waits and what is shown.
            target: The intake's name on the screen, without credentials.
            settings: When a batch is due.
            entry_format: How an event becomes an entry.
            max_in_flight: Requests at a time, at most.
            persist_every: Seconds between two checkpoints that survive a power cut.
            jitter: Uniform in [0, 1), for the waits between retries.
            pause: Waits for an event or so many seconds.
        """
        self._spool = spool
        self._intake = intake
        self._clock = clock
        self._target = target
        self._gate = Gate(jitter, max_in_flight=max_in_flight)
        self._dispatcher = Dispatcher(
            spool,
            self._gate,
            settings=settings or BatchSettings(),
            entry_format=entry_format or EntryFormat(),
            clock=clock,
        )
        self._entry_date = (entry_format or EntryFormat()).entry_date
        self._persist_every = persist_every
        self._pause = pause
        self._wake = asyncio.Event()
        self._finished = asyncio.Event()
        self._sleeping_until: float | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._persisting: asyncio.Task[None] | None = None
        self._persist_at: float | None = None
        self._records: deque[RequestRecord] = deque(maxlen=_REQUESTS_SHOWN)
        self._answers: Counter[tuple[str, str]] = Counter()
        self._version = 0
        self._view = DeliveryView(version=-1)
        self._state = DeliveryState.OK
        self._since = clock.now()
        self._began: dict[int, float] = {}
        self._turns_at: float | None = None

    # --- what others ask --------------------------------------------------------------------

    def notify(self) -> None:
        """There is more in the spool."""
        self._version += 1
        if self._wake.is_set():
            return
        wake_at = self._dispatcher.wake_at(self._clock.monotonic())
        if wake_at is not None and (self._sleeping_until is None or wake_at < self._sleeping_until):
            self._wake.set()

    def change_key(self, key: str) -> None:
        """Use another API key, and try it at once."""
        self._intake.change_key(key)
        self.try_now()

    def try_now(self) -> None:
        """Ask the intake at once, whatever wait there is."""
        self._gate.reopen()
        self._version += 1
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled.

        Raises:
            JournalError: The journal can't be read.
        """
        try:
            while True:
                self._wake.clear()
                await self._launch()
                await self._pause(self._wake, self._rest())
                self._sleeping_until = None
                if self._failure is not None:
                    raise self._failure
        finally:
            tasks = {*self._sending, *([self._persisting] if self._persisting else [])}
            for task in self._sending:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    async def drain(self, within: float) -> None:
        """Deliver what is there, part-filled batch included, in at most *within* seconds.

        Returns early when nothing more can be done in that time. What is left stays in the spool.
        """
        self._dispatcher.draining = True
        deadline = self._clock.monotonic() + within
        self.try_now()
        while not self._dispatcher.idle and not self._is_hopeless(deadline):
            left = deadline - self._clock.monotonic()
            if left <= 0:
                break
            self._finished.clear()
            await self._pause(self._finished, left)
        await self._persist()

    def _is_hopeless(self, deadline: float) -> bool:
        """Whether no request can end before *deadline*."""
        if self._dispatcher.in_flight or self._gate.closed_until is None:
            return False
        return self._gate.state is DeliveryState.HELD or self._gate.closed_until >= deadline

    # --- the loop ---------------------------------------------------------------------------

    async def _launch(self) -> None:
        while batch := self._dispatcher.next_batch(self._clock.monotonic()):
            task = asyncio.create_task(self._send(batch))
            self._sending.add(task)
            task.add_done_callback(self._sent)
            self._version += 1
            await asyncio.sleep(0)  # encoding a batch takes a millisecond: let others in between

    async def _send(self, batch: Batch) -> None:
        began = self._began[batch.number] = self._clock.monotonic()
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(
                "request of %s", count(len(batch.entries), "event"), extra=told(**_place_of(batch))
            )
        try:
            reply = await self._intake.post([entry.body for entry in batch.entries])
        finally:
            del self._began[batch.number]
        now = self._clock.monotonic()
        self._dispatcher.finish(batch, reply.verdict, now, now - began)
        self._record(batch, reply, now - began)
        if self._persist_at is None:
            self._persist_at = now + self._persist_every

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._failure = error
        self._version += 1
        self._wake.set()
        self._finished.set()

    def _record(self, batch: Batch, reply: Reply, duration: float) -> None:
        verdict = reply.verdict
        if _log.isEnabledFor(logging.DEBUG):
            facts = {"verdict": verdict.kind.value, "status": verdict.status}
            _log.debug(
                "answered in %.3f s: %s", duration, verdict.detail or verdict.kind.value,
                extra=told(**_place_of(batch), **facts),
            )  # fmt: skip
        status = "none" if verdict.status is None else str(verdict.status)
        self._answers[status, verdict.kind.value] += 1
        self._records.appendleft(
            RequestRecord(
                at=self._clock.now(),
                status=verdict.status,
                verdict=verdict.kind,
                entries=len(batch.entries),
                wire_bytes=reply.wire_bytes,
                duration=duration,
                error=verdict.detail,
            )
        )

    def _rest(self) -> float | None:
        """Seconds until there is something to do; starts a checkpoint if one is due."""
        now = self._clock.monotonic()
        if self._persist_at is not None and now >= self._persist_at and self._persisting is None:
            self._persist_at = None
            self._persisting = asyncio.create_task(self._persist())
            self._persisting.add_done_callback(self._persisted)
        times = [self._dispatcher.wake_at(now), None if self._persisting else self._persist_at]
        self._sleeping_until = min((time for time in times if time is not None), default=None)
        return None if self._sleeping_until is None else max(0.0, self._sleeping_until - now)

    async def _persist(self) -> None:
        settled = self._dispatcher.settled_to  # what comes meanwhile may not be in it
        try:
            await asyncio.to_thread(self._spool.persist)
        except JournalError as error:
            self._dispatcher.unsaved(error.message)
        else:
            if settled is not None:
                facts = {"segment": settled.segment, "offset": settled.offset}
                _log.debug("the checkpoint is on disk", extra=told(**facts))

    def _persisted(self, task: asyncio.Task[None]) -> None:
        del task
        self._persisting = None
        self._wake.set()

    # --- what everybody sees ----------------------------------------------------------------

    def view(self) -> DeliveryView:
        """The accounts, as they are now."""
        turns = self._turns_at is not None and self._clock.monotonic() >= self._turns_at
        if turns or self._view.version != self._version:
            self._version += turns
            self._view = self._picture()
        return self._view

    def _picture(self) -> DeliveryView:
        dispatcher, gate = self._dispatcher, self._gate
        last = self._records[0] if self._records else None
        now = self._clock.monotonic()
        state, detail = self._state_now(now)
        late = dispatcher.late
        return DeliveryView(
            version=self._version,
            state=state,
            since=self._since,
            detail=detail or dispatcher.trouble,
            target=self._target,
            delivered=dispatcher.delivered,
            pending=dispatcher.pending,
            dead_lettered=dispatcher.dead_lettered,
            dropped=tuple(self._spool.dropped.items()),
            requests=dispatcher.requests,
            retries=dispatcher.retries,
            answers=tuple(self._answers.items()),
            in_flight=dispatcher.in_flight,
            batch_fill=min(self._spool.unread, dispatcher.settings.batch_size),
            batch_size=dispatcher.settings.batch_size,
            next_flush_at=self._on_the_wall(dispatcher.due_at(now), now),
            retry_at=self._on_the_wall(gate.closed_until, now),
            last_flush_at=last.at if last else None,
            last_verdict=last.verdict if last else "",
            last_requests=tuple(self._records),
            carried_over=self._spool.carried_over,
            dead_letters=tuple(map(buried, dispatcher.burials.last)),
            truncated=dispatcher.truncated,
            late=late.count,
            late_by=0.0 if dispatcher.idle else late.longest,
            pending_since=self._on_the_wall(dispatcher.oldest, now) if dispatcher.pending else None,
            entry_date=self._entry_date,
        )

    def _state_now(self, now: float) -> tuple[DeliveryState, str]:
        """The state and what is to be said of it; its change is noted."""
        state, detail, since = self._gate.state, self._gate.detail, self._clock.now()
        oldest = min(self._began.values(), default=None)
        overdue = None if oldest is None else oldest + UNANSWERED_AFTER
        if state is DeliveryState.OK and overdue is not None and now >= overdue:
            overdue_count = sum(now - began >= UNANSWERED_AFTER for began in self._began.values())
            requests = "a request" if overdue_count == 1 else f"{overdue_count} requests"
            state, detail = DeliveryState.UNANSWERED, f"no answer to {requests}"
            since -= now - (oldest or now)
        elif state is DeliveryState.OK and self._dispatcher.draining:
            state = DeliveryState.DRAINING
        self._turns_at = None if state is DeliveryState.UNANSWERED else overdue
        if state is not self._state:
            self._state, self._since = state, since
        return state, detail

    def _on_the_wall(self, instant: float | None, now: float) -> float | None:
        return None if instant is None else self._clock.now() + instant - now
