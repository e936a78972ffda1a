"""Server-Sent Events decoder without I/O: bytes in, messages out (WHATWG HTML 9.2.6).

It works on bytes, because the payload travels on exactly as it was received, and no event comes
later than its last byte: a CR ends a line at once, and a LF that follows in the next read is
swallowed then. Cost is linear however the input is chopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec


if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_MAX_EVENT_SIZE = 8 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_DATA = b"data: "
_HEAD_SIZE = 512
MAX_RETRY = 86_400_000
"""A day: the longest reconnection time in milliseconds that is taken for meant."""
_RETRY_DIGITS = 20
"""Enough to be over `MAX_RETRY`; of thousands of digits Python makes no number."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One dispatched event. ``data`` is as received: bytes that should be, but may not be, UTF-8.

    ``retry`` is the reconnection time in milliseconds named since the message before, if any.
    """

    data: bytes
    event: str = "message"
    id: str = ""
    retry: int | None = None


class Comment(msgspec.Struct, frozen=True, gc=False):
    """A comment line without its colon; Grantex's keepalives are such."""

    text: bytes


class Oversized(msgspec.Struct, frozen=True, gc=False):
    """An event over the size limit: skipped, and named by how it began."""

    size: int
    """Bytes of its lines, field names included."""
    head: bytes
    """At most the first 512 bytes of its first data line."""


Item = Message | Comment | Oversized


class SSEDecoder:
    """Cuts a byte stream into items; one decoder per connection.

    Args:
        max_event_size: Bytes that one event's lines may take (default 8 MiB). A longer one is
            skipped and reported as `Oversized`, and the stream goes on.
    """

    def __init__(self, max_event_size: int = DEFAULT_MAX_EVENT_SIZE) -> None:
        self._max = max_event_size
        self._started = b""  # bytes seen before it is known whether they are a BOM
        self._begun = False
        self._after_cr = False
        self._partial: list[bytes] = []  # pieces of the line that has no end yet
        self._size = 0  # bytes of the event so far, the partial line included
        self._data: list[bytes] = []
        self._event = b""
        self._id = b""
        self._retry: int | None = None
        self._skipping: bytes | None = None  # the head of an oversized event being skipped
        self._skipped_up_to = -1  # size at the last line end of the event being skipped
        self._items: list[Item] = []
        self.last_event_id = ""
        """The last event id string, as a reconnecting client would send it."""
        self.retry: int | None = None
        """Reconnection time in milliseconds, if the server ever named one."""

    @property
    def pending(self) -> int:
        """Bytes of an event that has begun and not ended: lost if the stream ends here."""
        return self._size

    def feed(self, chunk: bytes) -> list[Item]:
        """Decode *chunk*; returns what its bytes complete, in order."""
        text = self._normalise(chunk)
        self._items = []
        if self._partial or self._size > self._max:
            end = text.find(b"\n")
            if end < 0:
                self._hold(text)
                return self._items
            self._hold(text[:end])
            self._end_line()
            text = text[end + 1 :]
        if text:
            self._blocks(text)
        return self._items

    def feed_data(self, chunk: bytes) -> Sequence[bytes | Oversized]:
        """The data of the messages that *chunk* completes, and what was too large.

        The same as `feed`, without what Grantex's stream has no use for; 0.1 µs an event where a
        read is whole messages of one line each, as it nearly always is.
        """
        if self._is_at_message and chunk.startswith(_DATA) and len(chunk) <= self._max:
            whole, _, rest = chunk.rpartition(b"\n\n")
            payloads = whole[len(_DATA) :].split(b"\n\n" + _DATA)
            # All breaks are between messages, so each message is one line, and a line of data.
            if whole and whole.count(b"\n") == 2 * len(payloads) - 2 and b"\r" not in chunk:
                return payloads + self._data_of(self.feed(rest)) if rest else payloads
        return self._data_of(self.feed(chunk))

    @property
    def _is_at_message(self) -> bool:
        """Whether nothing of a message has come."""
        is_within = self._size or self._event or self._id or self._retry is not None
        return self._begun and not (is_within or self._after_cr)

    @staticmethod
    def _data_of(items: Sequence[Item]) -> list[bytes | Oversized]:
        return [
            item.data if isinstance(item, Message) else item
            for item in items
            if not isinstance(item, Comment)
        ]

    def _normalise(self, chunk: bytes) -> bytes:
        """*chunk* without a leading BOM and with every line end a LF."""
        if not self._begun:
            chunk = self._started + chunk
            if len(chunk) < len(_BOM) and _BOM.startswith(chunk):
                self._started = chunk
                return b""
            self._begun = True
            chunk = chunk.removeprefix(_BOM)
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _blocks(self, text: bytes) -> None:
        """Decode *text*, which begins at the start of a line."""
        blocks = text.split(b"\n\n")
        rest = blocks.pop()
        emit = self._items.append
        small = len(text) <= self._max
        for block in blocks:
            plain = small and not self._size and self._retry is None
            if plain and block.startswith(_DATA) and b"\n" not in block:
                emit(Message(block[6:], "message", self.last_event_id))
            else:
                for line in block.split(b"\n"):
                    self._hold(line)
                    self._end_line()
                self._end_line()
        lines = rest.split(b"\n")
        tail = lines.pop()
        for line in lines:
            self._hold(line)
            self._end_line()
        self._hold(tail)

    def _hold(self, piece: bytes) -> None:
        """Take a piece of the current line, unless its event has grown too large."""
        if not piece:
            return
        self._size += len(piece)
        if self._size <= self._max:
            self._partial.append(piece)
        elif self._skipping is None:
            self._partial.append(piece[:_HEAD_SIZE])
            self._skipping = self._head()
            self._partial, self._data = [], []

    def _head(self) -> bytes:
        """How the event's data begins; several small pieces are joined as far as needed."""
        if self._data:
            return self._data[0][:_HEAD_SIZE]
        pieces, have = [], 0
        for piece in self._partial:
            pieces.append(piece[:_HEAD_SIZE])
            have += len(pieces[-1])
            if have >= _HEAD_SIZE:
                break
        return b"".join(pieces)[:_HEAD_SIZE].removeprefix(b"data:").removeprefix(b" ")

    def _end_line(self) -> None:
        line = b"".join(self._partial) if self._partial else b""
        skipped_line = self._size > self._max
        self._partial = []
        if skipped_line:
            self._end_skipped_line()
        elif not line:
            self._dispatch()
        elif line.startswith(b":"):
            self._size -= len(line)
            self._items.append(Comment(line[1:]))
        else:
            self._field(line)

    def _end_skipped_line(self) -> None:
        """In an oversized event a blank line is one that added nothing since the last."""
        size = self._size
        if size == self._skipped_up_to:
            self._items.append(Oversized(size, self._skipping or b""))
            self._reset()
        else:
            self._skipped_up_to = size

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = b"\n" + value  # never empty once set: an empty id is a value too
        elif name == b"retry" and value.isdigit():
            self.retry = self._retry = min(int(value[:_RETRY_DIGITS]), MAX_RETRY)

    def _dispatch(self) -> None:
        if self._id:
            self.last_event_id = self._id[1:].decode("utf-8", "replace")
        if self._data:
            name = self._event.decode("utf-8", "replace") or "message"
            data = b"\n".join(self._data)
            self._items.append(Message(data, name, self.last_event_id, self._retry))
            self._retry = None
        self._reset()

    def _reset(self) -> None:
        self._data, self._event, self._id = [], b"", b""
        self._size, self._skipping, self._skipped_up_to = 0, None, -1
