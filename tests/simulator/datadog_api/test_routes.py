from __future__ import annotations

import pytest

from grantex_sim.datadog_api.replies import RefusedError, reply
from grantex_sim.datadog_api.routes import Router
from grantex_sim.http.wire import Request, Response


ROUTER = Router(
    {
        route: lambda _request, *names, route=route: reply([route, *names])
        for route in (
            "GET /api/v1/monitor",
            "POST /api/v1/monitor",
            "GET /api/v1/monitor/search",
            "GET /api/v1/monitor/{}",
            "GET /api/v1/dashboard/{}",
        )
    }
)


def request(method, target):
    return Request(method, target, "1.1", ())


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/api/v1/monitor", b'["GET /api/v1/monitor"]'),
        ("/api/v1/monitor/?x=1", b'["GET /api/v1/monitor"]'),
        ("/api/v1/monitor/search", b'["GET /api/v1/monitor/search"]'),
        ("/api/v1/monitor/a%20b", b'["GET /api/v1/monitor/{}","a b"]'),
        ("/api/v1/%6Donitor/7", b'["GET /api/v1/monitor/{}","7"]'),
    ],
)
def test_a_route_is_found(target, found):
    answer = ROUTER.find(request("GET", target))()
    assert isinstance(answer, Response)
    assert answer.body == found


@pytest.mark.parametrize(
    ("method", "target", "status", "said"),
    [
        ("GET", "/api/v1/monitor/7/downtimes", 404, "near it: GET /api/v1/monitor/{}"),
        ("GET", "/api/v1/dashboard", 404, "near it: GET /api/v1/dashboard/{}"),
        ("GET", "/api/v1/hosts", 404, "docs/mock-datadog.md"),
        ("GET", "/api/v1//monitor", 404, "two slashes"),
        ("DELETE", "/api/v1/monitor", 405, "GET, POST"),
    ],
)
def test_what_is_not_there_is_told_with_what_may_be_meant(method, target, status, said):
    with pytest.raises(RefusedError) as refused:
        ROUTER.find(request(method, target))
    answer = refused.value.response
    assert answer.status == status
    assert answer.body.startswith(b'{"errors":["')
    assert said in dict(answer.more)["x-sim-reason"]


def test_a_method_that_is_not_taken_is_told_which_are():
    with pytest.raises(RefusedError) as refused:
        ROUTER.find(request("PATCH", "/api/v1/monitor"))
    assert dict(refused.value.response.more)["allow"] == "GET, POST"
