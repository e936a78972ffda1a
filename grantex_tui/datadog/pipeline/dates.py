"""The dates that a date remapper recognises: ISO 8601, epoch milliseconds, RFC 3164.

Datadog: logs/log_configuration/processors/log_date_remapper. Times without a zone are UTC. All
results are milliseconds since the Unix epoch.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta


HOUR = 3_600_000
OLDEST = 18 * HOUR
"""How far before its arrival a log may be dated, in milliseconds."""
NEWEST = 2 * HOUR
"""How far after its arrival a log may be dated, in milliseconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DIGITS = re.compile(r"-?\d{1,15}", re.ASCII)
_ISO = re.compile(r"\d{4}-?(?:\d\d|W\d|\d{3}$)", re.ASCII)
_RFC3164 = re.compile(r"(?:<\d{1,3}>)?([A-Z][a-z]{2}) ([ 0-3]?\d) (\d\d):(\d\d):(\d\d)\b", re.ASCII)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_date(value: object, *, received_at: int) -> int | None:
    """The date that an attribute's value says, or None when it is none.

    RFC 3164 has no year: the one that brings the date closest to *received_at* is taken.
    """
    if isinstance(value, str):
        if value[10:11] == "T" and value[-1:] == "Z":  # as Grantex and nearly everybody writes it
            return _from_iso(value)
        return _from_text(value.strip(), received_at)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if abs(value) < 1e15 else None


def in_window(date: int, *, received_at: int) -> bool:
    """Whether Datadog takes a log of this date: 18 h back to 2 h ahead of its arrival."""
    return received_at - OLDEST <= date <= received_at + NEWEST


def _from_text(text: str, received_at: int) -> int | None:
    if _DIGITS.fullmatch(text):
        return int(text)
    if _ISO.match(text):
        return _from_iso(text)
    match = _RFC3164.match(text)
    return _from_rfc3164(match, received_at) if match else None


def _from_iso(text: str) -> int | None:
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return (when - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        return None


def _from_rfc3164(match: re.Match[str], received_at: int) -> int | None:
    month, *rest = match.groups()
    if month not in MONTHS:
        return None
    day, hour, minute, second = map(int, rest)
    year = (_EPOCH + received_at * _MILLISECOND).year
    dates: list[int] = []
    for candidate in (year - 1, year, year + 1):
        try:
            when = datetime(
                candidate, MONTHS.index(month) + 1, day, hour, minute, second, tzinfo=UTC
            )
        except ValueError:  # 29 February of another year, a 25th hour
            continue
        dates.append((when - _EPOCH) // _MILLISECOND)
    return min(dates, key=lambda date: abs(date - received_at), default=None)
