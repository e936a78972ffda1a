"""Many lines of a recording at once, as far as somebody looks at them.

Reading a line into an `Event` and asking what it holds costs 4 µs; decoding a block of lines into
just the envelope and a few keys of ``data`` costs 0.7 µs a line. A block is taken only if every
line of it has the usual form, exactly; whatever is odd is left to `recorded.LineReader`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol, cast

import msgspec

from grantex_tui.events.event import Malformed, decode_event
from grantex_tui.events.lines import event_payload


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class Sketch(Protocol):
    """The envelope of one event."""

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


class Sketches:
    """The events of a block of lines.

    *received* holds when each was received, as written; None for bare events, which don't tell.
    """

    __slots__ = ("_block", "_lines", "events", "received")

    def __init__(
        self, block: bytes, events: Sequence[Sketch], received: Sequence[str] | None
    ) -> None:
        self._block = block
        self._lines: list[bytes] | None = None
        self.events = events
        self.received = received

    def payload(self, number: int) -> bytes:
        """The payload of one of the events, as it was received."""
        if self._lines is None:
            self._lines = self._block.split(b"\n")
        line = self._lines[number]
        if self.received is None:
            return line
        payload = event_payload(line)
        if payload is None or isinstance(decode_event(payload), Malformed):
            return bytes(_decode_event(line).event)
        return payload


class _EventOf(msgspec.Struct, gc=False):
    event: msgspec.Raw


_decode_event = msgspec.json.Decoder(_EventOf).decode
_JOURNAL = b'{"receivedAt":"'
_BARE = b'{"id":"'
_END = b"}}"


class Sketcher:
    """Decodes blocks of lines.

    Args:
        keys: of ``data``; an event's ``data`` has their values as ``k0``, ``k1``, … in this order,
            `msgspec.UNSET` for what isn't there.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
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
            "Line", [("receivedAt", str), ("event", event)], forbid_unknown_fields=True, gc=False
        )
        self._decode_journal = cast(
            "Callable[[bytes], list[_Line]]", msgspec.json.Decoder(line).decode_lines
        )
        self._decode_bare = cast(
            "Callable[[bytes], list[Sketch]]", msgspec.json.Decoder(event).decode_lines
        )

    def read(self, block: bytes) -> Sketches | None:
        """The events of *block*, whole lines without the last break; None if any line is odd."""
        if _is_uniform(block, _JOURNAL):
            decode = self._journal
        elif _is_uniform(block, _BARE):
            decode = self._bare
        else:
            return None
        try:
            sketches = decode(block)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return sketches if len(sketches.events) == block.count(b"\n") + 1 else None

    def _journal(self, block: bytes) -> Sketches:
        lines = self._decode_journal(block)
        return Sketches(block, [line.event for line in lines], [line.receivedAt for line in lines])

    def _bare(self, block: bytes) -> Sketches:
        return Sketches(block, self._decode_bare(block), None)


def _is_uniform(block: bytes, start: bytes) -> bool:
    """Whether all lines begin and end alike, so that each break parts two whole values.

    The decoder of many lines takes two values on one line, and one value on two. ``}}``, a break
    and ``{"`` can't follow each other within a value: not in a text, where the quote would end it,
    and not outside of one. So every break is between values, and as many values as lines are one a
    line.
    """
    breaks = block.count(b"\n")
    return (
        block.startswith(start)
        and block.endswith(_END)
        and block.count(_END + b"\n" + start) == breaks
        and (block.isascii() or _is_utf8(block))
    )


def _is_utf8(block: bytes) -> bool:
    """The decoder skips what it need not read."""
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True
