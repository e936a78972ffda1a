"""What the store keeps, what it drops and counts, and when it makes logs of requests."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.datadog_api import DatadogApi
from grantex_sim.datadog_api.bodies import Reader
from grantex_sim.datadog_api.entries import Accepted
from grantex_sim.datadog_api.logs.search import find, read_search
from grantex_sim.datadog_api.logs.shown import cursor_after, log_id, log_object, read_cursor
from grantex_sim.datadog_api.store import LogStore
from grantex_sim.faults import FaultScript
from grantex_sim.http.wire import Request
from grantex_sim.service.app import DATADOG_KEY, serve_in_thread
from grantex_tui.datadog.pipeline import parse_pipelines
from tests.support.clock import VirtualClock


NOW = 1_772_452_800.0
PIPELINE = {
    "name": "p",
    "is_enabled": True,
    "filter": {"query": "source:a"},
    "processors": [
        {"type": "attribute-remapper", "is_enabled": True, "sources": ["n"], "target": "m"},
    ],
}


def request(*entries, body=None, target="/api/v2/logs", **headers):
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    sent = json.dumps(entries).encode() if body is None else body
    return Request("POST", target, "1.1", (("content-type", "application/json"), *named), sent)


def plain_store(**limits):
    return LogStore([], **limits)


def take(store, *numbers, at=NOW):
    store.take(request(*[{"message": f"m{number}"} for number in numbers]), len(numbers), at)


def messages(store):
    return [stored.log.message for stored in store.logs()]


def test_logs_come_by_date_then_arrival():
    store = plain_store()
    take(store, 1, at=NOW + 1)
    take(store, 2, 3)
    take(store, 4, at=NOW + 1)
    assert messages(store) == ["m2", "m3", "m1", "m4"]
    take(store, 5)
    assert messages(store) == ["m2", "m3", "m5", "m1", "m4"]


def test_nothing_is_read_before_somebody_asks():
    seen = []
    store = plain_store()
    store.watch(lambda accepted: seen.append((accepted.at, accepted.count)))
    take(store, 1, 2)
    store.logs()
    assert (seen, store.unseen) == ([], 1)
    store.show()
    store.show()
    assert (seen, store.unseen) == ([(NOW, 2)], 0)


def test_who_watches_no_longer_is_shown_nothing():
    seen: list[Accepted] = []
    store = plain_store()
    store.watch(seen.append)
    take(store, 1)
    store.watch(None)
    take(store, 2)
    store.show()
    assert (seen, store.unseen) == ([], 0)


def test_what_is_forgotten_is_shown_to_nobody():
    seen: list[Accepted] = []
    store = plain_store()
    store.watch(seen.append)
    take(store, 1)
    store.clear()
    store.show()
    assert seen == []


def test_who_watches_is_shown_what_came_under_the_old_pipelines_first():
    seen = []
    store = plain_store()
    store.watch(lambda accepted: seen.append((accepted.at, store.pipelines)))
    take(store, 1)
    changed = parse_pipelines([PIPELINE])
    store.use(changed)
    take(store, 2, at=NOW + 1)
    store.show()
    assert seen == [(NOW, []), (NOW + 1, changed)]


@given(st.lists(st.integers(1, 4), max_size=12), st.integers(1, 6), st.booleans())
def test_the_newest_requests_are_kept_and_the_rest_is_counted(sizes, limit, look):
    store = plain_store(kept_logs=limit)
    for number, size in enumerate(sizes):
        take(store, *[f"{number}.{index}" for index in range(size)], at=NOW + number)
        if look:
            store.logs()
    kept = list(sizes)
    while len(kept) > 1 and sum(kept) > limit:
        kept.pop(0)
    assert len(store.logs()) == sum(kept)
    assert (store.accepted, store.dropped) == (sum(sizes), sum(sizes) - sum(kept))
    assert len(list(store.requests())) == len(kept)
    assert len({stored.sequence for stored in store.logs()}) == sum(kept)


def test_bytes_and_age_bound_it_too():
    store = plain_store(kept_bytes=100, kept_seconds=60.0)
    take(store, "x" * 90)
    take(store, "y" * 90)
    assert (messages(store), store.dropped, store.dropped_until) == (["m" + "y" * 90], 1, NOW)
    take(store, 3, at=NOW + 61)
    assert (messages(store), store.dropped) == (["m3"], 2)


def test_who_must_see_every_log_sees_those_that_go_as_well():
    seen = []
    store = plain_store(kept_logs=1)
    store.watch(lambda accepted: seen.extend(accepted.entries()))
    for number in range(4):
        take(store, number)
        if number == 1:
            store.index()
    store.show()
    assert [entry["message"] for entry in seen] == ["m0", "m1", "m2", "m3"]


def test_other_pipelines_concern_only_what_comes_after_them():
    store = plain_store()
    entry = {"message": '{"n":1}', "ddsource": "a"}
    store.take(request(entry), 1, NOW)
    store.use(parse_pipelines([PIPELINE]))
    store.take(request(entry, {**entry, "ddsource": "b"}), 2, NOW)
    assert [stored.log.attributes for stored in store.logs()] == [{"n": 1}, {"m": 1}, {"n": 1}]
    assert [stored.touched for stored in store.logs()] == [False, True, False]


def test_logs_out_of_datadog_s_window_are_dropped_and_counted():
    store = plain_store()
    old = json.dumps({"timestamp": int((NOW - 19 * 3600) * 1000)})
    store.take(request({"message": old}, {"message": "m"}), 2, NOW)
    assert (messages(store), store.out_of_window) == (["m"], 1)


def test_clearing_forgets_logs_but_not_the_sequence():
    store = plain_store()
    take(store, 1)
    first = log_id(store.logs()[0][:2])
    store.clear()
    assert (messages(store), store.accepted) == ([], 0)
    take(store, 1)
    assert log_id(store.logs()[0][:2]) != first


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        (request({"message": "m"}), [{"message": "m"}]),
        (request(body=b'{"message": "m"}'), [{"message": "m"}]),
        (request(body=b" [] "), []),
        (
            request(body=gzip.compress(b'[{"message":"m"}]'), content_encoding="gzip"),
            [{"message": "m"}],
        ),
        (
            request(body=zlib.compress(b'[{"message":"m"}]'), content_encoding="deflate"),
            [{"message": "m"}],
        ),
        (
            request({"message": "m", "service": "s"}, target="/api/v2/logs?service=t&ddsource=d"),
            [{"message": "m", "service": "s", "ddsource": "d"}],
        ),
        (request(body=b'[{"message":"\\ud800"}]'), [{"message": "?"}]),
        (request(body=b'{"message":"\\ud83d\\ude00"}'), [{"message": "😀"}]),
        (
            Request("POST", "/api/v2/logs?ddsource=d", "1.1", (), b"a\n\nb\n"),
            [{"message": "a", "ddsource": "d"}, {"message": "b", "ddsource": "d"}],
        ),
    ],
)
def test_entries_of_every_form_that_the_intake_takes(sent, wanted):
    assert Accepted(NOW, sent, len(wanted)).entries() == wanted


def test_query_tags_and_the_agent_s_header_count():
    store = plain_store()
    sent = request(
        {"message": '{"service":"inner"}', "service": "outer", "ddtags": "a:1"},
        target="/api/v2/logs?ddtags=b:2",
        dd_protocol="agent-json",
    )
    store.take(sent, 1, NOW)
    (stored,) = store.logs()
    assert (stored.log.service, stored.log.tags) == ("inner", ("a:1", "b:2"))


@given(st.integers(0, 1 << 62), st.integers(0, 1 << 62))
def test_a_cursor_leads_back_to_its_log(timestamp, sequence):
    store = plain_store()
    take(store, 1)
    stored = store.logs()[0]._replace(timestamp=timestamp, sequence=sequence)
    assert read_cursor(cursor_after(stored)) == (timestamp, sequence)


@pytest.mark.parametrize("text", ["", "x", "eyJhIjoxfQ", "eyJhZnRlciI6IngifQ", "é", "=" * 5])
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(ValueError, match="cursor"):
        read_cursor(text)


def test_tags_of_a_reply_are_as_recorded():
    store = plain_store()
    store.take(request({"message": "m", "ddsource": "a", "ddtags": "env:test"}), 1, NOW)
    attributes = log_object(store.logs()[0])["attributes"]
    assert attributes["tags"] == [
        "env:test",
        "source:a",
        "datadog.pipelines:false",
        "datadog.submission_auth:private_api_key",
    ]
    assert "host" not in attributes


@given(
    st.lists(st.integers(-5, 5), max_size=12),
    st.tuples(st.integers(-6, 6), st.integers(-6, 6)),
    st.integers(1, 5),
    st.booleans(),
)
def test_pages_together_are_what_a_plain_filter_finds(offsets, span, limit, newest_first):
    store = plain_store()
    for number, offset in enumerate(offsets):
        take(store, number, at=NOW + offset)
    start, end = sorted(span)
    asked: dict = {
        "filter": {"from": str(int(NOW + start) * 1000), "to": str(int(NOW + end) * 1000)},
        "sort": "-timestamp" if newest_first else "timestamp",
        "page": {"limit": limit},
    }
    found = []
    while True:
        page = find(store.logs(), read_search(Reader(asked), int(NOW * 1000)))
        found += [log["attributes"]["message"] for log in page.data]
        assert len(page.data) <= limit
        if page.cursor is None:
            break
        assert len(page.data) == limit
        asked["page"]["cursor"] = page.cursor
    plain = sorted((at, number) for number, at in enumerate(offsets) if start <= at <= end)
    wanted = [f"m{number}" for _, number in plain]
    assert found == (wanted[::-1] if newest_first else wanted)


def test_a_running_simulator_gives_the_logs_to_its_test(connect):
    with serve_in_thread(clock=VirtualClock(NOW)) as simulator:
        body = b'[{"message":"hello world","ddtags":"env:a"},{"message":"bye","ddtags":"env:b"}]'
        client = connect(simulator)
        client.post("/api/v2/logs", body, DD_API_KEY=DATADOG_KEY)
        client.response()
        assert [log.message for log in simulator.logs()] == ["hello world", "bye"]
        assert [log.message for log in simulator.logs("env:b OR hello")] == ["hello world", "bye"]
        assert [log.tags for log in simulator.logs("world")] == [("env:a",)]


def test_a_logger_that_has_its_key_in_the_query_is_taken(connect):
    with serve_in_thread(clock=VirtualClock(NOW)) as simulator:
        target = f"/api/v2/logs?dd-api-key={DATADOG_KEY}&ddsource=nodejs&service=shop"
        client = connect(simulator)
        client.post(target, b'{"message":"m","level":"warn"}')
        assert client.response()[0].startswith(b"HTTP/1.1 202 ")
        (log,) = simulator.logs("source:nodejs service:shop")
        assert (log.message, log.status) == ("m", "warn")
        wrong = connect(simulator)
        wrong.post("/api/v2/logs?dd-api-key=wrong", b"{}")
        assert wrong.response()[0].startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    ("method", "target", "unread", "unseen"),
    [
        ("GET", "/api/v2/logs/events?page[limit]=1", 0, 5),
        ("GET", "/api/v1/monitor", 5, 0),
        ("POST", "/api/v1/monitor", 0, 0),
        ("PUT", "/api/v1/monitor/51000001", 0, 0),
        ("GET", "/_sim/notifications", 5, 0),
        ("GET", "/api/v1/dashboard", 5, 5),
        ("GET", "/fakeintake/payloads?endpoint=/api/v2/logs", 5, 5),
        ("GET", "/v1/events/stream", 5, 5),
    ],
)
async def test_others_are_served_while_a_full_store_is_read(method, target, unread, unseen):
    clock = VirtualClock(NOW)
    api = DatadogApi(
        api_key=lambda: "key", app_key="app", clock=clock, faults=FaultScript(clock=clock)
    )
    api.store.watch(lambda _accepted: None)
    for number in range(5):
        api.take(request({"message": f"m{number}"}), 1, NOW)
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await api.prepare(Request(method, target, "1.1", ()))
    task.cancel()
    assert (api.store.pending, api.store.unseen) == (unread, unseen)
    assert turns == 10 - unread - unseen
