"""Every fault of the stream, seen by a raw socket."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from grantex_sim.service.app import GRANTEX_KEY, serve_in_thread
from tests.support.clock import VirtualClock


A, B, C = (
    b'{"id":"evt_01KE6B2T1%dABCDEFGHJKMNPQRS","type":"t.%b",'
    b'"createdAt":"2026-01-05T09:00:00.000Z","data":{"who":"zo\xc3\xab"}}' % (number, kind)
    for number, kind in ((1, b"a"), (2, b"b"), (3, b"a"))
)
HEAD = re.compile(rb"HTTP/1\.1 200 OK\r\ncontent-type: text/event-stream\r\n.*?\r\n\r\n", re.DOTALL)
RESET, FIN, OPEN = "reset", "FIN", "open"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def sse(payload: bytes) -> bytes:
    return b"data: " + payload + b"\n\n"


def whole(*payloads: bytes) -> bytes:
    return b"".join(chunk(sse(payload)) for payload in payloads)


def in_pieces(data: bytes, size: int) -> bytes:
    return b"".join(chunk(data[start : start + size]) for start in range(0, len(data), size))


class Row(NamedTuple):
    """A fault, the body that a client gets while A, B and C are emitted at once, and its end."""

    fault: str
    body: bytes
    end: str = OPEN


def lines(*pieces: bytes) -> bytes:
    return b"\n".join(pieces) + b"\n\n"


A_OVER_LINES = A.replace(b",", b",\ndata: ")
HALF_B = sse(B)[: len(sse(B)) // 2]
ROWS = [
    Row("stream reset after-events=2", whole(A, B), RESET),
    Row("stream reset-after-events=1", whole(A), RESET),
    Row("stream kill after-events=1", whole(A), FIN),
    Row("stream clean-end after-events=2", whole(A, B) + b"0\r\n\r\n", FIN),
    Row("stream half-open after-events=1", whole(A)),
    Row("stream bad-chunk after-events=1", whole(A) + b"zz\r\n" + sse(B) + b"\r\n", FIN),
    Row("stream truncate-event after-events=1", whole(A) + chunk(HALF_B), FIN),
    Row("stream reset nth=2 type=*", whole(A), RESET),
    Row("stream kill nth=1 type=t.b", whole(A), FIN),
    Row("stream clean-end nth=2 type=t.a", whole(A, B) + b"0\r\n\r\n", FIN),
    Row("stream half-open id=*12ABC*", whole(A)),
    Row("stream bad-chunk nth=2 type=*", whole(A) + b"zz\r\n" + sse(B) + b"\r\n", FIN),
    Row("stream truncate-event nth=2 type=*", whole(A) + chunk(HALF_B), FIN),
    Row("stream skip type=t.b", whole(A, C)),
    Row("stream duplicate nth=2", whole(A, B, B, C)),
    Row("stream duplicate=2 nth=3", whole(A, B, C, C, C)),
    Row("stream duplicate client=1 first=1", whole(A, A, B, C)),
    Row("stream duplicate client=2", whole(A, B, C)),
    Row("stream reorder nth=2", whole(A, C, B)),
    Row("stream reorder first=2", whole(B, A, C)),
    Row("stream invalid-utf8 nth=1", whole(A.replace(b"\xab", b"\xab\xff"), B, C)),
    Row("stream malformed-json nth=1", whole(A[: len(A) // 2], B, C)),
    Row("stream multi-line nth=1 type=*", chunk(b"data: " + A_OVER_LINES + b"\n\n") + whole(B, C)),
    Row(
        "stream multi-line",
        b"".join(
            chunk(b"data: " + event.replace(b",", b",\ndata: ") + b"\n\n") for event in (A, B, C)
        ),
    ),
    Row("stream comments=2 nth=1 id=*", chunk(b": noise\n: noise\n" + sse(A)) + whole(B, C)),
    Row("stream retry=3s nth=1 id=*", chunk(b"retry: 3000\n" + sse(A)) + whole(B, C)),
    Row("stream split=100 nth=1 id=*", in_pieces(sse(A), 100) + whole(B, C)),
    Row(
        "stream split=utf8 nth=1 type=*",
        chunk(sse(A).partition(b"\xab")[0]) + chunk(b'\xab"}}\n\n') + whole(B, C),
    ),
    Row(
        "stream fields nth=1 type=*",
        chunk(b"id: " + A[7:37] + b"\nevent: message\n" + sse(A)) + whole(B, C),
    ),
    Row("stream split", b"".join(in_pieces(sse(event), 1) for event in (A, B, C))),
    Row(
        "stream split=utf8",
        b"".join(
            chunk(sse(event).partition(b"\xab")[0]) + chunk(b'\xab"}}\n\n') for event in (A, B, C)
        ),
    ),
    Row("stream cr-only", whole(A, B, C).replace(b"\n\n\r\n", b"\r\r\r\n")),
    Row("stream crlf", b"".join(chunk(b"data: " + event + b"\r\n\r\n") for event in (A, B, C))),
    Row("stream bom", chunk(b"\xef\xbb\xbf") + whole(A, B, C)),
    Row("stream retry=250ms", chunk(b"retry: 250\n") + whole(A, B, C)),
    Row("stream comments", b"".join(chunk(b": noise\n" + sse(event)) for event in (A, B, C))),
    Row(
        "stream fields",
        b"".join(
            chunk(b"id: " + event[7:37] + b"\nevent: message\n" + sse(event)) for event in (A, B, C)
        ),
    ),
    Row("stream delay=30ms", whole(A, B, C)),
    Row("stream delay=5ms..30ms", whole(A, B, C)),
    Row("stream dribble=0.01ms", whole(A, B, C)),
    Row(
        "stream huge-event=300 nth=1",
        whole(A[:-1] + b',"padding":"%b"}' % (b"x" * (300 - len(A) - 13)), B, C),
    ),
    Row(
        "stream id-inversion=32ms nth=2",  # a ULID's time is in base 32
        whole(A, B.replace(b"01KE6B2T12", b"01KE6B2T02"), C),
    ),
    Row(
        "stream created-at-inversion=50ms nth=2",
        whole(A, B.replace(b"09:00:00.000Z", b"08:59:59.950Z"), C),
    ),
    Row("stream nth=2 reset", whole(A, B, C)),
    Row("stream kill after-time=1h", whole(A, B, C)),
    Row("stream nth=1 after-bytes=9 kill client=2", whole(A, B, C)),
    Row("stream type=other.* reset", whole(A, B, C)),
    Row("stream dead-subscriber after-events=2", whole(A, B)),
    Row("stream dead-subscriber type=t.b", whole(A)),
    Row("stream freeze=30ms", whole(A, B, C)),
    Row("stream freeze=30ms after-events=1", whole(A, B, C)),
    Row("sse skip nth=2", whole(A, C)),
    Row("stream path=websocket type=t.b skip", whole(A, B, C)),
    Row("websocket reset", whole(A, B, C)),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
def test_the_stream_is_spoiled_exactly_so(connect, how_it_ends, row):
    with serve_in_thread() as simulator:
        simulator.faults(row.fault)
        client = connect(simulator)
        client.get()
        simulator.wait_clients(1)
        simulator.emit(A, B, C)
        if row.end == OPEN:
            client.until(lambda data: data.endswith(row.body))
            assert client.waits()
        else:
            assert how_it_ends(client) == row.end
    head = HEAD.match(client.received)
    assert head
    assert client.received[head.end() :] == row.body


AT_ONCE = [
    Row("stream reset", b"", RESET),
    Row("stream kill", b"", FIN),
    Row("stream drain", b"", RESET),
    Row("stream clean-end", b"HEAD0\r\n\r\n", FIN),
    Row("stream reset after-events=0", b"HEAD", RESET),
    Row("stream kill after-time=10ms", b"", FIN),
    Row("stream reset-after-bytes=5", b"HTTP/", RESET),
    Row("stream clean-end after-bytes=7", b"HTTP/1.", FIN),
    Row("stream reset-after-bytes=0", b"", RESET),
]


@pytest.mark.parametrize("row", AT_ONCE, ids=lambda row: row.fault)
def test_a_connection_ends_before_any_event(connect, how_it_ends, row):
    with serve_in_thread(faults=(row.fault,), keepalive=0.05) as simulator:
        client = connect(simulator)
        client.get()
        assert how_it_ends(client) == row.end
    assert HEAD.sub(b"HEAD", client.received) == row.body


REFUSALS = {
    "sse 404": (404, rb'\{"message":"Route GET:/v1/events/stream not found","error"'),
    "stream status=401": (401, rb'"message":"Invalid API key","code":"UNAUTHORIZED","requestId":"'),
    "stream status=404": (404, rb'\{"message":"Route GET:/v1/events/stream not found","error"'),
    "stream status=429": (429, rb'"code":"TOO_MANY_CONNECTIONS"'),
    "stream lock-out": (429, rb'"code":"TOO_MANY_CONNECTIONS"'),
    "stream status=429 retry-after=24": (429, rb"\r\nretry-after: 24\r\n(.|\s)*retry in 24 sec"),
    "stream status=500": (500, rb'"code":"INTERNAL_ERROR"'),
    "stream status=503 header=X-Via:proxy": (503, rb"\r\nX-Via: proxy\r\n"),
    "stream status=502 body='bad gateway'": (502, rb"\r\n\r\nbad gateway$"),
    "stream status=204": (204, rb"content-length: 0\r\n(.|\s)*\r\n\r\n$"),
    "stream redirect=http://elsewhere/": (307, rb"\r\nlocation: http://elsewhere/\r\n"),
    "stream redirect=/moved status=301": (301, rb"\r\nlocation: /moved\r\n"),
    "stream key-rotated=gx-new-key-0123456": (401, rb'"message":"Invalid API key"'),
    "stream status=500 delay=10ms": (500, rb'"code":"INTERNAL_ERROR"'),
    f"stream status=500 key={GRANTEX_KEY} path=/v1/events/*": (500, rb"INTERNAL_ERROR"),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_connection_is_refused(connect, fault):
    status, expected = REFUSALS[fault]
    with serve_in_thread(faults=(fault,)) as simulator:
        client = connect(simulator)
        client.get()
        head, body = client.response()
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert re.search(expected, head + b"\r\n\r\n" + body)


def test_another_content_type_and_header_on_a_whole_stream(connect):
    fault = "stream wrong-mime=text/plain header='x-proxy: 1'"
    with serve_in_thread(faults=(fault,), payloads=[A]) as simulator:
        client = connect(simulator)
        client.get()
        head, _, body = client.until_events(1).partition(b"\r\n\r\n")
    assert b"\r\ncontent-type: text/plain\r\n" in head
    assert b"\r\nx-proxy: 1\r\n" in head
    assert body == whole(A)


def test_a_half_open_stream_says_nothing_at_all(connect):
    with serve_in_thread(faults=("stream nth=1 half-open",), keepalive=0.02) as simulator:
        silent, other = connect(simulator), connect(simulator)
        silent.get()
        simulator.wait_clients(1)
        other.get()
        other.until(lambda data: data.count(b": keepalive") >= 3)
        simulator.emit(A)
        other.until(lambda data: A in data)
        assert silent.silent()
        assert simulator.ledger().clients == 2


def test_a_rotated_key_opens_new_streams_and_the_old_one_lives_on(connect):
    with serve_in_thread() as simulator:
        old, refused, new = connect(simulator), connect(simulator), connect(simulator)
        old.get()
        simulator.wait_clients(1)
        simulator.faults("stream nth=1 key-rotated=gx-new-key-0123456")
        refused.get()
        assert refused.response()[0].startswith(b"HTTP/1.1 401 ")
        new.get(authorization="Bearer gx-new-key-0123456")
        simulator.wait_clients(2)
        simulator.emit(A)
        assert old.until_events(1).endswith(whole(A))
        assert new.until_events(1).endswith(whole(A))


def test_a_draining_server_refuses_the_new_and_keeps_the_old(connect, how_it_ends):
    with serve_in_thread() as simulator:
        old, new = connect(simulator), connect(simulator)
        old.get()
        simulator.wait_clients(1)
        simulator.faults("stream drain")
        new.get()
        assert how_it_ends(new) == RESET
        simulator.emit(A)
        assert old.until_events(1).endswith(whole(A))


@pytest.mark.parametrize(("waits", "opened"), [([299, 299], False), ([301], True)])
def test_each_attempt_prolongs_a_lock_out_by_its_300_seconds(connect, waits, opened):
    clock = VirtualClock(1_000.0)
    with serve_in_thread(clock=clock, faults=("stream nth=1 lock-out",)) as simulator:
        client = connect(simulator)
        client.get()
        assert client.response()[0].startswith(b"HTTP/1.1 429 ")
        for wait in waits:
            clock.advance(wait)
            client.get()
            if not opened:
                assert client.response()[0].startswith(b"HTTP/1.1 429 ")
        simulator.wait_clients(int(opened))


@pytest.mark.parametrize(
    ("fault", "free_again"),
    [("stream nth=1 leak-slot", True), ("stream nth=1 leak-slot=zombie", False)],
)
def test_a_slot_leaks_until_300_quiet_seconds_or_for_good(connect, fault, free_again):
    clock = VirtualClock(1_000.0)
    with serve_in_thread(clock=clock, stream_limit=1, faults=(fault,)) as simulator:
        first, second = connect(simulator), connect(simulator)
        first.get()
        simulator.wait_clients(1)
        first.close()
        simulator.wait_clients(0)
        second.get()
        assert second.response()[0].startswith(b"HTTP/1.1 429 ")
        clock.advance(301)
        second.get()
        if free_again:
            simulator.wait_clients(1)
        else:
            assert second.response()[0].startswith(b"HTTP/1.1 429 ")
            simulator.reset()
            second.get()
            simulator.wait_clients(1)


@pytest.mark.parametrize("by_http", [True, False])
def test_other_faults_in_its_place_free_the_slots_that_one_has_leaked(connect, by_http):
    with serve_in_thread(stream_limit=1, faults=("stream nth=1 leak-slot=zombie",)) as simulator:
        first, second, control = connect(simulator), connect(simulator), connect(simulator)
        first.get()
        simulator.wait_clients(1)
        first.close()
        simulator.wait_clients(0)
        script = "intake nth=9 delay=0"
        if by_http:
            control.send(
                f"POST /_sim/faults HTTP/1.1\r\nContent-Length: {len(script)}\r\n\r\n{script}".encode()
            )
            assert control.response()[0].startswith(b"HTTP/1.1 200 OK")
        else:
            simulator.faults(script)
        second.get()
        simulator.wait_clients(1)


def test_streams_that_are_open_are_struck_now_and_new_ones_are_not(connect, how_it_ends):
    with serve_in_thread() as simulator:
        open_now, later = connect(simulator), connect(simulator)
        open_now.get()
        simulator.wait_clients(1)
        simulator.faults("stream now kill")
        assert how_it_ends(open_now) == FIN
        later.get()
        simulator.wait_clients(1)
        simulator.emit(A)
        assert later.until_events(1).endswith(whole(A))


def test_a_span_strikes_the_streams_that_are_open_when_it_begins(connect, how_it_ends):
    with serve_in_thread(faults=("stream after=50ms reset client=2",)) as simulator:
        one, two = connect(simulator), connect(simulator)
        one.get()
        simulator.wait_clients(1)
        two.get()
        assert how_it_ends(two) == RESET
        simulator.emit(A)
        assert one.until_events(1).endswith(whole(A))


def test_http_1_0_is_spoiled_without_chunks(connect, how_it_ends):
    with serve_in_thread(payloads=[A, B], faults=("stream bad-chunk after-events=1",)) as simulator:
        client = connect(simulator)
        client.get(version="1.0")
        assert how_it_ends(client) == FIN
    assert client.received.partition(b"\r\n\r\n")[2] == sse(A)


def test_a_held_event_goes_out_with_the_next_keepalive(connect):
    with serve_in_thread(faults=("stream nth=1 reorder",), keepalive=0.05) as simulator:
        client = connect(simulator)
        client.get()
        simulator.wait_clients(1)
        simulator.emit(A)
        body = client.until(lambda data: A in data).partition(b"\r\n\r\n")[2]
    assert body.replace(chunk(b": keepalive\n\n"), b"") == whole(A)


def test_what_is_not_sent_counts_as_emitted_all_the_same(connect):
    with serve_in_thread(faults=("stream skip nth=2",), payloads=[A, B, C]) as simulator:
        client = connect(simulator)
        client.get()
        client.until(lambda data: C in data)
        ledger = simulator.ledger()
    assert (ledger.emitted, len(ledger.missing)) == (3, 3)


@pytest.mark.parametrize(("fault", "start"), [("delay=1h", b""), ("dribble=1h", b"H")])
def test_a_stream_that_takes_its_time_holds_back_no_other(connect, fault, start):
    with serve_in_thread(faults=(f"stream nth=1 {fault}",)) as simulator:
        slow, other = connect(simulator), connect(simulator)
        slow.get()
        simulator.wait_clients(1)
        other.get()
        simulator.wait_clients(2)
        simulator.emit(A, B, C)
        other.until(lambda data: data.endswith(whole(A, B, C)))
        slow.until(lambda data: data == start)
        slow.received = b""
        assert slow.silent()


def test_a_server_drains_with_an_answer_if_one_is_given(connect):
    with serve_in_thread(faults=("stream drain status=503 retry-after=5",)) as simulator:
        client = connect(simulator)
        client.get()
        assert b"\r\nretry-after: 5\r\n" in client.response()[0]


KEEPALIVE = chunk(b": keepalive\n\n")


def test_a_dead_subscriber_gets_keepalives_and_no_event_and_others_are_served(connect):
    with serve_in_thread(keepalive=0.02) as simulator:
        dead, other = connect(simulator), connect(simulator)
        dead.get()
        simulator.wait_clients(1)
        other.get()
        simulator.wait_clients(2)
        simulator.faults("stream now dead-subscriber client=1")
        simulator.emit(A, B)
        other.until(lambda data: B in data)
        dead.received = b""
        dead.until(lambda data: data.count(KEEPALIVE) >= 3)
        streams = simulator.ledger().streams
    assert A not in dead.received
    assert B not in dead.received
    assert [(each.sent, each.missed) for each in streams] == [(0, 2), (2, 0)]


def test_a_dead_subscriber_alone_does_not_stop_the_source(connect):
    faults = ("stream nth=1 dead-subscriber",)
    with serve_in_thread(payloads=[A, B, C], faults=faults, keepalive=0.02) as simulator:
        client = connect(simulator)
        client.get()
        while simulator.ledger().emitted < 3:
            client.until(lambda data: KEEPALIVE in data)
            client.received = b""


def test_a_frozen_stream_thaws_with_all_that_came_meanwhile(connect):
    with serve_in_thread(keepalive=0.02) as simulator:
        frozen, other = connect(simulator), connect(simulator)
        frozen.get()
        simulator.wait_clients(1)
        other.get()
        simulator.wait_clients(2)
        frozen.until(lambda data: KEEPALIVE in data)
        simulator.faults("stream now freeze=500ms client=1")
        frozen.received = b""
        simulator.emit(A)
        simulator.emit(B)
        other.until(lambda data: B in data and data.count(KEEPALIVE) >= 5)
        frozen.until(lambda data: B in data)
    assert frozen.received.replace(KEEPALIVE, b"") == whole(A, B)


@pytest.mark.parametrize("word", ["sse", "websocket"])
def test_one_path_is_cut_alone(connect, how_it_ends, word):
    with serve_in_thread() as simulator:
        plain, socket_ = connect(simulator), connect(simulator)
        plain.get()
        simulator.wait_clients(1)
        socket_.send(UPGRADE)
        simulator.wait_clients(2)
        simulator.faults(f"{word} now reset")
        cut, other = (plain, socket_) if word == "sse" else (socket_, plain)
        assert how_it_ends(cut) == RESET
        simulator.emit(A)
        other.until(lambda data: A in data)


UPGRADE = (
    f"GET /v1/events/ws HTTP/1.1\r\nAuthorization: Bearer {GRANTEX_KEY}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()


def test_a_path_without_service_leaves_the_other(connect):
    with serve_in_thread(faults=("websocket 404",)) as simulator:
        plain, socket_ = connect(simulator), connect(simulator)
        socket_.send(UPGRADE)
        head, body = socket_.response()
        assert head.startswith(b"HTTP/1.1 404 ")
        assert b"Route GET:/v1/events/ws not found" in body
        plain.get()
        simulator.wait_clients(1)
