"""Posted monitors over accepted logs: states, groups and what people would be told, in time."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_sim.datadog_api.monitors.alerting import Alerting
from grantex_sim.datadog_api.store import LogStore
from grantex_sim.http.wire import Request
from grantex_sim.service.app import serve_in_thread
from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.read import read_monitor
from tests.support.clock import VirtualClock


NOON = 1_772_452_800.0
QUERY = 'logs("type:{kind}").index("*").rollup("count"){by}.last("{last}") {condition}'


def event(number, kind="grant.revoked", agent="a"):
    return {"id": f"evt_{number}", "type": kind, "data": {"agentId": agent}}


def log_monitor(condition="> 2", *, kind="grant.revoked", by="", last="5m", name="many", **options):
    query = QUERY.format(kind=kind, by=f'.by("{by}")' if by else "", last=last, condition=condition)
    message = "{{#is_alert}}{{value}} of {{log.attributes.id}} @slack-sec{{/is_alert}}{{#is_recovery}}fine @mail{{/is_recovery}}"
    return {
        "name": name,
        "type": "log alert",
        "query": query,
        "message": message,
        "options": options,
    }


@pytest.fixture
def post(ask):
    """Posts a monitor; gives its id."""

    def posted(fields):
        answer = ask("POST", "/api/v1/monitor", json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    return posted


@pytest.fixture
def state(ask):
    """The overall state of a monitor, and those of its groups."""

    def stated(number):
        told = ask("GET", f"/api/v1/monitor/{number}?group_states=all").json()
        groups = told["state"]["groups"]
        return told["overall_state"], {name: group["status"] for name, group in groups.items()}

    return stated


def test_a_monitor_goes_to_alert_and_back_and_people_are_told(
    simulator, clock, send, post, ask, state
):
    number = post(log_monitor())
    assert state(number) == ("No Data", {"*": "No Data"})
    clock.advance(60)
    assert state(number) == ("OK", {"*": "OK"})
    send(*map(event, range(3)))
    assert state(number) == ("OK", {"*": "OK"})
    clock.advance(60)
    assert state(number) == ("Alert", {"*": "Alert"})
    clock.advance(600)
    assert state(number) == ("OK", {"*": "OK"})
    alert, recovery = simulator.notifications()
    assert (alert.at, alert.transition, alert.value, alert.threshold) == (
        "2026-03-02T12:02:00.000Z",
        "Triggered",
        3.0,
        2.0,
    )
    assert (alert.monitor_id, alert.monitor, alert.group) == (number, "many", {})
    assert (alert.recipients, alert.body) == (("@slack-sec",), "3.0 of evt_2 @slack-sec")
    assert (recovery.at, recovery.transition, recovery.recipients) == (
        "2026-03-02T12:06:00.000Z",
        "Recovered",
        ("@mail",),
    )
    told = ask("GET", "/_sim/notifications").json()
    assert [each["transition"] for each in told["notifications"]] == ["Triggered", "Recovered"]
    assert told["notifications"][0]["monitorId"] == number
    assert told["dropped"] == 0


def test_groups_have_states_of_their_own_and_instants(clock, send, post, ask, state):
    number = post(log_monitor(by="@data.agentId"))
    clock.advance(30)
    send(*(event(number, agent="x") for number in range(3)), event(9, agent="y"))
    clock.advance(60)
    # A group that is new is not judged for a minute.
    clock.advance(60)
    assert state(number) == ("Alert", {"@data.agentId:x": "Alert", "@data.agentId:y": "OK"})
    told = ask("GET", f"/api/v1/monitor/{number}?group_states=alert").json()
    (group,) = told["state"]["groups"].values()
    assert group["name"] == "@data.agentId:x"
    assert group["last_triggered_ts"] == group["last_notified_ts"]
    assert "last_resolved_ts" not in group
    assert told["overall_state_modified"] == f"{rfc3339(group['last_triggered_ts'])[:-1]}000+00:00"
    assert "state" not in ask("GET", f"/api/v1/monitor/{number}").json()


def test_a_search_finds_monitors_by_state_and_says_whom_they_tell(clock, send, post, ask):
    loud, _ = post(log_monitor(name="loud")), post(log_monitor("> 9", name="quiet"))
    send(*map(event, range(3)))
    clock.advance(60)
    told = ask("GET", "/api/v1/monitor/search?query=status:alert").json()
    (found,) = told["monitors"]
    assert (found["id"], found["status"], found["last_triggered_ts"]) == (loud, "Alert", NOON + 60)
    assert [each["handle"] for each in found["notifications"]] == ["slack-sec", "mail"]
    assert told["counts"]["status"] == [{"name": "Alert", "count": 1}]
    everything = ask("GET", "/api/v1/monitor/search").json()
    assert [each["last_triggered_ts"] for each in everything["monitors"]] == [NOON + 60, None]


def test_logs_from_before_the_monitor_count(simulator, clock, send, post, state):
    send(*map(event, range(3)))
    clock.advance(120)
    number = post(log_monitor())
    clock.advance(60)
    assert state(number)[0] == "Alert"
    assert [each.at for each in simulator.notifications()] == ["2026-03-02T12:03:00.000Z"]


def test_silence_alerts_a_heartbeat(simulator, clock, post, send):
    post(log_monitor("< 1", kind="token.issued", last="15m"))
    send(event(1, "token.issued"))
    clock.advance(14 * 60)
    assert simulator.notifications() == []
    clock.advance(60)
    (told,) = simulator.notifications()
    assert (told.at, told.transition) == ("2026-03-02T12:15:00.000Z", "Triggered")


def test_other_words_keep_the_state_other_conditions_begin_anew(
    simulator, clock, send, post, ask, state
):
    number = post(log_monitor())
    send(*map(event, range(3)))
    clock.advance(60)
    assert state(number)[0] == "Alert"
    ask("PUT", f"/api/v1/monitor/{number}", json={"name": "renamed", "message": "new @x"})
    assert state(number)[0] == "Alert"
    clock.advance(600)
    assert [(each.monitor, each.body) for each in simulator.notifications()[1:]] == [
        ("renamed", "new @x")
    ]
    send(*map(event, range(3)))
    clock.advance(60)
    assert state(number)[0] == "Alert"
    ask("PUT", f"/api/v1/monitor/{number}", json=log_monitor("> 10"))
    assert state(number) == ("No Data", {"*": "No Data"})
    clock.advance(60)
    assert state(number)[0] == "OK"
    assert [each.transition for each in simulator.notifications()] == [
        "Triggered",
        "Recovered",
        "Triggered",
    ]


def test_a_deleted_monitor_tells_nobody_of_its_recovery(simulator, clock, send, post, ask):
    number = post(log_monitor())
    send(*map(event, range(3)))
    clock.advance(60)
    ask("DELETE", f"/api/v1/monitor/{number}")
    clock.advance(3600)
    assert [each.transition for each in simulator.notifications()] == ["Triggered"]


@pytest.mark.parametrize(
    "changes", [{"draft_status": "draft"}, {"options": {"silenced": {"*": None}}}]
)
def test_drafts_and_muted_monitors_change_state_and_tell_nobody(
    simulator, clock, send, post, ask, state, changes
):
    number = post(log_monitor() | changes)
    send(*map(event, range(3)))
    clock.advance(60)
    assert state(number)[0] == "Alert"
    assert simulator.notifications() == []
    loud = {"draft_status": "published", "options": {}}
    ask("PUT", f"/api/v1/monitor/{number}", json=loud)
    clock.advance(600)
    assert [each.transition for each in simulator.notifications()] == ["Recovered"]


def test_a_mute_ends_by_itself_or_by_an_unmute(simulator, clock, send, post, ask):
    number = post(log_monitor(last="1m"))
    path = f"/api/v1/monitor/{number}"
    until = int(NOON + 300)
    told = ask("POST", f"{path}/mute", json={"end": until}).json()
    assert told["options"]["silenced"] == {"*": until}
    clock.advance(1)
    send(*map(event, range(3)))
    clock.advance(360)
    assert simulator.notifications() == []
    send(*map(event, range(3)))
    clock.advance(120)
    assert [each.transition for each in simulator.notifications()] == ["Triggered", "Recovered"]
    told = ask("POST", f"{path}/mute", content=b"").json()
    assert told["options"]["silenced"] == {"*": None}
    send(*map(event, range(3)))
    clock.advance(600)
    assert len(simulator.notifications()) == 2
    for body in ({}, {"all_scopes": True}):
        assert ask("POST", f"{path}/unmute", json=body).json()["options"]["silenced"] == {}
    send(*map(event, range(3)))
    clock.advance(60)
    assert len(simulator.notifications()) == 3


def test_notifications_of_several_monitors_come_in_time(simulator, clock, send, post):
    post(log_monitor(name="short", last="1m"))
    post(log_monitor(name="long", last="5m"))
    clock.advance(1)
    send(*map(event, range(3)))
    clock.advance(600)
    told = [(each.at[11:16], each.monitor, each.transition) for each in simulator.notifications()]
    assert told == [
        ("12:01", "short", "Triggered"),
        ("12:01", "long", "Triggered"),
        ("12:02", "short", "Recovered"),
        ("12:06", "long", "Recovered"),
    ]


def test_what_was_refused_is_not_counted(simulator, clock, post, ask):
    post(log_monitor("> 0"))
    ask("POST", "/api/v2/logs", content=b"[{]")
    clock.advance(120)
    assert simulator.notifications() == []


def test_a_reset_forgets_logs_and_notifications_and_keeps_monitors(
    simulator, clock, send, post, state
):
    number = post(log_monitor())
    send(*map(event, range(3)))
    clock.advance(60)
    assert len(simulator.notifications()) == 1
    simulator.reset()
    assert (simulator.notifications(), simulator.logs()) == ([], [])
    assert state(number) == ("No Data", {"*": "No Data"})
    clock.advance(60)
    assert state(number)[0] == "OK"


def test_time_that_passes_evaluates_by_itself(ask):
    """Nobody looks once the minute is full: the task of the session does."""
    clock = VirtualClock(NOON + 59.99)
    with serve_in_thread(clock=clock) as simulator:
        ask("POST", "/api/v1/monitor", json=log_monitor("< 1"), simulator=simulator)
        clock.advance(1)
        assert simulator.wait_notifications(1, timeout_s=60)
        assert [each.transition for each in simulator.notifications()] == ["Triggered"]


def test_waiting_for_a_notification_ends_in_time(simulator):
    assert not simulator.wait_notifications(1, timeout_s=0)


ARRIVALS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 4), st.sampled_from("ab")), max_size=12
)


@settings(max_examples=40, deadline=None)
@given(ARRIVALS, st.lists(st.integers(0, 1200), max_size=6), st.booleans())
def test_how_often_somebody_looks_makes_no_difference(arrivals, looks, grouped):
    """Those who look all the time and who looks once at the end are told the same."""
    fields = log_monitor(by="@data.agentId" if grouped else "")
    monitor = read(fields)

    def told(when):
        store = LogStore([])
        alerting = Alerting(store, lambda: ())
        alerting.put(1, monitor, NOON)
        moments = [(at, 0, count, agent) for at, count, agent in arrivals]
        moments += [(at, 1, 0, "") for at in when]
        for at, looks, count, agent in sorted(moments):
            if looks:
                alerting.advance(NOON + at)
            else:
                take(store, NOON + at, count, agent)
        alerting.advance(NOON + 2000)
        return alerting.notifications

    assert told(looks) == told([])


def read(fields):
    return read_monitor(copy.deepcopy(fields))


def take(store, at, count, agent):
    entries = [
        {
            "message": json.dumps(event(number, agent=agent)),
            "ddtags": "type:grant.revoked",
        }
        for number in range(count)
    ]
    request = Request("POST", "/api/v2/logs", "1.1", (), json.dumps(entries).encode())
    store.take(request, count, at)


def test_a_store_that_drops_logs_has_them_counted_first():
    store = LogStore([], kept_logs=2)
    alerting = Alerting(store, lambda: ())
    alerting.put(1, read(log_monitor("> 7")), NOON)
    for at in range(4):
        take(store, NOON + at, 2, "a")
    alerting.advance(NOON + 60)
    assert [each.value for each in alerting.notifications] == [8.0]
    assert store.dropped == 6


def test_a_clock_that_is_set_back_has_monitors_begin_anew():
    store = LogStore([])
    alerting = Alerting(store, lambda: ())
    alerting.put(1, read(log_monitor()), NOON)
    alerting.advance(NOON + 600)
    alerting.advance(NOON + 590)
    assert alerting.next_tick == NOON + 660
    alerting.advance(NOON - 3600)
    assert alerting.next_tick == NOON - 3540
    take(store, NOON - 3590, 3, "a")
    alerting.advance(NOON - 3540)
    assert [each.transition for each in alerting.notifications] == ["Triggered"]
