"""The guard around the suite does what it is there for."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.conftest import LeavesTheMachineError


def test_a_connection_beyond_the_loopback_fails_the_test():
    with socket.socket() as attempt, pytest.raises(LeavesTheMachineError):
        attempt.connect(("8.8.8.8", 53))


def test_so_does_a_name_that_is_looked_up_and_a_datagram():
    with pytest.raises(LeavesTheMachineError):
        socket.getaddrinfo("http-intake.logs.datadoghq.com", 443)
    with socket.socket(type=socket.SOCK_DGRAM) as sender, pytest.raises(LeavesTheMachineError):
        sender.sendto(b"x", ("8.8.8.8", 53))


async def test_and_asyncio_does_not_pass_it_by():
    with pytest.raises(LeavesTheMachineError):
        await asyncio.open_connection("1.1.1.1", 443)
