"""A simulator and the official client of Datadog, unmodified."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from datadog_api_client import ApiClient, Configuration

from grantex_sim.service.app import serve_in_thread
from grantex_tui.clock import parse_rfc3339
from tests.support.clock import VirtualClock


NOON = parse_rfc3339("2026-03-02T12:00:00Z")


@pytest.fixture
def clock():
    """Stands at noon of a Monday until it is moved."""
    return VirtualClock(NOON)


@pytest.fixture
def simulator(clock):
    with serve_in_thread(clock=clock) as running:
        yield running


@pytest.fixture
def client_of():
    """Makes official clients of a simulator."""

    def make(simulator, *, key=None, app_key=None):
        configuration = Configuration(host=simulator.url)
        configuration.api_key["apiKeyAuth"] = key or simulator.datadog_key
        configuration.api_key["appKeyAuth"] = app_key or simulator.datadog_app_key
        return ApiClient(configuration)

    return make


@pytest.fixture
def client(simulator, client_of):
    with client_of(simulator) as made:
        yield made


@pytest.fixture(scope="session")
def payloads():
    """Objects that Datadog's own client reads whole: monitors, pipeline, metric, dashboard."""
    return json.loads((Path(__file__).parent / "data/verified-payloads.json").read_text())


@pytest.fixture(scope="session")
def http():
    """One client for all: making one costs more than its requests."""
    with httpx.Client(timeout=60) as client:
        yield client


@pytest.fixture
def send(simulator, http):
    """Sends events to the intake as the documented forwarder does."""

    def sent(*events, simulator=simulator):
        entries = [
            {
                "message": json.dumps(event),
                "ddsource": "grantex",
                "ddtags": f"type:{event['type']}",
                "hostname": "grantex-auth-service",
                "service": "grantex",
            }
            for event in events
        ]
        answer = http.post(
            f"{simulator.url}/api/v2/logs",
            json=entries,
            headers={"DD-API-KEY": simulator.datadog_key},
        )
        assert answer.status_code == 202

    return sent


@pytest.fixture
def ask(simulator, http):
    """One request to the API with both keys."""

    def asked(method, path, *, simulator=simulator, **more):
        keys = {
            "DD-API-KEY": simulator.datadog_key,
            "DD-APPLICATION-KEY": simulator.datadog_app_key,
        }
        return http.request(method, f"{simulator.url}{path}", headers=keys, **more)

    return asked
