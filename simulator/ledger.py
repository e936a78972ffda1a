"""What was emitted, and what became of it: the proof that nothing was lost.

An entry counts as delivered only once its request was answered 202; an entry that was refused
and came again is therefore delivered once and no duplicate. Entries are matched to events by the
event id in their message, and compared with the payload by hash, so that the ledger never holds
a text.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec

from simulator.changes import Changes
from simulator.emission import emission


if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.emission import Emission

REMEMBERED: Final = 1_000_000
"""Undelivered events, and about as many delivered ones, that are known by id."""
KEPT_REQUESTS: Final = 1_000
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


class Ledger:
    """The account of one run."""

    def __init__(self, *, remembered: int = REMEMBERED, kept_requests: int = KEPT_REQUESTS) -> None:
        self._remembered = remembered
        self._kept_requests = kept_requests
        self.changes = Changes()
        """Told of every emission and every answer."""
        self.reset()

    def reset(self) -> None:
        """Begin a new account; events already on their way will count as unknown."""
        self._outstanding: dict[str, int] = {}
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
        self.truncated = 0
        self.unknown = 0
        self.refused = 0
        self.refused_entries = 0

    def emit(self, emissions: Sequence[Emission]) -> None:
        """These have been put on the stream."""
        outstanding = self._outstanding
        for event in emissions:
            event_id = event.id
            if not event_id:
                self.unidentified += 1
            elif event_id in outstanding or hash(event_id) in self._delivered_ids:
                self.emitted_again += 1
            else:
                outstanding[event_id] = hash(event.payload)
                self.emitted += 1
        if len(outstanding) > self._remembered:
            self._forget()
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
            for index, message in enumerate(messages):
                self._deliver(message, compare=index not in truncated)
        self.changes.notify()

    def _deliver(self, message: str, *, compare: bool) -> None:
        event_id = _event_id(message)
        expected = self._outstanding.pop(event_id, None)
        if expected is None:
            if event_id and hash(event_id) in self._delivered_ids:
                self.duplicates += 1
            else:
                self.unknown += 1
            return
        self.delivered += 1
        self._delivered_ids.add(hash(event_id))
        if compare and hash(message.encode("utf-8", "replace")) != expected:
            self.altered += 1

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

    def _forget(self) -> None:
        """Drop the oldest tenth: one by one, a dict's front costs more and more to find."""
        oldest = tuple(islice(self._outstanding, self._remembered // 10 + 1))
        for event_id in oldest:
            del self._outstanding[event_id]
        self.forgotten += len(oldest)

    async def wait(self, delivered: int, timeout_s: float) -> bool:
        """Wait until *delivered* events have been; False when *timeout_s* seconds passed first."""
        return await self.changes.until(lambda: self.delivered >= delivered, timeout_s)

    def report(self, *, clients: int = 0, clients_cut: int = 0) -> Report:
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
        )


def _event_id(message: str) -> str:
    """The id of the event in a log's message; empty if there is none."""
    if message.startswith('{"id":"'):  # as the service writes it: no need to parse
        event_id = message[_ID_AT : message.find('"', _ID_AT)]
        if "\\" not in event_id:
            return event_id
    return emission(message.encode("utf-8", "replace")).id
