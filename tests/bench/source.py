"""A fast source of Grantex events for measuring: one HTTP chunk an event, as the service sends.

    source.py --count N [--rate R]      0 = as fast as the client reads

Prints ``READY port``; serves one client after another and ends when the events are sent and the
client has left. An event's id ends in its number, its ``createdAt`` is the moment it is sent.
"""

from __future__ import annotations

import argparse
import random
import socket
import time
from datetime import UTC, datetime


ID_PREFIX = b"evt_01K0000000"
BLOCK = 220
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"connection: keep-alive\r\nx-accel-buffering: no\r\ntransfer-encoding: chunked\r\n\r\n"
)
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
MIX = {
    "token.issued": 34, "grant.created": 24, "grant.revoked": 8, "vault.credential.exchanged": 8,
    "budget.threshold": 5, "passport.issued": 5, "vc.issued": 5, "budget.exhausted": 2,
    "anomaly.auto_revoked": 1,
}  # fmt: skip
SCOPES = ["calendar:read", "email:send", "files:write", "payments:initiate:max_500", "vault:use"]


def templates(count: int, seed: int = 7) -> list[bytes]:
    """Chunks of one event each, as %-templates that take a number and an instant."""
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
        event = b'data: {"id":"%b%%016d","type":"%b","createdAt":"%%b","data":%b}\n\n' % (
            ID_PREFIX,
            kind.encode(),
            data.encode(),
        )
        size = len(event % (0, b"0" * 24))
        made.append(b"%x\r\n%b\r\n" % (size, event))
    return made


def instant() -> bytes:
    """Now, as Grantex writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")[:-6].encode() + b"Z"


def stream(client: socket.socket, first: int, count: int, rate: float) -> int:
    """Send events *first* to *count*; returns how far it came."""
    pool = templates(BLOCK)
    block = b"".join(pool)
    client.sendall(HEAD)
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
        template = block if size == BLOCK else b"".join(pool[:size])
        values: list[object] = [instant()] * (2 * size)
        values[0::2] = range(number, number + size)
        client.sendall(template % tuple(values))
        number += size
    return number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, default=0)
    args = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as server:
        print("READY", server.getsockname()[1], flush=True)
        sent = 0
        while sent < args.count:
            client, _ = server.accept()
            with client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                head = b""
                while b"\r\n\r\n" not in head:
                    head += client.recv(65536)
                if b"/v1/me" in head or b"/v1/events/ws" in head:
                    client.sendall(NOT_FOUND)
                    continue
                try:
                    sent = stream(client, sent, args.count, args.rate)
                    while client.recv(65536):
                        pass
                except ConnectionError:
                    continue


if __name__ == "__main__":
    main()
