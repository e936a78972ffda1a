"""TLS between a connection and who serves it, record by record, so that all that goes wrong can.

Not asyncio's own: `loop.start_tls` takes no bytes that were read already, and its transport lets
nobody cut a handshake in two, speak plain HTTP to a client that has said hello, or end a stream
without the `close_notify` that tells a lawful end from a cut one. The protocol is `ssl`'s; this
moves its bytes. One may lie within another: a client that reaches its proxy by TLS, and through it
a server.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol


if TYPE_CHECKING:
    from collections.abc import Callable

CLIENT_HELLO: Final = 0x16
"""The first byte of a TLS connection: a handshake record."""
_READ: Final = 256 * 1024
_PLAIN_BODY: Final = b"The plain HTTP request was sent to an HTTPS port\n"
_PLAIN: Final = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_PLAIN_BODY), _PLAIN_BODY)
)


class Spoil(StrEnum):
    """What becomes of a handshake."""

    NONE = ""
    CUT = "cut"
    """Half of the server's first message, then a TCP reset."""
    PLAIN = "plain"
    """Plain HTTP for an answer."""
    VERSION = "version"
    """The alert of a server that speaks no version of TLS that the client offers."""
    REFUSED = "refused"
    """A TCP reset at once."""
    BLACK_HOLE = "black_hole"
    """No answer."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """How a client is greeted."""

    context: ssl.SSLContext
    """With the certificate that it is shown."""
    spoil: Spoil = Spoil.NONE
    is_fault: bool = False
    """Whether something is wrong with it on purpose, so that a client that ends it is right."""


class Greeter(Protocol):
    """Decides how clients are greeted."""

    def greet(self, name: str) -> Greeting:
        """For a client that asks for the host *name*; empty if it says none."""
        ...

    def failed(self, name: str, reason: str) -> None:
        """No connection came of it, and nobody meant that."""
        ...


class TlsTransport(asyncio.Transport, asyncio.Protocol):
    """Serves TLS on *raw*, and is the transport of *protocol*.

    Args:
        raw: What the records come and go by.
        protocol: Whose plain text it is.
        greeter: Decides on the handshake, once it is known whom the client wants.
        on_ready: Called when the handshake is done.
        on_reset: Cuts the connection by a TCP reset once what was written is with the client.
    """

    def __init__(
        self,
        raw: asyncio.Transport,
        protocol: asyncio.Protocol,
        greeter: Greeter,
        *,
        on_ready: Callable[[], None],
        on_reset: Callable[[], None],
    ) -> None:
        super().__init__()
        self._on_reset = on_reset
        self._raw = raw
        self._protocol = protocol
        self._greeter = greeter
        self._on_ready = on_ready
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        hello = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        hello.sni_callback = self._greet
        self._tls = hello.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._name = ""
        self._spoil = Spoil.NONE
        self._is_fault = False
        self._ready = False
        self._paused = False
        self._notified = False
        self._ended = False

    # What asyncio calls.

    def data_received(self, data: bytes) -> None:
        """Records, or parts of them."""
        if self._spoil is not Spoil.NONE:
            return
        self._incoming.write(data)
        if not self._ready:
            self._shake()
        if self._ready:
            self._read()

    def eof_received(self) -> bool:
        """The client sends no more."""
        if not self._ready:
            return False
        return bool(self._end())

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        """Too much waits for the client."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._protocol.resume_writing()

    def _greet(self, tls: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        self._name = (name or "").lower()
        greeting = self._greeter.greet(self._name)
        self._spoil, self._is_fault = greeting.spoil, greeting.is_fault
        tls.context = greeting.context
        return ssl.ALERT_DESCRIPTION_PROTOCOL_VERSION if self._spoil is Spoil.VERSION else None

    def _shake(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            if self._spoil is Spoil.NONE:
                self._failed(error)
                self._flush()
                self._raw.close()
                return
        else:
            self._ready = True
        if self._spoil is not Spoil.NONE:
            self._do_spoil()
            return
        self._flush()
        if self._ready:
            self._on_ready()

    def _failed(self, error: ssl.SSLError) -> None:
        if not self._is_fault:
            self._greeter.failed(self._name, error.reason or str(error))

    def _do_spoil(self) -> None:
        flight = self._outgoing.read()
        if self._spoil is Spoil.CUT:
            self._raw.write(flight[: len(flight) // 2])
        elif self._spoil is Spoil.PLAIN:
            self._raw.write(_PLAIN)
        elif self._spoil is Spoil.VERSION:
            self._raw.write(flight)
        if self._spoil in (Spoil.CUT, Spoil.REFUSED):
            self._on_reset()
        elif self._spoil is not Spoil.BLACK_HOLE:
            self._raw.close()

    def _read(self) -> None:
        """Hand on what has come, unless it is to wait."""
        while not self._paused and not self._ended:
            text, is_over = self._plain_text()
            if text:
                self._protocol.data_received(text)
            if is_over:
                if not self._end():
                    self.close()
                return
            if not text:
                return

    def _plain_text(self) -> tuple[bytes, bool]:
        """What can be read now, and whether it is the end."""
        parts: list[bytes] = []
        size = 0
        try:
            while size < _READ:
                part = self._tls.read(_READ)
                if not part:
                    return b"".join(parts), True
                parts.append(part)
                size += len(part)
        except ssl.SSLWantReadError:
            self._flush()  # such as the answer to a key update
        except ssl.SSLZeroReturnError:
            return b"".join(parts), True
        except ssl.SSLError as error:
            self._failed(error)
            self._flush()
            self._raw.abort()
        return b"".join(parts), False

    def _end(self) -> bool | None:
        """Tell of the client's end, once; whether the answer is still wanted."""
        if self._ended:
            return True
        self._ended = True
        return self._protocol.eof_received()

    def _flush(self) -> None:
        if self._outgoing.pending and not self._raw.is_closing():
            self._raw.write(self._outgoing.read())

    # What the protocol calls.

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send *data* as at least one record of its own."""
        if not self._ready or self._notified or not data:
            return
        with contextlib.suppress(ssl.SSLError):  # the client has ended it; its FIN comes
            self._tls.write(bytes(data))
        self._flush()

    def close(self) -> None:
        """End it lawfully: with a `close_notify`, once what was written is out."""
        self._notify()
        self._raw.close()

    def cut(self) -> None:
        """End it by a FIN alone, as when the process is killed."""
        self._notified = True
        self._raw.close()

    def abort(self) -> None:
        """Drop it, and what waits."""
        self._raw.abort()

    def can_write_eof(self) -> bool:
        """TLS 1.3 has half-closed connections."""
        return True

    def write_eof(self) -> None:
        """Send no more; what comes is still read."""
        self._notify()
        self._raw.write_eof()

    def _notify(self) -> None:
        if not self._ready or self._notified:
            return
        self._notified = True
        with contextlib.suppress(ssl.SSLError):  # wants the other side's, which need not come
            self._tls.unwrap()
        self._flush()

    def is_closing(self) -> bool:
        """Whether it is over, or about to be."""
        return self._raw.is_closing()

    def pause_reading(self) -> None:
        """Hand on nothing for now."""
        self._paused = True
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        """Hand on again, what has come meanwhile first."""
        if not self._paused:
            return
        self._paused = False
        self._raw.resume_reading()
        asyncio.get_running_loop().call_soon(self._read)

    def is_reading(self) -> bool:
        """Whether what comes is handed on."""
        return not self._paused

    def get_write_buffer_size(self) -> int:
        """Bytes that the operating system has not taken yet."""
        return self._raw.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """When `pause_writing` and `resume_writing` are called."""
        self._raw.set_write_buffer_limits(high, low)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """The socket's, and of TLS what there is."""
        return self._tls if name == "ssl_object" else self._raw.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Whose plain text it is from now on."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Whose plain text it is."""
        return self._protocol
