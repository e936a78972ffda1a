"""Logs that Datadog has held, as it gives them back: archived, or as its search returns them.

Datadog: logs/log_configuration/archives ("Format of the archives": ``_id``, ``date``, ``host``,
``service``, ``source``, ``status``, ``tags``, ``message``, ``attributes``), api/latest/logs ("Search
logs": the same below ``attributes``, with ``timestamp``). An archive holds everybody's logs, so
whatever has a date and either a message or attributes is one, an event or not.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from grantex_tui.clock import parse_rfc3339
from grantex_tui.datadog.entry import take_entry
from grantex_tui.datadog.log import Log
from grantex_tui.datadog.status import normalise_status
from grantex_tui.datadog.tags import tag_list
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.logged import Logged


class Held(msgspec.Struct, gc=False):
    """The keys of a log; what it doesn't have is None."""

    id: object = msgspec.field(default=None, name="_id")
    date: object = None
    timestamp: object = None
    host: object = None
    service: object = None
    source: object = None
    status: object = None
    tags: object = None
    message: object = None
    attributes: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(Held).decode
_decode_attributes = msgspec.json.Decoder(dict[str, Any]).decode


class _Result(msgspec.Struct, gc=False):
    """One of ``data`` of a search."""

    id: object
    attributes: msgspec.Raw


_decode_result = msgspec.json.Decoder(_Result).decode


def from_archive(line: bytes) -> Logged | None:
    """The log of an archive's line; None if it is none.

    Raises:
        ValueError: It is one that can't be read.
    """
    return _logged(_decode(line), line, None)


def from_search(line: bytes) -> Logged | None:
    """The log of a result of Datadog's search."""
    result = _decode_result(line)
    return _logged(_decode(bytes(result.attributes)), line, result.id)


def _logged(held: Held, line: bytes, number: object) -> Logged | None:
    date = held.date if held.date is not None else held.timestamp
    given = bytes(held.attributes)
    has_attributes = given not in (b"", b"null")
    if date is None or (held.message is None and not has_attributes):
        return None
    at = instant_of(date)
    if at is None:
        raise ValueError(f"the log's date {date!r} is no instant")
    message = held.message if isinstance(held.message, str) else ""
    attributes = _attributes(given) if has_attributes else None
    log = _log(held, message, attributes, at)
    event = _event(message, given)
    return Logged(
        _text(number if held.id is None else held.id) if event is None else event.id,
        "" if event is None else event.type,
        _text(date) if event is None else event.created_at,
        "" if event is None else event.grant_id,
        "" if event is None else event.agent_id,
        "" if event is None else event.principal_id,
        line if event is None else event.raw,
        log=log,
        is_processed=attributes is not None,
        line=line,
    )


def _attributes(given: bytes) -> dict[str, object]:
    """What attributes say; also with a number that is too large for a float, which becomes one.

    Raises:
        ValueError: They are no object.
    """
    try:
        return _decode_attributes(given)
    except msgspec.ValidationError:
        found = json.loads(given)
        if not isinstance(found, dict):
            raise
        return found


def _log(held: Held, message: str, attributes: dict[str, object] | None, at: float) -> Log:
    """The log itself; one without attributes has yet to be taken apart, as the intake does."""
    tags = tag_list(held.tags)
    source = _text(held.source) or _tagged(tags, "source")
    stamp = round(at * 1000)
    if attributes is None:
        entry = {
            "ddsource": source,
            "ddtags": ",".join(tags),
            "hostname": _text(held.host),
            "service": _text(held.service) or _tagged(tags, "service"),
            "status": _text(held.status) or "info",
            "message": message,
        }
        return take_entry(entry, received_at=stamp).log
    return Log(
        message=message,
        attributes=attributes,
        tags=tags,
        timestamp=stamp,
        status=normalise_status(_text(held.status)) if held.status else "info",
        host=_text(held.host),
        service=_text(held.service) or _tagged(tags, "service"),
        source=source,
    )


def _event(message: str, attributes: bytes) -> Event | None:
    """The event that the log was made of: it is the message, or what was parsed out of it."""
    for payload in (message.encode("utf-8", "replace"), attributes):
        if payload.startswith(b"{"):
            event = decode_event(payload)
            if isinstance(event, Event):
                return event
    return None


def instant_of(value: object) -> float | None:
    """Datadog's dates: ISO 8601 or epoch milliseconds; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000
    try:
        return parse_rfc3339(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _tagged(tags: tuple[str, ...], key: str) -> str:
    """The value of the first tag with this key."""
    return next((tag.partition(":")[2] for tag in tags if tag.startswith(f"{key}:")), "")
