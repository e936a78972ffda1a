"""Monitors by the official client: create, validate, read, list, search, change, delete."""

from __future__ import annotations

import copy

import pytest
from datadog_api_client import Configuration
from datadog_api_client.exceptions import ApiException, ForbiddenException, NotFoundException
from datadog_api_client.model_utils import validate_and_convert_types
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_update_request import MonitorUpdateRequest


KINDS = (
    "monitor_revocations",
    "monitor_budget_by_agent",
    "monitor_heartbeat",
    "monitor_distinct_agents",
    "monitor_two_queries",
    "monitor_anomaly",
)


@pytest.fixture
def monitors(client):
    return MonitorsApi(client)


def model(fields):
    kind = (Monitor,)
    return validate_and_convert_types(fields, kind, ["x"], True, True, Configuration())


def changed(payloads, options=None, **changes):
    fields = copy.deepcopy(payloads["monitor_revocations"])
    fields["options"] |= options or {}
    return fields | changes


def refusal(call, *args, **more):
    with pytest.raises(ApiException) as refused:
        call(*args, **more)
    assert refused.value.status == 400
    return refused.value.body["errors"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_monitor_is_created_and_read_back(monitors, payloads, kind):
    made = monitors.create_monitor(model(payloads[kind]))
    read = monitors.get_monitor(made.id)
    assert read.to_dict() == made.to_dict()
    assert not read._unparsed
    assert (read.overall_state.value, read.deleted) == ("No Data", None)
    assert (read.name, read.query) == (payloads[kind]["name"], payloads[kind]["query"])
    assert read.multi == (".by(" in read.query)
    assert read.created == read.modified


def test_the_reply_adds_what_the_real_one_adds(ask, payloads):
    sent = changed(payloads)
    sent["options"] = {"on_missing_data": "default"}
    told = ask("POST", "/api/v1/monitor", json=sent).json()
    assert told["created"] == "2026-03-02T12:00:00.000000+00:00"
    assert told["options"] == {
        "notify_audit": False,
        "silenced": {},
        "include_tags": True,
        "new_host_delay": 300,
        "groupby_simple_monitor": False,
        "on_missing_data": "default",
        "thresholds": {"critical": 50.0},
    }
    added = {"id", "created", "created_at", "modified", "creator", "multi", "org_id", "deleted"}
    assert added | {"overall_state", "overall_state_modified"} <= told.keys()
    assert told["overall_state_modified"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_monitor_that_could_be_created_is_valid(monitors, payloads, kind):
    assert monitors.validate_monitor(model(payloads[kind])) == {}
    assert monitors.list_monitors() == []


@pytest.mark.parametrize(
    ("changes", "options", "text"),
    [
        (
            {"query": "logs('a').index('*').rollup('count').last('5m') > 50"},
            {},
            "The value provided for parameter 'query' is invalid",
        ),
        (
            {"query": 'logs("a").index("*").rollup("count").last("5m") =! 50'},
            {},
            "The value provided for parameter 'query' is invalid: invalid operator specified",
        ),
        ({"query": ""}, {}, "The value provided for parameter 'query' is invalid"),
        ({"type": "log alarm"}, {}, "The value provided for parameter 'type' is invalid"),
        ({"tags": "a"}, {}, "The value provided for parameter 'tags' is invalid"),
        (
            {},
            {"thresholds": {"critical": 90}},
            "Alert threshold (90.0) does not match that used in the query (50.0).",
        ),
        ({}, {"thresholds": {"warning": 10}}, "Alert status is required."),
        ({}, {"on_missing_data": "page"}, "Invalid on_missing_data value: page"),
        (
            {},
            {"renotify_occurrences": 2, "renotify_interval": 0},
            "The renotify_occurrences option can only be used if renotify_interval is set",
        ),
    ],
)
def test_what_datadog_refuses_is_refused_in_its_words(ask, payloads, changes, options, text):
    sent = changed(payloads, options, **changes)
    for path in ("/api/v1/monitor", "/api/v1/monitor/validate"):
        answer = ask("POST", path, json=sent)
        assert (answer.status_code, [*answer.json()]) == (400, ["errors"])
        assert answer.json()["errors"][0].startswith(text)
        assert answer.headers["x-sim-reason"]
    assert ask("GET", "/api/v1/monitor").json() == []


def test_the_official_client_hears_of_a_bad_monitor(monitors, payloads):
    bad = model(changed(payloads, {"thresholds": {"critical": 1}}))
    assert "does not match" in refusal(monitors.create_monitor, bad)[0]
    assert "does not match" in refusal(monitors.validate_monitor, bad)[0]


def test_a_monitor_is_changed_in_part_or_as_it_was_read(monitors, payloads, clock):
    made = monitors.create_monitor(model(payloads["monitor_revocations"]))
    clock.advance(60)
    renamed = monitors.update_monitor(made.id, MonitorUpdateRequest(name="other"))
    assert (renamed.name, renamed.query, renamed.created) == ("other", made.query, made.created)
    assert (renamed.modified - made.modified).total_seconds() == 60
    assert monitors.validate_existing_monitor(made.id, model(payloads["monitor_revocations"])) == {}


def test_a_whole_reply_can_be_put_back(ask, payloads):
    told = ask("POST", "/api/v1/monitor", json=payloads["monitor_budget_by_agent"]).json()
    again = ask("PUT", f"/api/v1/monitor/{told['id']}", json=told | {"name": "n"}).json()
    assert again == told | {"name": "n"}


def test_a_change_that_datadog_refuses_changes_nothing(monitors, payloads):
    made = monitors.create_monitor(model(payloads["monitor_revocations"]))
    assert refusal(monitors.update_monitor, made.id, MonitorUpdateRequest(query="nonsense"))
    anomaly = payloads["monitor_anomaly"]
    other = MonitorUpdateRequest(type=model(anomaly).type, query=anomaly["query"])
    assert "'type'" in refusal(monitors.update_monitor, made.id, other)[0]
    assert monitors.get_monitor(made.id).to_dict() == made.to_dict()


def test_a_deleted_monitor_is_gone(monitors, payloads):
    made = monitors.create_monitor(model(payloads["monitor_revocations"]))
    assert monitors.check_can_delete_monitor([made.id]).data.ok == [made.id]
    assert monitors.delete_monitor(made.id).deleted_monitor_id == made.id
    for call in (monitors.get_monitor, monitors.delete_monitor):
        with pytest.raises(NotFoundException) as missing:
            call(made.id)
        assert missing.value.body == {"errors": ["Monitor not found"]}
    assert monitors.list_monitors() == []


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({}, "abc"),
        ({"name": "mon"}, "abc"),
        ({"name": "MON B"}, "b"),
        ({"monitor_tags": "team:x"}, "ac"),
        ({"monitor_tags": "team:x,tier:1"}, "c"),
        ({"tags": "grantex"}, "abc"),
        ({"tags": "env:other"}, ""),
        ({"page": 0, "page_size": 2}, "ab"),
        ({"page": 1, "page_size": 2}, "c"),
        ({"page": 2, "page_size": 2}, ""),
    ],
)
def test_the_list_is_filtered_and_paged(monitors, payloads, filters, wanted):
    tags = {"a": ["team:x"], "b": ["team:y"], "c": ["team:x", "tier:1"]}
    for name in "abc":
        fields = changed(payloads, name=f"mon {name}", tags=tags[name])
        monitors.create_monitor(model(fields))
    found = monitors.list_monitors(**filters)
    assert "".join(monitor.name[-1] for monitor in found) == wanted


def test_the_client_pages_through_all_of_them(monitors, payloads):
    for number in range(7):
        monitors.create_monitor(model(changed(payloads, name=f"m{number}")))
    found = monitors.list_monitors_with_pagination(page_size=3)
    assert [monitor.name for monitor in found] == [f"m{number}" for number in range(7)]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["Budget of agents", "Grants revoked"]),
        ("revoked", ["Grants revoked"]),
        ('title:"grants revoked"', ["Grants revoked"]),
        ("type:log", ["Budget of agents", "Grants revoked"]),
        ("type:metric", []),
        ('status:"no data"', ["Budget of agents", "Grants revoked"]),
        ("status:Alert", []),
        ('tag:"team:x"', ["Grants revoked"]),
        ("-tag:team*", ["Budget of agents"]),
    ],
)
def test_monitors_are_searched(monitors, payloads, query, wanted):
    monitors.create_monitor(model(changed(payloads, name="Grants revoked", tags=["team:x"])))
    monitors.create_monitor(model(changed(payloads, name="Budget of agents", tags=[])))
    found = monitors.search_monitors(query=query)
    assert sorted(monitor.name for monitor in found.monitors) == wanted
    assert found.metadata.total_count == len(wanted)


def test_a_kind_that_is_not_evaluated_here_is_kept_all_the_same(ask):
    sent = {
        "name": "cpu",
        "type": "metric alert",
        "query": "avg(last_5m):avg:system.load.1{*} > 2",
        "message": "",
        "options": {"thresholds": {"critical": 2}},
    }
    told = ask("POST", "/api/v1/monitor", json=sent)
    assert (told.status_code, told.json()["overall_state"]) == (200, "No Data")
    assert ask("GET", f"/api/v1/monitor/{told.json()['id']}").json() == told.json()


def test_the_application_key_is_checked(client_of, simulator):
    with client_of(simulator, app_key="wrong") as stranger, pytest.raises(ForbiddenException):
        MonitorsApi(stranger).list_monitors()


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("POST", "/api/v1/monitor", {"content": b"[1"}, 400),
        ("POST", "/api/v1/monitor", {"json": []}, 400),
        ("GET", "/api/v1/monitor/first", {}, 404),
        ("GET", "/api/v1/monitor?page=x", {}, 400),
        ("GET", "/api/v1/monitor/search?query=(", {}, 400),
        ("PATCH", "/api/v1/monitor/1", {}, 405),
        ("GET", "/api/v1/monitor/", {}, 200),
    ],
)
def test_odd_requests_get_an_answer_in_json(ask, method, path, more, status):
    answer = ask(method, path, **more)
    assert answer.status_code == status
    assert isinstance(answer.json(), (dict, list))
