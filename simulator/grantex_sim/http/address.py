"""The ways to say one thing: which request is meant, before anybody answers it.

Log senders reach Datadog's intake in several ways. The key comes in a header, in the query (for
loggers that set no headers) or, in the form ``/v1/input/KEY`` that many of them still use, in the
path; browsers name the content coding in the query, and may send through a proxy that is told the
intake's address in ``ddforward`` (Datadog: logs/log_collection/javascript,
real_user_monitoring/guide/proxy-rum-data). After `meant` there is one way, and no key in a path.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from grantex_sim.http.target import is_target, path_of, with_path


if TYPE_CHECKING:
    from grantex_sim.http.wire import Request

INTAKE: Final = "/api/v2/logs"
OLD_INTAKE: Final = "/v1/input"
"""The intake, and its deprecated form."""
STREAM: Final = "/v1/events/stream"
WEBSOCKET: Final = "/v1/events/ws"
"""Grantex's events, in both of their forms."""
PATHS: Final = {"sse": STREAM, "websocket": WEBSOCKET}
"""These two by the words that name them."""


def meant(request: Request) -> Request:
    """*request* in the one form that the parts of the simulator know.

    A HEAD is a GET of whose answer the connection leaves the body out; that of Grantex's stream
    stays, for the service treats it apart.
    """
    if request.method == "HEAD" and request.path != STREAM:
        return replace(request, method="GET")
    if request.method not in ("POST", "OPTIONS"):
        return request
    return _at_intake(_forwarded(request))


def _forwarded(request: Request) -> Request:
    """A browser's request to a proxy, as the proxy would send it on."""
    there = request.parameter("ddforward")
    if not is_target(request.method, there) or path_of(there) != INTAKE:
        return request
    return replace(request, target=there)


def _at_intake(request: Request) -> Request:
    path = request.path.rstrip("/")
    root, _, in_path = path.rpartition("/")
    if root == OLD_INTAKE:
        path = OLD_INTAKE
    elif path in (INTAKE, OLD_INTAKE):
        in_path = ""
    else:
        return request
    given = (
        ("dd-api-key", unquote(in_path)),
        ("dd-api-key", request.parameter("dd-api-key")),
        ("content-encoding", request.parameter("dd-evp-encoding")),
    )
    added = tuple((name, value) for name, value in given if value)
    if not added and path == request.path:
        return request
    target = with_path(request.target, path)
    return replace(request, target=target, headers=(*request.headers, *added))
