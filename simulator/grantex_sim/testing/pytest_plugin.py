"""The pytest plugin: the fixture `grantex_sim`, a Grantex and a Datadog for one test.

One server a test process, in a thread, and in it a session of its own for each test. Nothing of
the simulator is imported before the first test that uses the fixture.
"""

from __future__ import annotations

import itertools
import os
import re
from typing import TYPE_CHECKING, Final

import pytest


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_sim.testing.fixture import GrantexSim

_URL: Final = "--grantex-sim-url"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._~-]+")
_numbers: Final = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names a running server."""
    parser.getgroup("grantex-sim").addoption(
        _URL,
        metavar="URL",
        default=os.environ.get("GRANTEX_SIM_URL"),
        help="use this running `grantex-sim serve` (with its default keys) instead of starting one "
        "in the test process (environment: GRANTEX_SIM_URL)",
    )


@pytest.fixture(scope="session")
def grantex_sim_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The address of the server that all tests of this process share."""
    __tracebackhide__ = True
    url: str | None = pytestconfig.getoption(_URL)
    if url:
        from grantex_sim.testing.remote import Remote

        Remote(url).ledger()  # once for all tests: if nobody answers there, that is all they say
        yield url
        return
    from grantex_sim.service.app import serve_in_thread

    with serve_in_thread(tls=True) as simulator:
        yield simulator.url


@pytest.fixture
def grantex_sim(request: pytest.FixtureRequest, grantex_sim_url: str) -> Iterator[GrantexSim]:
    """A Grantex and a Datadog that only this test uses; see `grantex_sim.testing.fixture.GrantexSim`."""
    from grantex_sim.testing.fixture import GrantexSim
    from grantex_sim.testing.remote import session_url

    name = _session_name(request.node.name)
    simulator = GrantexSim(session_url(grantex_sim_url, name))
    yield simulator
    simulator.end()


def _session_name(test: str) -> str:
    """Unique among the tests of all processes; it begins with a letter and tells the test."""
    return f"t{os.getpid():x}-{next(_numbers)}-{_NOT_IN_NAMES.sub('-', test)[:60]}"
