"""Lengths of time as monitors write them: ``5m``, ``4h``, ``last_15m``, ``last_1w``."""

from __future__ import annotations

import re


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(\d{1,6})([smhdw])")


def seconds(text: str) -> int | None:
    """The length of ``5m`` or ``4h`` in seconds; None if it isn't one."""
    match = _SPAN.fullmatch(text.strip())
    return int(match[1]) * _SECONDS[match[2]] if match else None


def last_seconds(text: str) -> int | None:
    """The length of ``last_15m`` in seconds; None if it isn't one."""
    return seconds(text.removeprefix("last_")) if text.startswith("last_") else None


def span_text(length: int, units: str = "mh") -> str:
    """The shortest writing of a length: the largest of *units* that divides it."""
    unit = next((unit for unit in reversed(units) if length % _SECONDS[unit] == 0), "s")
    return f"{length // _SECONDS[unit]}{unit}"
