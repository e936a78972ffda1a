"""Faults of the stream on the WebSocket, seen by a raw socket."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from grantex_sim.service.app import GRANTEX_KEY, serve_in_thread
from tests.support.clock import VirtualClock


A, B, C = (b'{"id":"evt_%d","type":"t","who":"\xc3\xab"}' % number for number in (1, 2, 3))
OPEN = "open"


def padded(payload: bytes, size: int) -> bytes:
    return payload[:-1] + b',"padding":"%b"}' % (b"x" * (size - len(payload) - 13))


def text(payload: bytes) -> bytes:
    return bytes([0x81, len(payload)]) + payload


def fragments(payload: bytes, size: int) -> bytes:
    """The first *size* bytes in one frame, and all that remains in frames of as many."""
    parts = (
        [payload[start : start + size] for start in range(0, len(payload), size)]
        if size > 0
        else [payload[: len(payload) + size], payload[size:]]
    )
    firsts = [0x01, *[0x00] * (len(parts) - 1)]
    firsts[-1] |= 0x80
    return b"".join(
        bytes([first, len(part)]) + part for first, part in zip(firsts, parts, strict=True)
    )


class Row(NamedTuple):
    """A fault, what follows the handshake while A, B and C are emitted, and the end."""

    fault: str
    frames: bytes
    end: str = OPEN


ROWS = [
    Row("stream nth=1 delay=10ms", text(A) + text(B) + text(C)),
    Row("stream nth=1 delay=5ms..10ms", text(A) + text(B) + text(C)),
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
    Row("stream split=20", fragments(A, 20) + fragments(B, 20) + fragments(C, 20)),
    Row("stream split=20 nth=2 type=*", text(A) + fragments(B, 20) + text(C)),
    Row("stream kill after-events=1", text(A), "FIN"),
    Row("stream split=utf8 nth=1 type=*", fragments(A, -3) + text(B) + text(C)),
    Row("stream split=utf8", fragments(A, -3) + fragments(B, -3) + fragments(C, -3)),
    Row("stream reset nth=2 type=t", text(A), "reset"),
    Row("stream clean-end id=evt_2", text(A) + b"\x88\x02\x03\xe9", "FIN"),
    Row("stream half-open nth=2 type=*", text(A)),
    Row("stream truncate-event nth=2 type=*", text(A) + text(B)[: len(text(B)) // 2], "FIN"),
    Row("stream bad-chunk nth=2 type=*", text(A) + b"\xf1" + text(B)[1:], "FIN"),
    Row("stream multi-line nth=3 type=*", text(A) + text(B) + text(C.replace(b",", b",\n"))),
    Row("stream huge-event=90 nth=2", text(A) + text(padded(B, 90)) + text(C)),
    Row("stream dead-subscriber nth=2 type=*", text(A)),
    Row("stream freeze=30ms", text(A) + text(B) + text(C)),
    Row("websocket freeze=30ms after-events=2", text(A) + text(B) + text(C)),
    Row("websocket skip nth=2", text(A) + text(C)),
    Row("sse duplicate", text(A) + text(B) + text(C)),
    Row("stream header=x-a:1 nth=1", text(A) + text(B) + text(C)),
    Row("stream bom cr-only comments fields retry=1s", text(A) + text(B) + text(C)),
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


REFUSED = {
    "stream status=503 path=/v1/events/ws": rb"HTTP/1\.1 503 ",
    "stream status=429 retry-after=7": rb"HTTP/1\.1 429 .*\r\nretry-after: 7\r\n",
    "stream status=502 body=oops header=x-a:1": rb"HTTP/1\.1 502 .*\r\nx-a: 1\r\n.*\r\n\r\noops$",
    "websocket status=404": rb'HTTP/1\.1 404 .*"Route GET:/v1/events/ws not found"',
    "stream redirect=/elsewhere": rb"HTTP/1\.1 307 .*\r\nlocation: /elsewhere\r\n",
    "stream key-rotated": rb"HTTP/1\.1 401 ",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_an_upgrade_is_refused(connect, fault):
    with serve_in_thread(faults=(fault,)) as simulator:
        client = connect(simulator)
        client.send(UPGRADE)
        answer = b"\r\n\r\n".join(client.response())
    assert re.match(REFUSED[fault], answer, re.DOTALL)


ENDS = {
    "stream drain": b"",
    "stream reset": b"",
    "stream reset-after-bytes=12": b"HTTP/1.1 101",
    "stream reset after-events=0": b"HEAD",
    "stream reset after-time=10ms": b"HEAD",
}


@pytest.mark.parametrize("fault", ENDS)
def test_a_handshake_is_part_of_the_answer_that_is_cut(connect, how_it_ends, fault):
    with serve_in_thread(faults=(fault,)) as simulator:
        client = connect(simulator)
        client.send(UPGRADE)
        assert how_it_ends(client) == "reset"
    assert re.sub(rb"HTTP.*\r\n\r\n", b"HEAD", client.received, flags=re.DOTALL) == ENDS[fault]


@pytest.mark.parametrize(("fault", "start"), [("delay=1h", b""), ("dribble=1h", b"H")])
def test_a_handshake_that_takes_its_time_holds_back_no_other(connect, fault, start):
    with serve_in_thread(faults=(f"stream nth=1 {fault}",)) as simulator:
        slow, other = connect(simulator), connect(simulator)
        slow.send(UPGRADE)
        simulator.wait_clients(1)
        other.send(UPGRADE)
        simulator.wait_clients(2)
        simulator.emit(A)
        other.until(lambda data: data.endswith(text(A)))
        slow.until(lambda data: data == start)
        slow.received = b""
        assert slow.silent()


def test_a_header_is_added_to_the_handshake(connect):
    with serve_in_thread(faults=("stream header=x-a:1",)) as simulator:
        client = connect(simulator)
        client.send(UPGRADE)
        assert b"\r\nx-a: 1\r\n" in client.until(lambda data: data.endswith(b"\r\n\r\n"))


PING = b"\x89\x80\x00\x00\x00\x00"


def test_a_half_open_socket_answers_nothing_either(connect):
    with serve_in_thread(faults=("stream nth=1 half-open after-events=0",)) as simulator:
        silent, other = connect(simulator), connect(simulator)
        for client in (silent, other):
            client.send(UPGRADE)
            client.until(lambda data: data.endswith(b"\r\n\r\n"))
            client.received = b""
            client.send(PING + b"\x88\x80\x00\x00\x00\x00")
        assert other.until(lambda data: len(data) >= 4) == b"\x8a\x00\x88\x00"
        simulator.wait_clients(1)
        assert silent.silent()


def test_a_dead_subscriber_is_pinged_and_answers_pings(connect):
    with serve_in_thread(
        faults=("stream dead-subscriber path=websocket",), keepalive=0.02
    ) as simulator:
        client = connect(simulator)
        client.send(UPGRADE)
        simulator.wait_clients(1)
        simulator.emit(A)
        client.send(PING)
        frames = client.until(lambda data: b"\x8a\x00" in data and data.count(b"\x89\x00") >= 3)
    assert frames.partition(b"\r\n\r\n")[2].replace(b"\x8a\x00", b"").strip(b"\x89\x00") == b""


def test_an_answer_to_a_ping_waits_for_the_frame_that_is_on_its_way(connect):
    with serve_in_thread(faults=("stream dribble=1ms",)) as simulator:
        client = connect(simulator)
        client.send(UPGRADE)
        simulator.wait_clients(1)
        simulator.emit(A)
        client.until(lambda data: b"HTTP" in data)
        client.send(PING)
        simulator.emit(B)
        frames = client.until(lambda data: text(B) in data and b"\x8a\x00" in data)
    assert frames.partition(b"\r\n\r\n")[2].replace(b"\x8a\x00", b"") == text(A) + text(B)


@pytest.mark.parametrize(
    ("fault", "free_again"),
    [("stream nth=1 leak-slot", True), ("stream nth=1 leak-slot=zombie", False)],
)
def test_its_slot_leaks(connect, fault, free_again):
    clock = VirtualClock(1_000.0)
    with serve_in_thread(clock=clock, stream_limit=1, faults=(fault,)) as simulator:
        for number in range(3):
            client = connect(simulator)
            client.send(UPGRADE)
            client.until(lambda data: b"\r\n\r\n" in data)
            refused = number == 1 or (number == 2 and not free_again)
            if refused:
                client.until(lambda data: b"Too many connections" in data)
            simulator.wait_clients(int(not refused))
            client.close()
            simulator.wait_clients(0)
            clock.advance(301 if number == 1 else 0)


def test_an_old_id_and_date_are_in_what_all_are_sent(connect):
    event = b'{"id":"evt_01KE6B2T12ABCDEFGHJKMNPQRS","createdAt":"2026-01-05T09:00:00.000Z"}'
    older = event.replace(b"T12A", b"T02A").replace(b"09:00:00.000", b"08:59:59.950")
    fault = "stream id-inversion=32ms created-at-inversion=50ms"  # a ULID's time is in base 32
    with serve_in_thread(faults=(fault,)) as simulator:
        client = connect(simulator)
        client.send(UPGRADE)
        simulator.wait_clients(1)
        simulator.emit(event)
        client.until(lambda data: data.endswith(text(older)))


def test_its_slots_leak_apart_from_those_of_the_plain_stream(connect):
    with serve_in_thread(faults=("stream nth=1 lock-out path=*/ws",)) as simulator:
        socket_, plain = connect(simulator), connect(simulator)
        socket_.send(UPGRADE)
        socket_.until(lambda data: b"Too many connections" in data)
        plain.get()
        simulator.wait_clients(1)
