"""The official client searches what it has submitted."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from datadog_api_client.exceptions import (
    ApiException,
    ForbiddenException,
    NotFoundException,
)
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.http_log import HTTPLog
from datadog_api_client.v2.model.http_log_item import HTTPLogItem
from datadog_api_client.v2.model.logs_list_request import LogsListRequest
from datadog_api_client.v2.model.logs_list_request_page import LogsListRequestPage
from datadog_api_client.v2.model.logs_query_filter import LogsQueryFilter
from datadog_api_client.v2.model.logs_sort import LogsSort


def event(number, kind="token.issued", **data):
    return {
        "id": f"evt_{number}",
        "type": kind,
        "createdAt": f"2026-03-02T11:59:{number % 60:02d}.000Z",
        "data": {"agentId": f"agent-{number % 3}", **data},
    }


def entry(event, **more):
    return HTTPLogItem(
        message=json.dumps(event),
        ddsource="grantex",
        ddtags=f"type:{event['type']}",
        hostname="grantex-auth-service",
        service="grantex",
        **more,
    )


def submit(client, events):
    LogsApi(client).submit_log(HTTPLog([entry(event) for event in events]))


def ids(logs):
    return [log.attributes.attributes["id"] for log in logs]


def listing(query="*", **page):
    return LogsListRequest(filter=LogsQueryFilter(query=query), page=LogsListRequestPage(**page))


def test_a_log_comes_back_as_the_pipeline_left_it(client):
    submit(client, [event(7, "grant.revoked", grantId="grnt_1")])
    (log,) = LogsApi(client).list_logs(body=listing("@grantex.event_type:grant.revoked")).data
    told = log.attributes
    assert log.type.value == "log"
    assert told.timestamp == datetime(2026, 3, 2, 11, 59, 7, tzinfo=UTC)
    assert (told.host, told.service, told.status) == ("grantex-auth-service", "grantex", "warn")
    assert json.loads(told.message) == event(7, "grant.revoked", grantId="grnt_1")
    assert told.attributes["grantex"]["grant_id"] == "grnt_1"
    assert {"type:grant.revoked", "source:grantex"} <= {*told.tags}


def test_without_a_body_the_ten_newest_of_the_last_quarter_are_listed(client):
    submit(client, [event(number) for number in range(15)])
    answer = LogsApi(client).list_logs()
    assert ids(answer.data) == [f"evt_{number}" for number in range(14, 4, -1)]
    assert answer.meta.status.value == "done"


@pytest.mark.parametrize("sort", ["timestamp", "-timestamp"])
@pytest.mark.parametrize("limit", [1, 4, 20, 1000])
def test_pages_hold_every_log_once_in_order(client, sort, limit):
    submit(client, [event(number) for number in range(20)])
    body = listing(limit=limit)
    body.sort = LogsSort(sort)
    found = ids(LogsApi(client).list_logs_with_pagination(body=body))
    wanted = [f"evt_{number}" for number in range(20)]
    assert found == (wanted if sort == "timestamp" else wanted[::-1])


def test_the_get_form_pages_likewise(client):
    submit(client, [event(number) for number in range(25)])
    found = LogsApi(client).list_logs_get_with_pagination(
        filter_query="type:token.issued",
        filter_from=datetime(2026, 3, 2, 11, 59, 5, tzinfo=UTC),
        filter_to=datetime(2026, 3, 2, 11, 59, 20, tzinfo=UTC),
        filter_indexes=["main"],
        sort=LogsSort.TIMESTAMP_ASCENDING,
        page_limit=3,
    )
    assert ids(found) == [f"evt_{number}" for number in range(5, 21)]


def test_the_last_page_has_no_cursor_and_an_empty_answer_no_data(client):
    assert LogsApi(client).list_logs().to_dict().keys() == {"data", "meta"}
    submit(client, [event(1), event(2)])
    first = LogsApi(client).list_logs(body=listing(limit=1))
    assert first.links.next.startswith("http://127.0.0.1:")
    last = LogsApi(client).list_logs(body=listing(limit=1, cursor=first.meta.page.after))
    assert (len(last.data), "links" in last.to_dict(), "page" in last.meta.to_dict()) == (
        1,
        False,
        False,
    )


def test_what_was_refused_is_not_found(client, client_of, simulator):
    with client_of(simulator, key="wrong") as stranger, pytest.raises(ForbiddenException):
        submit(stranger, [event(1)])
    assert LogsApi(client).list_logs().data == []


@pytest.mark.parametrize(
    ("keys", "error"),
    [
        ({"key": "wrong"}, ForbiddenException),
        ({"app_key": "wrong"}, ForbiddenException),
    ],
)
def test_wrong_keys_are_forbidden(client_of, simulator, keys, error):
    with client_of(simulator, **keys) as stranger, pytest.raises(error) as refused:
        LogsApi(stranger).list_logs()
    assert refused.value.body == {"errors": ["Forbidden"]}


def test_missing_keys_are_told_apart(client, simulator):
    client.configuration.api_key.pop("appKeyAuth")
    with pytest.raises(ForbiddenException):
        LogsApi(client).list_logs()
    client.configuration.api_key.pop("apiKeyAuth")
    with pytest.raises(ForbiddenException) as refused:
        LogsApi(client).list_logs()
    assert refused.value.body == {"errors": ["API key required"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (listing("@a:("), "filter.query"),
        (LogsListRequest(filter=LogsQueryFilter(_from="yesterday")), "filter.from"),
        (LogsListRequest(filter=LogsQueryFilter(to="soon")), "filter.to"),
        (LogsListRequest(filter=LogsQueryFilter(_from="now", to="now-1h")), "filter.from"),
        (listing(limit=0), "page.limit"),
        (listing(cursor="of-my-own"), "page.cursor"),
    ],
)
def test_what_cannot_be_searched_is_answered_400_naming_the_field(client, body, field):
    with pytest.raises(ApiException) as refused:
        LogsApi(client).list_logs(body=body)
    assert refused.value.status == 400
    assert f"Field '{field}' is invalid" in refused.value.body["errors"][0]


def test_an_unknown_route_is_named(client):
    from datadog_api_client.v1.api.hosts_api import HostsApi

    with pytest.raises(NotFoundException) as missing:
        HostsApi(client).list_hosts()
    assert missing.value.body["errors"] == [
        "Not Found: the simulator has no route GET /api/v1/hosts"
    ]


def test_the_next_page_s_link_works_as_it_is_also_within_a_session(simulator, http):
    keys = {
        "DD-API-KEY": simulator.datadog_key,
        "DD-APPLICATION-KEY": simulator.datadog_app_key,
    }
    for base in (simulator.url, f"{simulator.url}/s/one"):
        entries = [{"message": f"m{number}"} for number in range(3)]
        http.post(f"{base}/api/v2/logs", json=entries, headers=keys)
        asked = {"filter": {"query": "m*", "indexes": ["main"]}, "page": {"limit": 2}}
        first = http.post(f"{base}/api/v2/logs/events/search", json=asked, headers=keys).json()
        assert first["links"]["next"].startswith(f"{base}/api/v2/logs/events?")
        second = http.get(first["links"]["next"], headers=keys).json()
        found = [log["attributes"]["message"] for log in first["data"] + second["data"]]
        assert found == ["m2", "m1", "m0"]
