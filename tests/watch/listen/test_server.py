"""Questions to a run, over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from grantex_tui.errors import UsageError
from grantex_tui.events.gap import Gap
from grantex_tui.events.live.connection import ConnectionState, ConnectionView
from grantex_tui.watch.frame import Frame
from grantex_tui.watch.listen.address import Address, parse_address
from grantex_tui.watch.listen.blind import Blindness
from grantex_tui.watch.listen.listening import open_sockets
from grantex_tui.watch.listen.server import Pages, answering
from grantex_tui.watch.listen.sockets import STATUS_SOCKET, connect_to
from grantex_tui.watch.listen.supervisor import Supervisor, supervised


LIVE = Frame(
    now=100.0, started_at=50.0, source="", connection=ConnectionView(state=ConnectionState.LIVE)
)
AWAY = replace(
    LIVE,
    connection=ConnectionView(state=ConnectionState.WAITING, detail="reset by the other side"),
    gaps=(Gap(60.0, None, "reset by the other side"),),
)


def pages(frame: Frame) -> Pages:
    return Pages(
        lambda: frame, Blindness(), journal_limit=1000, version=lambda: "1.2.3", process=42
    )


async def get(address: str, path: str, method: str = "GET") -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.request(method, address + path) as reply:
        return reply.status, await reply.text()


async def test_a_run_is_asked_over_tcp(tmp_path):
    opened = open_sockets(["127.0.0.1:0"], "")
    [address] = opened.places
    async with answering(opened.sockets, pages(LIVE), after=0.0):
        assert await get(address, "/livez") == (200, "live\n")
        assert await get(address, "/readyz") == (200, "ready\n")
        assert await get(address, "/version") == (200, "1.2.3\n")
        status, text = await get(address, "/metrics")
        assert (status, text.splitlines()[-1]) == (200, "# EOF")
        assert json.loads((await get(address, "/status"))[1])["process"] == 42
        assert (await get(address, "/etc/passwd"))[0] == 404
        assert (await get(address, "/status", "POST"))[0] == 405
    opened.close()
    assert opened.warnings == []


async def test_without_a_stream_it_lives_and_is_not_ready():
    opened = open_sockets(["0"], "")
    [address] = opened.places
    async with answering(opened.sockets, pages(AWAY), after=0.0):
        assert (await get(address, "/livez"))[0] == 200
        status, text = await get(address, "/readyz")
        assert status == 503
        assert "reset by the other side" in text


async def test_who_asks_before_the_server_is_loaded_waits():
    opened = open_sockets(["0"], "")
    [address] = opened.places
    asking = asyncio.create_task(get(address, "/livez"))
    async with answering(opened.sockets, pages(LIVE), after=0.05):
        assert await asking == (200, "live\n")


def test_the_socket_in_the_journal_is_its_owners_and_goes_with_the_run(tmp_path):
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    path = folder / STATUS_SOCKET
    [left_behind] = open_sockets([], str(folder)).sockets
    left_behind.close()  # as by a run that was killed
    opened = open_sockets([], str(folder))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    connect_to(path).close()
    opened.close()
    assert not path.exists()


def test_a_folder_that_takes_no_socket_is_a_warning(tmp_path):
    opened = open_sockets([], str(tmp_path / "gone"))
    assert "can't be made" in opened.warnings[0]
    assert opened.sockets == []


def test_an_address_in_use_is_told_at_once():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}: Address already in use"):
            open_sockets([str(port)], "")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9464", Address("127.0.0.1", 9464)),
        (":9464", Address("127.0.0.1", 9464)),
        ("localhost:0", Address("localhost", 0)),
        ("[::1]:80", Address("::1", 80)),
    ],
)
def test_addresses_are_of_this_machine_unless_they_say_otherwise(text, address):
    assert parse_address(text) == address
    assert not address.is_open


@pytest.mark.parametrize("text", ["0.0.0.0:1", "10.0.0.1:1", "[::]:1", "example.com:1"])
def test_others_are_open_to_other_machines(text):
    assert parse_address(text).is_open


@pytest.mark.parametrize("text", ["", "x", "1:x", "127.0.0.1:", "127.0.0.1:70000", "-1", "²"])
def test_an_address_without_a_port_is_refused(text):
    with pytest.raises(UsageError, match="no port"):
        parse_address(text)


class Manager:
    """What systemd would hear."""

    def __init__(self, folder: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(folder / "n"))
        self.socket.settimeout(0)
        self.environment = {"NOTIFY_SOCKET": str(folder / "n"), "WATCHDOG_USEC": "2000000"}

    def heard(self) -> list[list[str]]:
        messages = []
        while True:
            try:
                messages.append(self.socket.recv(65536).decode().split("\n"))
            except BlockingIOError:
                return messages


async def test_systemd_is_told_of_the_stream_the_watchdog_and_the_end(tmp_path):
    manager = Manager(tmp_path)
    frames = iter([AWAY, LIVE])
    supervisor = Supervisor(manager.environment, lambda: next(frames))
    supervisor._look()
    supervisor._look()
    supervisor.stopping()
    before, ready, end = manager.heard()
    assert before[0] == "WATCHDOG=1"
    assert before[1].startswith("STATUS=waiting")
    assert ready[:2] == ["WATCHDOG=1", "READY=1"]
    assert end == ["STOPPING=1"]
    manager.socket.close()
    supervisor.stopping()  # a manager that has gone stops nothing


async def test_without_a_manager_nobody_is_told():
    async with supervised(Supervisor({}, lambda: pytest.fail("nobody asked"))):
        await asyncio.sleep(0)
