"""Whom a fault concerns: requests, connections and events held against its `Match`. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from grantex_sim.events.emission import emission
from grantex_sim.http.address import WEBSOCKET


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_sim.events.emission import Emission
    from grantex_sim.faults.model import Match
    from grantex_sim.http.wire import Request


def matches_post(match: Match, request: Request) -> bool:
    """Whether a request to the intake, of which the head is there, is meant."""
    return _matches(match, request, request.header("dd-api-key") or request.parameter("dd-api-key"))


def matches_stream(match: Match, request: Request, client: int) -> bool:
    """Whether the stream that *request* asks for, *client*'s, is meant."""
    key = request.header("authorization").rpartition(" ")[2]
    return match.client in (None, client) and _matches(match, request, key)


def matches_event(match: Match, event: Emission) -> bool:
    """Whether *event* is meant."""
    return fnmatchcase(event.type, match.type or "*") and fnmatchcase(event.id, match.id or "*")


def matches_subscriber(match: Match, client: int, path: str) -> bool:
    """Whether an event is meant on *client*'s stream, which is open at *path*."""
    return match.client in (None, client) and fnmatchcase(path, match.full_path or "*")


def has_event(match: Match, messages: Sequence[str]) -> bool:
    """Whether any event in *messages* is meant; without type and id, all requests are."""
    if not match.type and not match.id:
        return True
    events = (emission(message.encode("utf-8", "replace")) for message in messages)
    return any(matches_event(match, event) for event in events)


def matches_handshake(match: Match, host: str) -> bool:
    """Whether the handshake of a client that asks for *host* is meant."""
    return fnmatchcase(host, match.host.lower() or "*")


def is_websocket(request: Request) -> bool:
    """Whether *request* is for the WebSocket, where nothing is about lines and chunks."""
    return request.path == WEBSOCKET


def _matches(match: Match, request: Request, key: str) -> bool:
    if match.path and not fnmatchcase(request.path, match.full_path):
        return False
    return not match.key or key == match.key
