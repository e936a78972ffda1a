"""Who searches keeps nobody waiting."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from grantex_sim.datadog_api.logs import routes, routes_v1


GUARD = 20.0
SPAN = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
SEARCHES = {
    "/api/v2/logs/events/search": ({}, (routes, "find"), "data"),
    "/api/v2/logs/analytics/aggregate": (
        {"compute": [{"aggregation": "count"}]},
        (routes, "buckets"),
        "data",
    ),
    "/api/v1/logs-queries/list": ({"time": SPAN}, (routes_v1, "find"), "logs"),
}


@pytest.mark.parametrize("path", SEARCHES)
def test_others_are_served_while_a_search_goes_on(ask, send, monkeypatch, path):
    body, (module, name), key = SEARCHES[path]
    begun, served = threading.Event(), threading.Event()
    find = getattr(module, name)

    def slow(*asked):
        begun.set()
        assert served.wait(GUARD)
        return find(*asked)

    monkeypatch.setattr(module, name, slow)
    send({"id": "evt_1", "type": "t"})
    with ThreadPoolExecutor(1) as threads:
        searching = threads.submit(ask, "POST", path, json=body)
        try:
            assert begun.wait(GUARD)
            send({"id": "evt_2", "type": "t"})  # the answer to it is what frees the search
            assert ask("GET", "/_sim/ledger").status_code == 200
        finally:
            served.set()
        answer = searching.result(GUARD)
    assert answer.status_code == 200
    found = answer.json()[key]
    # What arrived meanwhile is for the next search.
    counted = found["buckets"][0]["computes"]["c0"] if isinstance(found, dict) else len(found)
    assert counted == 1


def test_what_is_refused_is_refused_at_once(ask):
    answer = ask("POST", "/api/v2/logs/events/search", json={"filter": {"query": "@a:("}})
    assert answer.status_code == 400
