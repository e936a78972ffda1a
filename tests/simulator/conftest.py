"""Raw sockets to a simulator: what a test sees is what went over the wire."""

from __future__ import annotations

import os
import select
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from grantex_sim.service.app import GRANTEX_KEY, Options, RunningSimulator
from tests.support.tls_client import TlsClient


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


FIXTURES = Path(__file__).parents[2] / "fixtures"
GUARD = 60.0
"""Seconds after which a test that hangs fails."""
_READ = 1024 * 1024
_KEEPALIVE = b": keepalive\n\n"
_KEEPALIVES = 1000
_MOST_READS = 200
"""Of a stream that should end; one that lives on sends keepalives for ever."""


class Served(Protocol):
    url: str


class RawClient:
    """One TCP connection to a simulator."""

    def __init__(self, simulator: Served, way: str = "plain") -> None:
        host, port = simulator.url.removeprefix("http://").split(":")
        raw = socket.create_connection((host, int(port)), timeout=GUARD)
        self.socket: Any = raw
        if "proxy" in way:
            raw.sendall(b"CONNECT api.grantex.dev:443 HTTP/1.1\r\n\r\n")
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):
                answer += raw.recv(1)
            assert answer.startswith(b"HTTP/1.1 200 "), answer
        if "tls" in way:
            assert isinstance(simulator, RunningSimulator)
            trust = ssl.create_default_context(cadata=simulator.ca_pem)
            self.socket = TlsClient(raw, trust, "api.grantex.dev")
        self.received = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def get(
        self,
        target: str = "/v1/events/stream",
        *,
        authorization: str | None = f"Bearer {GRANTEX_KEY}",
        version: str = "1.1",
        method: str = "GET",
    ) -> None:
        lines = [f"{method} {target} HTTP/{version}", "Host: 127.0.0.1"]
        if authorization is not None:
            lines.append(f"Authorization: {authorization}")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n")

    def post(self, target: str, body: bytes, **headers: str) -> None:
        lines = [f"POST {target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def until(self, enough: Callable[[bytes], bool]) -> bytes:
        """Read until *enough* of what has been received; fails at the connection's end."""
        while not enough(self.received):
            data = self.socket.recv(_READ)
            assert data, f"the connection ended after {self.received[-300:]!r}"
            self.received += data
        return self.received

    def until_events(self, count: int) -> bytes:
        return self.until(
            lambda data: data.count(b"data: ") >= count and data.endswith(b"\n\n\r\n")
        )

    def response(self) -> tuple[bytes, bytes]:
        """One answer with a content-length: its head, its body."""
        data = self.until(lambda data: b"\r\n\r\n" in data)
        head, _, _ = data.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        total = len(head) + 4 + length
        data = self.until(lambda data: len(data) >= total)
        self.received = data[total:]
        return head, data[len(head) + 4 : total]

    def silent(self) -> bool:
        """Whether nothing has arrived (now, without waiting)."""
        return not self.received and self.waits()

    def waits(self) -> bool:
        """Whether nothing more has arrived (now, without waiting)."""
        if isinstance(self.socket, TlsClient):
            return self.socket.is_silent()
        return not select.select([self.socket], [], [], 0)[0]

    def to_end(self) -> bytes:
        """Everything up to the connection's end, which keepalives do not put off for ever."""
        before = self.received.count(_KEEPALIVE)
        while data := self.socket.recv(_READ):
            self.received += data
            kept = self.received.count(_KEEPALIVE) - before
            assert kept < _KEEPALIVES, f"still open: {self.received[-300:]!r}"
        return self.received

    def close(self) -> None:
        self.socket.close()


@pytest.fixture(params=os.environ.get("FAULT_WAYS", "plain").split(","))
def way(request, monkeypatch) -> str:
    """How the raw clients come in: plain, tls, or proxy+tls. All of them: make wire."""
    if request.param != "plain":
        monkeypatch.setitem(Options.__init__.__kwdefaults__, "tls", True)
    return str(request.param)


@pytest.fixture
def connect(way: str) -> Iterator[Callable[[Served], RawClient]]:
    clients: list[RawClient] = []

    def open_client(simulator: Served) -> RawClient:
        clients.append(RawClient(simulator, way))
        return clients[-1]

    yield open_client
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return FIXTURES


@pytest.fixture(scope="session")
def captured() -> list[bytes]:
    """The 354 payloads of a real stream, as they were sent."""
    return (FIXTURES / "grantex-events.ndjson").read_bytes().split(b"\n")[:-1]


@pytest.fixture(scope="session")
def capture() -> bytes:
    """The same stream as it came over the wire."""
    return (FIXTURES / "grantex-sse-raw.txt").read_bytes()


@pytest.fixture(scope="session")
def how_it_ends() -> Callable:
    """Reads a raw client to its end, and says which it was."""

    def ending(client) -> str:
        try:
            for _ in range(_MOST_READS):
                data = client.socket.recv(1 << 20)
                if not data:
                    return "FIN"
                client.received += data
        except ConnectionResetError:
            return "reset"
        raise AssertionError("the connection lives on")

    return ending
