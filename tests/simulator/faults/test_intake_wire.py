"""Every fault of the intake, seen by a raw socket, and what the ledger makes of it."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import pytest

from grantex_sim.service.app import DATADOG_KEY, serve_in_thread


LOGS = "/api/v2/logs"
EVENT = b'{"id":"evt_1","type":"grant.created","data":{}}'
BODY = json.dumps([{"message": EVENT.decode()}]).encode()
RESET, FIN, OPEN, ANSWERED = "reset", "FIN", "open", "answered"
ACCEPTED = rb"HTTP/1\.1 202 Accepted\r\n.*\r\n\r\n\{\}"


class Row(NamedTuple):
    """A fault, what a client that posts one entry gets, how it ends, and the ledger's view."""

    fault: str
    answer: bytes
    end: str = ANSWERED
    status: int = 202
    reason: str = ""


ROWS = [
    Row("intake status=503", rb"HTTP/1\.1 503 .*Service Unav", status=503, reason="status 503"),
    Row(
        "intake status=429 retry-after=3",
        rb"HTTP/1\.1 429 .*\r\nretry-after: 3\r\nx-ratelimit-reset: 3\r\n.*Too Many",
        status=429,
        reason="status 429",
    ),
    Row(
        "intake status=500 body=oops header=X-Why:chaos",
        rb"HTTP/1\.1 500 .*\r\nX-Why: chaos\r\n.*\r\n\r\noops$",
        status=500,
        reason="status 500",
    ),
    Row("intake status=204", rb"HTTP/1\.1 204 .*\r\n\r\n$", reason="status 204"),
    Row(
        "intake redirect=http://elsewhere/",
        rb"HTTP/1\.1 307 .*\r\nlocation: http://elsewhere/\r\n",
        status=307,
        reason="status 307",
    ),
    Row("intake delay=20ms", ACCEPTED, reason="delay"),
    Row("intake delay=1ms..20ms", ACCEPTED, reason="delay"),
    Row("intake reset=before", rb"^$", RESET, 0, "reset before reading"),
    Row("intake reset", rb"^$", RESET, 0, "reset after reading"),
    Row("intake half-open", rb"^$", OPEN, 0, "half-open"),
    Row("intake lost-202", rb"^$", RESET, reason="lost 202"),
    Row("intake lost-202=hang", rb"^$", OPEN, reason="lost 202"),
    Row("intake reset-after-bytes=12", rb"^HTTP/1\.1 202$", RESET, reason="reset after 12 bytes"),
    Row("intake dribble=0.01ms", ACCEPTED, reason="dribble"),
    Row(
        "intake bad-chunk",
        rb"\r\ntransfer-encoding: chunked\r\n.*\r\n\r\nzz\r\n\{\}\r\n0\r\n\r\n$",
        FIN,
        reason="bad chunk",
    ),
    Row(
        "intake wrong-mime",
        rb"HTTP/1\.1 202 .*\r\ncontent-type: text/html\r\n",
        reason="wrong MIME type",
    ),
    Row("intake empty-body", rb"\r\ncontent-length: 0\r\n.*\r\n\r\n$", reason="empty body"),
    Row("intake slow-read=5000", ACCEPTED, reason="slow read"),
    Row("intake key-rotated", rb"HTTP/1\.1 403 .*API key is invalid", status=403),
    Row(
        f"intake status=500 key={DATADOG_KEY}", rb"HTTP/1\.1 500 ", status=500, reason="status 500"
    ),
    Row("intake status=500 path=/api/v2/*", rb"HTTP/1\.1 500 ", status=500, reason="status 500"),
    Row("intake status=500 type=grant.*", rb"HTTP/1\.1 500 ", status=500, reason="status 500"),
    Row("intake status=500 id=evt_1", rb"HTTP/1\.1 500 ", status=500, reason="status 500"),
    Row("intake status=500 type=token.*", ACCEPTED),
    Row("intake status=500 path=/v1/*", ACCEPTED),
    Row("intake status=500 key=another", ACCEPTED),
    Row("intake nth=2 status=500", ACCEPTED),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
def test_the_answer_is_spoiled_exactly_so(connect, how_it_ends, row):
    with serve_in_thread(faults=(row.fault,)) as simulator:
        simulator.emit(EVENT)
        client = connect(simulator)
        client.post(LOGS, BODY, DD_API_KEY=DATADOG_KEY)
        if row.end == ANSWERED:
            head, body = client.response()
            answer = head + b"\r\n\r\n" + body
        else:
            if row.end == OPEN:
                waiting = connect(simulator)
                waiting.get("/_sim/wait?requests=1")
                waiting.response()
                assert client.silent()
            else:
                assert how_it_ends(client) == row.end
            answer = client.received
        ledger = simulator.ledger()
    (request,) = ledger.requests
    assert re.search(row.answer, answer, re.DOTALL)
    assert request.status == row.status
    assert request.reason == (f"fault: {row.reason}" if row.reason else request.reason)
    assert ledger.delivered == (row.status == 202)


def test_after_a_lost_202_the_same_entry_is_a_duplicate(connect, how_it_ends):
    with serve_in_thread(faults=("intake first=1 lost-202",)) as simulator:
        simulator.emit(EVENT)
        first, second = connect(simulator), connect(simulator)
        first.post(LOGS, BODY, DD_API_KEY=DATADOG_KEY)
        assert how_it_ends(first) == RESET
        second.post(LOGS, BODY, DD_API_KEY=DATADOG_KEY)
        assert second.response()[0].startswith(b"HTTP/1.1 202 ")
        ledger = simulator.ledger()
    assert (ledger.delivered, ledger.duplicates, ledger.missing) == (1, 1, [])
    assert [request.reason for request in ledger.requests] == ["fault: lost 202", ""]


def test_a_reset_before_reading_comes_while_the_body_is_on_its_way(connect, how_it_ends):
    with serve_in_thread(faults=("intake reset=before",)) as simulator:
        client = connect(simulator)
        client.send(f"POST {LOGS} HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n".encode())
        assert how_it_ends(client) == RESET
        (request,) = simulator.ledger().requests
    assert (request.entries, request.bytes) == (0, 0)


def test_a_body_that_is_read_slowly_holds_its_answer_back(connect):
    with serve_in_thread(faults=("intake slow-read=100",)) as simulator:
        slow, other = connect(simulator), connect(simulator)
        slow.post(LOGS, b"[" + b" " * 10_000 + b"]", DD_API_KEY=DATADOG_KEY)
        other.get("/_sim/ledger")
        other.response()
        assert slow.silent()
        assert simulator.ledger().requests == []


def test_a_new_key_is_valid_from_the_request_that_rotates_it(connect):
    with serve_in_thread(faults=("intake nth=2 key-rotated=11111111",)) as simulator:
        client = connect(simulator)
        answers = []
        for key in (DATADOG_KEY, DATADOG_KEY, "11111111"):
            client.post(LOGS, BODY, DD_API_KEY=key)
            answers.append(client.response()[0].split(b" ")[1])
        assert answers == [b"202", b"403", b"202"]
        simulator.faults()
        client.post(LOGS, BODY, DD_API_KEY=DATADOG_KEY)
        assert client.response()[0].startswith(b"HTTP/1.1 202 ")


def test_several_faults_that_hit_the_same_request_come_together(connect):
    faults = ("intake nth=1 status=429", "intake retry-after=9 status=500", "intake delay=10ms")
    with serve_in_thread(faults=faults) as simulator:
        client = connect(simulator)
        client.post(LOGS, BODY, DD_API_KEY=DATADOG_KEY)
        head, _ = client.response()
        client.post(LOGS, BODY, DD_API_KEY=DATADOG_KEY)
        second, _ = client.response()
    assert head.startswith(b"HTTP/1.1 429 ")
    assert b"\r\nretry-after: 9\r\n" in head
    assert second.startswith(b"HTTP/1.1 500 ")


@pytest.mark.parametrize(("fault", "start"), [("delay=1h", b""), ("dribble=1h", b"H")])
def test_an_answer_that_takes_its_time_holds_back_no_other(connect, fault, start):
    with serve_in_thread(faults=(f"intake nth=1 {fault}",)) as simulator:
        slow, other = connect(simulator), connect(simulator)
        slow.post(LOGS, BODY, DD_API_KEY=DATADOG_KEY)
        if start:
            slow.until(lambda data: data == start)
        else:
            other.get("/_sim/faults")
            assert b'"fired":1' in other.response()[1]
        other.post(LOGS, BODY, DD_API_KEY=DATADOG_KEY)
        assert other.response()[0].startswith(b"HTTP/1.1 202 ")
        slow.received = b""
        assert slow.silent()


@pytest.mark.parametrize("status", ["200", "202"])
def test_a_fault_accepts_nothing_that_the_contract_refuses(connect, status):
    with serve_in_thread(faults=(f"intake status={status}",)) as simulator:
        client = connect(simulator)
        client.post(LOGS, b"{", DD_API_KEY=DATADOG_KEY)
        assert client.response()[0].startswith(b"HTTP/1.1 400 ")
        client.post(LOGS, BODY, DD_API_KEY="wrong")
        assert client.response()[0].startswith(b"HTTP/1.1 403 ")
        assert [request.status for request in simulator.ledger().requests] == [400, 403]
