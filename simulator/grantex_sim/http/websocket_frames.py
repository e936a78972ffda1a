"""RFC 6455 frames without I/O, as a server sees them: bytes in, messages out, and back.

Checked: reserved bits and opcodes, masking, lengths, fragmentation, control frames, UTF-8, close
codes. A message's size is limited before its bytes are kept.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from grantex_tui.errors import GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MESSAGE: Final = 1024 * 1024
"""Bytes of a message that a client may send."""
_MAX_CONTROL: Final = 125
_CODES: Final = frozenset({*range(1000, 1004), *range(1007, 1015)})


class Opcode(IntEnum):
    """What a frame is."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class Message(NamedTuple):
    """A whole message, or a control frame; never a continuation."""

    opcode: Opcode
    payload: bytes


class FrameError(GrantexTuiError):
    """The peer broke the protocol; *code* is what to close the connection with."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message, hint="RFC 6455 says what a client may send.")
        self.code = code


class _Header(NamedTuple):
    final: bool
    opcode: Opcode
    length: int
    mask_at: int


class FrameReader:
    """Cuts what a client sends into messages, however the bytes are chopped."""

    def __init__(self, *, max_message: int = MAX_MESSAGE) -> None:
        self._max = max_message
        self._buffer = bytearray()
        self._opcode: Opcode | None = None
        self._parts = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that *data* completes; to be read to their end before more is fed.

        Raises:
            FrameError: The protocol was broken; the connection is to be closed.
        """
        self._buffer += data
        while (header := self._header()) is not None:
            end = header.mask_at + 4 + header.length
            if len(self._buffer) < end:
                return
            mask = bytes(self._buffer[header.mask_at : header.mask_at + 4])
            payload = _unmasked(bytes(self._buffer[header.mask_at + 4 : end]), mask)
            del self._buffer[:end]
            message = self._take(header, payload)
            if message is not None:
                yield message

    def _header(self) -> _Header | None:
        """The next frame's header, checked; None until it is complete."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, second = buffer[0], buffer[1]
        opcode = self._checked(first, second)
        length, mask_at = second & 0x7F, 2
        if length > _MAX_CONTROL:
            mask_at = 4 if length == 126 else 10
            if len(buffer) < mask_at:
                return None
            length = int.from_bytes(buffer[2:mask_at], "big")
        if length + len(self._parts) * (opcode is Opcode.CONTINUATION) > self._max:
            raise FrameError(1009, f"a message of more than {self._max:,} bytes")
        return _Header(bool(first & 0x80), opcode, length, mask_at)

    def _checked(self, first: int, second: int) -> Opcode:
        if first & 0x70:
            raise FrameError(1002, "a reserved bit is set, and no extension was agreed on")
        try:
            opcode = Opcode(first & 0x0F)
        except ValueError:
            raise FrameError(1002, f"opcode {first & 0x0F} is reserved") from None
        if not second & 0x80:
            raise FrameError(1002, "a client's frame is not masked")
        if opcode >= Opcode.CLOSE:
            if not first & 0x80:
                raise FrameError(1002, "a control frame is fragmented")
            if second & 0x7F > _MAX_CONTROL:
                raise FrameError(1002, "a control frame of more than 125 bytes")
        elif (opcode is Opcode.CONTINUATION) == (self._opcode is None):
            raise FrameError(1002, "fragments of messages are out of order")
        return opcode

    def _take(self, header: _Header, payload: bytes) -> Message | None:
        if header.opcode >= Opcode.CLOSE:
            if header.opcode is Opcode.CLOSE:
                close_code(payload)
            return Message(header.opcode, payload)
        if header.opcode is not Opcode.CONTINUATION:
            self._opcode = header.opcode
        self._parts += payload
        if not header.final or self._opcode is None:
            return None
        message = Message(self._opcode, bytes(self._parts))
        self._opcode, self._parts = None, bytearray()
        if message.opcode is Opcode.TEXT:
            _check_text(message.payload)
        return message


def close_code(payload: bytes) -> int:
    """The code in a close frame's *payload*; 1005 when it has none.

    Raises:
        FrameError: The payload is none that may be sent.
    """
    if not payload:
        return 1005
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not (code in _CODES or 3000 <= code <= 4999):
        raise FrameError(1002, f"close code {code} may not be sent")
    _check_text(payload[2:])
    return code


def frame_bytes(opcode: Opcode, payload: bytes, *, is_final: bool = True) -> bytes:
    """*payload* as one frame from a server; a message's last one is final."""
    length = len(payload)
    first = (0x80 if is_final else 0) | opcode
    if length <= _MAX_CONTROL:
        return struct.pack("!BB", first, length) + payload
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length) + payload
    return struct.pack("!BBQ", first, 127, length) + payload


def close_bytes(code: int, reason: str = "") -> bytes:
    """A close frame; 1005 means one without a code."""
    if code == 1005:
        return frame_bytes(Opcode.CLOSE, b"")
    return frame_bytes(Opcode.CLOSE, code.to_bytes(2, "big") + reason.encode()[:123])


def _unmasked(data: bytes, mask: bytes) -> bytes:
    """*data* with *mask* over and over it taken off: one big number instead of a loop."""
    repeated = (mask * (len(data) // 4 + 1))[: len(data)]
    number = int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")
    return number.to_bytes(len(data), "big")


def _check_text(payload: bytes) -> None:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        raise FrameError(1007, "a text that is not UTF-8") from None
