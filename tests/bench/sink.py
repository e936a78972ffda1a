"""A fast logs intake for measuring: counts unique events and how long each was on its way.

    sink.py [--delay MS]

Prints ``READY port``. ``POST`` anything takes a JSON array of entries, plain, gzip or zstd, and
answers 202 after the delay; ``GET /`` answers the figures as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
import zlib
from datetime import datetime

import zstandard


EVENT = re.compile(
    rb'evt_01K0000000(\d{16})\\",\\"type\\":\\"[^"\\]+\\",\\"createdAt\\":\\"([^"\\]{19})\.(\d{3})Z'
)


class Figures:
    """What has arrived so far."""

    def __init__(self) -> None:
        self.seen = bytearray(1 << 20)
        self.requests = self.entries = self.unique = self.most_in_flight = self.in_flight = 0
        self.wire_bytes = 0
        self.latencies: list[float] = []
        self.first_at = self.last_at = 0.0
        self._second = (b"", 0.0)

    def take(self, body: bytes) -> None:
        now = time.time()
        self.first_at = self.first_at or now
        self.last_at = now
        for number, second, milliseconds in EVENT.findall(body):
            self.entries += 1
            index = int(number)
            if index >= len(self.seen):
                self.seen.extend(bytes(index + 1))
            if not self.seen[index]:
                self.seen[index] = 1
                self.unique += 1
                sent = self._epoch(second) + int(milliseconds) / 1000
                self.latencies.append(now - sent)

    def _epoch(self, second: bytes) -> float:
        if second != self._second[0]:
            moment = datetime.fromisoformat(second.decode() + "+00:00")
            self._second = (second, moment.timestamp())
        return self._second[1]

    def report(self) -> dict[str, float]:
        ordered = sorted(self.latencies) or [0.0]
        return {
            "requests": self.requests,
            "entries": self.entries,
            "unique": self.unique,
            "most_in_flight": self.most_in_flight,
            "wire_bytes": self.wire_bytes,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "p50_ms": 1000 * ordered[len(ordered) // 2],
            "p99_ms": 1000 * ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        }


class Intake(asyncio.Protocol):
    """One connection: requests with a Content-Length, answered in order."""

    def __init__(self, figures: Figures, delay: float) -> None:
        self._figures = figures
        self._delay = delay
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end]).lower()
            length = re.search(rb"content-length: (\d+)", head)
            size = int(length[1]) if length else 0
            if len(self._buffer) < end + 4 + size:
                return
            body = bytes(self._buffer[end + 4 : end + 4 + size])
            del self._buffer[: end + 4 + size]
            self._request(head, body)

    def _request(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"get"):
            self._answer(b"200 OK", json.dumps(self._figures.report()).encode())
            return
        figures = self._figures
        figures.requests += 1
        figures.wire_bytes += len(body)
        figures.in_flight += 1
        figures.most_in_flight = max(figures.most_in_flight, figures.in_flight)
        if b"content-encoding: gzip" in head:
            body = zlib.decompress(body, 31)
        elif b"content-encoding: zstd" in head:
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        figures.take(body)
        asyncio.get_running_loop().call_later(self._delay, self._accepted)

    def _accepted(self) -> None:
        self._figures.in_flight -= 1
        self._answer(b"202 Accepted", b"{}")

    def _answer(self, status: bytes, body: bytes) -> None:
        head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        if not self._transport.is_closing():
            self._transport.write(head % (status, len(body)) + body)


async def serve(delay: float) -> None:
    loop = asyncio.get_running_loop()
    figures = Figures()
    server = await loop.create_server(lambda: Intake(figures, delay), "127.0.0.1", 0)
    print("READY", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0, help="milliseconds")
    asyncio.run(serve(parser.parse_args().delay / 1000))


if __name__ == "__main__":
    main()
