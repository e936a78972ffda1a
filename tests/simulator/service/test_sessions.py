from __future__ import annotations

import asyncio
import json

import pytest

from grantex_sim.http.channel import Channel
from grantex_sim.http.wire import Request
from grantex_sim.service.app import (
    DATADOG_APP_KEY,
    DATADOG_KEY,
    GRANTEX_KEY,
    Options,
    Simulator,
    serve_in_thread,
)
from grantex_sim.service.sessions import IDLE, Sessions
from tests.support.clock import VirtualClock


ONE = b'{"id":"evt_1","type":"t","data":{}}'
TWO = b'{"id":"evt_2","type":"t","data":{}}'


def call(client, method, target, body=b"", **headers):
    """Status, head and body (JSON if it is)."""
    if method == "POST":
        client.post(target, body, **headers)
    else:
        headers = {"authorization": f"Bearer {GRANTEX_KEY}", **headers}
        lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
        client.send(f"{method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode())
    head, answer = client.response()
    status = int(head.split(b" ")[1])
    return status, json.loads(answer) if b"application/json" in head else answer


def deliver(client, prefix, *payloads):
    body = json.dumps([{"message": payload.decode()} for payload in payloads]).encode()
    status, _ = call(client, "POST", f"{prefix}/api/v2/logs", body, DD_API_KEY=DATADOG_KEY)
    assert status == 202


def ledger(client, prefix):
    return call(client, "GET", f"{prefix}/_sim/ledger")[1]


def test_each_name_has_an_account_of_its_own(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        call(client, "POST", "/s/a/_sim/emit", ONE + b"\n" + TWO)
        call(client, "POST", "/s/b/_sim/emit", ONE)
        deliver(client, "/s/b", ONE)
        deliver(client, "/s/c", ONE)
        assert ledger(client, "/s/a")["missing"] == ["evt_1", "evt_2"]
        assert ledger(client, "/s/b")["missing"] == []
        assert ledger(client, "/s/c")["unknown"] == 1
        assert simulator.ledger().emitted == 0


def test_streams_and_their_slots_belong_to_one_name(connect):
    with serve_in_thread(stream_limit=1) as simulator:
        first, second, third, control = (connect(simulator) for _ in range(4))
        for client, name in ((first, "a"), (second, "b")):
            client.get(f"/s/{name}/v1/events/stream")
        assert call(control, "GET", "/s/a/_sim/wait?clients=1&timeout=60")[1]["reached"]
        assert call(control, "GET", "/s/b/_sim/wait?clients=1&timeout=60")[1]["reached"]
        assert call(third, "GET", "/s/a/v1/events/stream")[0] == 429
        call(control, "POST", "/s/b/_sim/emit", TWO)
        second.until_events(1)
        assert TWO in second.received
        assert first.silent()


def test_the_query_goes_along(connect):
    with serve_in_thread() as simulator:
        stream, control = connect(simulator), connect(simulator)
        stream.get("/s/a/v1/events/stream?types=u")
        call(control, "GET", "/s/a/_sim/wait?clients=1&timeout=60")
        call(control, "POST", "/s/a/_sim/emit", ONE + b"\n" + ONE.replace(b'"t"', b'"u"'))
        assert stream.until_events(1).count(b"data: ") == 1
        assert b'"u"' in stream.received


def test_each_name_gets_the_source_from_its_first_event_on(connect):
    with serve_in_thread(payloads=[ONE, TWO]) as simulator:
        for name in ("a", "b"):
            stream = connect(simulator)
            stream.get(f"/s/{name}/v1/events/stream")
            assert stream.until_events(2).endswith(TWO + b"\n\n\r\n")


def test_ending_a_session_ends_its_streams_and_forgets_its_account(connect):
    with serve_in_thread() as simulator:
        stream, control = connect(simulator), connect(simulator)
        stream.get("/s/a/v1/events/stream")
        call(control, "GET", "/s/a/_sim/wait?clients=1&timeout=60")
        call(control, "POST", "/s/a/_sim/emit", ONE)
        assert call(control, "DELETE", "/s/a/_sim") == (200, {"ended": True})
        assert stream.to_end().endswith(ONE + b"\n\n\r\n")
        assert call(control, "DELETE", "/s/a/_sim") == (200, {"ended": False})
        assert ledger(control, "/s/a")["emitted"] == 0


def test_the_session_without_a_name_can_not_be_ended(connect):
    with serve_in_thread() as simulator:
        status, answer = call(connect(simulator), "DELETE", "/_sim")
    assert status == 405
    assert "/_sim/reset" in answer["hint"]


def test_the_listing_names_each_and_what_it_has(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        call(client, "POST", "/s/a/_sim/emit", ONE)
        call(client, "POST", "/s/b.2/_sim/emit", ONE)
        deliver(client, "/s/a", ONE)
        _, answer = call(client, "GET", "/_sim/sessions")
    found = {line["name"]: (line["emitted"], line["delivered"]) for line in answer["sessions"]}
    assert found == {"a": (1, 1), "b.2": (1, 0)}
    assert answer["sessions"][1]["path"] == "/s/b.2/"


@pytest.mark.parametrize(
    "target", ["/s/", "/s//x", "/s/%20/x", "/s/.hidden/x", f"/s/{'n' * 101}/x"]
)
def test_what_is_no_name_is_refused_with_the_rule(connect, target):
    with serve_in_thread() as simulator:
        status, answer = call(connect(simulator), "GET", target)
    assert status == 400
    assert "letters, digits" in answer["hint"]


def test_the_page_of_a_session_is_below_its_name(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get("/s/a")
        head, _ = client.response()
        assert head.startswith(b"HTTP/1.1 308 ")
        assert b"\r\nlocation: /s/a/" in head
        assert b"grantex-sim" in call(client, "GET", "/s/a/")[1]
        assert call(client, "GET", "/s/a/_sim/page.css")[0] == 200


def test_the_page_without_a_name_leads_to_sessions_and_theirs_lead_back(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        call(client, "POST", "/s/a/_sim/emit", ONE + b"\n" + TWO)
        call(client, "POST", "/s/b/_sim/emit", ONE)
        page = call(client, "GET", "/")[1].decode()
        assert page.index('href="s/b/"') < page.index('href="s/a/"')  # the last used one first
        assert 'href="../../"' in call(client, "GET", "/s/a/")[1].decode()


def test_a_page_that_is_left_open_does_not_begin_anew_a_session_that_has_ended(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        call(client, "GET", "/s/a/")
        assert call(client, "GET", "/s/a/_sim/page")[0] == 200
        assert call(client, "DELETE", "/s/a/_sim")[1] == {"ended": True}
        status, answer = call(client, "GET", "/s/a/_sim/page?q=&known=1")
        assert status == 404
        assert "no session 'a'" in answer["error"]
        assert call(client, "GET", "/_sim/sessions")[1]["sessions"] == []


# The number of sessions is bounded.


async def ask(sessions, target, method="POST"):
    sent = bytearray()
    channel = Channel(sessions.handle, set())
    channel.write = sent.extend  # type: ignore[method-assign,assignment]  # without a socket
    await sessions.handle(Request(method, target, "1.1", ()), channel)
    return int(sent.split(b" ")[1])


async def test_too_many_sessions_are_refused_until_one_has_been_idle_long_enough():
    clock = VirtualClock(0.0)
    sessions = Sessions(Options(), clock, limit=2)
    assert await ask(sessions, "/s/a/_sim/reset") == 200
    clock.advance(10)
    assert await ask(sessions, "/s/b/_sim/reset") == 200
    clock.advance(IDLE - 11)
    assert await ask(sessions, "/s/c/_sim/reset") == 503
    assert await ask(sessions, "/s/b/_sim/ledger", "GET") == 200
    clock.advance(1)
    assert await ask(sessions, "/s/c/_sim/reset") == 200
    assert sessions.dropped == 1
    assert await ask(sessions, "/s/a/_sim/reset") == 503
    await sessions.close()


async def test_no_number_of_looks_at_new_names_takes_the_room_of_a_test():
    clock = VirtualClock(0.0)
    sessions = Sessions(Options(), clock, limit=3)
    assert await ask(sessions, "/s/mine/_sim/ledger", "GET") == 200
    assert await ask(sessions, "/s/mine/_sim/emit") == 200
    for number in range(20):
        target = ("_sim/ledger", "v1/me", "api/v2/validate", "nowhere")[number % 4]
        await ask(sessions, f"/s/look-{number}/{target}", ("GET", "OPTIONS", "HEAD")[number % 3])
    assert len(sessions) == 3
    for name in ("b", "c"):
        assert await ask(sessions, f"/s/{name}/_sim/reset") == 200
    assert await sessions.named("mine") is next(
        session for session in sessions if session is not sessions.root
    )
    assert await ask(sessions, "/s/look/_sim/ledger", "GET") == 503
    await sessions.close()


async def test_a_session_with_an_open_stream_is_never_dropped():
    clock = VirtualClock(0.0)
    sessions = Sessions(Options(), clock, limit=1, idle=0.0)
    channel = Channel(sessions.handle, set())
    request = Request(
        "GET",
        "/s/a/v1/events/stream",
        "1.1",
        (("authorization", f"Bearer {Options().grantex_key}"),),
    )
    stream = asyncio.create_task(sessions.handle(request, channel))
    named = await sessions.named("a")
    assert named is not None
    await named.wait_clients(lambda count: count == 1)
    assert await ask(sessions, "/s/b/_sim/ledger", "GET") == 503
    channel.gone.set()
    await stream
    assert await ask(sessions, "/s/b/_sim/ledger", "GET") == 200
    await sessions.close()


async def test_who_asks_for_a_new_name_while_room_is_made_gets_the_same_session():
    sessions = Sessions(Options(), VirtualClock(0.0), limit=1, idle=0.0)
    await sessions.named("old")
    first, second = await asyncio.gather(sessions.named("new"), sessions.named("new"))
    assert first is not None
    assert first is second
    await sessions.close()


async def test_no_more_than_may_be_are_begun_while_room_is_made():
    sessions = Sessions(Options(), VirtualClock(0.0), limit=1, idle=0.0)
    await sessions.named("old")
    await asyncio.gather(sessions.named("new"), sessions.named("newer"))
    assert len(sessions) == 1
    await sessions.close()


async def test_no_session_begins_any_more_while_all_are_ended():
    sessions = Sessions(Options(), VirtualClock(0.0))
    await sessions.named("a")
    _, late = await asyncio.gather(sessions.close(), sessions.named("late"))
    assert late is None
    assert len(sessions) == 1


MONITOR = {
    "name": "m",
    "type": "log alert",
    "query": 'logs("*").index("*").rollup("count").last("1m") > 0',
    "message": "@x",
}
PIPELINE = {"name": "p", "is_enabled": True, "filter": {"query": "*"}, "processors": []}


def test_nothing_that_one_name_has_is_another_s(connect):
    keys = {"dd_api_key": DATADOG_KEY, "dd_application_key": DATADOG_APP_KEY}
    found = {}
    with serve_in_thread() as simulator:
        client = connect(simulator)
        post = [
            ("/_sim/clock", {"virtual": True, "start": "2026-01-05T09:00:00Z"}),
            ("/_sim/faults", {"on": "stream", "nth": 9, "do": {"status": 503}}),
            ("/api/v1/monitor", MONITOR),
            ("/api/v1/logs/config/pipelines", PIPELINE),
            ("/_sim/emit", {"type": "a.b"}),
            ("/_sim/clock", {"advance": "1s"}),
            ("/api/v2/logs", [{"message": "hello"}]),
            ("/_sim/clock", {"advance": "2m"}),
        ]
        for path, body in post:
            call(client, "POST", f"/s/mine{path}", json.dumps(body).encode(), **keys)
        for name in ("mine", "yours"):
            found[name] = {
                path: call(client, "GET", f"/s/{name}{path}", **keys)
                for path in (
                    "/_sim/faults",
                    "/_sim/notifications",
                    "/_sim/missing",
                    "/api/v1/monitor",
                    "/api/v1/logs/config/pipelines",
                    "/api/v2/logs/events?filter[from]=0&filter[to]=now%2B1d",
                    "/fakeintake/routestats",
                )
            }
        at_root = call(client, "GET", "/_sim/notifications")
    mine, yours = found["mine"], found["yours"]
    assert [path for path in mine if mine[path] == yours[path]] == []
    assert len(mine["/_sim/notifications"][1]["notifications"]) == 2
    assert at_root == yours["/_sim/notifications"]


def test_names_of_any_length_are_not_echoed(connect):
    with serve_in_thread() as simulator:
        status, answer = call(connect(simulator), "GET", "/s/" + "x" * 5_000 + "/_sim")
    assert status == 400
    assert len(answer["error"]) < 200


async def test_an_evaluation_of_monitors_that_fails_is_told_at_the_end(monkeypatch):
    async def fail():
        raise LookupError("no evaluation")

    simulator = Simulator(Options())
    monkeypatch.setattr(simulator.session.datadog, "run", fail)
    with pytest.raises(LookupError, match="no evaluation"):
        async with simulator:
            await asyncio.sleep(0)
