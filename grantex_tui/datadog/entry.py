"""From an entry of a logs intake request to the log that Datadog would hold.

Datadog: api/latest/logs ("Send logs"), logs/log_configuration/pipelines ("Preprocessing"),
logs/log_configuration/parsing, logs/log_configuration/attributes_naming_convention. Where the pages
are silent the choice is said at the function that makes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.paths import facet_text, first_at
from grantex_tui.datadog.pipeline.dates import in_window, parse_date
from grantex_tui.datadog.status import normalise_status
from grantex_tui.datadog.tags import MAX_TAGS, tag_list


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


__all__ = ["DATES", "MAX_MESSAGE", "take_entry"]

MAX_MESSAGE = 1_000_000
"""Bytes of a log; what is longer is truncated."""

DATES = (
    "@timestamp", "timestamp", "_timestamp", "Timestamp", "eventTime", "date", "published_date",
    "syslog.timestamp",
)  # fmt: skip
"""Attributes that hold a log's date, in the order in which they are looked for."""
_HOSTS = ("host", "hostname", "syslog.hostname")
_SERVICES = ("service", "syslog.appname")
_SOURCES = ("ddsource", "source")
_STATUSES = ("status", "severity", "level", "syslog.severity")
_TRACES = ("trace_id", "dd.trace_id", "contextMap.dd.trace_id")
_MESSAGES = ("message", "msg", "log")
_OWN = frozenset(
    {"message", "host", "hostname", "service", "ddsource", "source", "ddtags", "status", "trace_id"}
)
"""Keys that become a field of the log's own and are no attributes then."""
_CONSULTED = _OWN | {
    path.partition(".")[0]
    for path in (*DATES, *_HOSTS, *_SERVICES, *_STATUSES, *_TRACES, *_MESSAGES)
}

_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class IntakeLog:
    """A log, and what the intake did to it."""

    log: Log
    kept: bool = True
    """False when Datadog answers 202 and drops the log all the same, for its date."""
    notes: tuple[str, ...] = ()
    """What was cut, and why it is dropped, for people."""


def take_entry(
    entry: Mapping[str, object],
    *,
    received_at: int,
    query_tags: str = "",
    parse_json_message: bool = True,
    agent_json: bool = False,
) -> IntakeLog:
    """The log of one entry of a request.

    An object in ``message``, as JSON text, becomes attributes. On a clash the entry's own keys
    win; with *agent_json*, as behind ``DD-PROTOCOL: agent-json``, those of the message do.

    Args:
        entry: The JSON object as sent.
        received_at: When the intake has it, in milliseconds since the Unix epoch.
        query_tags: The request's ``ddtags`` parameter.
        parse_json_message: Whether JSON in ``message`` becomes attributes.
        agent_json: Whether the request has the header ``DD-PROTOCOL: agent-json``.
    """
    notes: list[str] = []
    text = _message_text(entry.get("message"), notes)
    inner = _json_object(text) if parse_json_message else None
    outer = {key: value for key, value in entry.items() if key != "message"}
    if inner is None:
        inner = {}
    elif _CONSULTED.isdisjoint(inner) and len(outer) == 4 and outer.keys() == _PLAIN:
        return _plain(text, inner, entry, query_tags, received_at, notes)
    nested = inner.get("message")
    if isinstance(nested, dict):  # recorded: its keys stand beside the others
        inner = {**nested, **{key: value for key, value in inner.items() if key != "message"}}
    layers = (inner, outer) if agent_json else (outer, inner)
    log = _assembled(text, layers, inner, query_tags, received_at, notes)
    kept = in_window(log.timestamp, received_at=received_at)
    if not kept:
        notes.append("dated more than 18 hours before or 2 hours after its arrival: dropped")
    return IntakeLog(log, kept, tuple(notes))


_PLAIN = frozenset({"hostname", "ddsource", "ddtags", "service"})


def _plain(
    text: str,
    attributes: dict[str, object],
    entry: Mapping[str, object],
    query_tags: str,
    received_at: int,
    notes: list[str],
) -> IntakeLog:
    """An entry of the documented keys alone, whose message holds none that matters: the usual."""
    tags = _tags((entry["ddtags"], query_tags), notes)
    log = Log(
        message=text,
        attributes=attributes,
        tags=tags,
        timestamp=received_at,
        host=facet_text(entry["hostname"]),
        service=facet_text(entry["service"]),
        source=facet_text(entry["ddsource"]),
    )
    return IntakeLog(log, notes=tuple(notes))


def _assembled(
    text: str,
    layers: tuple[Mapping[str, object], Mapping[str, object]],
    inner: Mapping[str, object],
    query_tags: str,
    received_at: int,
    notes: list[str],
) -> Log:
    first, second = layers
    merged = {**second, **first}
    status = _found(layers, _STATUSES)
    return Log(
        message=_text_of((inner,), _MESSAGES) or text,
        attributes=_attributes(merged),
        tags=_tags((first.get("ddtags"), second.get("ddtags"), query_tags), notes),
        timestamp=_date(merged, received_at),
        status="info" if status is None else normalise_status(status),
        host=_text_of(layers, _HOSTS),
        service=_text_of(layers, _SERVICES),
        source=_text_of(layers, _SOURCES),
        trace_id=_text_of(layers, _TRACES),
    )


def _message_text(message: object, notes: list[str]) -> str:
    """The message, cut to what a log may hold; an object is taken as its JSON."""
    text = message if isinstance(message, str) else facet_text(message)
    if len(text) * 4 <= MAX_MESSAGE:
        return text
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) <= MAX_MESSAGE:
        return text
    notes.append(f"message cut from {len(raw):,} to {MAX_MESSAGE:,} bytes")
    return raw[:MAX_MESSAGE].decode("utf-8", "ignore")


def _json_object(text: str) -> dict[str, object] | None:
    """The object that a message is, or None; lists and scalars stay text."""
    if text.lstrip()[:1] != "{":
        return None
    try:
        found = _decode(text)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        found = _decode_leniently(text)
    return found if isinstance(found, dict) else None


def _decode_leniently(text: str) -> object:
    """JSON that the strict decoder refuses and others take, such as half a surrogate pair."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _attributes(merged: dict[str, object]) -> dict[str, object]:
    """What is no field of the log's own. A key such as ``host`` that holds an object stays."""
    return {
        key: value
        for key, value in merged.items()
        if key not in _OWN or isinstance(value, dict | list)
    }


def _found(layers: Iterable[Mapping[str, object]], paths: tuple[str, ...]) -> object:
    """The first scalar at any of *paths*, an earlier layer before a later one."""
    for layer in layers:
        for path in paths:
            value = (
                first_at(layer, path) if path.partition(".")[0] in layer or path in layer else None
            )
            if value is not None and not isinstance(value, dict):
                return value
    return None


def _text_of(layers: Iterable[Mapping[str, object]], paths: tuple[str, ...]) -> str:
    value = _found(layers, paths)
    return "" if value is None else facet_text(value)


def _tags(texts: tuple[object, ...], notes: list[str]) -> tuple[str, ...]:
    tags = tag_list(*texts)
    if len(tags) > MAX_TAGS:
        notes.append(f"{len(tags)} tags cut to {MAX_TAGS}")
    return tags[:MAX_TAGS]


def _date(attributes: Mapping[str, object], received_at: int) -> int:
    """The first date among the documented attributes that is one; else when the log arrived."""
    for path in DATES:
        value = _found((attributes,), (path,))
        date = None if value is None else parse_date(value, received_at=received_at)
        if date is not None:
            return date
    return received_at
