"""Work beside the requests that comes to an end before its time is told of at once."""

from __future__ import annotations

import asyncio

import pytest

from grantex_sim.commands.main import main
from grantex_sim.datadog_api import DatadogApi
from grantex_sim.service.app import Options, Simulator, serve_in_thread


@pytest.fixture
def broken(monkeypatch):
    """Has the evaluation of monitors fail as soon as it begins."""

    async def fails(_self):
        raise ZeroDivisionError

    monkeypatch.setattr(DatadogApi, "run", fails)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("name", [None, "mine"])
async def test_who_runs_it_hears_of_a_failure_in_any_session(name):
    told: asyncio.Queue[BaseException] = asyncio.Queue()
    simulator = Simulator(Options())
    simulator.on_failure = told.put_nowait

    async def run():
        async with simulator:
            assert isinstance(await told.get(), ZeroDivisionError)
            if name is not None:
                await simulator.sessions.named(name)
                assert isinstance(await told.get(), ZeroDivisionError)

    with pytest.raises(ZeroDivisionError):
        await run()


@pytest.mark.usefixtures("broken")
def test_a_test_that_uses_it_fails():
    with pytest.raises(ZeroDivisionError), serve_in_thread() as simulator:
        simulator.ledger()


@pytest.mark.usefixtures("broken")
def test_serve_ends():
    with pytest.raises(ZeroDivisionError):
        main(["serve", "--port", "0", "--events", "0", "--quiet"])
