"""What the page about the mock Datadog says is so."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from grantex_sim.datadog_api import DatadogApi
from grantex_sim.faults import FaultScript
from grantex_sim.service.app import serve_in_thread
from grantex_tui.clock import WallClock


PAGE = (Path(__file__).parents[3] / "docs/mock-datadog.md").read_text()


def forward(url, grantex_key, datadog_key):
    """The smallest forwarder: one event of the stream, one entry."""
    authorization = {"Authorization": f"Bearer {grantex_key}"}
    with httpx.stream("GET", f"{url}/v1/events/stream", headers=authorization) as stream:
        line = next(line for line in stream.iter_lines() if line.startswith("data: "))
    entry = {
        "message": line.removeprefix("data: "),
        "ddsource": "grantex",
        "ddtags": "type:grant.revoked",
    }
    httpx.post(f"{url}/api/v2/logs", json=[entry], headers={"DD-API-KEY": datadog_key})


def test_the_example_runs_as_it_is():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    event = b'{"id":"evt_1","type":"grant.revoked","data":{}}'
    names: dict = {"events": [event], "start_my_forwarder": forward}
    exec(example, names)
    names["test_my_forwarder_s_logs_can_be_found"]()


def routes():
    clock = WallClock()
    api = DatadogApi(
        api_key=lambda: "key", app_key="app", clock=clock, faults=FaultScript(clock=clock)
    )
    return sorted({*api.routes})


@pytest.mark.parametrize("route", routes())
def test_every_route_is_on_the_page(route):
    method, _, path = route.partition(" ")
    word = re.sub(r"/\{\}", "", path)
    rows = [row for row in PAGE.splitlines() if row.startswith("|")]
    last = word.rpartition("/")[2]
    assert any(last in row and (method in row or "fakeintake" in row) for row in rows), route


def test_a_rotated_key_of_the_intake_is_rotated_for_the_api_too(http):
    with serve_in_thread(faults=("intake nth=1 key-rotated=another-key",)) as simulator:
        old = {
            "DD-API-KEY": simulator.datadog_key,
            "DD-APPLICATION-KEY": simulator.datadog_app_key,
        }
        monitors = f"{simulator.url}/api/v1/monitor"
        assert http.get(monitors, headers=old).status_code == 200
        http.post(f"{simulator.url}/api/v2/logs", json=[], headers=old)
        assert http.get(monitors, headers=old).status_code == 403
        assert http.get(monitors, headers=old | {"DD-API-KEY": "another-key"}).status_code == 200
