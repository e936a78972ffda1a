"""What was emitted, and what became of it: the proof that nothing was lost.

At every instant ``emitted = delivered + missing + filteredOut + forgotten``.

An entry counts as delivered only once its request was answered 202; an entry that was refused
and came again is therefore delivered once and no duplicate. Entries are matched to events by the
event id in their message, and compared with the payload by hash, so that the ledger never holds
a text.
"""

from __future__ import annotations

from collections import Counter, deque
from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec

from simulator.changes import Changes
from simulator.delays import DelayReport, Delays
from simulator.emission import emission
from simulator.streams import StreamReport  # noqa: TC001 - msgspec resolves the field


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simulator.emission import Emission

REMEMBERED: Final = 1_000_000
"""Undelivered events, and about as many delivered ones, that are known by id."""
KEPT_REQUESTS: Final = 1_000
KEPT_IDS: Final = 1_000
"""Ids that each list of peculiar events holds; the numbers beside them count on."""
LATE_AFTER: Final = 60.0
"""Seconds from emission to delivery beyond which an event is late."""
_ID_AT: Final = len('{"id":"')


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request to the intake and its answer. The key itself is never kept."""

    at: str
    """Arrival, RFC 3339."""
    path: str
    key: str
    """``valid``, ``invalid`` or ``missing``."""
    encoding: str
    status: int
    """0: the client left before it was answered."""
    reason: str
    entries: int
    bytes: int
    """Of the body as sent."""
    size: int
    """Of the body uncompressed."""
    truncated: int
    seconds: float
    """From the request's last byte to the answer."""


class Report(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The account as ``GET /_sim/ledger`` gives it (names there in camel case)."""

    emitted: int
    """Events put on the stream; the same id again is `emitted_again`."""
    delivered: int
    """Events of which an entry was answered 202."""
    duplicates: int
    """Further accepted entries of a delivered event."""
    missing: list[str]
    """Ids of events emitted and not delivered (yet), in order of emission."""
    refused: int
    """Requests not answered 202."""
    refused_entries: int
    """Entries in those, as far as they could be read."""
    altered: int
    """Events whose delivered message is not byte for byte the payload."""
    truncated: int
    """Accepted entries over 1 MB, which Datadog cuts."""
    unknown: int
    """Accepted entries that belong to no event emitted here."""
    emitted_again: int
    unidentified: int
    """Payloads emitted that are no events, and therefore in no other number."""
    forgotten: int
    """Undelivered events no longer known by id, and not in `missing`, to bound memory."""
    requests: list[Exchange]
    requests_dropped: int
    """Older requests no longer listed."""
    clients: int = 0
    """Streams open now."""
    clients_cut: int = 0
    """Streams cut because too much waited for their client."""
    filtered_out: int = 0
    """Events emitted while clients listened, of which the ``types`` of none let it pass; they are
    neither delivered nor missing."""
    unheard: int = 0
    """Events emitted while nobody listened; `missing` until somebody delivers them anyway."""
    late: int = 0
    """Events delivered more than `late_after` seconds after their emission."""
    late_after: float = LATE_AFTER
    delay: DelayReport = DelayReport()
    """Seconds from emission to delivery."""
    reordered: int = 0
    """Events delivered after an event that had been emitted later than they."""
    duplicate_ids: list[str] = []
    """Of the first 1,000 further entries, in the order of arrival; so are the lists below."""
    altered_ids: list[str] = []
    late_ids: list[str] = []
    reordered_ids: list[str] = []
    streams: list[StreamReport] = []
    """What each client of the stream was sent."""


class _Recent:
    """A set that remembers at least its last *limit* members, and at most twice as many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._young: set[int] = set()
        self._old: set[int] = set()

    def add(self, member: int) -> None:
        self._young.add(member)
        if len(self._young) >= self._limit:
            self._young, self._old = set(), self._young

    def __contains__(self, member: int) -> bool:
        return member in self._young or member in self._old


_Expected = tuple[int, int, float]
"""Of an event that has not been delivered: its payload's hash, its place in the order of emission,
and when it was emitted. A plain tuple, which takes a third of the time of a named one to make."""


class Ledger:
    """The account of one run.

    Args:
        now: Monotonic seconds.
        late_after: Seconds beyond which a delivery is late.
        remembered: See `REMEMBERED`.
        kept_requests: See `KEPT_REQUESTS`.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = lambda: 0.0,
        late_after: float = LATE_AFTER,
        remembered: int = REMEMBERED,
        kept_requests: int = KEPT_REQUESTS,
    ) -> None:
        self._now = now
        self._late_after = late_after
        self._remembered = remembered
        self._kept_requests = kept_requests
        self.changes = Changes()
        """Told of every emission and every answer."""
        self.reset()

    def reset(self) -> None:
        """Begin a new account; events already on their way will count as unknown."""
        self._outstanding: dict[str, _Expected] = {}
        self._filtered: dict[str, _Expected] = {}
        self._filtered_forgotten = 0
        self._newest = 0
        self._delays = Delays()
        self._altered: list[str] = []
        self._duplicates: list[str] = []
        self._late: list[str] = []
        self._reordered: list[str] = []
        self._delivered_ids = _Recent(self._remembered)
        self._requests: deque[Exchange] = deque(maxlen=self._kept_requests)
        self.answered = 0
        self.emitted = 0
        self.emitted_again = 0
        self.unidentified = 0
        self.forgotten = 0
        self.delivered = 0
        self.duplicates = 0
        self.altered = 0
        self.late = 0
        self.reordered = 0
        self.unheard = 0
        self.truncated = 0
        self.unknown = 0
        self.refused = 0
        self.refused_entries = 0

    def emit(
        self,
        emissions: Sequence[Emission],
        *,
        listening: int = 1,
        types: frozenset[str] | None = None,
    ) -> None:
        """These are put on the stream.

        Args:
            emissions: In their order.
            listening: How many clients listen.
            types: What the clients' filters let pass, taken together; None: everything.
        """
        outstanding, filtered, at = self._outstanding, self._filtered, self._now()
        for event in emissions:
            event_id = event.id
            if not event_id:
                self.unidentified += 1
            elif (
                event_id in outstanding
                or event_id in filtered
                or hash(event_id) in self._delivered_ids
            ):
                self.emitted_again += 1
            else:
                self.emitted += 1
                passes = types is None or not event.type or event.type in types
                expected = (hash(event.payload), self.emitted, at)
                (outstanding if passes else filtered)[event_id] = expected
                self.unheard += not listening
        if len(outstanding) > self._remembered:
            self.forgotten += self._forget(outstanding)
        if len(self._filtered) > self._remembered:
            self._filtered_forgotten += self._forget(self._filtered)
        self.changes.notify()

    def answer(
        self, exchange: Exchange, messages: Sequence[str], truncated: frozenset[int] = frozenset()
    ) -> None:
        """A request has been answered; only now do its entries count."""
        self._requests.append(exchange)
        self.answered += 1
        if exchange.status != 202:
            self.refused += 1
            self.refused_entries += len(messages)
        else:
            self.truncated += len(truncated)
            self._take(messages, truncated)
        self.changes.notify()

    def _take(self, messages: Sequence[str], truncated: frozenset[int]) -> None:
        now, taken = self._now(), Counter[float]()
        for index, message in enumerate(messages):
            emitted_at = self._deliver(message, now, compare=index not in truncated)
            if emitted_at is not None:
                taken[emitted_at] += 1
        for emitted_at, count in taken.items():  # events of one block share their instant
            self._delays.add(now - emitted_at, count)

    def _deliver(self, message: str, now: float, *, compare: bool) -> float | None:
        """When the entry's event was emitted; None if it delivers none."""
        event_id = _event_id(message)
        expected = self._outstanding.pop(event_id, None) or self._filtered.pop(event_id, None)
        if expected is None:
            self._superfluous(event_id)
            return None
        digest, number, emitted_at = expected
        self.delivered += 1
        self._delivered_ids.add(hash(event_id))
        if number < self._newest:
            self.reordered += 1
            _keep(self._reordered, event_id)
        else:
            self._newest = number
        if now - emitted_at > self._late_after:
            self.late += 1
            _keep(self._late, event_id)
        if compare and hash(message.encode("utf-8", "replace")) != digest:
            self.altered += 1
            _keep(self._altered, event_id)
        return emitted_at

    def _superfluous(self, event_id: str) -> None:
        if event_id and hash(event_id) in self._delivered_ids:
            self.duplicates += 1
            _keep(self._duplicates, event_id)
        else:
            self.unknown += 1

    def is_missing(self, event_id: str) -> bool:
        """Whether the event of that id was emitted and has not been delivered."""
        return event_id in self._outstanding

    @property
    def missing(self) -> int:
        """How many events were emitted, are known by id, and have not been delivered."""
        return len(self._outstanding)

    @property
    def last_refusal(self) -> str:
        """Status and reason of the newest request that was not accepted, if it is kept."""
        refused = (said for said in reversed(self._requests) if said.status != 202)
        said = next(refused, None)
        return f"{said.status} {said.reason}".strip() if said is not None else ""

    @property
    def filtered_out(self) -> int:
        """How many events no client's filter let pass."""
        return len(self._filtered) + self._filtered_forgotten

    def _forget(self, expected: dict[str, _Expected]) -> int:
        """Drop the oldest tenth: one by one, a dict's front costs more and more to find."""
        oldest = tuple(islice(expected, self._remembered // 10 + 1))
        for event_id in oldest:
            del expected[event_id]
        return len(oldest)

    async def wait(self, delivered: int, timeout_s: float) -> bool:
        """Wait until *delivered* events have been; False when *timeout_s* seconds passed first."""
        return await self.changes.until(lambda: self.delivered >= delivered, timeout_s)

    def report(
        self, *, clients: int = 0, clients_cut: int = 0, streams: Sequence[StreamReport] = ()
    ) -> Report:
        """The account so far."""
        return Report(
            emitted=self.emitted,
            delivered=self.delivered,
            duplicates=self.duplicates,
            missing=list(self._outstanding),
            refused=self.refused,
            refused_entries=self.refused_entries,
            altered=self.altered,
            truncated=self.truncated,
            unknown=self.unknown,
            emitted_again=self.emitted_again,
            unidentified=self.unidentified,
            forgotten=self.forgotten,
            requests=list(self._requests),
            requests_dropped=self.answered - len(self._requests),
            clients=clients,
            clients_cut=clients_cut,
            filtered_out=self.filtered_out,
            unheard=self.unheard,
            late=self.late,
            late_after=self._late_after,
            delay=self._delays.report(),
            reordered=self.reordered,
            duplicate_ids=[*self._duplicates],
            altered_ids=[*self._altered],
            late_ids=[*self._late],
            reordered_ids=[*self._reordered],
            streams=[*streams],
        )


def _keep(ids: list[str], event_id: str) -> None:
    if len(ids) < KEPT_IDS:
        ids.append(event_id)


def _event_id(message: str) -> str:
    """The id of the event in a log's message; empty if there is none."""
    if message.startswith('{"id":"'):  # as the service writes it: no need to parse
        event_id = message[_ID_AT : message.find('"', _ID_AT)]
        if "\\" not in event_id:
            return event_id
    return emission(message.encode("utf-8", "replace")).id
