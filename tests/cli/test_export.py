"""`grantex-tui export`, and the page that says how to use it, run against the mock Datadog."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from grantex_sim.scenario import load_scenario, scenario_source
from grantex_sim.service.app import serve_in_thread
from grantex_tui.cli.main import main
from grantex_tui.pack.deployable import pack_deployables
from tests.support.clock import VirtualClock


PAGE = Path(__file__).parents[2] / "docs/datadog.md"
ROUTES = {
    "metric": "/api/v2/logs/config/metrics",
    "pipeline": "/api/v1/logs/config/pipelines",
    "monitors": "/api/v1/monitor",
    "dashboard": "/api/v1/dashboard",
}


def exported(capsys, *arguments):
    assert main(["export", *arguments]) == 0
    said = capsys.readouterr()
    return json.loads(said.out), said.err


def test_all_is_an_object_with_a_list_for_each_kind(capsys):
    found, said = exported(capsys)
    assert {kind: len(values) for kind, values in found.items()} == {
        "metric": 1, "pipeline": 1, "monitors": 9, "dashboard": 1,
    }  # fmt: skip
    assert said == ""


@pytest.mark.parametrize("kind", ["metric", "pipeline", "dashboard"])
def test_one_object_is_printed_by_itself(capsys, kind):
    (pack,) = (each.value for each in pack_deployables() if each.kind == kind)
    assert exported(capsys, kind)[0] == pack


def test_monitors_are_a_list_and_notify_whom_they_are_to(capsys):
    found, _ = exported(capsys, "monitors", "--to", "@slack-a", "--to", "@b@example.com")
    assert all(each["message"].endswith("@slack-a @b@example.com") for each in found)


def test_own_files_are_taken_and_corrections_said(capsys, tmp_path):
    remapper = {"type": "attribute-remapper", "sources": ["event.type"], "target": "grantex.t"}
    pipeline = {"name": "mine", "filter": {"query": "*"}, "processors": [remapper]}
    mine = tmp_path / "mine.json"
    mine.write_text(json.dumps(pipeline))
    found, said = exported(capsys, "pipeline", str(mine))
    assert found["processors"][0]["sources"] == ["type"]
    assert (
        said == "mine: corrected: source event.type is type: a log's message is the event itself\n"
    )
    assert main(["export", "monitors", str(mine)]) == 2
    mine.write_text('{"name": "p",\n "processors": 5}')
    assert main(["export", str(mine)]) == 3
    assert f"{mine}:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        ({"title": "t", "layout_type": "loose", "widgets": []}, "'layout_type' must be one of"),
        ({"data": {"type": "logs_metrics", "id": "9"}}, "data.id: '9' is no name of a metric"),
    ],
)
def test_what_datadog_refuses_is_not_exported(capsys, tmp_path, refused, why):
    mine = tmp_path / "mine.json"
    mine.write_text(json.dumps(refused))
    assert main(["export", str(mine)]) == 3
    assert why in capsys.readouterr().err


def test_two_objects_of_one_name_are_two_files(capsys, tmp_path):
    (monitor,) = (each.value for each in pack_deployables() if each.name == "heartbeat")
    mine = tmp_path / "mine.json"
    mine.write_text(json.dumps([monitor, monitor]))
    assert main(["export", str(mine), "-o", str(tmp_path / "out")]) == 0
    assert len([*(tmp_path / "out/monitors").iterdir()]) == 2
    assert main(["export", "-o", str(mine)]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_a_handle_is_one(capsys):
    for text in ("slack", "@", "@a b"):
        with pytest.raises(SystemExit):
            main(["export", "--to", text])
    assert "no handle such as" in capsys.readouterr().err


@pytest.fixture
def clock():
    return VirtualClock(load_scenario("revocation-storm").start)


@pytest.fixture
def simulator(clock):
    with serve_in_thread(clock=clock) as running:
        yield running


@pytest.fixture
def api(simulator):
    headers = {"DD-API-KEY": simulator.datadog_key, "DD-APPLICATION-KEY": simulator.datadog_app_key}
    with httpx.Client(base_url=simulator.url, headers=headers, timeout=30) as client:
        yield client


def run_page(simulator, folder):
    """Every command of the page, in one shell that ends with the first that fails."""
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL))
    here = {
        "DD_API": simulator.url,
        "DD_API_KEY": simulator.datadog_key,
        "DD_APP_KEY": simulator.datadog_app_key,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    return subprocess.run(
        ["sh", "-euc", script], cwd=folder, env=os.environ | here, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


def within(part, whole):
    """Whether *whole* has all of *part*, and beside it only what is filled in."""
    if isinstance(part, dict):
        return all(key in whole and within(each, whole[key]) for key, each in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(within, part, whole))
    return part == whole


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_page_deploys_everything_and_it_works(simulator, api, clock, tmp_path):
    done = run_page(simulator, tmp_path)
    assert done.returncode == 0, done.stderr
    held = {kind: api.get(route).json() for kind, route in ROUTES.items()}
    listed = held["dashboard"]["dashboards"]
    dashboard = api.get(f"{ROUTES['dashboard']}/{listed[0]['id']}").json()
    files = {path: json.loads(path.read_text()) for path in (tmp_path / "datadog").rglob("*.json")}
    for path, sent in files.items():
        told = told_of(path.parent.name, sent, held, dashboard)
        assert within(sent, told), path
    assert len(files) == 12

    forward_the_storm(api, clock)
    told = api.get("/_sim/notifications").json()["notifications"]
    assert "Grantex: many grants revoked" in {each["monitor"] for each in told}
    assert all("@slack-security" in each["recipients"] for each in told)
    for query in queries_of(dashboard):
        assert api.post("/api/v2/logs/analytics/aggregate", json=query).json()["data"]["buckets"]


def told_of(kind, sent, held, dashboard):
    """What the API has of an object that was sent."""
    if kind == "metric":
        return {"data": held["metric"]["data"][0]}
    if kind == "monitors":
        return next(each for each in held["monitors"] if each["name"] == sent["name"])
    return held["pipeline"][0] if kind == "pipeline" else dashboard


def forward_the_storm(api, clock):
    """The scenario's events, a request a minute of it, at their times."""
    scenario = load_scenario("revocation-storm")
    waiting: list[bytes] = []
    until = 60.0
    for event in scenario_source(scenario, is_now=False)(scenario.start):
        while event.at >= until:
            send(api, waiting)
            waiting, until = [], until + 60.0
            clock.advance(60.0)
            api.get("/_sim/notifications")
        waiting.append(event.payload)
    send(api, waiting)
    clock.advance(300.0)


def send(api, payloads):
    for start in range(0, len(payloads), 500):
        entries = [
            {"message": payload.decode(), "ddsource": "grantex", "service": "grantex"}
            for payload in payloads[start : start + 500]
        ]
        assert api.post("/api/v2/logs", json=entries).status_code == 202


def queries_of(dashboard):
    """What each widget asks for, as the API of logs takes it."""
    for widget in dashboard["widgets"]:
        for request in widget["definition"]["requests"]:
            span = {"from": "now-1d", "to": "now"}
            if "query" in request:
                text = request["query"]["query_string"]
                yield {"compute": [{"aggregation": "count"}], "filter": {"query": text, **span}}
            for query in request.get("queries", ()):
                groups = [{"facet": each["facet"]} for each in query.get("group_by", ())]
                yield {
                    "compute": [query["compute"]],
                    "filter": {"query": query["search"]["query"], **span},
                    "group_by": groups,
                }
