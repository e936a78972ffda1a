"""The grok matcher ``date("pattern"[, "timezone"])``: Java's date letters to epoch milliseconds.

Datadog: logs/log_configuration/parsing, "Parsing dates". A time without a date counts from the
epoch's first day (the page's ``14:20:15`` is 51615000); a date without a year is of the year that
brings it closest to the log's arrival. Without a zone anywhere, times are UTC.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.dates import MONTHS
from grantex_tui.datadog.pipeline.grok.errors import GrokError


if TYPE_CHECKING:
    from collections.abc import Callable


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RUN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+", re.DOTALL)
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII)
_ABBREVIATIONS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "ADT": -3, "AST": -4, "EDT": -4, "EST": -5,
    "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8,
}  # fmt: skip
"""Hours east of UTC; Java reads these too, where the tz database has no such name."""

_MONTH_NAMES = "|".join(MONTHS)
_DAY_NAMES = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_ZONE_OFFSET = r"Z|[+-]\d\d(?::?\d\d)?"
_ZONE_NAME = r"[A-Za-z+-][A-Za-z0-9_+:/-]*"


_WORDS = {
    "E": ("weekday", f"(?i:{_DAY_NAMES})"),
    "a": ("half", "(?i:AM|PM)"),
    "Z": ("zone", _ZONE_OFFSET),
    "X": ("zone", _ZONE_OFFSET),
    "x": ("zone", _ZONE_OFFSET),
    "z": ("zone", _ZONE_NAME),
    "V": ("zone", _ZONE_NAME),
    "v": ("zone", _ZONE_NAME),
}
_NUMBERS = {
    "y": "year", "Y": "year", "u": "year", "M": "month", "L": "month", "d": "day", "D": "yearday",
    "H": "hour", "k": "hour", "h": "halfhour", "K": "halfhour", "m": "minute", "s": "second",
    "S": "fraction",
}  # fmt: skip


def _letters(letter: str, count: int) -> tuple[str, str]:
    """What a run of one letter means: the field's name and its regex.

    Raises:
        KeyError: No such letter.
    """
    if letter in "ML" and count >= 3:
        return "monthname", f"(?i:{_MONTH_NAMES})" + ("[a-z]*" if count > 3 else "")
    if letter == "Z" and count >= 3:
        return "zone", _ZONE_NAME
    if letter in _WORDS:
        return _WORDS[letter]
    least = 4 if letter in "yYu" and count == 1 else count
    if letter == "S" or count > 1 or least > 1:
        return _NUMBERS[letter], rf"\d{{{least}}}"
    return _NUMBERS[letter], r"\d{1,3}" if letter == "D" else r"\d{1,2}"


class DatePattern:
    """A compiled date pattern: ``regex`` to embed in a rule, `parse` for what it matched."""

    def __init__(self, pattern: str, zone: str = "") -> None:
        """Compile *pattern*; *zone* applies where the text names none.

        Raises:
            GrokError: A letter or a zone that is not known.
        """
        self._zone = parse_zone(zone) if zone else UTC
        pieces: list[tuple[str, str]] = []
        for run in _RUN.finditer(pattern):
            if run[2]:
                pieces.append(_known(pattern, run[2], len(run[0])))
            else:
                quoted = run[1]
                literal = run[0] if quoted is None else quoted.replace("''", "'") or "'"
                pieces.append(("", re.escape(literal)))
        if not pieces:
            raise GrokError("date() needs a pattern")
        self.regex = "".join(f"(?:{regex})" for _, regex in pieces)
        self._fields = re.compile("".join(map(_named, pieces, range(len(pieces)))))

    def parse(self, text: str, now: int) -> int:
        """Epoch milliseconds; *now* (the same unit) supplies a missing year.

        Raises:
            ValueError: No such day, hour or zone.
        """
        match = self._fields.fullmatch(text)
        if match is None:
            raise ValueError(text)
        found = {
            name.rstrip("0123456789").removeprefix("_"): value
            for name, value in match.groupdict().items()
        }
        zone = parse_zone(found["zone"]) if "zone" in found else self._zone
        return (_moment(found, now, zone) - _EPOCH) // _MILLISECOND


def _known(pattern: str, letter: str, count: int) -> tuple[str, str]:
    try:
        return _letters(letter, count)
    except KeyError:
        raise GrokError(f"date({pattern!r}): letter {letter!r} is not known") from None


def _named(piece: tuple[str, str], index: int) -> str:
    name, regex = piece
    return f"(?P<_{name}{index}>{regex})" if name else regex  # a letter may come twice


def _moment(found: dict[str, str], now: int, zone: tzinfo) -> datetime:
    year, month, day = _day(found, now)
    hour = int(found.get("hour", "0"))
    hour = 0 if hour == 24 else hour  # Java's kk counts 1 to 24
    if "halfhour" in found:
        hour = int(found["halfhour"]) % 12 + 12 * (found.get("half", "AM").upper() == "PM")
    fraction = found.get("fraction", "0")[:6].ljust(6, "0")
    when = datetime(
        year,
        month,
        day,
        hour,
        int(found.get("minute", "0")),
        int(found.get("second", "0")),
        int(fraction),
        tzinfo=zone,
    )
    return when + timedelta(days=int(found["yearday"]) - 1) if "yearday" in found else when


def _day(found: dict[str, str], now: int) -> tuple[int, int, int]:
    if "monthname" in found:
        month = MONTHS.index(found["monthname"][:3].capitalize()) + 1
    else:
        month = int(found.get("month", "1"))
    day = int(found.get("day", "1"))
    if "year" not in found:
        dated = not {"month", "monthname", "day", "yearday"}.isdisjoint(found)
        days = timedelta(days=int(found.get("yearday", "1")) - 1)
        return (_nearest_year(month, day, days, now) if dated else 1970), month, day
    year = int(found["year"])
    short = len(found["year"]) == 2
    return (year + (2000 if year < 70 else 1900) if short else year), month, day


def _nearest_year(month: int, day: int, days: timedelta, now: int) -> int:
    """The year that brings the day, and *days* more, closest to *now*, as recorded."""
    arrived = _EPOCH + now * _MILLISECOND
    years = (arrived.year, arrived.year - 1, arrived.year + 1)
    apart = {
        year: _distance(year, month, day, arrived - days) for year in years if 1 <= year <= 9999
    }
    return min(apart, key=lambda year: apart[year])


def _distance(year: int, month: int, day: int, instant: datetime) -> float:
    try:
        return abs((datetime(year, month, day, tzinfo=UTC) - instant).total_seconds())
    except ValueError:  # the 29th of February of another year, or no day at all
        return math.inf


def parse_zone(text: str) -> tzinfo:
    """A zone by offset (``+3``, ``UTC-05:30``), abbreviation or tz database name.

    Raises:
        GrokError: None of these.
    """
    if text.upper() in _ABBREVIATIONS:
        return timezone(timedelta(hours=_ABBREVIATIONS[text.upper()]))
    if match := _OFFSET.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
        span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if span <= timedelta(hours=18):
            return timezone(-span if match[1] == "-" else span)
    return _named_zone(text)


def _named_zone(text: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # the tz database: only for rules that name a place

    load: Callable[[str], tzinfo] = ZoneInfo
    try:
        return load(text)
    except (KeyError, ValueError, OSError) as error:
        raise GrokError(f"{text!r} is no timezone") from error
