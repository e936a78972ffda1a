from __future__ import annotations

import gzip
import json

import pytest

from grantex_sim.service.app import DATADOG_KEY, serve_in_thread


LOGS = "/api/v2/logs"
EVENT = b'{"id":"evt_1","type":"t","data":{}}'


def entries(*payloads: bytes) -> bytes:
    return json.dumps([{"message": payload.decode()} for payload in payloads]).encode()


def post(client, body=b"{}", target=LOGS, key=DATADOG_KEY, **headers):
    if key is not None:
        headers["DD_API_KEY"] = key
    client.post(target, body, Content_Type="application/json", **headers)
    head, answer = client.response()
    return int(head.split(b" ")[1]), head.lower(), answer


@pytest.mark.parametrize(
    ("request_", "status", "answer"),
    [
        ({}, 202, b"{}"),
        ({"target": f"{LOGS}?ddtags=env:prod"}, 202, b"{}"),
        ({"target": "/v1/input"}, 200, b"{}"),
        (
            {"key": None},
            401,
            b'{"errors":[{"status":"401","title":"Unauthorized","detail":"API key is missing"}]}',
        ),
        (
            {"key": "wrong"},
            403,
            b'{"errors":[{"status":"403","title":"Forbidden","detail":"API key is invalid"}]}',
        ),
        (
            {"body": b"[1"},
            400,
            b'{"errors":[{"detail":"Malformed payload","status":"400","title":"Bad Request"}]}',
        ),
        (
            {"body": b"[" + b"{}," * 1_000 + b"{}]"},
            413,
            b'{"errors":[{"status":"413","title":"Request Entity Too Large"}]}',
        ),
        (
            {"target": "/api/v2/elsewhere"},
            404,
            b'{"errors":["Not Found: the simulator has no route POST /api/v2/elsewhere"]}',
        ),
    ],
)
def test_answers(connect, request_, status, answer):
    with serve_in_thread() as simulator:
        got, head, body = post(connect(simulator), **request_)
    assert (got, body) == (status, answer)
    assert b"\r\ncontent-type: application/json\r\n" in head


def test_only_post_is_taken(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get(LOGS)
        assert client.response()[0].startswith(b"HTTP/1.1 404 ")


def test_a_connection_serves_many_requests_also_sent_at_once(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        for _ in range(3):
            client.post(LOGS, b"{}", DD_API_KEY=DATADOG_KEY)
        assert [client.response()[0].split(b" ")[1] for _ in range(3)] == [b"202"] * 3


def test_connection_close_is_honoured(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.post(LOGS, b"{}", DD_API_KEY=DATADOG_KEY, Connection="close")
        assert client.to_end().endswith(b"\r\n\r\n{}")


def test_a_body_in_chunks_and_one_that_waits_for_continue(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        key = f"DD-API-KEY: {DATADOG_KEY}".encode()
        client.send(b"POST " + LOGS.encode() + b" HTTP/1.1\r\n" + key)
        client.send(b"\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
        assert client.response()[0].startswith(b"HTTP/1.1 202 ")
        client.send(b"POST " + LOGS.encode() + b" HTTP/1.1\r\n" + key)
        client.send(b"\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        client.until(lambda data: data == b"HTTP/1.1 100 Continue\r\n\r\n")
        client.received = b""
        client.send(b"{}")
        assert client.response()[0].startswith(b"HTTP/1.1 202 ")


def test_the_script_answers_first_and_refused_entries_are_not_delivered(connect):
    with serve_in_thread(intake_statuses="500x2,429@3,403,202*") as simulator:
        simulator.emit(EVENT)
        client = connect(simulator)
        answers = [post(client, entries(EVENT)) for _ in range(5)]
        ledger = simulator.ledger()
    assert [status for status, _, _ in answers] == [500, 500, 429, 403, 202]
    assert b"\r\nretry-after: 3\r\n" in answers[2][1]
    assert b"retry-after" not in answers[0][1]
    assert (ledger.delivered, ledger.duplicates, ledger.missing) == (1, 0, [])
    assert (ledger.refused, ledger.refused_entries) == (4, 4)
    assert [request.status for request in ledger.requests] == [500, 500, 429, 403, 202]


def test_requests_are_recorded_with_their_verdict_and_without_their_key(connect):
    secret = "ffffffffffffffffffffffffffffffff"
    body = gzip.compress(entries(EVENT, EVENT))
    with serve_in_thread(datadog_key=secret) as simulator:
        client = connect(simulator)
        post(client, body, key=secret, Content_Encoding="gzip")
        post(client, b"[", key=secret)
        post(client, key="guessed-key")
        post(client, key=None)
        ledger = simulator.ledger()
    first, *others = ledger.requests
    assert (first.path, first.key, first.encoding, first.status) == (LOGS, "valid", "gzip", 202)
    assert (first.entries, first.bytes, first.size) == (2, len(body), len(entries(EVENT, EVENT)))
    assert first.seconds >= 0
    assert [(request.key, request.status) for request in others] == [
        ("valid", 400),
        ("invalid", 403),
        ("missing", 401),
    ]
    assert all(request.reason for request in others)
    assert secret not in repr(ledger)
    assert "guessed" not in repr(ledger)


def test_the_reason_is_told_in_a_header_of_our_own(connect):
    with serve_in_thread() as simulator:
        _, head, _ = post(connect(simulator), b"[1]")
    assert b"\r\nx-sim-reason: entry 0 is not an object" in head


def test_a_client_that_leaves_before_the_answer_has_delivered_nothing(connect):
    with serve_in_thread(intake_delay=0.5) as simulator:
        simulator.emit(EVENT)
        impatient, patient = connect(simulator), connect(simulator)
        impatient.post(LOGS, entries(EVENT), DD_API_KEY=DATADOG_KEY)
        impatient.close()
        assert post(patient, entries(EVENT))[0] == 202
        ledger = simulator.ledger()
    assert sorted(request.status for request in ledger.requests) == [0, 202]
    assert (ledger.delivered, ledger.duplicates, ledger.refused) == (1, 0, 1)


def test_the_delay_comes_before_the_answer_and_holds_up_nobody_else(connect):
    with serve_in_thread(intake_delay=30.0) as simulator:
        slow, other = connect(simulator), connect(simulator)
        slow.post(LOGS, b"{}", DD_API_KEY=DATADOG_KEY)
        other.get("/_sim/ledger")
        assert other.response()[0].startswith(b"HTTP/1.1 200 ")
        assert slow.silent()
