"""One line of a recording, whatever wrote it: pure, bytes in, an arrival or a gap out.

Known by their content: our journal's lines (headers are read, and are no arrivals), a bare event (captures, Grantex's S3 archive), a log
as Datadog archives it (``_id``, ``date``, ``message``, ``attributes``) or its search returns it
(``type`` is ``log``).
"""

from __future__ import annotations

import msgspec

from grantex_tui.clock import parse_rfc3339
from grantex_tui.events.entry import HOSTNAME, Sender
from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.header import Header, LogNote, parse_header
from grantex_tui.events.kept.lines import event_payload
from grantex_tui.events.recorded.held import from_archive, from_search


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """Something that came over the stream."""

    received_at: float | None
    """Epoch seconds; None where the recording does not tell."""
    event: Event | Malformed


class _Gap(msgspec.Struct, gc=False):
    start: str = msgspec.field(name="from")
    to: str | None = None
    reason: str = ""


class _Malformed(msgspec.Struct, gc=False):
    payload: str
    reason: str = ""


class _Line(msgspec.Struct, gc=False):
    """Every key that tells one kind of line from another."""

    receivedAt: str | None = None  # noqa: N815 - the files' names
    event: msgspec.Raw = msgspec.Raw()
    payload: str | None = None
    malformed: _Malformed | None = None
    gap: _Gap | None = None
    id: object = None
    type: object = None
    attributes: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(_Line).decode


class LineReader:
    """Reads lines; remembers the last instant, since a read's lines share theirs."""

    def __init__(self) -> None:
        self._written = b""
        self._instant: float | None = None
        self.header: Header | None = None
        """The journal's header that was read last: what its events became logs with."""
        self.sender: Sender | None = None
        """What it says of that; None: nothing."""

    def read(self, line: bytes) -> Arrival | Gap | None:
        """What *line*, without its break, says; None for a journal's header.

        Raises:
            ValueError: It is none of the known kinds; the text says what is wrong.
        """
        payload = event_payload(line)
        if payload is None:
            header = parse_header(line)
            if header is None:
                return _in_any_layout(line)
            self.header, self.sender = header, _sender(header.log)
            return None
        event = decode_event(payload)
        if isinstance(event, Malformed):
            return self._almost_ours(line, event)
        written = line[15:39]
        if written != self._written:
            self._instant = parse_rfc3339(written.decode())
            self._written = written
        if self.sender is not None:
            event = msgspec.structs.replace(event, sender=self.sender)
        return Arrival(self._instant, event)

    @staticmethod
    def _almost_ours(line: bytes, found: Malformed) -> Arrival | Gap:
        """A line that only begins as our journal writes them, or damage."""
        try:
            return _in_any_layout(line)
        except ValueError:
            raise ValueError(found.reason) from None


def _sender(note: LogNote | None) -> Sender | None:
    """The sender that a journal's header notes."""
    if note is None:
        return None
    tags = tuple(tag for tag in note.ddtags.split(",") if tag)
    return Sender(tags, note.service, note.ddsource, note.hostname or HOSTNAME)


def _in_any_layout(line: bytes) -> Arrival | Gap:
    try:
        return _other(line.strip())
    except (msgspec.MsgspecError, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _other(line: bytes) -> Arrival | Gap:
    try:
        said = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        event = decode_event(line)  # it reads some that the strict decoder refuses
        if isinstance(event, Event):
            return Arrival(None, event)
        raise ValueError(event.reason if event.reason.startswith("not ") else str(error)) from None
    if (found := _journal_line(said)) is not None:
        return found
    if (held := _held(said, line)) is not None:
        return held
    if said.id is not None or said.type is not None:
        return Arrival(None, _event(line))
    raise ValueError("neither an event nor a log")


def _journal_line(said: _Line) -> Arrival | Gap | None:
    """A line in our journal's form, however it is laid out."""
    if said.gap is not None:
        end = None if said.gap.to is None else parse_rfc3339(said.gap.to)
        return Gap(parse_rfc3339(said.gap.start), end, said.gap.reason)
    if said.receivedAt is None:
        return None
    at = parse_rfc3339(said.receivedAt)
    if said.malformed is not None:
        return Arrival(at, Malformed(said.malformed.payload.encode(), said.malformed.reason))
    if said.payload is not None:
        return Arrival(at, _event(said.payload.encode()))
    return Arrival(at, _event(bytes(said.event))) if said.event else None


def _held(said: _Line, line: bytes) -> Arrival | None:
    """A log that Datadog has held."""
    is_result = said.type == "log" and bool(said.attributes)
    logged = from_search(line) if is_result else from_archive(line)
    return (
        None
        if logged is None or logged.log is None
        else Arrival(logged.log.timestamp / 1000, logged)
    )


def _event(payload: bytes) -> Event:
    event = decode_event(payload)
    if isinstance(event, Malformed):
        raise ValueError(event.reason)  # noqa: TRY004 - the line is wrong, not a type
    return event
