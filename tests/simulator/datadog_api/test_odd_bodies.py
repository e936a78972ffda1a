"""Whatever is posted anywhere gets an answer in JSON, and never a handler that fails."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grantex_sim.datadog_api import DatadogApi
from grantex_sim.faults import FaultScript
from grantex_sim.http.wire import Request
from tests.support.clock import VirtualClock


CLOCK = VirtualClock(1_772_452_800.0)
PAYLOADS = json.loads((Path(__file__).parent / "data/verified-payloads.json").read_text())
ROUTES = {
    "POST /api/v2/logs/events/search": PAYLOADS["list_request"],
    "POST /api/v2/logs/analytics/aggregate": PAYLOADS["aggregate_request"],
    "POST /api/v1/monitor": PAYLOADS["monitor_budget_by_agent"],
    "POST /api/v1/monitor/validate": PAYLOADS["monitor_anomaly"],
    "PUT /api/v1/monitor/51000001": PAYLOADS["monitor_two_queries"],
    "POST /api/v1/logs/config/pipelines": PAYLOADS["pipeline"],
    "PUT /api/v1/logs/config/pipeline-order": {"pipeline_ids": []},
    "POST /api/v2/logs/config/metrics": PAYLOADS["logs_metric_for_anomaly"],
    "PATCH /api/v2/logs/config/metrics/grantex.events": PAYLOADS["logs_metric_for_anomaly"],
    "POST /api/v1/dashboard": PAYLOADS["dashboard"],
    "DELETE /api/v1/dashboard": {"data": [{"id": "a", "type": "dashboard"}]},
    "POST /fakeintake/configure/override": {"endpoint": "/x", "status_code": 200, "body": "Yg=="},
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["*", "now-1h", "count", "timeseries", "@a", "log alert", "\ud800", "(", "-"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value, path=()):
    """The path of everything inside a value."""
    yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield from places(inner, (*path, key))


def placed(value, path, new):
    """*value* with *new* at a path."""
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = placed(value[path[0]], path[1:], new)
    return changed


def api():
    made = DatadogApi(
        api_key=lambda: "key", app_key="app", clock=CLOCK, faults=FaultScript(clock=CLOCK)
    )
    send(made, "POST", "/api/v1/monitor", PAYLOADS["monitor_two_queries"])
    send(made, "POST", "/api/v2/logs/config/metrics", PAYLOADS["logs_metric_for_anomaly"])
    return made


def send(api, method, path, body):
    headers = (("dd-api-key", "key"), ("dd-application-key", "app"), ("host", "h"))
    answer = api.answer(Request(method, path, "1.1", headers, json.dumps(body).encode()))
    assert answer is not None
    head, _, told = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1])
    if told:
        json.loads(told)
    return status


@pytest.mark.parametrize("route", ROUTES)
def test_a_good_body_with_anything_anywhere_is_taken_or_refused(route):
    method, path = route.split(" ")
    body = ROUTES[route]
    made = api()

    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(list(places(body))), VALUES)
    def check(place, value):
        assert send(made, method, path, placed(body, place, value)) in (
            200,
            204,
            400,
            404,
            409,
            422,
        )

    check()


@pytest.mark.parametrize("route", ROUTES)
def test_a_good_body_is_taken(route):
    method, path = route.split(" ")
    expected = {"POST /api/v2/logs/config/metrics": 409, "DELETE /api/v1/dashboard": 404}
    assert send(api(), method, path, ROUTES[route]) == expected.get(route, 200)


@pytest.mark.parametrize("route", ROUTES)
def test_half_surrogates_are_no_reason_to_fail(route):
    method, path = route.split(" ")
    body = ROUTES[route]
    made = api()
    for place in places(body):
        send(made, method, path, placed(body, place, "\ud800"))


GETS = [
    "/api/v2/logs/events?filter[query]={}",
    "/api/v2/logs/events?filter[from]={}",
    "/api/v2/logs/events?page[limit]={}&sort=timestamp",
    "/api/v2/logs/events?page[cursor]={}",
    "/api/v1/monitor?name={}",
    "/api/v1/monitor?page={}",
    "/api/v1/monitor?group_states={}&monitor_tags={}",
    "/api/v1/monitor/search?query={}",
    "/api/v1/monitor/search?per_page={}&page={}",
    "/api/v1/monitor/can_delete?monitor_ids={}",
    "/api/v1/monitor/{}",
    "/api/v1/logs/config/pipelines/{}",
    "/api/v2/logs/config/metrics/{}",
    "/api/v1/dashboard/{}",
    "/api/v1/dashboard?start={}&count={}",
    "/fakeintake/payloads?endpoint={}&format=json",
    "/_sim/notifications?x={}",
]


@pytest.mark.parametrize("target", GETS)
def test_any_parameter_gets_an_answer(target):
    made = api()

    @settings(max_examples=40, deadline=None)
    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))
    @example("9" * 5_000)
    def check(text):
        from urllib.parse import quote

        request = target.replace("{}", quote(text, safe=""))
        headers = (("dd-api-key", "key"), ("dd-application-key", "app"), ("host", "h"))
        answer = made.answer(Request("GET", request, "1.1", headers))
        assert answer is not None
        assert int(answer.split(b" ")[1]) in (200, 400, 404)

    check()
