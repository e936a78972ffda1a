"""The forwarder's accounts, as a value.

Instants are epoch seconds, durations seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DeliveryState(StrEnum):
    """How forwarding stands."""

    OFF = "off"
    OK = "ok"
    RETRYING = "retrying"
    """The intake fails or is unreachable; nothing is lost, it waits in the journal."""
    HELD = "held"
    """The intake refuses us (the key, the address): kept, and tried again slowly."""
    UNANSWERED = "unanswered"
    """A request has been in flight for over ten seconds."""
    DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One finished intake request."""

    at: float
    status: int | None
    """None: no answer (``error`` says why)."""
    verdict: str
    entries: int
    wire_bytes: int
    duration: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Buried:
    """A dead letter, as people are told of it."""

    event_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """The forwarder's accounts of this run.

    carried_over + received = delivered + pending + dead_lettered + dropped.
    """

    version: int = 0
    state: DeliveryState = DeliveryState.OFF
    since: float = 0.0
    detail: str = ""
    target: str = ""
    """Where logs go: the site's name or the intake's URL without credentials."""
    delivered: int = 0
    pending: int = 0
    dead_lettered: int = 0
    dropped: tuple[tuple[str, int], ...] = ()
    """(reason, count)."""
    requests: int = 0
    retries: int = 0
    answers: tuple[tuple[tuple[str, str], int], ...] = ()
    """((status or ``none``, verdict), how often)."""
    in_flight: int = 0
    batch_fill: int = 0
    """Entries waiting for the next batch to be due, at most ``batch_size``."""
    batch_size: int = 0
    next_flush_at: float | None = None
    """When the waiting entries become due by age; None without a timer or entries."""
    retry_at: float | None = None
    last_flush_at: float | None = None
    last_verdict: str = ""
    last_requests: tuple[RequestRecord, ...] = ()
    """The last five, newest first."""
    carried_over: int = 0
    """Events that earlier runs left undelivered, at the start of this one."""
    dead_letters: tuple[Buried, ...] = ()
    """The newest of this run, oldest first."""
    truncated: int = 0
    """Logs that went out shortened, their whole kept; not in the equation."""
    late: int = 0
    """Events that went out over five minutes after their receipt."""
    late_by: float = 0.0
    """Age in seconds of the oldest of them since delivery was last in time; 0 when it is."""
    pending_since: float | None = None
    """When the oldest event without a verdict was received; None when none waits."""
    entry_date: bool = False
    """Whether each log carries its ``createdAt`` as ``timestamp``."""
