"""What systemd is told: ready, still alive, how it stands, stopping (sd_notify(3)).

The state goes to ``NOTIFY_SOCKET``, a datagram each; without that variable nothing happens.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.watch.headless import status_line


if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from grantex_tui.watch.frame import Frame

_STATUS_EVERY = 10.0
_LOOK_EVERY = 1.0


class Supervisor:
    """Tells the service manager of a run.

    Args:
        environment: of the process.
        frame: gives everything as it is now.
    """

    def __init__(self, environment: Mapping[str, str], frame: Callable[[], Frame]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._watchdog = _watchdog_seconds(environment)
        self._frame = frame
        self._is_ready = False

    @property
    def is_there(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self._address)

    async def run(self) -> None:
        """Tell until cancelled: READY once the stream was live, then WATCHDOG and STATUS.

        The loop that sends these is the one that reads and delivers: if it hangs, the watchdog is
        not fed, and systemd starts the run anew.
        """
        every = min(_STATUS_EVERY, self._watchdog or _STATUS_EVERY)
        while True:
            self._look()
            await asyncio.sleep(every if self._is_ready else min(every, _LOOK_EVERY))

    def stopping(self) -> None:
        """Say that the run is on its way out."""
        self._send("STOPPING=1")

    def _look(self) -> None:
        frame = self._frame()
        words = ["WATCHDOG=1"] if self._watchdog else []
        if not self._is_ready and frame.connection.state is ConnectionState.LIVE:
            self._is_ready = True
            words.append("READY=1")
        self._send("\n".join([*words, f"STATUS={status_line(frame)}"]))

    def _send(self, text: str) -> None:
        address = self._address
        if address.startswith("@"):
            address = "\0" + address[1:]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0)
            try:
                sender.sendto(text.encode("utf-8", "replace"), address)
            except OSError:
                return  # a manager that has gone or is busy is no reason to stop delivering


def _watchdog_seconds(environment: Mapping[str, str]) -> float | None:
    """Half the time after which systemd loses patience, or None."""
    try:
        return int(environment["WATCHDOG_USEC"]) / 2e6
    except (KeyError, ValueError):
        return None


@asynccontextmanager
async def supervised(supervisor: Supervisor) -> AsyncIterator[None]:
    """Tell the manager while the body runs."""
    if not supervisor.is_there:
        yield
        return
    telling = asyncio.create_task(supervisor.run())
    try:
        yield
    finally:
        supervisor.stopping()
        telling.cancel()
        await asyncio.wait({telling})
