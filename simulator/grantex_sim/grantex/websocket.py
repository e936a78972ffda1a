"""Grantex's event stream over a WebSocket, ``/v1/events/ws``, as measured on the service.

It opens at once; events are text frames; only a message ``{"types": […]}`` filters, everything
else that a client says is ignored; a ping every 30 s; one connection too many is upgraded and then
closed with 1013. Its slots are counted apart from those of the SSE stream.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from typing import TYPE_CHECKING, Final

import msgspec

from grantex_sim.http.address import WEBSOCKET
from grantex_sim.http.websocket_frames import (
    FrameError,
    FrameReader,
    Message,
    Opcode,
    close_bytes,
    close_code,
    frame_bytes,
)
from grantex_sim.http.wire import head_bytes
from grantex_tui.errors import GrantexTuiError


if TYPE_CHECKING:
    from grantex_sim.grantex.broadcast import Subscriber
    from grantex_sim.http.channel import Channel
    from grantex_sim.http.wire import Headers, Request

TOO_MANY: Final = close_bytes(1013, "Too many connections")
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY: Final = re.compile(r"[+/0-9A-Za-z]{22}==")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MAX_WAITING: Final = 1024 * 1024
"""Bytes that may wait for a client which goes on asking for more."""
_PATIENCE: Final = 2.0
"""Seconds for a client to answer that the connection is to end."""


class HandshakeError(GrantexTuiError):
    """An upgrade that is not as RFC 6455 wants it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="RFC 6455 4.1 says what a client's handshake has.")


class _Wish(msgspec.Struct):
    types: list[object] | None = None


_decode_wish = msgspec.json.Decoder(_Wish).decode


def is_upgrade(request: Request) -> bool:
    """Whether *request* asks for the WebSocket; without the upgrade, there is nothing there."""
    return (
        request.path == WEBSOCKET
        and request.method == "GET"
        and request.header("upgrade").lower() == "websocket"
        and "upgrade" in request.header("connection").lower()
    )


def handshake(request: Request, extra: Headers = ()) -> bytes:
    """The head that answers an upgrade, with the headers *extra*.

    The service takes the first subprotocol that a client offers, whatever it is, and agrees to no
    extension, compression included.

    Raises:
        HandshakeError: The request is no right handshake.
    """
    key = request.header("sec-websocket-key")
    if not _KEY.fullmatch(key):
        raise HandshakeError("Missing or invalid Sec-WebSocket-Key header")
    if request.header("sec-websocket-version") != "13":
        raise HandshakeError("Missing or invalid Sec-WebSocket-Version header")
    accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest())
    return head_bytes(
        101,
        (
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", accept.decode()),
            *(("Sec-WebSocket-Protocol", chosen) for chosen in _offered(request)[:1]),
            *extra,
        ),
    )


def _offered(request: Request) -> list[str]:
    """The subprotocols, the one first that the client likes best."""
    given = [value for name, value in request.headers if name == "sec-websocket-protocol"]
    if not given:
        return []
    names = [name.strip(" \t") for name in ",".join(given).split(",")]
    if len({*names}) < len(names) or not all(map(_TOKEN.fullmatch, names)):
        raise HandshakeError("Invalid Sec-WebSocket-Protocol header")
    return names


def bad_handshake(error: HandshakeError) -> bytes:
    """The answer to what is no right handshake; it says which version is spoken."""
    body = error.message.encode()
    headers = (
        ("Connection", "close"),
        ("Content-Type", "text/html"),
        ("Content-Length", str(len(body))),
        ("Sec-WebSocket-Version", "13"),
    )
    return head_bytes(400, headers) + body


class Conversation:
    """What a client says on its open WebSocket, and the answers that the protocol asks for."""

    def __init__(self, channel: Channel, subscriber: Subscriber) -> None:
        self._channel = channel
        self._subscriber = subscriber
        self._reader = FrameReader()
        self._closing = False
        self._broken = False

    def receive(self, data: bytes) -> None:
        """The client sent *data*."""
        if self._broken or self._subscriber.mute:
            return
        try:
            for message in self._reader.feed(data):
                if message.opcode is Opcode.CLOSE:
                    self._end(message.payload)
                    return
                self._take(message)
        except FrameError as error:
            self._broken = True
            self.close(close_bytes(error.code, error.message))

    def close(self, frame: bytes) -> None:
        """Say *frame* as the last thing; the connection ends when the client has answered it.

        Ending it at once could cost the client the frame: what it sent in the meantime would be
        answered by a TCP reset. Who does not answer has `_PATIENCE`.
        """
        if not self._closing:
            self._closing = True
            self._subscriber.send(frame)
            asyncio.get_running_loop().call_later(_PATIENCE, self._channel.close)

    def _end(self, payload: bytes) -> None:
        """The client has said its last."""
        self._broken = True
        if not self._closing:
            self._subscriber.send(close_bytes(close_code(payload)))
        self._channel.close()

    def _take(self, message: Message) -> None:
        if self._closing:
            return
        if message.opcode is Opcode.PING:
            self._subscriber.send(frame_bytes(Opcode.PONG, message.payload))
            if self._subscriber.waiting > _MAX_WAITING:
                self._channel.reset()
        elif message.opcode is not Opcode.PONG:
            self._choose(message.payload)

    def _choose(self, payload: bytes) -> None:
        try:
            types = _decode_wish(payload).types
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        if types is not None:
            self._subscriber.types = frozenset(name for name in types if isinstance(name, str))
