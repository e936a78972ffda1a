"""The verdict on an event, seen over sockets: exactly one, the first that fits, and who is to blame."""

from __future__ import annotations

import json

import pytest

from grantex_sim import assert_nothing_lost
from grantex_sim.service.app import DATADOG_KEY, GRANTEX_KEY, serve_in_thread
from tests.support.clock import VirtualClock


A, B = (b'{"id":"evt_%d","type":"%s","data":{}}' % pair for pair in ((1, b"t.a"), (2, b"t.b")))
UPGRADE = (
    f"GET /v1/events/ws HTTP/1.1\r\nAuthorization: Bearer {GRANTEX_KEY}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()


@pytest.fixture
def clock():
    return VirtualClock(1_767_603_600.0)


def post(client, *payloads, key=DATADOG_KEY, status=202):
    body = json.dumps([{"message": each.decode()} for each in payloads]).encode()
    head = f"POST /api/v2/logs HTTP/1.1\r\nDD-API-KEY: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    client.send(head.encode() + body)
    assert client.response()[0].startswith(f"HTTP/1.1 {status} ".encode())


def ask(client, target):
    client.send(f"GET {target} HTTP/1.1\r\n\r\n".encode())
    return json.loads(client.response()[1])


def listen(connect, simulator, count=1, types=""):
    stream = connect(simulator)
    stream.get("/v1/events/stream" + (f"?types={types}" if types else ""))
    simulator.wait_clients(count)
    return stream


def counted(simulator) -> dict[str, int]:
    verdicts = simulator.ledger().verdicts
    return {
        name: getattr(verdicts, name)
        for name in verdicts.__struct_fields__
        if getattr(verdicts, name)
    }


def test_what_was_heard_is_pending_and_then_lost(connect, clock):
    with serve_in_thread(clock=clock) as simulator:
        listen(connect, simulator)
        simulator.emit(A, B)
        post(connect(simulator), A)
        clock.advance(9)
        assert counted(simulator) == {"delivered": 1, "pending": 1}
        clock.advance(1)
        assert counted(simulator) == {"delivered": 1, "lost": 1}
        assert simulator.ledger().lost == ["evt_2"]
        post(connect(simulator), B)
        assert counted(simulator) == {"delivered": 2}


def test_a_longer_time_to_settle_can_be_asked_for(connect, clock):
    with serve_in_thread(clock=clock) as simulator:
        listen(connect, simulator)
        simulator.emit(A)
        clock.advance(20)
        control = connect(simulator)
        assert ask(control, "/_sim/ledger?settle=30s")["verdicts"]["pending"] == 1
        assert ask(control, "/_sim/ledger?settle=20")["verdicts"]["lost"] == 1
        assert ask(control, "/_sim/missing?verdict=lost&settle=1m") == {
            "count": 0, "events": [], "next": None,
        }  # fmt: skip
        assert "no duration" in ask(control, "/_sim/ledger?settle=soon")["error"]
        assert "none of" in ask(control, "/_sim/missing?verdict=gone")["error"]


def test_what_nobody_listened_to_and_what_filters_kept_away_is_nobodys_loss(connect, clock):
    with serve_in_thread(clock=clock) as simulator:
        simulator.emit(A)
        listen(connect, simulator, types="t.x")
        simulator.emit(B)
        clock.advance(60)
        assert counted(simulator) == {"unheard": 1, "filtered": 1}


@pytest.mark.parametrize(
    "fault",
    [
        "stream skip",
        "sse dead-subscriber after-events=0",
        "stream kill type=*",
        "stream truncate-event",
        "stream bad-chunk",
        "stream half-open after-events=0",
        "stream malformed-json",
        "stream wrong-mime",
        "stream header=content-encoding:gzip",
        "stream delay=1h",
        "stream dribble=1h",
        "stream freeze=1h",
        "stream reorder",
        "stream reset-after-bytes=200",
    ],
)
def test_what_a_fault_keeps_from_a_client_is_withheld_and_both_are_named(connect, clock, fault):
    with serve_in_thread(clock=clock, faults=("intake nth=9 delay=0", fault)) as simulator:
        listen(connect, simulator)
        simulator.emit(A)
        clock.advance(60)
        (event,) = ask(connect(simulator), "/_sim/missing?verdict=withheld")["events"]
    assert (event["verdict"], event["fault"], event["client"]) == ("withheld", 2, 1)
    assert event["cause"].split()[0] == "stream"


@pytest.mark.parametrize("fault", ["stream freeze=200ms after-events=1", "stream dribble=0.2ms"])
def test_what_a_fault_only_holds_up_is_heard_in_the_end(connect, clock, fault):
    with serve_in_thread(clock=clock, faults=(fault,)) as simulator:
        stream = listen(connect, simulator)
        simulator.emit(A, B)
        stream.until(lambda data: B in data and data.endswith(b"\n\n\r\n"))
        while counted(simulator) != {"pending": 2}:
            pass
        clock.advance(60)
        assert counted(simulator) == {"lost": 2}


def test_a_reset_comes_after_what_was_written_so_that_it_is_known_who_had_it(connect, clock):
    many = [b'{"id":"big_%d","data":"%s"}' % (number, b"x" * 10_000) for number in range(500)]
    with serve_in_thread(clock=clock) as simulator:
        stream = listen(connect, simulator)
        simulator.emit(*many)
        simulator.faults("stream now reset")
        simulator.emit(A)
        with pytest.raises(ConnectionResetError):
            stream.until(lambda _: False)
        assert stream.received.count(b"data: ") == 500
        clock.advance(60)
        assert counted(simulator) == {"lost": 500, "withheld": 1}


def test_an_event_heard_on_either_path_is_heard(connect, clock):
    with serve_in_thread(clock=clock, faults=("sse type=t.a skip",)) as simulator:
        listen(connect, simulator)
        connect(simulator).send(UPGRADE)
        simulator.wait_clients(2)
        simulator.faults("sse type=t.a skip", "websocket type=t.b skip")
        simulator.emit(A, B)
        clock.advance(60)
        assert counted(simulator) == {"lost": 2}
        simulator.faults("stream skip")
        simulator.emit(b'{"id":"evt_3"}')
        assert counted(simulator) == {"lost": 2, "withheld": 1}


def test_text_that_is_no_utf_8_ends_a_websocket_and_an_sse_client_reads_on(connect, clock):
    with serve_in_thread(clock=clock, faults=("stream nth=1 invalid-utf8",)) as simulator:
        connect(simulator).send(UPGRADE)
        simulator.wait_clients(1)
        simulator.emit(A, B)
        clock.advance(60)
        assert counted(simulator) == {"withheld": 2}
        simulator.reset()
        listen(connect, simulator, count=2)
        simulator.emit(A, B)
        clock.advance(60)
        assert counted(simulator) == {"lost": 2}


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("intake 503", 503),
        ("intake status=503 type=t.*", 503),
        ("intake after=0 403", 403),
        ("intake redirect=/elsewhere", 307),
        ("intake key-rotated", 403),
        ("intake nth=1 key-rotated=another-key", 403),
    ],
)
def test_what_the_intake_refuses_to_the_end_is_undeliverable(connect, clock, fault, status):
    with serve_in_thread(clock=clock, faults=(fault,)) as simulator:
        listen(connect, simulator)
        simulator.emit(A, B)
        post(connect(simulator), A, status=status)
        clock.advance(60)
        assert counted(simulator) == {"undeliverable": 2}
        (first, _) = ask(connect(simulator), "/_sim/missing")["events"]
        assert (first["fault"], first["verdict"]) == (1, "undeliverable")
        simulator.faults()
        assert counted(simulator) == {"pending": 2}
        clock.advance(11)
        assert counted(simulator) == {"lost": 2}


@pytest.mark.parametrize(
    "fault",
    [
        "intake first=1 503",
        "intake nth=1 503",
        "intake every=2 503",
        "intake p=0.99 503",
        "intake 503 times=5",
        "intake status=503 type=t.x",
        "intake path=/v1/input 503",
        "intake lost-202",
        "intake delay=1ms",
        "intake status=200",
    ],
)
def test_what_a_second_request_would_have_brought_is_lost(connect, clock, fault):
    with serve_in_thread(clock=clock, faults=(fault,)) as simulator:
        listen(connect, simulator)
        simulator.emit(A)
        clock.advance(60)
        assert counted(simulator) == {"lost": 1}


def test_only_the_events_that_a_fault_is_about_are_undeliverable(connect, clock):
    with serve_in_thread(clock=clock, faults=("intake status=400 type=t.a",)) as simulator:
        listen(connect, simulator)
        simulator.emit(A, B)
        post(connect(simulator), A, B, status=400)
        clock.advance(60)
        assert counted(simulator) == {"undeliverable": 1, "lost": 1}
        assert simulator.ledger().lost == ["evt_2"]


def test_a_rotated_key_refuses_until_somebody_has_the_new_one(connect, clock):
    fault = "intake nth=1 key-rotated=another-key"
    with serve_in_thread(clock=clock, faults=(fault,)) as simulator:
        listen(connect, simulator)
        simulator.emit(A, B)
        post(connect(simulator), A, status=403)
        clock.advance(60)
        assert counted(simulator) == {"undeliverable": 2}
        post(connect(simulator), A, key="another-key")
        assert counted(simulator) == {"delivered": 1, "lost": 1}


def test_a_scripted_status_without_an_end_is_undeliverable_too(connect, clock):
    with serve_in_thread(clock=clock, intake_statuses="202,500*") as simulator:
        listen(connect, simulator)
        simulator.emit(A, B)
        post(connect(simulator), A)
        clock.advance(60)
        assert counted(simulator) == {"delivered": 1, "undeliverable": 1}


def test_an_event_larger_than_any_request_is_undeliverable(connect, clock):
    with serve_in_thread(clock=clock, faults=("stream huge-event=6MB",)) as simulator:
        stream = listen(connect, simulator)
        simulator.emit(A)
        stream.until(lambda data: data.endswith(b'"}\n\n\r\n'))
        clock.advance(60)
        assert counted(simulator) == {"undeliverable": 1}
        (event,) = ask(connect(simulator), "/_sim/missing")["events"]
        assert "5 MB" in event["cause"]


def test_who_is_told_to_wait_is_given_the_time(connect, clock):
    fault = "intake first=1 status=429 retry-after=100"
    with serve_in_thread(clock=clock, faults=(fault,)) as simulator:
        listen(connect, simulator)
        simulator.emit(A)
        clock.advance(30)
        post(connect(simulator), A, status=429)
        clock.advance(109)
        assert counted(simulator) == {"pending": 1}
        clock.advance(2)
        assert counted(simulator) == {"lost": 1}


def test_who_was_refused_for_a_time_is_given_as_long_as_ever_afterwards(connect, clock):
    with serve_in_thread(clock=clock, faults=("intake between=10s..100s 503",)) as simulator:
        listen(connect, simulator)
        simulator.emit(A)
        clock.advance(9)
        assert counted(simulator) == {"pending": 1}
        clock.advance(90)
        assert counted(simulator) == {"pending": 1}
        clock.advance(10)
        assert counted(simulator) == {"pending": 1}
        clock.advance(2)
        assert counted(simulator) == {"lost": 1}


def test_while_the_intake_is_at_work_on_a_request_nothing_is_lost(connect, clock):
    with serve_in_thread(clock=clock, faults=("intake nth=1 half-open",)) as simulator:
        listen(connect, simulator)
        simulator.emit(A)
        waiting = connect(simulator)
        waiting.send(f"POST /api/v2/logs HTTP/1.1\r\nDD-API-KEY: {DATADOG_KEY}\r\n".encode())
        waiting.send(b"Content-Length: 2\r\n\r\n[]")
        control = connect(simulator)
        ask(control, "/_sim/wait?requests=1")
        clock.advance(60)
        assert counted(simulator) == {"pending": 1}
        waiting.close()
        while counted(simulator) == {"pending": 1}:
            pass
        assert counted(simulator) == {"lost": 1}


def test_all_verdicts_add_up_to_what_was_emitted(connect, clock):
    faults = ("stream id=evt_3 skip", "intake 400 id=evt_4")
    with serve_in_thread(clock=clock, faults=faults) as simulator:
        payloads = [b'{"id":"evt_%d","type":"t"}' % number for number in range(6)]
        simulator.emit(payloads[0])
        listen(connect, simulator, types="t")
        simulator.emit(b'{"id":"evt_9","type":"x"}', *payloads[1:5])
        post(connect(simulator), payloads[1])
        clock.advance(60)
        simulator.emit(payloads[5])
        assert counted(simulator) == {
            "delivered": 1, "undeliverable": 1, "pending": 1, "lost": 1, "withheld": 1,
            "filtered": 1, "unheard": 1,
        }  # fmt: skip


def test_nothing_lost_is_an_assertion_that_names_what_is(connect):
    with serve_in_thread() as simulator:
        with pytest.raises(AssertionError, match="nothing was emitted, which proves nothing"):
            assert_nothing_lost(simulator, settle_s=0.0, timeout_s=0.0)
        simulator.emit(B)
        with pytest.raises(AssertionError, match="nobody opened the stream, which proves nothing"):
            assert_nothing_lost(simulator, settle_s=0.0, timeout_s=0.0)
        listen(connect, simulator)
        simulator.emit(A)
        with pytest.raises(AssertionError, match="1 event lost, 0 allowed: evt_1"):
            assert_nothing_lost(simulator, settle_s=0.0)
        post(connect(simulator), A)
        assert assert_nothing_lost(simulator.url).verdicts.delivered == 1


def test_a_stream_that_a_fault_never_opens_proves_as_much_as_can_be(connect):
    with serve_in_thread(faults=("stream 503",)) as simulator:
        client = connect(simulator)
        client.get()
        client.response()
        simulator.emit(A)
        assert assert_nothing_lost(simulator).verdicts.unheard == 1
