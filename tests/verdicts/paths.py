"""The reading side of the reference forwarder: SSE and WebSocket down to the byte, nothing skipped.

A protocol, not a stream reader: what has arrived is dealt with before the connection's end is, and a
reset takes nothing away.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_sim.http.address import PATHS


if TYPE_CHECKING:
    from collections.abc import Callable

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An event that came whole, and how it came."""

    id: str
    type: str
    text: str
    path: str
    number: int
    """Its place on its connection, from 1."""
    pieces: int
    """Reads that brought it."""
    lines: int
    """Data lines it was spread over."""
    after_cr: bool = False
    """Whether its lines end in a bare CR."""
    after_bom: bool = False
    """Whether it is the first after a byte order mark."""


class UnreadableError(Exception):
    """What came is not the protocol."""


class Path(asyncio.Protocol):
    """One connection to one path.

    Args:
        path: ``sse`` or ``websocket``.
        key: Grantex's.
        on_event: Called with each event that came whole.
    """

    def __init__(self, path: str, key: str, on_event: Callable[[Received], None]) -> None:
        self._path, self._key, self._on_event = path, key, on_event
        self._body: SseBody | SocketBody = SseBody() if path == "sse" else SocketBody()
        self._head: bytes | None = b""
        self._count = 0
        self.ended = asyncio.Event()
        self.opened = False
        self.reads = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        upgrade = ""
        if self._path == "websocket":
            nonce = base64.b64encode(os.urandom(16)).decode()
            upgrade = (
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {nonce}\r\n"
            )
        transport.write(
            f"GET {PATHS[self._path]} HTTP/1.1\r\nHost: simulator\r\n"
            f"Authorization: Bearer {self._key}\r\n{upgrade}\r\n".encode()
        )
        self.reads += 1

    def data_received(self, data: bytes) -> None:
        self._receive(data)
        self.reads += 1

    def _receive(self, data: bytes) -> None:
        if self._head is not None:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._head = None
            self.opened = _is_stream(head, self._path)
            if not self.opened:
                self.close()
        if not self.opened:
            return
        try:
            for found in self._body.feed(data):
                self._take(*found)
            if self._body.answer and self._transport is not None:
                self._transport.write(self._body.answer)
                self._body.answer = b""
        except UnreadableError:
            self.opened = False
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        self.ended.set()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _take(self, data: bytes, pieces: int, lines: int, after_cr: bool, after_bom: bool) -> None:
        text = data.decode("utf-8", "replace")
        try:
            event = json.loads(text)
        except ValueError:
            return
        self._count += 1
        self._on_event(
            Received(
                id=event["id"], type=event.get("type", ""), text=text, path=self._path,
                number=self._count, pieces=pieces, lines=lines,
                after_cr=after_cr, after_bom=after_bom,
            )
        )  # fmt: skip


def _is_stream(head: bytes, path: str) -> bool:
    lines = head.lower().split(b"\r\n")
    if path == "websocket":
        return lines[0].startswith(b"http/1.1 101 ")
    encoded = any(line.startswith(b"content-encoding:") for line in lines)
    kind = any(line.startswith(b"content-type: text/event-stream") for line in lines)
    return lines[0].startswith(b"http/1.1 200 ") and kind and not encoded


class SseBody:
    """A chunked body's events."""

    def __init__(self) -> None:
        self._raw = b""
        self._text = b""
        self._begun = self._was_cr = False
        self._bom = False
        self._data: list[bytes] = []
        self._pieces = 0
        self.answer = b""

    def feed(self, data: bytes):
        self._raw += data
        self._pieces += 1
        while (piece := self._chunk()) is not None:
            self._text += piece
            yield from self._events()

    def _chunk(self) -> bytes | None:
        size, end, rest = self._raw.partition(b"\r\n")
        if not end:
            return None
        try:
            length = int(size, 16)
        except ValueError:
            raise UnreadableError from None
        if len(rest) < length + 2:
            return None
        self._raw = rest[length + 2 :]
        return rest[:length]

    def _events(self):
        if not self._begun and len(self._text) >= len(BOM):
            self._begun = True
            self._bom = self._text.startswith(BOM)
            self._text = self._text.removeprefix(BOM)
        while (found := self._line()) is not None:
            line, is_cr = found
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                data, lines = b"\n".join(self._data), len(self._data)
                self._data = []
                pieces, self._pieces = self._pieces, 1
                after_bom, self._bom = self._bom, False
                yield data, pieces, lines, is_cr, after_bom

    def _line(self) -> tuple[bytes, bool] | None:
        if self._was_cr and self._text.startswith(b"\n"):
            self._text = self._text[1:]
        self._was_cr = self._was_cr and not self._text
        ends = [at for at in (self._text.find(b"\n"), self._text.find(b"\r")) if at >= 0]
        if not ends:
            return None
        end = min(ends)
        line, sign, self._text = self._text[:end], self._text[end : end + 1], self._text[end + 1 :]
        self._was_cr = sign == b"\r"
        return line, self._was_cr and not self._text.startswith(b"\n")


class SocketBody:
    """A WebSocket's text messages; pings are answered."""

    def __init__(self) -> None:
        self._raw = b""
        self._parts: list[bytes] = []
        self._pieces = 0
        self.answer = b""

    def feed(self, data: bytes):
        self._raw += data
        self._pieces += 1
        while (found := self._frame()) is not None:
            first, payload = found
            if first & 0x70:
                raise UnreadableError
            opcode = first & 0x0F
            if opcode == 9:
                self.answer += _masked(10, payload)
            if opcode == 8:
                raise UnreadableError
            if opcode < 3:
                self._parts.append(payload)
                if first & 0x80:
                    whole, count = b"".join(self._parts), len(self._parts)
                    self._parts = []
                    yield (
                        _checked(whole),
                        max(count, self._pieces),
                        whole.count(b"\n") + 1,
                        False,
                        False,
                    )
                    self._pieces = 1

    def _frame(self) -> tuple[int, bytes] | None:
        if len(self._raw) < 2:
            return None
        length, at = self._raw[1] & 0x7F, 2
        if length > 125:
            at = 4 if length == 126 else 10
            length = int.from_bytes(self._raw[2:at], "big")
        if len(self._raw) < at + length:
            return None
        first, payload = self._raw[0], self._raw[at : at + length]
        self._raw = self._raw[at + length :]
        return first, payload


def _checked(data: bytes) -> bytes:
    try:
        data.decode()
    except UnicodeDecodeError:
        raise UnreadableError from None
    return data


def _masked(opcode: int, payload: bytes) -> bytes:
    mask = os.urandom(4)
    body = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + body
