"""A simulator that speaks TLS, and clients that trust it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator

import pytest

from grantex_sim.service.app import RunningSimulator, serve_in_thread


@pytest.fixture(scope="session")
def secure() -> Iterator[RunningSimulator]:
    with serve_in_thread(tls=True) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def trusting() -> Callable[[RunningSimulator], ssl.SSLContext]:
    """A client's context that trusts a simulator's authority and nobody else."""

    def context(simulator: RunningSimulator) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=simulator.ca_pem)

    return context
