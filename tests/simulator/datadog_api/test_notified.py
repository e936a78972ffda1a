"""Notifications in pages, by monitor, and of what is edited, muted or deleted in between."""

from __future__ import annotations

import json

import pytest

from grantex_sim.datadog_api.monitors.alerting import Alerting
from grantex_sim.datadog_api.monitors.notified import notified_page
from grantex_sim.datadog_api.replies import RefusedError
from grantex_sim.datadog_api.store import LogStore
from grantex_sim.http.wire import Request
from grantex_tui.datadog.monitor.read import read_monitor


NOON = 1_772_452_800.0


def monitor(condition="> 0"):
    query = f'logs("type:a.b").index("*").rollup("count").last("1m") {condition}'
    fields = {"name": "m", "type": "log alert", "query": query, "message": "{{value}} @slack-x"}
    return read_monitor(fields)


@pytest.fixture
def store():
    return LogStore([])


@pytest.fixture
def alerting(store):
    return Alerting(store, lambda: ())


@pytest.fixture
def send(store):
    def sent(at, *agents):
        entries = [
            {
                "ddsource": "grantex",
                "service": "grantex",
                "ddtags": "type:a.b",
                "message": json.dumps(
                    {"id": f"evt_{at}_{number}", "type": "a.b", "data": {"agentId": agent}}
                ),
            }
            for number, agent in enumerate(agents)
        ]
        request = Request("POST", "/api/v2/logs", "1.1", (), json.dumps(entries).encode())
        store.take(request, len(entries), NOON + at)

    return sent


@pytest.fixture
def ask(alerting):
    def asked(query=""):
        request = Request("GET", f"/_sim/notifications{query}", "1.1", ())
        return json.loads(notified_page(request, alerting).body)

    return asked


def flap(alerting, send, times):
    """Alert and recovery, so many times, of all monitors."""
    for number in range(times):
        send(number * 180 + 30, "x")
        alerting.advance(NOON + (number + 1) * 180)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 100])
def test_pages_give_each_once_in_order(alerting, send, ask, limit):
    alerting.put(7, monitor(), NOON)
    flap(alerting, send, 3)
    found, after = [], 0
    while after is not None:
        page = ask(f"?limit={limit}&after={after}")
        found += page["notifications"]
        after = page["next"]
    assert found == ask()["notifications"]
    assert [each["number"] for each in found] == [1, 2, 3, 4, 5, 6]
    assert [each["transition"] for each in found] == ["Triggered", "Recovered"] * 3
    assert found[0]["recipients"] == ["@slack-x"]


def test_one_monitor_s_can_be_asked_for(alerting, send, ask):
    alerting.put(7, monitor(), NOON)
    alerting.put(8, monitor("> 1"), NOON)
    flap(alerting, send, 2)
    send(400, "x", "x")
    alerting.advance(NOON + 420)
    assert {each["monitorId"] for each in ask()["notifications"]} == {7, 8}
    only = ask("?monitor=8")
    assert [each["value"] for each in only["notifications"]] == [2.0]
    assert only["next"] is None
    assert ask("?monitor=9")["notifications"] == []


@pytest.mark.parametrize("query", ["?limit=x", "?after=-1", "?page=2", "?monitor="])
def test_what_can_not_be_asked_is_said(ask, query):
    with pytest.raises(RefusedError) as refused:
        ask(query)
    assert refused.value.response.status == 400
    assert b"whole number" in refused.value.response.body or b"there are: " in (
        refused.value.response.body
    )


def test_the_oldest_are_dropped_and_counted(store, send, monkeypatch):
    monkeypatch.setattr("grantex_sim.datadog_api.monitors.alerting.KEPT_NOTIFICATIONS", 4)
    alerting = Alerting(store, lambda: ())
    alerting.put(7, monitor(), NOON)
    flap(alerting, send, 3)
    page = json.loads(notified_page(Request("GET", "/?limit=1", "1.1", ()), alerting).body)
    assert (page["dropped"], page["notifications"][0]["number"], page["next"]) == (2, 3, 3)


def test_a_monitor_that_goes_leaves_those_that_ask_the_same(alerting, send, ask):
    alerting.put(7, monitor(), NOON)
    alerting.put(8, monitor(), NOON)
    send(10, "x")
    alerting.advance(NOON + 20)
    alerting.remove(7)
    send(30, "x")
    alerting.advance(NOON + 60)
    told = [(each["monitorId"], each["value"]) for each in ask()["notifications"]]
    assert told == [(8, 2.0)]


def test_the_last_monitor_that_goes_takes_what_was_not_counted_with_it(alerting, send, store, ask):
    alerting.put(7, monitor(), NOON)
    send(10, "x")
    alerting.remove(7)
    assert store.unseen == 0
    alerting.put(7, monitor(), NOON + 20)
    alerting.advance(NOON + 60)
    assert [each["value"] for each in ask()["notifications"]] == [1.0]


def test_who_is_muted_counts_on_and_tells_of_what_comes_after(alerting, send, ask):
    alerting.put(7, monitor(), NOON, silent_until=NOON + 90)
    send(30, "x")
    send(200, "x")
    alerting.advance(NOON + 300)
    told = [(each["at"], each["transition"]) for each in ask()["notifications"]]
    assert told == [
        ("2026-03-02T12:02:00.000Z", "Recovered"),
        ("2026-03-02T12:04:00.000Z", "Triggered"),
        ("2026-03-02T12:05:00.000Z", "Recovered"),
    ]
