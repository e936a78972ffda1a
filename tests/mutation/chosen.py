"""A pytest plugin for a run against one mutant: the chosen tests, in the order of the choice.

A test that takes far longer than it does without the mutant ends the run as a failure would. The hypothesis profile tries the same examples each time, and doesn't look for the smallest that
fails: that one does is all there is to know.
"""

from __future__ import annotations

import faulthandler
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings


settings.register_profile(
    "mutants",
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)


PATIENCE = 10.0
"""Seconds that each test may take, besides 20 times what it took without the mutant."""


def chosen_text(seconds: Mapping[str, float]) -> str:
    """Says which tests are to be run, and how long each took."""
    return "\n".join(f"{took}\t{test}" for test, took in seconds.items())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chosen", help="a file with a line for each test: its seconds, a tab, its id"
    )


def pytest_configure(config: pytest.Config) -> None:
    chosen = config.getoption("--chosen")
    if chosen:
        lines = Path(chosen).read_text(encoding="utf-8").split("\n")
        seconds = {test: float(took) for took, _, test in (line.partition("\t") for line in lines)}
        config.pluginmanager.register(_Chosen(seconds))


class _Chosen:
    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._order = {test: place for place, test in enumerate(seconds)}

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        left_out = [item for item in items if item.nodeid not in self._order]
        config.hook.pytest_deselected(items=left_out)
        taken = [item for item in items if item.nodeid in self._order]
        items[:] = sorted(taken, key=lambda item: self._order[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        limit = PATIENCE + 20 * self._seconds[item.nodeid]
        faulthandler.dump_traceback_later(limit, exit=True)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()
