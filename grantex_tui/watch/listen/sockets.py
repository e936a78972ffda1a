"""The sockets of `--listen` and of the journal's folder, bound before anything runs.

They are bound and listen at once, so that an address in use is told at the start; what answers on
them is loaded later, and whoever asks before that waits in the queue.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.errors import UsageError


if TYPE_CHECKING:
    from grantex_tui.watch.listen.address import Address

STATUS_SOCKET = "status.socket"
_QUEUE = 64
_LONGEST = 100
"""Bytes that a socket's path may have on every system (Linux 107, macOS 103)."""


def listen_on(address: Address) -> socket.socket:
    """A listening TCP socket.

    Raises:
        UsageError: The address can't be had.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(place)
            bound.listen(_QUEUE)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise UsageError(
            f"--listen {address}: {error.strerror or error}",
            hint="Another process may have it; choose another port, or 0 for any free one.",
        ) from error
    bound.settimeout(0)
    return bound


def reachable(path: Path) -> str:
    """*path* in a form that a socket takes, however long it is.

    Raises:
        OSError: It is too long, and this system has no shorter way to it.
    """
    if len(os.fsencode(path)) <= _LONGEST:
        return str(path)
    folder = Path(f"/proc/self/fd/{os.open(path.parent, os.O_PATH)}")
    return str(folder / path.name)


def listen_in(folder: str) -> socket.socket:
    """A listening socket in a journal's *folder*, for its owner alone.

    What an earlier run left there is replaced: whoever opens the journal holds its lock.

    Raises:
        OSError: It can't be made.
    """
    path = Path(folder) / STATUS_SOCKET
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    name = reachable(path)
    mask = os.umask(0o177)  # not even for the moment between two calls is it anybody else's
    try:
        bound.bind(name)
        bound.listen(_QUEUE)
    except OSError:
        bound.close()
        raise
    finally:
        os.umask(mask)
        _release(name)
    bound.settimeout(0)
    return bound


def connect_to(path: Path) -> socket.socket:
    """A connection to the socket at *path*.

    Raises:
        OSError: Nobody listens there.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    name = reachable(path)
    try:
        connection.connect(name)
    except OSError:
        connection.close()
        raise
    finally:
        _release(name)
    return connection


def _release(name: str) -> None:
    """Close the folder that `reachable` has opened for *name*, if it has."""
    parts = Path(name).parts
    if parts[1:4] == ("proc", "self", "fd"):
        os.close(int(parts[4]))
