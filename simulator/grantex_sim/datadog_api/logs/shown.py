"""A log as the API's replies show it, its id, and the cursor that continues after it.

Datadog: api/v2/logs, "Search logs"; tags beyond the user's own as recorded from the real API.
"""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, TypedDict

import msgspec

from grantex_tui.clock import rfc3339


if TYPE_CHECKING:
    from grantex_sim.datadog_api.store import Stored

Position = tuple[int, int]
"""A log's date in milliseconds, and its sequence number."""

_ID = struct.Struct(">BQxQ")
_VERSION = 1


class LogObject(TypedDict):
    """A log as the API gives it."""

    id: str
    type: str
    attributes: dict[str, object]


def log_id(position: Position) -> str:
    """``AQAAAZ…``: opaque to clients, unique, and the same in every reply."""
    return urlsafe_b64encode(_ID.pack(_VERSION, *position)).decode()


def log_object(stored: Stored) -> LogObject:
    """One element of ``data``."""
    log = stored.log
    attributes: dict[str, object] = {
        "timestamp": rfc3339(stored.timestamp / 1000),
        "status": log.status,
        "message": log.message,
        "tags": _tags(stored),
        "attributes": log.attributes,
    }
    named = {"host": log.host, "service": log.service}
    attributes |= {name: value for name, value in named.items() if value}
    return {
        "id": log_id((stored.timestamp, stored.sequence)),
        "type": "log",
        "attributes": attributes,
    }


def _tags(stored: Stored) -> list[str]:
    log = stored.log
    tags = [*log.tags]
    if log.source and f"source:{log.source}" not in tags:
        tags.append(f"source:{log.source}")
    if not stored.touched:
        tags.append("datadog.pipelines:false")
    tags.append("datadog.submission_auth:private_api_key")
    return tags


def cursor_after(stored: Stored) -> str:
    """Where the page after this log begins."""
    after = log_id((stored.timestamp, stored.sequence))
    return urlsafe_b64encode(msgspec.json.encode({"after": after})).decode().rstrip("=")


def read_id(text: str) -> Position:
    """The position that `log_id` has made the id *text* of.

    Raises:
        ValueError: It is no id of ours.
    """
    try:
        version, timestamp, sequence = _ID.unpack(urlsafe_b64decode(text))
    except (ValueError, struct.error):
        raise ValueError("the id is of no log of this simulator") from None
    if version != _VERSION:
        raise ValueError("the id is of another version")
    return timestamp, sequence


def read_cursor(text: str) -> Position:
    """The position that a cursor of ours stands for.

    Raises:
        ValueError: It is no cursor of ours.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        after = msgspec.json.decode(urlsafe_b64decode(padded), type=dict[str, str])["after"]
        return read_id(after)
    except (ValueError, KeyError, msgspec.MsgspecError):
        raise ValueError("the cursor is none of this simulator's") from None
