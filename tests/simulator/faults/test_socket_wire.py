"""Faults of the stream on the WebSocket, seen by a raw socket."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from simulator.app import GRANTEX_KEY, serve_in_thread


A, B, C = (b'{"id":"evt_%d","type":"t","who":"\xc3\xab"}' % number for number in (1, 2, 3))
OPEN = "open"


def text(payload: bytes) -> bytes:
    return bytes([0x81, len(payload)]) + payload


class Row(NamedTuple):
    """A fault, what follows the handshake while A, B and C are emitted, and the end."""

    fault: str
    frames: bytes
    end: str = OPEN


ROWS = [
    Row("stream nth=1 delay=10ms", text(A) + text(B) + text(C)),
    Row("stream skip id=evt_2", text(A) + text(C)),
    Row("stream duplicate id=evt_2", text(A) + 2 * text(B) + text(C)),
    Row("stream reorder nth=1", text(B) + text(A) + text(C)),
    Row("stream multi-line nth=1", text(A.replace(b",", b",\n")) + text(B.replace(b",", b",\n")) + text(C.replace(b",", b",\n"))),
    Row("stream invalid-utf8 nth=3", text(A) + text(B) + text(C[:-2] + b"\xff" + C[-2:])),
    Row("stream malformed-json nth=3", text(A) + text(B) + text(C[: len(C) // 2])),
    Row("stream reset-after-events=2", text(A) + text(B), "reset"),
    Row("stream kill nth=2 type=t", text(A), "FIN"),
    Row("stream clean-end after-events=1", text(A) + b"\x88\x02\x03\xe9", "FIN"),
    Row("stream half-open after-events=1", text(A)),
    Row("stream truncate-event after-events=1", text(A) + text(B)[: len(text(B)) // 2], "FIN"),
    Row("stream bad-chunk after-events=1", text(A) + b"\xf1" + text(B)[1:], "FIN"),
    Row("stream dribble=0.01ms", text(A) + text(B) + text(C)),
]  # fmt: skip
UPGRADE = (
    f"GET /v1/events/ws HTTP/1.1\r\nAuthorization: Bearer {GRANTEX_KEY}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
def test_the_frames_are_spoiled_exactly_so(connect, how_it_ends, row):
    with serve_in_thread(faults=(row.fault,)) as simulator:
        client = connect(simulator)
        client.send(UPGRADE)
        simulator.wait_clients(1)
        simulator.emit(A, B, C)
        if row.end == OPEN:
            client.until(lambda data: data.endswith(row.frames))
        else:
            assert how_it_ends(client) == row.end
    head, _, frames = client.received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    assert frames == row.frames


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        ("stream status=503 path=/v1/events/ws", b"HTTP/1.1 503 "),
        ("stream key-rotated", b"HTTP/1.1 401 "),
        ("stream drain", b""),
    ],
)
def test_an_upgrade_is_refused(connect, how_it_ends, fault, start):
    with serve_in_thread(faults=(fault,)) as simulator:
        client = connect(simulator)
        client.send(UPGRADE)
        if start:
            assert client.until(lambda data: b"\r\n\r\n" in data).startswith(start)
        else:
            assert how_it_ends(client) == "reset"


def test_its_slots_leak_apart_from_those_of_the_plain_stream(connect):
    with serve_in_thread(faults=("stream nth=1 lock-out path=*/ws",)) as simulator:
        socket_, plain = connect(simulator), connect(simulator)
        socket_.send(UPGRADE)
        socket_.until(lambda data: b"Too many connections" in data)
        plain.get()
        simulator.wait_clients(1)
