"""Durations, instants and ranges: from text to values, and back for people.

This is the one grammar of every option, file and API of ours. What is Datadog's (``last_5m``,
``now-15m``) is read where Datadog's own forms are.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from grantex_tui.clock import parse_rfc3339, rfc3339


_PART = r"\d+(?:\.\d+)? ?(?:ms|[smhdw])"
DURATION = rf"(?:{_PART}(?: ?{_PART})*|\d+(?:\.\d+)?)"
"""``90s``, ``1h30m``, ``1.5d``, ``90``; a JSON schema knows it as a pattern."""
OFFSET = rf"[+-]?{DURATION}"
INSTANT = r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]| ?[+-]\d{2}:?\d{2})?)?"
LONGEST = 10 * 366 * 86400.0
"""Seconds that a rehearsal may cover: ten years, since every minute of it is evaluated."""
EXAMPLES = "90s, 5m, 1h30m or 500ms"
_SHOWN = 40
_ENDLESS = 1e12
"""Seconds: 30,000 years, beyond which no clock reckons."""
_LATEST = parse_rfc3339("3000-01-01T00:00:00Z")
_PARTS = re.compile(r"(\d+(?:\.\d+)?) ?(ms|[smhdw])?")
_SECONDS = {"ms": 0.001, "s": 1, "": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant: epoch seconds, or seconds after the rehearsal's start."""

    seconds: float
    relative: bool

    def on(self, start: float) -> float:
        """Epoch seconds, in a rehearsal that begins at *start*."""
        return start + self.seconds if self.relative else self.seconds

    def __str__(self) -> str:
        """As it is written: ``+2h10m``, or RFC 3339."""
        return offset_text(self.seconds) if self.relative else instant_text(self.seconds)


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from *least* to *most*, both in it."""

    least: float = -inf
    most: float = inf

    def holds(self, value: float | None) -> bool:
        """Whether there is a value, and it lies in the range."""
        return value is not None and self.least <= value <= self.most

    def __str__(self) -> str:
        """``5``, ``at least 5``, ``at most 9``, ``5 to 9``."""
        if self.least == self.most:
            return _plain(self.least)
        if self.most == inf:
            return f"at least {_plain(self.least)}"
        if self.least == -inf:
            return f"at most {_plain(self.most)}"
        return f"{_plain(self.least)} to {_plain(self.most)}"


def _plain(number: float) -> str:
    return f"{number:.6g}"


def parse_duration(value: object) -> float:
    """Seconds, 0 or more, of ``90``, ``90s``, ``1h30m``, ``500ms``, ``1w``.

    Args:
        value: A text, or a number of seconds.

    Raises:
        ValueError: It is no such duration; the text says how one is written.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(min(value, _ENDLESS))
    elif isinstance(value, str) and re.fullmatch(DURATION, value.strip(), re.ASCII):
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PARTS.findall(value))
    else:
        seconds = -1.0
    if not 0 <= seconds < _ENDLESS:
        shown = repr(value)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        raise ValueError(f"{shown} is no duration; write such as {EXAMPLES}")
    # Sums of decimal fractions stay the fractions that were written: 0.1s and 0.2s are 0.3s.
    return round(seconds, 6)


def parse_instant(text: str) -> float:
    """Epoch seconds of ``2026-01-05T09:00:00Z``; without an offset it is UTC.

    Raises:
        ValueError: It is no such instant.
    """
    if re.fullmatch(INSTANT, text.strip(), re.ASCII):
        with suppress(ValueError, OverflowError):  # the 30th of February, the year 0
            return parse_rfc3339(text.strip())
    raise ValueError(f"{text[:_SHOWN]!r} is no instant such as 2026-01-05T09:00:00Z")


def parse_moment(text: str) -> Moment:
    """``+2h10m`` (or ``2h10m``) after the start, or an RFC 3339 instant, in UTC if it has no offset.

    Raises:
        ValueError: It is neither, or so far away that it can't be meant.
    """
    if re.fullmatch(OFFSET, text.strip(), re.ASCII):
        sign = -1 if text.strip()[0] == "-" else 1
        moment = Moment(sign * parse_duration(text.strip().lstrip("+-")), relative=True)
    else:
        moment = Moment(parse_instant(text), relative=False)
    if abs(moment.seconds) > LONGEST if moment.relative else not 0 <= moment.seconds < _LATEST:
        raise ValueError(text)
    return moment


def duration_text(seconds: float) -> str:
    """The shortest exact way to write a duration: ``0s``, ``2m40s``, ``1d6h``."""
    left = round(abs(seconds) * 1000)
    text = "-" if seconds < 0 and left else ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)):
        count, left = divmod(left, size)
        text += f"{count}{unit}" if count else ""
    if left or text in ("", "-"):
        text += f"{left / 1000:g}s"
    return text


def offset_text(seconds: float) -> str:
    """Seconds after the start as they are written in a rehearsal file: ``+2h10m``."""
    text = duration_text(seconds)
    return text if text.startswith("-") else f"+{text}"


def instant_text(epoch: float) -> str:
    """RFC 3339 in UTC, without a fraction where there is none."""
    return rfc3339(epoch).replace(".000Z", "Z")


def both_texts(epoch: float, start: float) -> str:
    """An instant for people: ``+2h10m (2026-01-05T11:10:00Z)``."""
    return f"{offset_text(epoch - start)} ({instant_text(epoch)})"
