from __future__ import annotations

import os
import signal
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings


# A busy machine must not fail a property: no deadlines, no complaints about slow drawing.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# On a build server the same inputs each time: a new counterexample is found at a desk.
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


# A shell starts what it puts in the background with SIGINT ignored, and children inherit that; a
# handler is not inherited, so that commands under test begin as they do in the foreground.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """With `-n auto`: two workers a core, unless the environment names a number.

    More than a third of the suite's time is waiting, for a stream to be a second old before it is
    closed or for a child process to end, and another test can run meanwhile.
    """
    cores = yield
    return cores if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else 2 * cores
