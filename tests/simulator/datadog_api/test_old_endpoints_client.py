"""Endpoints that few need and some clients have: v1 logs, groups of monitors, keys, restoring."""

from __future__ import annotations

import datetime as dt

import pytest
from datadog_api_client.exceptions import ApiException, ForbiddenException, NotFoundException
from datadog_api_client.model_utils import ModelNormal, UnparsedObject
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.dashboards_api import DashboardsApi
from datadog_api_client.v1.api.logs_api import LogsApi as OldLogsApi
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.model.dashboard import Dashboard
from datadog_api_client.v1.model.dashboard_bulk_action_data import DashboardBulkActionData
from datadog_api_client.v1.model.dashboard_bulk_action_data_list import (
    DashboardBulkActionDataList,
)
from datadog_api_client.v1.model.dashboard_bulk_delete_request import DashboardBulkDeleteRequest
from datadog_api_client.v1.model.dashboard_layout_type import DashboardLayoutType
from datadog_api_client.v1.model.dashboard_resource_type import DashboardResourceType
from datadog_api_client.v1.model.dashboard_restore_request import DashboardRestoreRequest
from datadog_api_client.v1.model.logs_list_request import LogsListRequest
from datadog_api_client.v1.model.logs_list_request_time import LogsListRequestTime
from datadog_api_client.v1.model.logs_sort import LogsSort
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_type import MonitorType
from datadog_api_client.v2.api.key_management_api import KeyManagementApi

from grantex_tui.clock import parse_rfc3339
from tests.support.clock import VirtualClock


NOON = "2026-03-02T12:00:00Z"
HOUR = LogsListRequestTime(
    _from=dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC), to=dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
)
BY_AGENT = 'logs("type:t").index("*").rollup("count").by("@agent").last("5m") > 1'


def unread(value, where=""):
    """What of *value* the client could not read as its model says."""
    if isinstance(value, UnparsedObject):
        yield where
    elif isinstance(value, ModelNormal):
        for key, inner in value._data_store.items():
            yield from unread(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from unread(inner, f"{where}.{index}")


def whole(value):
    assert [*unread(value)] == []
    return value


@pytest.fixture
def clock():
    return VirtualClock(parse_rfc3339(NOON))


@pytest.fixture
def ask(http, simulator):
    keys = {"DD-API-KEY": simulator.datadog_key, "DD-APPLICATION-KEY": simulator.datadog_app_key}

    def answer(method, path, **more):
        return http.request(method, f"{simulator.url}{path}", headers=keys, **more)

    return answer


@pytest.fixture
def sent(ask):
    """Seven logs, a second apart, the newest at noon; the third of another service."""
    entries = [
        {"message": str(number), "service": "other" if number == 2 else "grantex",
         "hostname": "h", "ddtags": "env:test", "n": number,
         "timestamp": (parse_rfc3339(NOON) - 6 + number) * 1000}
        for number in range(7)
    ]  # fmt: skip
    assert ask("POST", "/api/v2/logs", json=entries).status_code == 202


def pages(client, **asked):
    """The messages of each page, until there is no next one."""
    while True:
        request = LogsListRequest(time=HOUR, **asked)
        answer = whole(OldLogsApi(client).list_logs(request))
        assert answer.status == "done"
        yield [log.content.message for log in answer.logs]
        if answer.next_log_id is None:
            return
        asked = {**asked, "start_at": answer.next_log_id}


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [["6", "5", "4", "3", "2", "1", "0"]]),
        ({"limit": 3}, [["6", "5", "4"], ["3", "2", "1"], ["0"]]),
        ({"limit": 7, "sort": LogsSort("asc")}, [["0", "1", "2", "3", "4", "5", "6"]]),
        (
            {"limit": 2, "sort": LogsSort("asc"), "query": "service:grantex"},
            [["0", "1"], ["3", "4"], ["5", "6"]],
        ),
        ({"query": "nowhere"}, [[]]),
    ],
)
def test_old_clients_page_through_logs(client, asked, found):
    assert [*pages(client, **asked)] == found


@pytest.mark.usefixtures("sent")
def test_a_log_has_what_the_old_form_has(client):
    answer = OldLogsApi(client).list_logs(LogsListRequest(time=HOUR, limit=1))
    content = answer.logs[0].content
    assert (content.service, content.host, content.message) == ("grantex", "h", "6")
    assert content.timestamp == dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    assert content.attributes["n"] == 6
    assert "env:test" in content.tags


@pytest.mark.usefixtures("sent")
def test_times_may_be_date_math_with_blanks(ask):
    asked = {"query": "*", "time": {"from": "now - 3s", "to": "now"}, "limit": 10}
    answer = ask("POST", "/api/v1/logs-queries/list", json=asked)
    assert [log["content"]["message"] for log in answer.json()["logs"]] == ["6", "5", "4", "3"]


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ({}, "time.from"),
        ({"time": {"from": "now-1h"}}, "time.to"),
        ({"time": {"from": "soon", "to": "now"}}, "time.from"),
        ({"time": {"from": "now-1h", "to": "now"}, "query": "("}, "query"),
        ({"time": {"from": "now-1h", "to": "now"}, "sort": "up"}, "sort"),
        ({"time": {"from": "now-1h", "to": "now"}, "limit": 1_001}, "limit"),
        ({"time": {"from": "now-1h", "to": "now"}, "startAt": "!"}, "startAt"),
        ({"time": {"from": "now-1h", "to": "now"}, "startAt": "AAAA"}, "startAt"),
    ],
)
def test_what_is_wrong_is_said_in_the_old_form(ask, asked, about):
    answer = ask("POST", "/api/v1/logs-queries/list", json=asked)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "InvalidArgument"
    assert about in answer.json()["error"]["message"]


def monitor(name, query=BY_AGENT, **more):
    return Monitor(name=name, type=MonitorType("log alert"), query=query, message="m", **more)


@pytest.fixture
def monitors(client, ask, clock):
    """Two monitors over what two agents have sent, evaluated."""
    api = MonitorsApi(client)
    api.create_monitor(monitor("busy agents", tags=["team:b"]))
    quiet = 'logs("type:t").index("*").rollup("count").last("5m") > 100'
    api.create_monitor(monitor("all of them", quiet, tags=["team:a"]))
    entries = [{"message": "x", "ddtags": "type:t", "agent": agent} for agent in "aab"]
    assert ask("POST", "/api/v2/logs", json=entries).status_code == 202
    clock.advance(120)
    return api


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {("busy agents", "@agent:a", "Alert"), ("busy agents", "@agent:b", "OK"),
              ("all of them", "*", "OK")}),
        ("group_status:alert", {("busy agents", "@agent:a", "Alert")}),
        ("status:alert", {("busy agents", "@agent:a", "Alert"), ("busy agents", "@agent:b", "OK")}),
        ("all", {("all of them", "*", "OK")}),
        ('group:"@agent:b"', {("busy agents", "@agent:b", "OK")}),
        ("type:metric", set()),
    ],
)  # fmt: skip
def test_groups_of_monitors_are_searched(monitors, query, wanted):
    found = whole(monitors.search_monitor_groups(query=query))
    got = {(each.monitor_name, each.group, each.status.value) for each in found.groups}
    assert got == wanted
    assert found.metadata.total_count == len(wanted)


def test_groups_come_in_pages_and_in_an_order(monitors):
    found = whole(monitors.search_monitor_groups(sort="name,desc", per_page=2, page=1))
    assert [each.monitor_name for each in found.groups] == ["all of them"]
    assert (found.metadata.page_count, found.metadata.total_count) == (2, 3)
    alerting = monitors.search_monitor_groups(query="group_status:alert").groups[0]
    assert alerting.group_tags == ["@agent:a"]
    assert alerting.last_triggered_ts > parse_rfc3339(NOON)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name,asc", ["all of them", "busy agents"]),
        ("name,desc", ["busy agents", "all of them"]),
        ("status,desc", ["all of them", "busy agents"]),
        ("tags,asc", ["all of them", "busy agents"]),
        ("name", ["all of them", "busy agents"]),
    ],
)
def test_a_search_has_the_order_that_is_asked_for(monitors, sort, names):
    assert [each.name for each in monitors.search_monitors(sort=sort).monitors] == names


@pytest.mark.parametrize("sort", ["colour,asc", "name,up"])
def test_an_order_that_there_is_not_is_refused(monitors, sort):
    with pytest.raises(ApiException) as refused:
        monitors.search_monitors(sort=sort)
    assert refused.value.status == 400


def test_a_monitor_needs_no_name(client):
    api = MonitorsApi(client)
    nameless = Monitor(type=MonitorType("log alert"), query=BY_AGENT)
    assert api.validate_monitor(nameless) == {}
    assert api.create_monitor(nameless).name == BY_AGENT


def test_all_monitors_are_muted_and_unmuted_at_once(monitors, ask, clock, simulator):
    assert len(simulator.notifications()) == 1
    muted = ask("POST", "/api/v1/monitor/mute_all").json()
    assert (muted["active"], muted["scope"]) == (True, ["*"])
    assert ask("POST", "/api/v1/monitor/mute_all").status_code == 400
    monitors.create_monitor(monitor("another"))
    clock.advance(1_200)  # the groups recover, and nobody is told
    assert len(simulator.notifications()) == 1
    assert ask("POST", "/api/v1/monitor/unmute_all").status_code == 200
    assert ask("POST", "/api/v1/monitor/unmute_all").status_code == 400


def test_deleted_dashboards_are_listed_and_restored(client):
    api = DashboardsApi(client)
    made = [
        api.create_dashboard(
            Dashboard(title=title, layout_type=DashboardLayoutType("ordered"), widgets=[])
        )
        for title in ("one", "two", "three")
    ]
    kind = DashboardResourceType("dashboard")
    named = [DashboardBulkActionData(id=each.id, type=kind) for each in made]
    api.delete_dashboards(DashboardBulkDeleteRequest(data=DashboardBulkActionDataList(named[:2])))
    api.delete_dashboard(made[2].id)
    assert api.list_dashboards().dashboards == []
    deleted = whole(api.list_dashboards(filter_deleted=True)).dashboards
    assert [each.title for each in deleted] == ["one", "two", "three"]
    api.restore_dashboards(DashboardRestoreRequest(data=DashboardBulkActionDataList(named[1:])))
    assert api.get_dashboard(made[1].id).to_dict() == made[1].to_dict()
    assert [each.title for each in api.list_dashboards_with_pagination(count=1)] == ["two", "three"]
    with pytest.raises(NotFoundException):
        api.restore_dashboards(DashboardRestoreRequest(data=DashboardBulkActionDataList(named[:2])))
    assert api.list_dashboards(filter_shared=True).dashboards == []


def test_keys_are_validated_in_three_ways(client, client_of, simulator, http):
    assert whole(AuthenticationApi(client).validate()).valid
    only = {"DD-API-KEY": simulator.datadog_key}
    told = http.get(f"{simulator.url}/api/v2/validate", headers=only).json()["data"]
    assert (told["type"], told["attributes"]["valid"]) == ("validate_v2", True)
    assert whole(KeyManagementApi(client).validate_api_key()).status.value == "ok"
    with client_of(simulator, app_key="wrong") as stranger:
        assert AuthenticationApi(stranger).validate().valid
        with pytest.raises(ForbiddenException):
            KeyManagementApi(stranger).validate_api_key()


def test_old_clients_have_the_keys_in_the_query(http, simulator):
    keys = {"api_key": simulator.datadog_key, "application_key": simulator.datadog_app_key}
    there = f"{simulator.url}/api/v1/monitor"
    assert http.get(there, params=keys).json() == []
    assert http.get(there, params=keys | {"application_key": "wrong"}).status_code == 403
    assert http.get(there, params=keys | {"api_key": "wrong"}).status_code == 403


def test_a_monitor_has_what_is_asked_for_with_it(monitors):
    plain, full = monitors.list_monitors(), monitors.list_monitors(with_downtimes=True)
    assert [each.get("matching_downtimes") for each in plain] == [None, None]
    assert [each.matching_downtimes for each in full] == [[], []]
    one = whole(monitors.get_monitor(full[0].id, with_downtimes=True, with_assets=True))
    assert (one.matching_downtimes, one.assets) == ([], [])
