from __future__ import annotations

import asyncio
import json

import pytest

from grantex_sim.http.channel import Channel
from grantex_sim.http.wire import Request
from grantex_sim.service.app import (
    DATADOG_APP_KEY,
    DATADOG_KEY,
    Options,
    Simulator,
    serve_in_thread,
)


ONE = b'{"id":"evt_1","type":"t","data":{}}'
TWO = b'{"id":"evt_2", "type":"t","data":{}}'


def deliver(client, *payloads):
    body = json.dumps([{"message": payload.decode()} for payload in payloads]).encode()
    client.post("/api/v2/logs", body, DD_API_KEY=DATADOG_KEY)
    assert client.response()[0].startswith(b"HTTP/1.1 202 ")


def get(client, target):
    client.get(target)
    head, body = client.response()
    return int(head.split(b" ")[1]), json.loads(body)


def test_the_ledger_has_the_names_that_are_documented(connect):
    with serve_in_thread() as simulator:
        simulator.emit(ONE, TWO)
        client = connect(simulator)
        deliver(client, ONE)
        status, ledger = get(client, "/_sim/ledger")
    assert status == 200
    assert ledger["emitted"] == 2
    assert ledger["delivered"] == 1
    assert ledger["duplicates"] == 0
    assert ledger["missing"] == ["evt_2"]
    assert ledger["refused"] == 0
    assert ledger["requests"][0]["status"] == 202
    assert set(ledger) >= {"refusedEntries", "altered", "truncated", "unknown", "requestsDropped"}


def test_wait_answers_when_the_last_delivery_has_come(connect):
    with serve_in_thread() as simulator:
        simulator.emit(ONE, TWO)
        waiting, working = connect(simulator), connect(simulator)
        waiting.get("/_sim/wait?delivered=2&timeout=60")
        deliver(working, ONE)
        assert waiting.silent()
        deliver(working, TWO)
        answer = json.loads(waiting.response()[1])
    assert answer["reached"] is True
    assert answer["delivered"] == 2


def test_wait_gives_up_and_says_how_far_it_got(connect):
    with serve_in_thread() as simulator:
        simulator.emit(ONE)
        status, answer = get(connect(simulator), "/_sim/wait?delivered=1&timeout=0")
    assert (status, answer["reached"], answer["missing"]) == (200, False, ["evt_1"])


@pytest.mark.parametrize(
    ("query", "reached"),
    [
        ("emitted=2", True),
        ("emitted=3", False),
        ("delivered=1&emitted=2&requests=1", True),
        ("requests=2", False),
        ("missing=1", True),
        ("missing=0", False),
        ("clients=0", True),
        ("clients=1", False),
        ("emitted=2&missing=0", False),
    ],
)
def test_wait_is_for_all_that_it_names(connect, query, reached):
    with serve_in_thread() as simulator:
        simulator.emit(ONE, TWO)
        client = connect(simulator)
        deliver(client, ONE)
        assert get(client, f"/_sim/wait?{query}&timeout=0")[1]["reached"] is reached


def test_wait_for_a_client_ends_when_it_comes(connect):
    with serve_in_thread() as simulator:
        waiting, stream = connect(simulator), connect(simulator)
        waiting.get("/_sim/wait?clients=1&timeout=60")
        stream.get()
        assert json.loads(waiting.response()[1])["clients"] == 1


def test_events_that_no_filter_lets_pass_do_not_look_lost(connect):
    with serve_in_thread() as simulator:
        first, second = connect(simulator), connect(simulator)
        first.get("/v1/events/stream?types=a,t")
        second.get("/v1/events/stream?types=b")
        simulator.wait_clients(2)
        simulator.emit(ONE, ONE.replace(b'"t"', b'"u"').replace(b"evt_1", b"evt_3"))
        report = simulator.ledger()
        assert (report.emitted, report.filtered_out, report.missing) == (2, 1, ["evt_1"])
        one, other = sorted(report.streams, key=lambda stream: -stream.sent)
        assert (one.emitted, one.sent, one.filtered_out, one.missed) == (2, 1, 1, 0)
        assert (other.emitted, other.sent, other.filtered_out, other.missed) == (2, 0, 2, 0)


def test_the_routes_are_listed(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        for target in ("/_sim", "/_sim/"):
            status, answer = get(client, target)
            assert status == 200
            assert {"GET /_sim/ledger", "POST /_sim/emit", "POST /_sim/faults"} <= set(
                answer["routes"]
            )


def test_what_can_not_be_emitted_is_said(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.post("/_sim/emit", b"[{")
        head, body = client.response()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["hint"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "emitted=-1",
        "clients=1.5",
        "what=1",
        "delivered=x",
        "delivered=1&timeout=-1",
        "delivered=1&timeout=nan",
        "delivered=1&delivered=2",
    ],
)
def test_wait_says_what_it_needs(connect, query):
    with serve_in_thread() as simulator:
        status, answer = get(connect(simulator), f"/_sim/wait?{query}")
    assert status == 400
    assert "delivered=N" in answer["error"]
    assert "/_sim/wait?" in answer["hint"]


def test_emit_puts_each_line_on_the_stream_as_it_is(connect):
    with serve_in_thread() as simulator:
        stream, control = connect(simulator), connect(simulator)
        stream.get()
        simulator.wait_clients(1)
        control.post("/_sim/emit", ONE + b"\n\n" + TWO + b"\r\n")
        assert json.loads(control.response()[1]) == {"emitted": 2, "ids": ["evt_1", "evt_2"]}
        served = stream.until_events(2)
    assert b"data: " + ONE + b"\n\n" in served
    assert b"data: " + TWO + b"\n\n" in served


def test_emit_keeps_line_separators_that_are_not_line_feeds(connect):
    odd = '{"id":"evt_1","type":"t","data":"\u2028\u0085"}'.encode()
    with serve_in_thread() as simulator:
        control = connect(simulator)
        control.post("/_sim/emit", odd)
        assert json.loads(control.response()[1])["ids"] == ["evt_1"]


def test_reset_begins_account_and_script_again(connect):
    with serve_in_thread(intake_statuses="500") as simulator:
        client = connect(simulator)
        for _ in range(2):
            client.post("/api/v2/logs", b"{}", DD_API_KEY=DATADOG_KEY)
            assert client.response()[0].startswith(b"HTTP/1.1 500 ")
            client.post("/_sim/reset", b"")
            assert client.response()[0].startswith(b"HTTP/1.1 200 ")
        assert simulator.ledger().requests == []


def test_an_unknown_route_lists_those_there_are(connect):
    with serve_in_thread() as simulator:
        status, answer = get(connect(simulator), "/_sim/nothing")
    assert status == 404
    assert "GET /_sim/ledger" in answer["routes"]


def test_clients_are_counted_until_they_leave(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get()
        simulator.wait_clients(1)
        assert simulator.ledger().clients == 1
        client.close()
        simulator.wait_clients(0)


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("DELETE", "/_sim/ledger", "GET"),
        ("GET", "/_sim/emit", "POST"),
        ("PUT", "/_sim/missing/", "GET"),
        ("POST", "/_sim/wait?delivered=1", "GET"),
        ("POST", "/_sim", "GET"),
        ("GET", "/_sim/reset", "POST"),
    ],
)
def test_a_route_that_is_there_says_which_methods_it_takes(connect, method, target, allowed):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.send(f"{method} {target} HTTP/1.1\r\ncontent-length: 0\r\n\r\n".encode())
        head, body = client.response()
    assert head.startswith(b"HTTP/1.1 405 ")
    assert f"\r\nallow: {allowed}".encode() in head
    assert allowed in json.loads(body)["hint"]


def test_a_session_has_no_list_of_sessions(connect):
    with serve_in_thread() as simulator:
        status, answer = get(connect(simulator), "/s/a/_sim/sessions")
    assert (status, "routes" in answer) == (404, False)
    assert "Outside of a session" in answer["hint"]


def test_whoever_waits_waits_on_over_a_reset(connect):
    with serve_in_thread() as simulator:
        simulator.emit(ONE)
        waiting, working = connect(simulator), connect(simulator)
        waiting.get("/_sim/wait?delivered=1&timeout=60")
        assert waiting.silent()
        working.post("/_sim/reset", b"")
        working.response()
        deliver(working, ONE)  # of the account before: unknown now
        assert waiting.silent()
        simulator.emit(TWO)
        deliver(working, TWO)
        answer = json.loads(waiting.response()[1])
    assert (answer["reached"], answer["delivered"], answer["unknown"]) == (True, 1, 1)


def test_a_reset_keeps_the_clients_and_what_they_are_sent_counts_from_then_on(connect):
    with serve_in_thread() as simulator:
        stream, working = connect(simulator), connect(simulator)
        stream.get()
        simulator.wait_clients(1)
        simulator.emit(ONE)
        stream.until_events(1)
        working.post("/_sim/reset", b"")
        working.response()
        simulator.emit(TWO)
        assert TWO in stream.until_events(2)
        report = simulator.ledger()
    assert (report.clients, report.emitted, report.missing) == (1, 1, ["evt_2"])


def test_whoever_waits_in_a_session_that_ends_is_told_at_once(connect):
    with serve_in_thread() as simulator:
        waiting, working = connect(simulator), connect(simulator)
        waiting.get("/s/a/_sim/wait?delivered=1&timeout=600")
        assert waiting.silent()
        working.send(b"DELETE /s/a/_sim/ HTTP/1.1\r\n\r\n")
        assert json.loads(working.response()[1]) == {"ended": True}
        assert json.loads(waiting.response()[1])["reached"] is False


async def test_whoever_waits_no_longer_leaves_nothing_behind():
    async with Simulator(Options()) as simulator:
        changes = simulator.session.ledger.changes
        before = asyncio.all_tasks()
        _, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
        writer.write(b"GET /_sim/wait?delivered=1&timeout=600 HTTP/1.1\r\n\r\n")
        while not changes.waiting:
            await asyncio.sleep(0)
        writer.transport.abort()
        for _ in range(10_000):
            await asyncio.sleep(0)
            if not changes.waiting and asyncio.all_tasks() == before:
                break
        assert (changes.waiting, asyncio.all_tasks() - before) == (0, set())


async def test_others_are_served_while_very_many_events_are_emitted():
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with Simulator(Options()) as simulator:
        lines = [b'{"id":"evt_%d","type":"t","data":{}}' % number for number in range(20_000)]
        task, written = asyncio.create_task(other()), bytearray()
        channel = Channel(simulator.sessions.handle, set())
        channel.write = written.extend  # type: ignore[method-assign,assignment]  # without a socket
        request = Request("POST", "/_sim/emit", "1.1", (), b"\n".join(lines))
        await simulator.session.control.handle(request, channel)
        task.cancel()
        report = simulator.session.control.report()
    answer = bytes(written)
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["emitted"] == 20_000
    assert report.missing == [f"evt_{number}" for number in range(20_000)]
    assert turns >= 8


MONITOR = {
    "name": "silence",
    "type": "log alert",
    "query": 'logs("*").index("*").rollup("count").last("5m") < 1',
    "message": "@x",
}


def test_wait_for_a_notification_ends_with_the_evaluation_that_sends_it(connect):
    keys = {"DD_API_KEY": DATADOG_KEY, "DD_APPLICATION_KEY": DATADOG_APP_KEY}
    with serve_in_thread() as simulator:
        waiting, working = connect(simulator), connect(simulator)
        for path, body in (("/_sim/clock", {"virtual": True}), ("/api/v1/monitor", MONITOR)):
            working.post(path, json.dumps(body).encode(), **keys)
            assert working.response()[0].startswith(b"HTTP/1.1 200 ")
        waiting.get("/_sim/wait?notifications=1&timeout=60")
        assert waiting.silent()
        working.post("/_sim/clock", b'{"advance": "20m"}')
        working.response()
        assert json.loads(waiting.response()[1])["reached"] is True
        told = get(working, "/_sim/notifications")[1]["notifications"]
        assert [each["transition"] for each in told][:1] == ["Triggered"]
        assert get(working, "/_sim/wait?notifications=99&timeout=0")[1]["reached"] is False


@pytest.mark.parametrize("body", [b'{"\xff": 1}', b'[{"\xed\xa0\x80": 1}]', b'{"type": "\xff"}'])
def test_what_is_no_text_goes_out_as_it_is_or_is_refused(connect, body):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.post("/_sim/emit", body)
        assert int(client.response()[0].split(b" ")[1]) in (200, 400)
