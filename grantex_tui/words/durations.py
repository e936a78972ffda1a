"""Durations, instants and ranges in a rehearsal file: from text to values, and back for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf

from grantex_tui.clock import parse_rfc3339, rfc3339


DURATION = r"(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+"
"""``90s``, ``1h30m``, ``1.5d``; a JSON schema knows it as a pattern."""
OFFSET = rf"[+-]{DURATION}"
INSTANT = r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]| ?[+-]\d{2}:?\d{2})?)?"
LONGEST = 10 * 366 * 86400.0
"""Seconds that a rehearsal may cover: ten years, since every minute of it is evaluated."""
_LATEST = parse_rfc3339("3000-01-01T00:00:00Z")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


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


def parse_duration(value: float | str) -> float:
    """Seconds of ``90``, ``90s``, ``1h30m``, ``2d``.

    Raises:
        ValueError: It is no such duration.
    """
    if isinstance(value, int | float):
        return float(value)
    if not re.fullmatch(DURATION, value):
        raise ValueError(value)
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(value))


def parse_moment(text: str) -> Moment:
    """``+2h10m`` after the start, or an RFC 3339 instant; without an offset it is UTC.

    Raises:
        ValueError: It is neither, or so far away that it can't be meant.
    """
    if text[:1] in "+-" and text:
        sign = -1 if text[0] == "-" else 1
        moment = Moment(sign * parse_duration(text[1:]), relative=True)
    else:
        moment = Moment(parse_rfc3339(text), relative=False)
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
