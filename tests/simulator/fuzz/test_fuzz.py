"""The short form of ``make fuzz``, and that it would notice."""

from __future__ import annotations

import asyncio

from grantex_sim.datadog_api import DatadogApi
from tests.simulator.fuzz.run import fuzz


def test_mutated_requests_are_answered_and_nothing_fails_inside():
    outcome = fuzz(1_500, seed=20_261_124)
    assert outcome.unanswered == []
    assert outcome.failures == []
    # What is wrong is refused in the ways there are, and what is not is done.
    assert {200, 202, 400, 403, 404, 405, 431, 505} <= outcome.statuses.keys()


def test_a_failure_inside_is_noticed(monkeypatch):
    def broken(_self, request):
        raise ZeroDivisionError(request.path)

    monkeypatch.setattr(DatadogApi, "_answer", broken)
    outcome = fuzz(60, seed=1)
    assert outcome.statuses[500] > 0
    assert any("ZeroDivisionError" in failure for failure in outcome.failures)


def test_a_request_without_an_answer_is_noticed(monkeypatch):
    async def silent(_self, _request):
        await asyncio.sleep(0)
        raise asyncio.CancelledError

    monkeypatch.setattr(DatadogApi, "answer_beside", silent)
    monkeypatch.setattr("tests.simulator.fuzz.run.GUARD", 0.5)
    assert fuzz(20, seed=1).unanswered
