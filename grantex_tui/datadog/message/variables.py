"""What each variable of a message stands for.

Numbers look as in Datadog's notifications: always with a decimal point and at most three decimals
(``51.0``, ``33.333``); ``{{eval "int(value)"}}`` is the documented way to ``51``. Instants are UTC,
``Tue Nov 24 2026 09:05:00 UTC``. Both forms are observed, not documented.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


if TYPE_CHECKING:
    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.message.context import MessageContext
    from grantex_tui.datadog.message.functions import Value


RESERVED = ("message", "service", "status", "source", "span_id", "timestamp", "trace_id")
"""``{{log.message}}`` and the like."""


def variable(parts: tuple[str, ...], context: MessageContext) -> Value | None:
    """A variable's value, or None where Datadog renders nothing."""
    built_in = BUILT_IN.get(".".join(parts))
    if built_in is not None:
        return built_in(context)
    if parts[0] == "log":
        return _of_log(parts[1:], context)
    return _of_group(parts, context)


def is_foreign(parts: tuple[str, ...]) -> bool:
    """Whether the value comes from events, and so is escaped."""
    return ".".join(parts) not in BUILT_IN


def _of_group(parts: tuple[str, ...], context: MessageContext) -> str | None:
    """``{{env.name}}`` of a monitor that groups by ``env``."""
    if len(parts) != 2 or parts[1] != "name":
        return None
    return dict(context.group).get(parts[0])


def _of_log(parts: tuple[str, ...], context: MessageContext) -> Value | None:
    """``{{log.attributes.a.b}}``, ``{{log.tags.env}}``, ``{{log.message}}``."""
    log = context.log
    if log is None or not parts:
        return None
    match parts:
        case ("attributes", *path):
            return _shown(_walk(log.attributes, path))
        case ("tags", *path):
            return _tag(log, ".".join(path))
        case _:
            return _reserved(log, ".".join(parts))


def _tag(log: Log, key: str) -> str | None:
    """The values of a tag, in order, as Datadog lists several."""
    values = sorted(tag[len(key) + 1 :] for tag in log.tags if tag.startswith(f"{key}:"))
    return ",".join(values) or None


def _reserved(log: Log, name: str) -> Value | None:
    if name == "timestamp":
        return _instant(log.timestamp / 1000)
    if name == "span_id":
        return _shown(log.attributes.get("span_id"))
    return str(getattr(log, name)) or None if name in RESERVED else None


def _walk(value: object, path: list[str]) -> object:
    """An attribute; a key with dots may be written in brackets or walked, whichever exists."""
    if not path:
        return value
    if not isinstance(value, Mapping):
        return None
    keys = path[0].split(".")
    if path[0] in value or len(keys) == 1:
        return _walk(value.get(path[0]), path[1:])
    return _walk(value, [*keys, *path[1:]])


def _shown(value: object) -> Value | None:
    match value:
        case None:
            return None
        case str() | bool():
            return value if isinstance(value, str) else str(value).lower()
        case int() | float():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def number_text(value: Value) -> str:
    """``51.0``, ``33.333``; whole numbers (epochs, ``int()``) stay whole, texts as they are."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, float):
        return str(value)
    return repr(round(value, 3))


def _instant(at: float | None) -> str | None:
    return None if at is None else f"{_utc(at):%a %b %d %Y %H:%M:%S} UTC"


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(int(at), UTC)


def _epoch(at: float | None) -> int | None:
    return None if at is None else round(at * 1000)


def local_time(name: str, zone: str, context: MessageContext) -> str | None:
    """``2021-05-31 23:43:27+09:00``; None for a variable that is no time, or an unknown zone."""
    at = INSTANTS[name](context) if name in INSTANTS else None
    if at is None:
        return None
    try:
        return _utc(at).astimezone(ZoneInfo(zone)).isoformat(sep=" ")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _log_time(context: MessageContext) -> float | None:
    return context.log.timestamp / 1000 if context.log else None


INSTANTS: dict[str, Callable[[MessageContext], float | None]] = {
    "first_triggered_at": lambda context: context.first_triggered_at,
    "last_triggered_at": lambda context: context.last_triggered_at,
    "log.timestamp": _log_time,
}
BUILT_IN: dict[str, Callable[[MessageContext], Value | None]] = {
    "value": lambda context: _float(context.value),
    "threshold": lambda context: _float(context.threshold),
    "warn_threshold": lambda context: _float(context.warn_threshold),
    "alert_recovery_threshold": lambda context: _float(context.alert_recovery_threshold),
    "warn_recovery_threshold": lambda context: _float(context.warn_recovery_threshold),
    "ok_threshold": lambda context: _float(context.value) if context.is_recovery else None,
    "comparator": lambda context: context.comparator or None,
    "first_triggered_at": lambda context: _instant(context.first_triggered_at),
    "first_triggered_at_epoch": lambda context: _epoch(context.first_triggered_at),
    "last_triggered_at": lambda context: _instant(context.last_triggered_at),
    "last_triggered_at_epoch": lambda context: _epoch(context.last_triggered_at),
    "log.link": lambda context: context.log_link or None,
    "triggered_duration_sec": lambda context: _whole(context.triggered_duration),
}
"""Monitors/notify/variables, "template variables"."""


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
