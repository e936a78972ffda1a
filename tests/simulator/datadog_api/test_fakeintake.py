"""fakeintake's control routes, as its own client and tests use them."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from grantex_sim.service.app import serve_in_thread


LOGS = "/api/v2/logs"


@pytest.fixture
def control(simulator, http):
    """A request without keys."""

    def asked(method, path, **more):
        return http.request(method, f"{simulator.url}{path}", **more)

    return asked


@pytest.fixture
def intake(simulator, http):
    """A request to the intake; gives the answer."""

    def sent(body=b'[{"message":"m","service":"s"}]', *, key=None, path=LOGS, **headers):
        keys = {"DD-API-KEY": key or simulator.datadog_key, "Content-Type": "application/json"}
        return http.post(f"{simulator.url}{path}", content=body, headers=keys | headers)

    return sent


def override(control, **fields):
    return control("POST", "/fakeintake/configure/override", json=fields).status_code


def b64(text):
    return base64.b64encode(text.encode()).decode()


def test_payloads_come_raw_as_they_were_sent(control, intake, simulator):
    body = gzip.compress(b'[{"message":"m"}]')
    intake(body, **{"Content-Encoding": "gzip"})
    intake()
    told = control("GET", f"/fakeintake/payloads?endpoint={LOGS}").json()["payloads"]
    assert told[0] == {
        "timestamp": "2026-03-02T12:00:00.000Z",
        "api_key": "[redacted]",
        "encoding": "gzip",
        "content_type": "application/json",
        "data": base64.b64encode(body).decode(),
    }
    assert told[1]["encoding"] == "application/json"
    assert simulator.datadog_key not in json.dumps(told)


def test_payloads_come_parsed(control, intake):
    intake(gzip.compress(b'[{"message":"m","service":"s"}]'), **{"Content-Encoding": "gzip"})
    told = control("GET", f"/fakeintake/payloads?endpoint={LOGS}&format=json").json()["payloads"]
    assert [each["data"] for each in told] == [[{"message": "m", "service": "s"}]]
    assert told[0].keys() == {"timestamp", "api_key", "encoding", "data"}


def test_nothing_was_received_elsewhere(control):
    told = control("GET", "/fakeintake/payloads?endpoint=/api/v2/series")
    assert told.json() == {"payloads": []}


@pytest.mark.parametrize("query", ["", "?endpoint=", "?endpoint=/support/flare&format=json"])
def test_a_wrong_question_is_answered_in_plain_text(control, query):
    told = control("GET", f"/fakeintake/payloads{query}")
    assert (told.status_code, told.headers["content-type"]) == (400, "text/plain")


def test_refused_payloads_are_not_among_the_accepted(control, intake):
    assert intake(key="wrong").status_code == 403
    assert intake(b"[1]").status_code == 400
    assert intake().status_code == 202
    told = control("GET", f"/fakeintake/payloads?endpoint={LOGS}").json()["payloads"]
    assert len(told) == 1


def test_routes_are_counted_and_flushed(control, intake):
    intake()
    intake()
    intake(path="/v1/input")
    assert control("GET", "/fakeintake/routestats").json() == {
        "routes": {
            LOGS: {"id": LOGS, "count": 2},
            "/v1/input": {"id": "/v1/input", "count": 1},
        }
    }
    for method in ("GET", "POST", "DELETE"):
        assert control(method, "/fakeintake/flushPayloads").status_code == 200
    assert control("GET", "/fakeintake/routestats").json() == {"routes": {}}


def test_it_is_well_and_says_who_it_is(control):
    first, second = (control("GET", "/fakeintake/health") for _ in range(2))
    assert (first.status_code, first.content) == (200, b"")
    assert first.headers["Fakeintake-ID"] == second.headers["Fakeintake-ID"]
    missing = control("GET", "/fakeintake/elsewhere")
    assert missing.status_code == 404
    assert "GET /fakeintake/elsewhere" in missing.json()["errors"][0]


def test_an_override_that_refuses_loses_nothing_silently(control, intake, simulator):
    fields = {"endpoint": LOGS, "method": "POST", "content_type": "text/plain"}
    assert override(control, **fields, status_code=429, body=b64("slow down")) == 200
    told = intake()
    assert (told.status_code, told.text, told.headers["content-type"]) == (
        429,
        "slow down",
        "text/plain",
    )
    assert control("GET", "/fakeintake/routestats").json() == {"routes": {}}
    assert simulator.ledger().requests[0].status == 429
    assert override(control, **fields, status_code=200, body="catbus!") == 200
    assert intake().text == "catbus!"
    assert [log.message for log in simulator.logs()] == ["m"]


def test_an_override_of_the_intake_ends_with_a_reset(control, intake, simulator):
    override(control, endpoint=LOGS, status_code=500)
    assert intake().status_code == 500
    simulator.reset()
    assert intake().status_code == 202
    override(control, endpoint=LOGS, status_code=503)
    assert intake().status_code == 503


def test_any_other_endpoint_can_be_overridden_for_one_method(control):
    fields = {"endpoint": "/totoro", "status_code": 201, "content_type": "text/plain"}
    override(control, **fields, method="GET", body=b64("catbus"))
    assert control("GET", "/totoro").text == "catbus"
    assert control("GET", "/totoro").status_code == 201
    assert control("POST", "/totoro").status_code != 201
    override(control, endpoint="/api/v1/check_run", status_code=202)
    assert control("POST", "/api/v1/check_run", content=b"x").status_code == 202


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"endpoint": LOGS},
        {"endpoint": LOGS, "status_code": "429"},
        {"endpoint": LOGS, "status_code": 99},
        {"endpoint": "logs", "status_code": 429},
    ],
)
def test_an_override_that_makes_no_sense_is_refused(control, fields):
    assert override(control, **fields) == 400


def test_sessions_have_payloads_of_their_own(http):
    with serve_in_thread() as simulator:
        keys = {"DD-API-KEY": simulator.datadog_key}
        one, other = (f"{simulator.url}/s/{name}" for name in ("one", "other"))
        assert http.post(f"{one}{LOGS}", json=[{"message": "m"}], headers=keys).status_code == 202
        assert len(http.get(f"{one}/fakeintake/routestats").json()["routes"]) == 1
        assert http.get(f"{other}/fakeintake/routestats").json() == {"routes": {}}
        ids = {
            http.get(f"{url}/fakeintake/health").headers["Fakeintake-ID"] for url in (one, other)
        }
        assert len(ids) == 2
