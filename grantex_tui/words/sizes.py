"""Sizes in bytes: the one grammar of every option, file and API of ours."""

from __future__ import annotations

import re


_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmg]?i?b?)", re.ASCII | re.IGNORECASE)
_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_LARGEST = 1 << 60
EXAMPLES = "500, 64kB, 500MB or 2GiB"


def parse_size(value: object) -> int:
    """Bytes of ``500``, ``64kB``, ``1.5MB``, ``2GiB``.

    Args:
        value: A text, or a number of bytes.

    Raises:
        ValueError: It is no such size; the text says how one is written.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    unit = _BYTES.get(match[2].lower().removesuffix("b")) if match else None
    if match is None or unit is None:
        raise ValueError(f"{repr(value)[:40]} is no size; write such as {EXAMPLES}")
    return int(min(float(match[1]) * unit, _LARGEST))
