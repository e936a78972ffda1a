"""Which entries go in the next request, and when: pure decisions on counts, bytes and age.

Fewer, fuller requests are worth more than anything else for speed: an event costs 10 µs at 100 a
request and 1.4 at 1,000 (measured). So a batch that is due may gather a little longer, and when
the reader is behind, a request takes as much as the intake allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.delivery.shorten import LONGEST_ID, shorter
from grantex_tui.events.entry import HOSTNAME, entry_date, type_tag
from grantex_tui.events.kept.header import LogNote
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.kept.spool import Entry

MAX_ENTRIES = 1000
"""Logs in one request (Datadog: api/latest/logs)."""
MAX_REQUEST_BYTES = 4_250_000
"""Datadog takes 5,000,000 bytes before compression; the rest is for what we don't measure."""
MAX_ENTRY_BYTES = 1_000_000
"""A larger log is accepted and cut by Datadog: no JSON any more, and nothing to search for."""


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """When a batch is due. Durations in seconds."""

    batch_size: int = 100
    """Entries that make a batch due."""
    flush_interval: float = 5.0
    """Age of its oldest entry that makes a batch due; 0 = it waits until it is full."""
    linger: float = 0.03
    """Least age of its oldest entry before a batch goes, so that a quick stream fills it."""
    max_entries: int = MAX_ENTRIES
    max_bytes: int = MAX_REQUEST_BYTES


def due_at(
    settings: BatchSettings, *, waiting: int, waiting_bytes: int, oldest_at: float
) -> float | None:
    """When the waiting entries make a batch; None when nothing but more of them will.

    Args:
        settings: The rules.
        waiting: Entries that wait.
        waiting_bytes: Their size.
        oldest_at: When the first of them came in; the answer is on the same clock.
    """
    if waiting >= settings.max_entries or waiting_bytes >= settings.max_bytes:
        return oldest_at
    by_age = oldest_at + settings.flush_interval if settings.flush_interval and waiting else None
    if waiting < settings.batch_size:
        return by_age
    by_count = oldest_at + settings.linger
    return by_count if by_age is None else min(by_count, by_age)


class Encoded(msgspec.Struct, frozen=True, gc=False):
    """One intake entry as JSON."""

    body: bytes
    end: int
    """Which event of its segment it is: `Entry.end`."""


class EntryFormat:
    """Makes an intake entry of an event, exactly as Grantex's guide says.

    ``message`` is the payload as received, quoted as a JSON text: byte for byte the same once
    decoded. Tags of the user's own follow ``type:<event type>``.

    Args:
        source: ``ddsource``.
        service: As Datadog shows it.
        tags: Further tags of every log.
        entry_date: Put ``createdAt`` into the entry as ``timestamp``, which Datadog takes for the
            log's date without any pipeline. Not in the guide.
    """

    def __init__(
        self,
        *,
        source: str = "grantex",
        service: str = "grantex",
        tags: Sequence[str] = (),
        entry_date: bool = False,
        hostname: str = HOSTNAME,
    ) -> None:
        self._source = source
        self._service = service
        self._tags = tuple(tags)
        self.entry_date = entry_date
        self._hostname = hostname
        self._heads: dict[str, bytes] = {}
        self._noted: tuple[LogNote | None, EntryFormat] = (None, self)

    @property
    def note(self) -> LogNote:
        """What is to be noted beside events, so that they become these entries whenever they go."""
        return LogNote(self._source, ",".join(self._tags), self._hostname, self._service)

    def noted(self, note: LogNote | None) -> EntryFormat:
        """The format that *note* asks for; this one without a note."""
        if note is None:
            return self
        if note != self._noted[0]:
            tags = tuple(tag for tag in note.ddtags.split(",") if tag)
            following = EntryFormat(
                source=note.ddsource,
                service=note.service,
                tags=tags,
                hostname=note.hostname,
                entry_date=self.entry_date,
            )
            self._noted = (note, following)
        return self._noted[1]

    def encode(self, event_type: str, raw: bytes) -> bytes:
        """The entry for a payload of *event_type*."""
        head = self._heads.get(event_type) or self._head(event_type)
        if self.entry_date and (created_at := created(raw)):
            head = head[: -len(_MESSAGE)] + b',"timestamp":' + _encode(created_at) + _MESSAGE
        return head + _encode(str(raw, "utf-8", "replace")) + b"}"

    def shortened(self, entry: Entry, limit: int) -> Encoded:
        """The entry for a copy of its event that fits into *limit* bytes, tagged ``truncated``."""
        marked = EntryFormat(
            source=self._source,
            service=self._service,
            tags=(*self._tags, "truncated:true"),
            entry_date=self.entry_date,
        )
        event_type = printable(entry.type, limit=LONGEST_ID)
        copies = (marked.encode(event_type, copy) for copy in shorter(entry.raw))
        body = next(body for body in copies if len(body) <= limit)
        return Encoded(body, entry.end)

    def encode_all(self, entries: Sequence[Entry]) -> list[Encoded]:
        """The entries for what was taken from the spool."""
        encode = self.encode
        return [Encoded(encode(entry.type, entry.raw), entry.end) for entry in entries]

    def _head(self, event_type: str) -> bytes:
        tags = ",".join((type_tag(event_type), *self._tags))
        head = _encode(
            {
                "ddsource": self._source,
                "ddtags": tags,
                "hostname": self._hostname,
                "service": self._service,
            }
        )
        head = head[:-1] + _MESSAGE
        if len(self._heads) < 1000:  # foreign text is no reason to grow without end
            self._heads[event_type] = head
        return head


class _Dated(msgspec.Struct):
    createdAt: str = ""  # noqa: N815 - the wire's name


_MESSAGE = b',"message":'
_encode = msgspec.json.Encoder().encode
_dated = msgspec.json.Decoder(_Dated).decode


def created(raw: bytes) -> str:
    """When the event says that it was created, in its own text; empty if that is no instant."""
    try:
        return entry_date(_dated(raw).createdAt)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def split_by_size(entries: Sequence[Encoded], max_bytes: int) -> list[Sequence[Encoded]]:
    """*entries* in order, in parts whose request bodies have at most *max_bytes* each.

    An entry that is larger by itself gets a part of its own.
    """
    brackets = 1  # the other one takes the place of the comma that the last entry hasn't
    parts, start, size = [], 0, brackets
    for index, entry in enumerate(entries):
        length = len(entry.body) + 1
        if size + length > max_bytes and index > start:
            parts.append(entries[start:index])
            start, size = index, brackets
        size += length
    if start < len(entries):
        parts.append(entries[start:])
    return parts


def bisect(entries: Sequence[Encoded]) -> tuple[Sequence[Encoded], Sequence[Encoded]]:
    """Two halves of *entries*, which are at least two."""
    middle = len(entries) // 2
    return entries[:middle], entries[middle:]
