"""Many lines of a recording at once, as far as somebody looks at them.

Reading a line into an `Event` and asking what it holds costs 4 µs; decoding a block of lines into
just the envelope and a few keys of ``data`` costs 0.9 µs a line. A block is taken only if every
line of it has the usual form, exactly; whatever is odd is left to `recorded.LineReader`.
"""

from __future__ import annotations

from io import BytesIO
from itertools import islice, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, NamedTuple, Protocol, cast

import msgspec

from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.kept.lines import UNSEALED
from grantex_tui.events.kept.seal import SEAL, has_seal
from grantex_tui.events.recorded.held import from_archive
from grantex_tui.events.recorded.instants import Instants


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.events.entry import Sender
    from grantex_tui.events.recorded.held_sketch import HeldLayout, HeldSketch

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class Sketch(Protocol):
    """The envelope of one event."""

    @property
    def id(self) -> str:
        """Never empty."""
        ...

    @property
    def type(self) -> str:
        """Never empty."""
        ...

    @property
    def createdAt(self) -> str:  # noqa: N802 - the wire's name
        """As received; empty when absent."""
        ...

    @property
    def data(self) -> object:
        """None, or an object with the attributes ``k0``, ``k1``, … for the keys looked at."""
        ...


class _Line(Protocol):
    receivedAt: str  # noqa: N815 - the wire's name
    event: Sketch


class Cut(NamedTuple):
    """The line of one event, as it stands in its recording."""

    line: bytes
    sender: Sender | None
    is_held: bool
    """Whether it is a log that Datadog has held."""

    def event(self) -> Event | Malformed:
        """What it says, decoded."""
        if self.is_held:
            logged = from_archive(self.line)
            assert logged is not None, "what can be sketched is a log"
            return logged
        event = decode_event(_payload(self.line.rstrip(b"\n")))
        if self.sender is None or isinstance(event, Malformed):
            return event
        return msgspec.structs.replace(event, sender=self.sender)


def _payload(line: bytes) -> bytes:
    """The payload in a line of the usual form, as it was received."""
    if line.startswith(_BARE):
        return line
    if line.rfind(_EVENT) == _EVENT_AT and line.rfind(_RECEIVED) == 1:
        return line[_EVENT_AT + len(_EVENT) : -SEAL if has_seal(line) else -UNSEALED]
    return bytes(_decode_event(line).event)


class Sketches:
    """The events of a block of lines.

    Args:
        lines: each with its break, if it has one.
        events: one a line.
        instants: when each was received, epoch seconds; of bare events, which don't tell, when it
            was created.
        sender: who put what on their logs, where the recording tells.
        held: instead of events, logs that Datadog has held.
    """

    __slots__ = ("_lines", "events", "held", "instants", "sender")

    def __init__(
        self,
        lines: Sequence[bytes],
        events: Sequence[Sketch],
        instants: list[float],
        sender: Sender | None = None,
        held: Sequence[HeldSketch] = (),
    ) -> None:
        self._lines = lines
        self.held = held
        self.events = events
        self.instants = instants
        self.sender = sender

    def __len__(self) -> int:
        return len(self._lines)

    def event(self, number: int) -> Event | Malformed:
        """One of the events, decoded; of a log that Datadog has held, with it."""
        return self.cut_out(number).event()

    def cut_out(self, number: int) -> Cut:
        """One of the events without its block."""
        return Cut(self._lines[number], self.sender, bool(self.held))

    def names(self, first: int, last: int) -> list[tuple[str, str]]:
        """What tells events apart, of those from number *first* to before *last*: id and date."""
        if not self.held:
            return [(event.id, event.createdAt) for event in self.events[first:last]]
        logged = map(self.event, range(first, last))
        return [(one.id, one.created_at) for one in logged if isinstance(one, Event)]

    def lines(self, first: int, last: int) -> Sequence[bytes]:
        """Those of the events from number *first* to before *last*."""
        return self._lines[first:last]


def joined(
    pieces: Sequence[tuple[Sketches, int, int]], order: Sequence[int], instants: list[float]
) -> Sketches:
    """Events of several blocks as one.

    Args:
        pieces: the blocks, each with the number of the first event and of the one after the last;
            all of one sender, or all of held logs.
        order: in which the events of all pieces, one after the other, come.
        instants: in this order.
    """
    lines = [line for sketches, first, last in pieces for line in sketches.lines(first, last)]
    events = [event for sketches, first, last in pieces for event in sketches.events[first:last]]
    held = [log for sketches, first, last in pieces for log in sketches.held[first:last]]
    (sender,) = {sketches.sender for sketches, _, _ in pieces}
    return Sketches(
        [lines[number] for number in order],
        [events[number] for number in order] if events else (),
        instants,
        sender,
        [held[number] for number in order] if held else (),
    )


_UNREADABLE = (
    msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError, OverflowError,
)  # fmt: skip


class _EventOf(msgspec.Struct, gc=False):
    event: msgspec.Raw


_event_of, _received_at = attrgetter("event"), attrgetter("receivedAt")
_created_at, _date_of = attrgetter("createdAt"), attrgetter("date")
_decode_event = msgspec.json.Decoder(_EventOf).decode
_EVENT = b'"event":'
_EVENT_AT = 41
_RECEIVED = b'"receivedAt":'
_JOURNAL = b'{"receivedAt":"'
_BARE = b'{"id":"'
_OBJECT = b'{"'
_BY_NUMBER = rb"\u00"
"""How JSON may write any letter."""
_ENDS = (b"}}", b'"}')
"""Of a line, without a seal and with it."""


class Sketcher:
    """Decodes blocks of lines.

    Args:
        keys: of ``data``; an event's ``data`` has their values as ``k0``, ``k1``, … in this order,
            `msgspec.UNSET` for what isn't there. None: events are left to others.
        held: what is looked at of logs that Datadog has held; None: these are left to others.
        needle: letters that stand in each line that anybody wants; None: all are wanted.
    """

    def __init__(
        self,
        keys: Sequence[str] | None = (),
        held: HeldLayout | None = None,
        needle: bytes | None = None,
    ) -> None:
        self._needle = needle
        self._held = held
        self._takes_events = keys is not None
        keys = keys or ()
        names = [f"k{number}" for number in range(len(keys))]
        data = msgspec.defstruct(
            "Data",
            [(name, object, msgspec.UNSET) for name in names],
            rename=dict(zip(names, keys, strict=True)),
            gc=False,
        )
        event = msgspec.defstruct(
            "Event",
            [("id", _Text), ("type", _Text), ("createdAt", str, ""), ("data", data | None, None)],
            forbid_unknown_fields=True,
            gc=False,
        )
        line = msgspec.defstruct(
            "Line",
            [("receivedAt", str), ("event", event), ("crc", msgspec.Raw, msgspec.Raw())],
            forbid_unknown_fields=True,
            gc=False,
        )
        self._instants = Instants()
        self._decode_journal = cast(
            "Callable[[bytes], list[_Line]]", msgspec.json.Decoder(line).decode_lines
        )
        self._decode_bare = cast(
            "Callable[[bytes], list[Sketch]]", msgspec.json.Decoder(event).decode_lines
        )

    def is_wanted(self, block: bytes) -> bool:
        """Whether any line of *block* may be one that somebody wants."""
        needle = self._needle
        return needle is None or needle in block or _BY_NUMBER in block

    def read(self, block: bytes) -> Sketches | None:
        """The events of *block*, whole lines without the last break; None if any line is odd."""
        found = self._read(block, _JOURNAL, self._journal) if self._takes_events else None
        if found is None and self._takes_events:
            found = self._read(block, _BARE, self._bare)
        if found is None and self._held is not None:
            found = self._read_held(block, self._held)
        return found

    def _read_held(self, block: bytes, layout: HeldLayout) -> Sketches | None:
        """The archived logs of *block*."""
        if not block.startswith(_OBJECT):
            return None
        lines = BytesIO(block).readlines()
        if not _is_uniform(block, lines, _OBJECT):
            return None
        try:
            held = layout.decode(block)
            instants = self._instants.read(list(map(_date_of, held)))
        except _UNREADABLE:
            return None
        return Sketches(lines, (), instants, held=held) if len(held) == len(lines) else None

    def envelopes(self, payloads: Sequence[bytes]) -> Sequence[Sketch] | None:
        """Of payloads that have just arrived; None if any of them is odd."""
        block = b"\n".join(payloads)
        breaks = len(payloads) - 1
        is_a_line_each = block.startswith(_BARE) and block.count(b"\n") == breaks
        if not (is_a_line_each and _is_uniform(block, payloads, _BARE, b"")):
            return None
        try:
            events = self._decode_bare(block)
        except _UNREADABLE:
            return None
        return events if len(events) == len(payloads) else None

    def read_payloads(self, block: bytes) -> Sketches | None:
        """The same for payloads alone, one a line."""
        return self._read(block, _BARE, self._bare)

    def _read(
        self,
        block: bytes,
        start: bytes,
        decode: Callable[[bytes], tuple[Sequence[Sketch], list[str]]],
    ) -> Sketches | None:
        if not block.startswith(start):
            return None
        lines = BytesIO(block).readlines()  # a third of what `split` or counting breaks costs
        if not _is_uniform(block, lines, start):
            return None
        try:
            events, received = decode(block)
            instants = self._instants.read(received)
        except _UNREADABLE:
            return None
        if len(events) != len(lines):
            return None
        return Sketches(lines, events, instants)

    def _journal(self, block: bytes) -> tuple[Sequence[Sketch], list[str]]:
        lines = self._decode_journal(block)
        return list(map(_event_of, lines)), list(map(_received_at, lines))

    def _bare(self, block: bytes) -> tuple[Sequence[Sketch], list[str]]:
        events = self._decode_bare(block)
        return events, list(map(_created_at, events))


def _is_uniform(
    block: bytes, lines: Sequence[bytes], start: bytes, line_break: bytes = b"\n"
) -> bool:
    """Whether all lines go on and end alike, so that each break parts two whole values.

    The decoder of many lines takes two values on one line, and one value on two. A ``}``, a break
    and ``{"`` can't follow each other within a value: not in a text, which holds no break, and not
    outside of one, where a comma would part them. So every break is between values, and as many
    values as lines are one a line.
    """
    end = block[-2:]
    return (
        end in _ENDS
        and all(map(bytes.startswith, lines, repeat(start)))
        and all(map(bytes.endswith, islice(lines, len(lines) - 1), repeat(end + line_break)))
        and (block.isascii() or _is_utf8(block))
    )


def _is_utf8(block: bytes) -> bool:
    """The decoder skips what it need not read."""
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True
