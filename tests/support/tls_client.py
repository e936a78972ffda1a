"""A TLS client over a raw socket, that sees each end of a connection as the socket does.

Python's own takes a TCP reset for an end (it asks OpenSSL in a way that loses the error).
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable

_READ = 1024 * 1024


class TlsClient:
    """As much of a socket as the raw clients of the tests use."""

    def __init__(self, raw: socket.socket, trust: ssl.SSLContext, name: str) -> None:
        self.raw = raw
        self.end = ""
        """How it ended: ``close_notify``, ``FIN``, or nothing yet."""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trust.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._plain = b""
        self._until(self._tls.do_handshake)
        self._flush()

    def sendall(self, data: bytes) -> None:
        self._tls.write(data)
        self._flush()

    def recv(self, _: int) -> bytes:
        """What can be read; nothing at the end, whichever."""
        if self._plain:
            data, self._plain = self._plain, b""
            return data
        try:
            data = self._until(lambda: self._tls.read(_READ))
        except EOFError:
            self.end = "FIN"
            return b""
        if not data:
            self.end = "close_notify"
        return data

    def is_silent(self) -> bool:
        """Whether nothing can be read now; records that hold no data are taken meanwhile."""
        while select.select([self.raw], [], [], 0)[0] and (data := self.raw.recv(_READ)):
            self._incoming.write(data)
        with contextlib.suppress(ssl.SSLWantReadError):
            self._plain += self._tls.read(_READ)
        return not self._plain

    def shutdown(self, how: int) -> None:
        self.raw.shutdown(how)

    def close(self) -> None:
        self.raw.close()

    def _until(self, step: Callable[[], object]) -> bytes:
        while True:
            try:
                found = step()
            except ssl.SSLWantReadError:
                self._flush()
                if not (data := self.raw.recv(_READ)):
                    raise EOFError from None
                self._incoming.write(data)
            else:
                return found if isinstance(found, bytes) else b""

    def _flush(self) -> None:
        if self._outgoing.pending:  # to send nothing would tell of a reset before it is read
            self.raw.sendall(self._outgoing.read())
