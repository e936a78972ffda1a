"""The instants of a search: ``now-15m``, ISO 8601, or milliseconds since the Unix epoch.

Datadog: api/v2/logs, "Search logs": ``from`` and ``to`` support date math and timestamps in
milliseconds. An ISO instant without an offset is taken as UTC.
"""

from __future__ import annotations

import re

from grantex_tui.clock import parse_rfc3339


_MATH = re.compile(r"now((?:[+-]\d{1,9}(?:ms|[smhdwMy]))*)")
_STEP = re.compile(r"([+-]\d+)(ms|[smhdwMy])")
_UNITS = {
    "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    "M": 2_592_000_000, "y": 31_536_000_000,
}  # fmt: skip
"""Milliseconds; a month has 30 days here, a year 365."""


def parse_instant(value: object, now: int) -> int:
    """Milliseconds since the epoch.

    Args:
        value: A text, or a number of milliseconds.
        now: The present, in milliseconds since the epoch.

    Raises:
        ValueError: It is none of the three forms.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no instant")  # noqa: TRY004 - the caller answers both alike
    text = value.strip()
    if text.isascii() and text.isdigit():
        return int(text[:18])
    if math := _MATH.fullmatch(text.replace(" ", "")):  # as v1's own example, "now - 1h"
        return now + sum(int(count) * _UNITS[unit] for count, unit in _STEP.findall(math[1]))
    try:
        return round(parse_rfc3339(text) * 1000)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{value!r} is not now-15m, an ISO 8601 instant, or milliseconds since the epoch"
        ) from None
