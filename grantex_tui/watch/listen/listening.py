"""Puts together what a run listens on and whom it tells: from settings to sockets and back to words."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.watch.listen.address import parse_address
from grantex_tui.watch.listen.server import Pages, answering
from grantex_tui.watch.listen.sockets import STATUS_SOCKET, listen_in, listen_on
from grantex_tui.watch.listen.supervisor import Supervisor, supervised


if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from grantex_tui.watch.frame import Frame
    from grantex_tui.watch.listen.blind import Blindness


@dataclass(frozen=True, slots=True)
class Listening:
    """Sockets that listen, and what is to be said of them."""

    sockets: list[socket.socket] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    """Base addresses for people, of the TCP ones."""
    warnings: list[str] = field(default_factory=list)
    file: str = ""
    """The one in the journal's folder."""

    def close(self) -> None:
        """Close them, if nothing has yet; leave nothing in the journal's folder."""
        for each in self.sockets:
            each.close()
        if self.file:
            Path(self.file).unlink(missing_ok=True)


def open_sockets(listen: Sequence[str], journal: str) -> Listening:
    """The sockets for the addresses *listen*, and the one in the journal's folder if there is one.

    Raises:
        UsageError: An address is wrong, or can't be had.
    """
    opened = Listening(file=str(Path(journal) / STATUS_SOCKET) if journal else "")
    try:
        for text in listen:
            address = parse_address(text)
            bound = listen_on(address)
            opened.sockets.append(bound)
            opened.places.append(f"http://{address.on_port(bound.getsockname()[1])}")
            if address.is_open:
                opened.warnings.append(
                    f"--listen {text}: other machines can read counts, monitors' names and the state "
                    "of this run; nothing asks them for a key"
                )
    except BaseException:
        opened.close()
        raise
    if journal:
        try:
            opened.sockets.append(listen_in(journal))
        except OSError as error:
            opened.warnings.append(
                f"`grantex-tui status` won't find this run: {STATUS_SOCKET} can't be made in "
                f"{journal}: {error.strerror or error}"
            )
    return opened


@asynccontextmanager
async def open_to_questions(
    opened: Listening,
    frame: Callable[[], Frame],
    blindness: Blindness,
    *,
    journal_limit: int,
    environment: Mapping[str, str],
) -> AsyncIterator[None]:
    """Answer whoever asks on *opened*, and tell the service manager, while the body runs."""
    pages = Pages(
        frame, blindness, journal_limit=journal_limit, version=_version, process=os.getpid()
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(answering(opened.sockets, pages))
        await stack.enter_async_context(supervised(Supervisor(environment, frame)))
        yield


def _version() -> str:
    from grantex_tui import __version__

    return str(__version__)
