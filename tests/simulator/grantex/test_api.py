from __future__ import annotations

import json
import re

import pytest

from grantex_sim.service.app import GRANTEX_KEY, serve_in_thread
from tests.support.clock import VirtualClock


STREAM = "/v1/events/stream"
EVENT = b'{"id":"evt_1","type":"grant.created","createdAt":"2026-01-05T09:00:00.000Z","data":{}}'
TOKEN = b'{"id":"evt_2","type":"token.issued","createdAt":"2026-01-05T09:00:00.000Z","data":{}}'
VARIABLE = re.compile(
    rb'(?<=\nDate: )[^\r]+|(?<="requestId":")[0-9a-f-]{36}|(?<=\nx-ratelimit-remaining: )\d+'
    rb"|(?<=\nx-ratelimit-reset: )\d+"
)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def sse(payload: bytes) -> bytes:
    return chunk(b"data: " + payload + b"\n\n")


def normal(answer: bytes) -> bytes:
    """An answer without what differs from one to the next."""
    return VARIABLE.sub(b"*", answer)


# The stream's bytes.


def test_the_whole_capture_is_served_byte_for_byte(connect, captured, capture):
    with serve_in_thread(payloads=captured) as simulator:
        client = connect(simulator)
        client.get()
        served = client.until_events(354)
    without_keepalives = capture.replace(b"d\r\n: keepalive\n\n\r\n", b"")
    assert normal(served) == normal(without_keepalives)


def test_headers_wait_for_the_first_event(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get()
        simulator.wait_clients(1)
        assert client.silent()
        simulator.emit(EVENT)
        head, _, body = client.until_events(1).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
    assert body == sse(EVENT)


def test_headers_come_with_the_first_keepalive_when_nothing_happens(connect):
    with serve_in_thread(keepalive=0.05) as simulator:
        client = connect(simulator)
        client.get()
        data = client.until(lambda data: data.count(b": keepalive") >= 3)
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert body.startswith(3 * b"d\r\n: keepalive\n\n\r\n")


def test_keepalives_come_while_events_flow(connect):
    with serve_in_thread(keepalive=0.05) as simulator:
        client = connect(simulator)
        client.get()
        client.until(lambda data: data.count(b": keepalive") >= 1)
        simulator.emit(EVENT)
        client.until(lambda data: data.count(b": keepalive") >= 2)
        assert client.received.count(sse(EVENT)) == 1


def test_the_date_is_when_the_stream_was_accepted(connect):
    clock = VirtualClock(1_767_603_600.0)
    with serve_in_thread(clock=clock) as simulator:
        client = connect(simulator)
        client.get()
        simulator.wait_clients(1)
        clock.advance(25)
        simulator.emit(EVENT)
        assert b"\r\nDate: Mon, 05 Jan 2026 09:00:00 GMT\r\n" in client.until_events(1)


def test_each_event_is_one_chunk_even_when_many_are_sent_at_once(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get()
        simulator.wait_clients(1)
        simulator.emit(EVENT, TOKEN, EVENT)
        body = client.until_events(3).partition(b"\r\n\r\n")[2]
    assert body == sse(EVENT) + sse(TOKEN) + sse(EVENT)


def test_a_megabyte_event_is_one_chunk(connect):
    huge = EVENT.replace(b"{}", b'{"reason":"' + b"x" * 1_000_000 + b'"}')
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get()
        simulator.wait_clients(1)
        simulator.emit(huge)
        assert client.until_events(1).endswith(sse(huge))


def test_a_payload_of_several_lines_takes_several_data_lines(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get()
        simulator.wait_clients(1)
        simulator.emit(b'{"id":"evt_1",\n"type":"t"}')
        assert client.until_events(2).endswith(
            chunk(b'data: {"id":"evt_1",\ndata: "type":"t"}\n\n')
        )


def test_http_1_0_gets_the_same_body_without_chunks(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get(version="1.0")
        simulator.wait_clients(1)
        simulator.emit(EVENT)
        head, _, body = client.until(lambda data: data.endswith(b"\n\n")).partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert body == b"data: " + EVENT + b"\n\n"


def test_nothing_is_sent_again_to_who_comes_later(connect):
    with serve_in_thread() as simulator:
        first, second = connect(simulator), connect(simulator)
        first.get()
        simulator.wait_clients(1)
        simulator.emit(EVENT)
        first.until_events(1)
        second.get(f"{STREAM}?since=2020-01-01T00:00:00Z")
        simulator.wait_clients(2)
        simulator.emit(TOKEN)
        assert EVENT not in second.until_events(1)
        assert first.until_events(2).endswith(sse(EVENT) + sse(TOKEN))


def test_a_head_request_gets_no_answer_and_takes_no_slot(connect):
    with serve_in_thread(stream_limit=1) as simulator:
        head, stream = connect(simulator), connect(simulator)
        head.get(method="HEAD")
        stream.get()
        simulator.wait_clients(1)
        simulator.emit(EVENT)
        stream.until_events(1)
        assert head.silent()


def test_a_client_that_half_closes_is_let_go(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get()
        simulator.wait_clients(1)
        client.socket.shutdown(1)
        assert client.to_end() == b""
        simulator.wait_clients(0)


# The types filter.


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [EVENT, TOKEN]),
        ("?types=", [EVENT, TOKEN]),
        ("?types=grant.created", [EVENT]),
        ("?types=grant.created,token.issued", [EVENT, TOKEN]),
        ("?types=grant.created%2Ctoken.issued", [EVENT, TOKEN]),
        ("?types=grant.created,%20token.issued", [EVENT]),
        ("?types=GRANT.CREATED", []),
        ("?types=grant.*", []),
        ("?types=anomaly.detected", []),
        ("?types=,", []),
    ],
)
def test_types_is_split_at_commas_and_compared_as_it_is(connect, query, expected):
    last = b"not JSON passes every filter"
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get(STREAM + query)
        simulator.wait_clients(1)
        simulator.emit(EVENT, TOKEN, last)
        data = client.until(lambda data: data.endswith(sse(last)))
    assert data.partition(b"\r\n\r\n")[2] == b"".join(map(sse, [*expected, last]))


def test_the_filter_works_without_chunks_too(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get(f"{STREAM}?types=token.issued", version="1.0")
        simulator.wait_clients(1)
        simulator.emit(EVENT, TOKEN)
        assert client.until(lambda data: data.endswith(b"\n\n")).endswith(
            b"\r\n\r\ndata: " + TOKEN + b"\n\n"
        )


# Errors, compared with what the real service sent.


@pytest.mark.parametrize(
    ("recorded", "request_"),
    [
        ("noauth", {"authorization": None}),
        ("basic", {"authorization": "Basic abc"}),
        ("badkey", {"authorization": "Bearer gx_live_not_a_real_key_000000"}),
        ("shortkey", {"authorization": "Bearer short"}),
        ("query_token", {"target": f"{STREAM}?token={GRANTEX_KEY}", "authorization": None}),
        ("notfound", {"target": "/v1/events/streamx"}),
        ("post", {"method": "POST"}),
        ("types_array", {"target": f"{STREAM}?types=a&types=b"}),
    ],
)
def test_errors_are_the_real_ones_byte_for_byte(connect, fixtures, recorded, request_):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get(**request_)
        head, body = client.response()
    real = (fixtures / "http" / f"{recorded}.txt").read_bytes()
    assert normal(head + b"\r\n\r\n" + body) == normal(real)


def test_health_is_told_without_a_key(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get("/health", authorization=None)
        head, body = client.response()
    assert head.startswith(b"HTTP/1.1 200 OK\r\nx-ratelimit-limit: 5000\r\n")
    assert body == b'{"status":"healthy","database":"ok","redis":"ok"}'


def test_me_names_the_developer_and_no_one_without_a_key(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get("/v1/me")
        head, body = client.response()
        client.get("/v1/me", authorization="Bearer wrong-key-0123456789")
        refused, _ = client.response()
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert list(json.loads(body)) == [
        "developerId", "name", "email", "mode", "plan", "createdAt",
    ]  # fmt: skip
    assert refused.startswith(b"HTTP/1.1 401 ")


def test_lower_case_bearer_is_accepted(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get(authorization=f"bearer {GRANTEX_KEY}")
        simulator.wait_clients(1)
        simulator.emit(EVENT)
        assert client.until_events(1).startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_sixth_stream_is_refused_and_a_closed_one_makes_room(connect, fixtures):
    with serve_in_thread() as simulator:
        clients = [connect(simulator) for _ in range(7)]
        for client in clients[:5]:
            client.get()
        simulator.wait_clients(5)
        clients[5].get()
        head, body = clients[5].response()
        real = (fixtures / "http" / "sixth_429.txt").read_bytes()
        assert normal(head + b"\r\n\r\n" + body) == normal(real)

        clients[0].close()
        simulator.wait_clients(4)
        clients[6].get()
        simulator.wait_clients(5)
        simulator.emit(EVENT)
        for client in clients[1:5] + clients[6:]:
            client.until_events(1)


def test_the_plan_limit_says_when_to_come_back(connect, fixtures):
    clock = VirtualClock(1_000.0)
    with serve_in_thread(clock=clock, plan_limit=100) as simulator:
        client = connect(simulator)
        for _ in range(100):
            client.get("/v1/elsewhere")
            client.response()
        clock.advance(36)
        client.get()
        head, body = client.response()
        real = (fixtures / "http" / "plan_429.txt").read_bytes()
        assert normal(head + b"\r\n\r\n" + body) == normal(real)

        clock.advance(24)
        client.get()
        simulator.wait_clients(1)


def test_the_budget_is_counted_down_in_the_headers(connect):
    with serve_in_thread(clock=VirtualClock()) as simulator:
        client = connect(simulator)
        seen = []
        for _ in range(2):
            client.get(authorization=None)
            head, _ = client.response()
            seen.append(re.findall(rb"x-ratelimit-\w+: (\d+)", head))
    assert seen == [[b"5000", b"4999", b"60"], [b"5000", b"4998", b"60"]]


def test_request_ids_differ(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        ids = set()
        for _ in range(3):
            client.get(authorization=None)
            ids.add(json.loads(client.response()[1])["requestId"])
    assert len(ids) == 3


def test_what_is_no_http_is_refused_and_closed(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.send(b"hello\r\n\r\n")
        assert client.to_end().startswith(b"HTTP/1.1 400 Bad Request\r\n")
