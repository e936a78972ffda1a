"""Monitors while ``/_sim/clock`` is stopped, moved and set back, over HTTP."""

from __future__ import annotations

import pytest

from grantex_sim.service.app import serve_in_thread


MONITOR = {
    "name": "many",
    "type": "log alert",
    "query": 'logs("type:grant.revoked").index("*").rollup("count").last("5m") > 2',
    "message": "{{value}} @slack-sec",
}


@pytest.fixture
def simulator():
    """A simulator on the machine's clock, until its own is taken in hand."""
    with serve_in_thread() as running:
        yield running


def test_an_alert_and_its_recovery_take_no_time(simulator, http, send, ask):
    def clock(**move):
        return http.post(f"{simulator.url}/_sim/clock", json=move).raise_for_status()

    clock(virtual=True, start="2026-03-02T12:00:30Z")
    number = ask("POST", "/api/v1/monitor", json=MONITOR).json()["id"]
    send(*({"id": f"evt_{index}", "type": "grant.revoked"} for index in range(3)))
    clock(advance="10m")
    told = ask("GET", "/_sim/notifications").json()["notifications"]
    assert [(each["at"], each["transition"], each["body"]) for each in told] == [
        ("2026-03-02T12:01:00.000Z", "Triggered", "3.0 @slack-sec"),
        ("2026-03-02T12:06:00.000Z", "Recovered", "0.0 @slack-sec"),
    ]
    found = ask("GET", "/api/v2/logs/events?filter[query]=type:grant.revoked").json()["data"]
    assert [log["attributes"]["timestamp"] for log in found] == ["2026-03-02T12:00:30.000Z"] * 3
    assert ask("GET", "/api/v2/logs/events?filter[from]=now-5m").json()["data"] == []
    clock(virtual=True, start="2026-01-05T09:00:00Z")
    assert ask("GET", f"/api/v1/monitor/{number}").json()["overall_state"] == "No Data"
    clock(advance="2m")
    told = ask("GET", f"/api/v1/monitor/{number}").json()
    assert (told["overall_state"], told["overall_state_modified"]) == (
        "OK",
        "2026-01-05T09:01:00.000000+00:00",
    )
