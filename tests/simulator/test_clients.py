"""The clients that people use, unmodified."""

from __future__ import annotations

import json
import queue

import httpx
import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import (
    ApiException,
    ForbiddenException,
    ServiceException,
    UnauthorizedException,
)
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.content_encoding import ContentEncoding
from datadog_api_client.v2.model.http_log import HTTPLog
from datadog_api_client.v2.model.http_log_item import HTTPLogItem
from grantex import Grantex

from grantex_sim.service.app import serve_in_thread


def grantex(simulator, key=None):
    return Grantex(base_url=simulator.url, api_key=key or simulator.grantex_key)


def datadog(simulator, key=None):
    configuration = Configuration(host=simulator.url)
    configuration.api_key["apiKeyAuth"] = key or simulator.datadog_key
    return ApiClient(configuration)


def log(*messages):
    return HTTPLog([HTTPLogItem(message=message, ddsource="grantex") for message in messages])


def test_grantex_stream_yields_every_captured_event(captured):
    with serve_in_thread(payloads=captured) as simulator, grantex(simulator) as client:
        stream = client.events.stream()
        events = [next(stream) for _ in captured]
        stream.close()
    expected = [json.loads(payload) for payload in captured]
    assert [event.id for event in events] == [event["id"] for event in expected]
    assert [event.data for event in events] == [event["data"] for event in expected]


def test_grantex_subscribe_calls_its_handler(captured):
    arrived: queue.Queue[str] = queue.Queue()
    with serve_in_thread(payloads=captured) as simulator, grantex(simulator) as client:
        subscription = client.events.subscribe(lambda event: arrived.put(event.id))
        ids = [arrived.get(timeout=60) for _ in captured]
        assert subscription.active
    assert ids == [json.loads(payload)["id"] for payload in captured]


def test_grantex_filters_by_type(captured):
    from grantex.resources._events import StreamOptions

    wanted = [payload for payload in captured if b'"type":"budget.' in payload]
    options = StreamOptions(types=["budget.threshold", "budget.exhausted"])
    with serve_in_thread(payloads=captured) as simulator, grantex(simulator) as client:
        stream = client.events.stream(options)
        ids = [next(stream).id for _ in wanted]
        stream.close()
    assert ids == [json.loads(payload)["id"] for payload in wanted]


def test_grantex_with_a_wrong_key_is_refused():
    with (
        serve_in_thread() as simulator,
        grantex(simulator, "a-key-of-another-place") as client,
        pytest.raises(httpx.HTTPStatusError) as refused,
    ):
        next(client.events.stream())
    assert refused.value.response.status_code == 401


@pytest.mark.parametrize("coding", [None, "gzip", "deflate"])
def test_datadog_client_delivers_byte_for_byte(captured, coding):
    chosen = {} if coding is None else {"content_encoding": ContentEncoding(coding)}
    with serve_in_thread() as simulator, datadog(simulator) as client:
        simulator.emit(*captured)
        messages = [payload.decode() for payload in captured]
        answer = LogsApi(client).submit_log(log(*messages), ddtags="env:test", **chosen)
        ledger = simulator.ledger()
    assert answer == {}
    assert (ledger.delivered, ledger.missing, ledger.altered) == (354, [], 0)
    assert ledger.requests[0].encoding == (coding or "identity")


def test_datadog_client_knows_a_wrong_key_as_forbidden():
    with (
        serve_in_thread() as simulator,
        datadog(simulator, "wrong") as client,
        pytest.raises(ForbiddenException) as refused,
    ):
        LogsApi(client).submit_log(log("m"))
    assert refused.value.status == 403
    assert refused.value.body["errors"][0]["title"] == "Forbidden"


def test_datadog_client_knows_too_large_and_malformed_bodies():
    with serve_in_thread() as simulator, datadog(simulator) as client:
        for body in (log(*["x" * 10_000] * 501), log(*["m"] * 1_001)):
            with pytest.raises(ApiException) as refused:
                LogsApi(client).submit_log(body, content_encoding=ContentEncoding("gzip"))
            assert refused.value.status == 413
            assert isinstance(refused.value.body, dict)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("400", ApiException),
        ("401", UnauthorizedException),
        ("403", ForbiddenException),
        ("408", ApiException),
        ("429@1", ApiException),
        ("500", ServiceException),
        ("503", ServiceException),
    ],
)
def test_datadog_client_knows_scripted_statuses_by_class(status, error):
    with serve_in_thread(intake_statuses=status) as simulator, datadog(simulator) as client:
        with pytest.raises(error) as refused:
            LogsApi(client).submit_log(log("m"))
        assert type(refused.value) is error
        assert refused.value.body["errors"]
        assert LogsApi(client).submit_log(log("m")) == {}
