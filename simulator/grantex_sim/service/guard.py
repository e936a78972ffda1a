"""Who may use the simulator's own routes: no page of another origin, and no name that isn't ours.

A developer's browser reaches what listens on 127.0.0.1. Any web page may have it send requests
there, and one whose name is made to point there (DNS rebinding) reads the answers, too. The page,
``/_sim`` and ``/fakeintake`` are for the machine's own tests; what they take from a browser comes
from the page itself. Grantex's and Datadog's routes answer as the real services do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from grantex_sim.http.host import host_name, is_address
from grantex_sim.http.reply import problem


if TYPE_CHECKING:
    from collections.abc import Iterable

    from grantex_sim.http.wire import Request

_CONTROL: Final = ("/_sim/", "/fakeintake/")
_OWN_SITE: Final = ("", "same-origin", "none")
"""``Sec-Fetch-Site`` of the page itself, and of an address that somebody typed."""
_READ: Final = ("GET", "HEAD")


class Guard:
    """Refuses what comes from elsewhere.

    Args:
        hosts: Names by which the simulator is reached, beside addresses and ``localhost``.
    """

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._hosts = frozenset(map(host_name, hosts))

    def refusal(self, request: Request, path: str) -> bytes | None:
        """The answer to a request that may not be; *path* is that below a session's."""
        if not _is_control(request, path):
            return None
        host = request.header("host")
        if not self._is_ours(host_name(host)):
            hint = "Use 127.0.0.1 or localhost, or start it with --allow-host and that name."
            return problem(403, f"the simulator's own routes don't answer to {host[:120]!r}", hint)
        if is_foreign(request) and not (path == "/" and _is_visit(request)):
            hint = "From a browser they take what the simulator's own page sends; use curl."
            return problem(403, "a page of another origin may not use these routes", hint)
        return None

    def _is_ours(self, name: str) -> bool:
        return (
            name in ("", "localhost", *self._hosts)
            or name.endswith(".localhost")
            or is_address(name)
        )


def is_foreign(request: Request) -> bool:
    """Whether a page of another origin had a browser send *request*."""
    if request.header("sec-fetch-site").lower() not in _OWN_SITE:
        return True
    origin = request.header("origin")
    return bool(origin) and _authority(origin) != request.header("host").lower()


def _authority(origin: str) -> str | None:
    """Host and port of an origin; None of one that has none, such as ``null``."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _is_control(request: Request, path: str) -> bool:
    if path == "/":
        return request.method in _READ
    return f"{path}/".startswith(_CONTROL)


def _is_visit(request: Request) -> bool:
    """Whether somebody follows a link to the page, which then fills the window."""
    wanted = (request.header("sec-fetch-mode"), request.header("sec-fetch-dest"))
    return request.method in _READ and wanted == ("navigate", "document")
