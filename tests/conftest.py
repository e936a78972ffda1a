from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator
from typing import Final

import pytest
from hypothesis import HealthCheck, settings


# A busy machine must not fail a property: no deadlines, no complaints about slow drawing.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# On a build server the same inputs each time: a new counterexample is found at a desk.
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


_LOOPBACK: Final = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True, scope="session")
def nothing_leaves_the_machine() -> Generator[None]:
    """A test that connects beyond the loopback fails, wherever it would have come.

    The guard is Python's audit hook, which no library can pass by; it covers this process. Children
    of the tests are led to the simulator by their environment, and have no other address.
    """
    guarding = True

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if not guarding or event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
            return
        address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        host = address[0] if isinstance(address, tuple) and address else address
        if isinstance(host, bytes):
            host = host.decode("ascii", "replace")
        if not isinstance(host, str) or not host or host.startswith("/"):
            return  # a socket of this machine's file system
        if not host.startswith(_LOOPBACK) and not _is_nowhere(host):
            raise LeavesTheMachineError(f"{event} to {host!r}")

    sys.addaudithook(look)
    yield
    guarding = False


def _is_nowhere(host: str) -> bool:
    """Names that no resolver may answer (RFC 2606), and addresses that lead nowhere (RFC 5737)."""
    nowhere = (".invalid", ".test", ".example", ".localhost")
    return host.endswith(nowhere) or host.startswith(
        ("192.0.2.", "198.51.100.", "203.0.113.", "0.")
    )


class LeavesTheMachineError(BaseException):
    """No `except Exception` may take it for a failure of the network."""


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
