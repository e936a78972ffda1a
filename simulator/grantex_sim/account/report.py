"""What the ledger says, as ``/_sim`` gives it: values without a life of their own."""

from __future__ import annotations

from typing import Final

import msgspec

from grantex_sim.account.delays import DelayReport
from grantex_sim.account.streams import StreamReport  # noqa: TC001 - msgspec resolves the field
from grantex_sim.account.verdicts import SETTLE, Verdicts


LATE_AFTER: Final = 60.0
"""Seconds from emission to delivery beyond which an event is late."""


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
    """Ids of events emitted and not delivered (yet), in order of emission; the first of them, see
    `missing_more`."""
    missing_count: int
    """How many there are, listed or not."""
    missing_more: int
    """How many are not listed."""
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
    verdicts: Verdicts = Verdicts()
    """How many events there are of each verdict; with `forgotten` they add up to `emitted`."""
    lost: list[str] = []
    """Ids of the events that a client heard and never delivered, in order of emission."""
    settle: float = SETTLE
    """Seconds for which what was heard is pending, before it is lost."""
    streams_opened: int = 0
    """Streams there have been."""
    connections_hit: int = 0
    """Connections to the stream that a fault has hit; it may have refused them."""
    emitting: bool = False
    """Whether the source, if there is one, has more events to come."""


class Missing(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An event that was emitted and has not been delivered."""

    number: int
    """Its place in the order of emission."""
    id: str
    type: str
    emitted_at: str
    """RFC 3339."""
    verdict: str = ""
    fault: int = 0
    """The number of the fault that the verdict names; 0: none."""
    cause: str = ""
    """That fault, as the line that reads as it."""
    client: int = 0
    """From whose stream it was withheld; 0: from none."""


class MissingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of those events, as ``GET /_sim/missing`` gives them."""

    count: int
    """How many there are in all."""
    events: list[Missing]
    next: int | None
    """Those that follow are asked for with ``after=`` this; None: there are no more."""
