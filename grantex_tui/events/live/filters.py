"""Where each path is, and which event types are wanted of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SSE, WEBSOCKET = "/v1/events/stream", "/v1/events/ws"


def stream_url(base: str, types: Sequence[str]) -> str:
    """The SSE stream's address under *base*, filtered by the service where it can.

    The service takes plain names, comma-joined without blanks; a wildcard would silence it, so
    any wildcard leaves the filtering to us.
    """
    url = base.rstrip("/").removesuffix(SSE).rstrip("/") + SSE
    plain = plain_types(types)
    return f"{url}?types={','.join(plain)}" if plain else url


def websocket_url(stream: str) -> str:
    """The WebSocket's address beside the SSE *stream*'s."""
    base = stream.partition("?")[0].removesuffix(SSE)
    return "ws" + base.removeprefix("http") + WEBSOCKET


def plain_types(types: Sequence[str]) -> tuple[str, ...]:
    """*types* if the service can filter by them: names without a wildcard."""
    return () if any("*" in name for name in types) else tuple(types)


def type_filter(types: Sequence[str]) -> Callable[[str], bool] | None:
    """Whether an event type is wanted; None when all are. ``*`` stands for any text."""
    if not types:
        return None
    if plain := plain_types(types):
        return frozenset(plain).__contains__
    pattern = re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in types))
    return lambda name: pattern.fullmatch(name) is not None
