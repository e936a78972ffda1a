from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.events.clock import SessionClock
from grantex_sim.events.emission import Timed
from grantex_sim.service.app import serve_in_thread
from grantex_tui.clock import parse_rfc3339
from tests.support.clock import VirtualClock


NINE = "2026-01-05T09:00:00.000Z"


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def stopped(start=1_000.0):
    clock = SessionClock(VirtualClock(start))
    clock.stop()
    return clock


async def test_while_it_runs_it_is_the_clock_below():
    base = VirtualClock(50.0)
    clock = SessionClock(base)
    base.advance(3)
    assert (clock.now(), clock.monotonic(), clock.virtual) == (53.0, 53.0, False)


async def test_stopped_it_stands_and_goes_on_from_there():
    base = VirtualClock(50.0)
    clock = SessionClock(base)
    clock.stop()
    base.advance(3)
    assert (clock.now(), clock.virtual) == (50.0, True)
    await clock.advance(10, settle)
    clock.run()
    assert (clock.now(), clock.monotonic()) == (60.0, 60.0)
    base.advance(5)
    assert (clock.now(), clock.monotonic()) == (65.0, 65.0)


async def test_a_start_changes_what_it_shows_and_lets_no_time_pass():
    clock = stopped(50.0)
    clock.stop(9_000.0)
    assert (clock.now(), clock.monotonic()) == (9_000.0, 50.0)
    clock.run()
    assert (clock.now(), clock.monotonic()) == (9_000.0, 50.0)


async def test_who_waits_is_woken_when_time_has_come_and_not_before():
    clock = stopped()
    woken = asyncio.create_task(clock.sleep_until(1_010.0))
    await settle()
    await clock.advance(9, settle)
    assert not woken.done()
    await clock.advance(1, settle)
    assert woken.done()


async def test_a_jump_passes_each_wait_in_order_and_those_that_follow_from_it():
    clock = stopped(0.0)
    seen = []

    async def tick(name, period):
        due = 0.0
        while True:
            due += period
            await clock.sleep_until(due)
            seen.append((name, clock.monotonic()))

    ticking = [asyncio.create_task(tick("a", 20)), asyncio.create_task(tick("b", 30))]
    await settle()
    await clock.advance(90, settle)
    assert seen == [("a", 20), ("b", 30), ("a", 40), ("b", 60), ("a", 60), ("a", 80), ("b", 90)]
    for task in ticking:
        task.cancel()


async def test_waiting_for_an_event_ends_with_it_or_with_the_time():
    clock = stopped(0.0)
    event = asyncio.Event()
    late = asyncio.create_task(clock.wait(event, 5.0))
    await settle()
    await clock.advance(5, settle)
    assert await late is False
    early = asyncio.create_task(clock.wait(event, 50.0))
    await settle()
    event.set()
    assert await early is True
    assert await clock.wait(asyncio.Event(), 1.0) is False


async def test_running_it_wakes_who_waits_in_real_time():
    clock = SessionClock(VirtualClock(0.0))
    clock.stop()
    waiting = asyncio.create_task(clock.sleep_until(0.01))
    await settle()
    clock.run()
    await asyncio.wait_for(waiting, 60)


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=20),
    st.lists(st.integers(1, 300), min_size=1, max_size=8),
)
def test_however_time_is_cut_everybody_wakes_in_the_jump_that_passes_them(dues, jumps):
    async def scenario():
        clock = stopped(0.0)
        woken: dict[int, float] = {}

        async def sleep(index, due):
            await clock.sleep_until(due)
            woken[index] = clock.monotonic()

        tasks = [asyncio.create_task(sleep(index, due)) for index, due in enumerate(dues)]
        await settle()
        for jump in jumps:
            await clock.advance(jump, settle)
            now = clock.monotonic()
            assert woken.keys() == {index for index, due in enumerate(dues) if due <= now}
        assert all(dues[index] <= at <= dues[index] + 0.1 for index, at in woken.items())
        for task in tasks:
            task.cancel()

    asyncio.run(scenario())


# The whole simulator.


def ask(client, method, target, value=None):
    if method == "POST":
        client.post(target, json.dumps(value).encode())
    else:
        client.get(target, method=method)
    head, body = client.response()
    return int(head.split(b" ")[1]), json.loads(body)


def event(number):
    return b'{"id":"evt_%d","type":"t","createdAt":"2026-01-05T09:00:00.000Z","data":{}}' % number


def source(*times):
    return lambda _start: iter([Timed(at, event(n)) for n, at in enumerate(times)])


def test_events_whose_time_has_come_are_out_when_the_answer_comes(connect):
    with serve_in_thread(source=source(0.0, 60.0, 3_600.0)) as simulator:
        control, stream = connect(simulator), connect(simulator)
        assert ask(control, "POST", "/_sim/clock", {"virtual": True})[1]["virtual"]
        stream.get()
        stream.until_events(1)
        ask(control, "POST", "/_sim/clock", {"advance": "59s"})
        assert simulator.ledger().emitted == 1
        ask(control, "POST", "/_sim/clock", {"advance": "1s"})
        assert simulator.ledger().emitted == 2
        ask(control, "POST", "/_sim/clock", {"advance": "2h"})
        assert simulator.ledger().emitted == 3
        stream.until_events(3)


def test_many_events_that_are_due_at_once_are_all_out(connect):
    with serve_in_thread(source=source(*[0.0, *[10.0] * 5_000])) as simulator:
        control, stream = connect(simulator), connect(simulator)
        ask(control, "POST", "/_sim/clock", {"virtual": True})
        stream.get()
        stream.until_events(1)
        ask(control, "POST", "/_sim/clock", {"advance": 10})
        assert simulator.ledger().emitted == 5_001


def test_keepalives_and_events_come_in_the_order_of_their_time(connect):
    with serve_in_thread(source=source(0.0, 45.0)) as simulator:
        control, stream = connect(simulator), connect(simulator)
        ask(control, "POST", "/_sim/clock", {"virtual": True})
        stream.get()
        stream.until_events(1)
        ask(control, "POST", "/_sim/clock", {"advance": "1m"})
        body = stream.until(lambda data: data.count(b": keepalive") == 2)
    first, _, rest = body.partition(b": keepalive")
    assert event(0) in first
    assert event(1) in rest.partition(b": keepalive")[0]


def test_a_long_jump_leaves_nobody_behind(connect):
    with serve_in_thread() as simulator:
        control, stream = connect(simulator), connect(simulator)
        ask(control, "POST", "/_sim/clock", {"virtual": True})
        stream.get()
        simulator.wait_clients(1)
        ask(control, "POST", "/_sim/clock", {"advance": "4d"})
        due = 4 * 86_400 // 30
        stream.until(lambda data: data.count(b": keepalive\n\n\r\n") >= due)
        assert stream.received.count(b": keepalive") == due
        stream.received = b""
        ask(control, "POST", "/_sim/clock", {"advance": "29s"})
        assert stream.silent()
        ask(control, "POST", "/_sim/clock", {"advance": "1s"})
        stream.until(lambda data: data == b"d\r\n: keepalive\n\n\r\n")


def test_a_fault_of_a_span_of_time_strikes_when_a_jump_reaches_it(connect):
    with serve_in_thread() as simulator:
        control, stream = connect(simulator), connect(simulator)
        ask(control, "POST", "/_sim/clock", {"virtual": True})
        fault = {"on": "stream", "between": ["30s", "45s"], "do": "reset"}
        assert ask(control, "POST", "/_sim/faults", [fault])[0] == 200
        stream.get()
        simulator.wait_clients(1)
        ask(control, "POST", "/_sim/clock", {"advance": "29s"})
        assert simulator.ledger().clients == 1
        ask(control, "POST", "/_sim/clock", {"advance": "5s"})
        simulator.wait_clients(0)


def test_the_plan_s_minute_passes_with_it(connect):
    with serve_in_thread(plan_limit=1) as simulator:
        client = connect(simulator)
        ask(client, "POST", "/_sim/clock", {"virtual": True})
        assert ask(client, "GET", "/v1/elsewhere")[0] == 404
        assert ask(client, "GET", "/v1/events/stream")[0] == 429
        ask(client, "POST", "/_sim/clock", {"advance": "60s"})
        client.get()
        simulator.wait_clients(1)


def test_a_start_dates_what_is_emitted(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        asked = {"virtual": True, "start": NINE}
        assert ask(client, "POST", "/_sim/clock", asked)[1]["now"] == NINE
        moved = {"now": "2026-01-05T09:05:00Z"}
        assert ask(client, "POST", "/_sim/clock", moved)[1]["epoch"] == parse_rfc3339(NINE) + 300
        stream = connect(simulator)
        stream.get()
        simulator.wait_clients(1)
        ask(client, "POST", "/_sim/emit", {"type": "t"})
        assert b'"createdAt":"2026-01-05T09:05:00.000Z"' in stream.until_events(1)


def test_each_session_has_a_time_of_its_own(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        ask(client, "POST", "/s/a/_sim/clock", {"virtual": True, "start": NINE})
        assert ask(client, "GET", "/s/a/_sim/clock")[1]["now"] == NINE
        assert ask(client, "GET", "/s/b/_sim/clock")[1]["virtual"] is False


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "nothing to do"),
        ({"advance": "soon"}, "'soon' is no duration"),
        ({"advance": -5}, "-5.0 is no duration"),
        ({"now": "2001-01-01T00:00:00Z"}, "time does not go back"),
        ({"virtual": True, "start": "1960-01-01T00:00:00Z"}, "is not from 1970"),
        ({"virtual": True, "start": "9999-12-31T00:00:00Z"}, "is not from 1970"),
        ({"virtual": True, "start": "9998-12-31T00:00:00Z", "advance": "2d"}, "time ends with"),
        ({"now": "tomorrow"}, "'tomorrow' is no instant"),
        ({"start": NINE}, "start is for a clock that stands still"),
        ({"advance": "500d"}, "more than 400 days at once"),
        ({"jump": 5}, "unknown field `jump`"),
        (5, "Expected `object`"),
    ],
)
def test_what_can_not_be_done_is_said(connect, asked, said):
    with serve_in_thread() as simulator:
        status, answer = ask(connect(simulator), "POST", "/_sim/clock", asked)
    assert status == 400
    assert said in answer["error"]
    assert '"advance": "5m"' in answer["hint"]


def test_a_delivery_a_virtual_hour_later_is_late(connect):
    from grantex_sim.service.app import DATADOG_KEY

    with serve_in_thread() as simulator:
        client = connect(simulator)
        ask(client, "POST", "/_sim/clock", {"virtual": True})
        simulator.emit(event(1))
        ask(client, "POST", "/_sim/clock", {"advance": "1h"})
        body = json.dumps([{"message": event(1).decode()}]).encode()
        client.post("/api/v2/logs", body, DD_API_KEY=DATADOG_KEY)
        client.response()
        report = simulator.ledger()
    assert (report.late, report.late_ids) == (1, ["evt_1"])
    assert report.delay.max == pytest.approx(3_600)


# Another scenario while it runs.


def test_a_scenario_begins_when_a_client_listens_and_gives_the_same_bytes(connect):
    with serve_in_thread() as simulator:
        client, bodies = connect(simulator), []
        for name in ("a", "b"):
            asked = {"name": "quiet", "seed": 5, "duration": 7_200}
            status, answer = ask(client, "POST", f"/s/{name}/_sim/scenario", asked)
            assert (status, answer) == (200, {"scenario": "quiet", "seed": 5})
            stream = connect(simulator)
            stream.get(f"/s/{name}/v1/events/stream")
            ask(client, "GET", f"/s/{name}/_sim/wait?emitted=20&timeout=60")
            bodies.append(stream.until_events(20).partition(b"\r\n\r\n")[2][:2_000])
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "either name or text"),
        ({"name": "quiet", "text": "x"}, "either name or text"),
        ({"name": "/etc/passwd"}, "no scenario is called '/etc/passwd'; there are:"),
        ({"name": "quiet", "speed": -1}, "speed is a number from 0 up"),
        ({"text": "phases: 5"}, "posted:"),
        ({"title": "quiet"}, "unknown field `title`"),
    ],
)
def test_a_scenario_that_can_not_be_is_refused_with_what_is_wrong(connect, asked, said):
    with serve_in_thread() as simulator:
        status, answer = ask(connect(simulator), "POST", "/_sim/scenario", asked)
    assert status == 400
    assert said in answer["error"]
