"""What is sent next and what follows from each verdict: the forwarder without its sockets.

Nothing in here waits or asks the time; the same calls give the same requests. The accounts hold
at every instant: carried over + received = delivered + pending + dead-lettered + dropped.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from grantex_tui.delivery.batch import (
    MAX_ENTRY_BYTES,
    BatchSettings,
    Encoded,
    EntryFormat,
    due_at,
    split_by_size,
)
from grantex_tui.delivery.burials import Burials
from grantex_tui.delivery.lateness import Lateness
from grantex_tui.delivery.progress import Progress, Span
from grantex_tui.delivery.requests import Batch, batch_of, halves
from grantex_tui.delivery.status import DeliveryState
from grantex_tui.delivery.suspects import Next, Suspects
from grantex_tui.delivery.verdict import Verdict, VerdictKind
from grantex_tui.errors import JournalError
from grantex_tui.events.kept.spool import DeadLetter


if TYPE_CHECKING:
    from grantex_tui.clock import Clock
    from grantex_tui.delivery.gate import Gate
    from grantex_tui.events.kept.spool import Entry, Position, Spool

MAX_SPANS = 256
"""Chunks in hand at most: what one unanswered request may keep the checkpoint from passing."""
MAX_BYTES_IN_FLIGHT = 24 * 1024 * 1024
_SMALLEST_LIMIT = 64 * 1024


class Dispatcher:
    """Takes from the spool, hands out batches, settles what was decided about them."""

    def __init__(
        self,
        spool: Spool,
        gate: Gate,
        *,
        settings: BatchSettings,
        entry_format: EntryFormat,
        clock: Clock,
    ) -> None:
        self.gate = gate
        self.settings = settings
        self.draining = False
        """Whatever waits is due now."""
        self.delivered = 0
        self.truncated = 0
        """Logs that went out shortened, outside the accounts."""
        self.late = Lateness()
        self.requests = 0
        self.retries = 0
        self._epochs: Counter[int] = Counter()
        self._trouble = ""
        self.settled_to: Position | None = None
        """Up to where everything has its verdict; None: nothing of this run has."""
        self._spool = spool
        self._format = entry_format
        self._clock = clock
        self._ready: deque[Batch] = deque()
        self._suspects = Suspects()
        self._blames = False
        """Whether everything is held because it takes nothing at all."""
        self.burials = Burials(spool)
        self._buried_before = 0
        self._sent = 0
        self._progress = Progress()
        self._bytes_in_flight = 0
        self._max_bytes = settings.max_bytes
        self._oldest: float | None = None

    # --- the accounts -----------------------------------------------------------------------

    @property
    def dead_lettered(self) -> int:
        """Events that lie among the dead letters, by this run or one before."""
        return self._buried_before + self.burials.buried

    @property
    def trouble(self) -> str:
        """What the disk refuses, while it does; nothing is lost by it."""
        return self.burials.trouble or self._trouble

    def unsaved(self, trouble: str) -> None:
        """The checkpoint could not be saved, for a reason; empty: it was."""
        self._trouble = trouble

    @property
    def pending(self) -> int:
        """Events without a verdict, wherever they are."""
        spool = self._spool
        known = spool.carried_over + spool.received
        return known - self.delivered - self.dead_lettered - sum(spool.dropped.values())

    @property
    def in_flight(self) -> int:
        """Requests without a verdict."""
        return self._epochs.total()

    @property
    def _stragglers(self) -> int:
        """Requests without a verdict that began before the gate's last failure."""
        return self.in_flight - self._epochs[self.gate.epoch]

    @property
    def idle(self) -> bool:
        """Whether every event has its verdict."""
        waiting = self._ready or self._suspects or self.burials
        return not (self._spool.unread or waiting or self.in_flight)

    # --- what is sent next ------------------------------------------------------------------

    def next_batch(self, now: float) -> Batch | None:
        """The next request's entries, if it is time for a request.

        Raises:
            JournalError: The journal can't be read.
        """
        if self.burials.due_at is not None:
            self.burials.write(now)
            self._settle()
        may_go = self.gate.admits(self.in_flight, now, stragglers=self._stragglers)
        if not may_go or self._bytes_in_flight > MAX_BYTES_IN_FLIGHT:
            return None
        while not self._ready and len(self._progress) < MAX_SPANS and self._is_due(now):
            if not self._fill(now):
                break  # the journal has less than it counts; whoever looks for it must not stop all
        if not self._ready and not self.in_flight and (suspect := self._suspects.ask_anyway()):
            self._ready.append(suspect)
        if not self._ready:
            return None
        batch = self._ready.popleft()
        batch.epoch = self.gate.epoch
        self._sent += 1
        batch.number = self._sent
        self._epochs[batch.epoch] += 1
        self._bytes_in_flight += batch.size
        return batch

    def due_at(self, now: float) -> float | None:
        """When what waits in the spool makes a batch; None when nothing but more of it will."""
        spool = self._spool
        if not spool.unread:
            return None
        if self._oldest is None:
            self._oldest = now - self._age()
        if self.draining:
            return self._oldest
        return due_at(
            self.settings,
            waiting=spool.unread,
            waiting_bytes=spool.unread_bytes,
            oldest_at=self._oldest,
        )

    @property
    def oldest(self) -> float | None:
        """When the oldest event without a verdict was received, as far as is known; monotonic."""
        return self._oldest if self._progress.oldest is None else self._progress.oldest

    def wake_at(self, now: float) -> float | None:
        """When `next_batch` may have something that it has not now, without anything happening."""
        times = [] if self.burials.due_at is None else [self.burials.due_at]
        has_room = self.gate.has_room(self.in_flight, stragglers=self._stragglers)
        has_room = has_room and self._bytes_in_flight <= MAX_BYTES_IN_FLIGHT
        if has_room and (self._ready or len(self._progress) < MAX_SPANS):
            asks = self._suspects and not self.in_flight
            due = now if self._ready or asks else self.due_at(now)
            if due is not None:
                times.append(max(due, self.gate.closed_until or due))
        return min(times, default=None)

    def _is_due(self, now: float) -> bool:
        due = self.due_at(now)
        return due is not None and due <= now

    def _age(self) -> float:
        """How long the first unread event has waited; a clock set back counts as not at all."""
        received_at = self._spool.oldest_unread_at()
        return 0.0 if received_at is None else max(0.0, self._clock.now() - received_at)

    def _fill(self, now: float) -> bool:
        """Take the next events in hand; whether there were any."""
        age = self._age()
        self._oldest = None
        chunk = self._spool.take(self.settings.max_entries, self._max_bytes)
        if chunk is None:
            return False
        count = len(chunk.entries)
        self.late.took(count, age)
        span = Span(
            chunk.end, count, dead_lettered=chunk.buried, unreadable=chunk.unreadable,
            since=now - age,
        )  # fmt: skip
        self._progress.begin(span)
        self._buried_before += chunk.buried
        segment = chunk.end.segment
        form = self._format.noted(chunk.log)
        fitting = [
            encoded
            if len(encoded.body) <= MAX_ENTRY_BYTES
            else self._shortened(entry, len(encoded.body), segment, now, form)
            for entry, encoded in zip(chunk.entries, form.encode_all(chunk.entries), strict=True)
        ]
        for part in split_by_size(fitting, self._max_bytes):
            self._ready.append(batch_of(part, segment, span))
        self._settle()
        return True

    def _shortened(
        self, entry: Entry, size: int, segment: int, now: float, form: EntryFormat
    ) -> Encoded:
        """A copy that Datadog takes as it is; the whole is kept beside the dead letters."""
        reason = f"{size:,} bytes are over Datadog's limit of 1 MB for a log; sent shortened"
        self.burials.keep_whole(DeadLetter(segment, entry.end, entry.raw, reason, None), now)
        self.truncated += 1
        return form.shortened(entry, MAX_ENTRY_BYTES)

    # --- what follows from a verdict --------------------------------------------------------

    def finish(self, batch: Batch, verdict: Verdict, now: float, duration: float) -> None:
        """Take the verdict on a batch that `next_batch` gave."""
        self._epochs[batch.epoch] -= 1
        self._epochs += Counter()  # without those that are over
        self._bytes_in_flight -= batch.size
        self.requests += 1
        if verdict.kind is VerdictKind.RETRY:
            self.gate.failed(batch.epoch, now, verdict.detail, verdict.retry_after)
            self._again(batch, smaller=verdict.too_large)
        elif verdict.kind is VerdictKind.HOLD:
            self.gate.refused(batch.epoch, now, verdict.detail)
            self._again(batch)
        elif verdict.kind is VerdictKind.DELIVERED:
            self.gate.answered(batch.epoch, now, duration)
            self._delivered(batch)
        else:
            self._refused(batch, verdict, now, duration)
        self._settle()

    def _delivered(self, batch: Batch) -> None:
        self._blames = False
        count = len(batch.entries)
        batch.span.open -= count
        batch.span.delivered += count
        self.delivered += count
        self._ready.extendleft(self._suspects.proven(batch.number))

    def _again(self, batch: Batch, *, smaller: bool = False) -> None:
        """Send it again, in halves if less may pass; what its entry was proven of counts no more."""
        self.retries += 1
        batch.tests = 0
        if smaller and len(batch.entries) > 1:
            self._halve(batch, limit=True)
        else:
            self._ready.appendleft(batch)

    def _refused(self, batch: Batch, verdict: Verdict, now: float, duration: float) -> None:
        """Something in it is refused for good, it is said: look for it."""
        if self._blames and self.gate.state is DeliveryState.HELD:
            self.gate.refused(batch.epoch, now, self.gate.detail)  # nothing speaks for it yet
        else:
            self.gate.answered(batch.epoch, now, duration)
        batch.suspected = batch.suspected or batch.number
        if len(batch.entries) > 1:
            self._halve(batch, limit=verdict.too_large)
            return
        then = self._suspects.refused(batch, verdict, self._sent)
        if then is Next.CONDEMNED:
            reason = verdict.detail or f"refused with status {verdict.status}"
            entry = batch.entries[0]
            self._condemn(batch.segment, batch.span, entry, reason, verdict.status, now)
        elif then is Next.AGAIN:
            self._ready.appendleft(batch)
        elif self.gate.state is not DeliveryState.HELD and self._blames_intake(now):
            self._blames = True
            detail = f"refuses every log by itself: {verdict.detail}"
            self.gate.refused(self.gate.epoch, now, detail)

    def _blames_intake(self, now: float) -> bool:
        has_more = self._ready or self.in_flight or self._is_due(now)
        return self._suspects.blames_intake or not has_more

    def _halve(self, batch: Batch, *, limit: bool) -> None:
        """Halve what was refused. *limit*: somebody on the way takes less than Datadog does."""
        if limit:
            self._max_bytes = min(self._max_bytes, max(_SMALLEST_LIMIT, batch.size // 2))
        self._ready.extendleft(reversed(halves(batch)))

    def _condemn(
        self, segment: int, span: Span, entry: Encoded, reason: str, status: int | None, now: float
    ) -> None:
        letter = DeadLetter(segment, entry.end, entry.body, reason, status)
        self.burials.condemn(letter, span, now)

    def _settle(self) -> None:
        """Move the checkpoint over the contiguous run of verdicts, if there is one."""
        span = self._progress.advance()
        if span is None:
            return
        try:
            self._spool.settle(
                span.end,
                delivered=span.delivered,
                dead_lettered=span.dead_lettered,
                unreadable=span.unreadable,
            )
        except JournalError as error:
            self._trouble = error.message
        else:
            self._trouble = ""
            self.settled_to = span.end
