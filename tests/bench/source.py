"""A fast source of Grantex events for measuring: one HTTP chunk an event, as the service sends.

    source.py --count N [--rate R] [--doors 2]      rate 0 = as fast as the client reads

Prints ``READY port``; serves one client after another and ends when the events are sent and the
client has left. An event's id ends in its number, its ``createdAt`` is the moment it is sent. With
two doors it begins once a client listens at both, and writes every block to one and the other.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import random
import re
import socket
import time
from datetime import UTC, datetime


ID_PREFIX = b"evt_01K0000000"
BLOCK = 220
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"connection: keep-alive\r\nx-accel-buffering: no\r\ntransfer-encoding: chunked\r\n\r\n"
)
KEEPALIVE = b"d\r\n: keepalive\n\n\r\n"
UPGRADE = (
    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-accept: %b\r\n\r\n"
)
WEBSOCKET_KEY = re.compile(rb"(?i)\r\nsec-websocket-key: *([^\r]+)")
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
MIX = {
    "token.issued": 34, "grant.created": 24, "grant.revoked": 8, "vault.credential.exchanged": 8,
    "budget.threshold": 5, "passport.issued": 5, "vc.issued": 5, "budget.exhausted": 2,
    "anomaly.auto_revoked": 1,
}  # fmt: skip
SCOPES = ["calendar:read", "email:send", "files:write", "payments:initiate:max_500", "vault:use"]


def templates(count: int, seed: int = 7) -> list[bytes]:
    """Payloads of one event each, as %-templates that take a number and an instant."""
    random_ = random.Random(seed)
    made = []
    for _ in range(count):
        kind = random_.choices(list(MIX), list(MIX.values()))[0]
        letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        names = ["01K" + "".join(random_.choices(letters, k=23)) for _ in range(3)]
        scopes = ",".join(f'"{scope}"' for scope in random_.sample(SCOPES, random_.choice((1, 3))))
        data = (
            f'{{"grantId":"grnt_{names[0]}","agentId":"ag_{names[1]}",'
            f'"principalId":"user_{names[2][:12]}","scopes":[{scopes}]}}'
        )
        made.append(
            b'{"id":"%b%%016d","type":"%b","createdAt":"%%b","data":%b}'
            % (ID_PREFIX, kind.encode(), data.encode())
        )
    return made


def _size(template: bytes) -> int:
    return len(template % (0, b"0" * 24))


def chunk(template: bytes) -> bytes:
    """One HTTP chunk of one SSE event."""
    return b"%x\r\ndata: %b\n\n\r\n" % (_size(template) + len(b"data: \n\n"), template)


def text_frame(template: bytes) -> bytes:
    """One text frame, unmasked, of 126 to 65,535 bytes."""
    return b"\x81\x7e%b%b" % (_size(template).to_bytes(2, "big").replace(b"%", b"%%"), template)


class Door:
    """One client, and how its events are framed."""

    def __init__(self, client: socket.socket, pool: list[bytes]) -> None:
        self._client = client
        self._pool = pool
        self._block = b"".join(pool)

    def send(self, size: int, values: tuple[object, ...]) -> None:
        """Send the first *size* templates with these values."""
        template = self._block if size == len(self._pool) else b"".join(self._pool[:size])
        self._client.sendall(template % values)

    def wait_closed(self) -> None:
        while self._client.recv(65536):
            pass


def instant() -> bytes:
    """Now, as Grantex writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")[:-6].encode() + b"Z"


def stream(doors: list[Door], first: int, count: int, rate: float) -> int:
    """Send events *first* to *count*; returns how far it came."""
    began = time.perf_counter()
    number = first
    while number < count:
        room = count - number
        if rate:
            due = int((time.perf_counter() - began) * rate) + 1 - (number - first)
            if due <= 0:
                time.sleep(-due / rate + 0.5 / rate)
                continue
            room = min(room, due)
        size = min(BLOCK, room)
        values: list[object] = [instant()] * (2 * size)
        values[0::2] = range(number, number + size)
        for door in doors:
            door.send(size, tuple(values))
        number += size
    return number


def accept(server: socket.socket, pool: list[bytes], *, both: bool) -> Door | None:
    """The next client, answered; None if it asked for something else."""
    client, _ = server.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    path = head.split(b" ", 2)[1]
    if not path.startswith((b"/v1/me", b"/v1/events/ws")):
        client.sendall(HEAD + (KEEPALIVE if both else b""))
        return Door(client, [chunk(template) for template in pool])
    key = WEBSOCKET_KEY.search(head)
    if both and path.startswith(b"/v1/events/ws") and key:
        digest = hashlib.sha1(key[1].strip() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        client.sendall(UPGRADE % base64.b64encode(digest))
        return Door(client, [text_frame(template) for template in pool])
    client.sendall(NOT_FOUND)
    client.close()
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--doors", type=int, choices=(1, 2), default=1)
    args = parser.parse_args()
    pool = templates(BLOCK)
    with socket.create_server(("127.0.0.1", 0)) as server:
        print("READY", server.getsockname()[1], flush=True)
        sent = 0
        while sent < args.count:
            doors: list[Door] = []
            while len(doors) < args.doors:
                if door := accept(server, pool, both=args.doors == 2):
                    doors.append(door)
            try:
                sent = stream(doors, sent, args.count, args.rate)
                for door in doors:
                    door.wait_closed()
            except ConnectionError:
                continue


if __name__ == "__main__":
    main()
