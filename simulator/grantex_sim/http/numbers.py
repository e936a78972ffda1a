"""Whole numbers in queries and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Mapping


def whole_number(text: str) -> int | None:
    """The whole number from 0 up that *text* is, of 18 digits at most; None if it is none."""
    # Python raises at thousands of digits, and reads those of any script.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def whole_numbers(query: Mapping[str, str], defaults: Mapping[str, int]) -> dict[str, int]:
    """The numbers that are given, and the others' *defaults*.

    Raises:
        ValueError: One is no whole number, or has a name that is none of *defaults*.
    """
    found = dict(defaults)
    for name, text in query.items():
        if name not in defaults:
            raise ValueError(f"no parameter {name[:40]!r} here; there are: {', '.join(defaults)}")
        if (number := whole_number(text)) is None:
            raise ValueError(f"{name}={text[:40]!r} is no whole number from 0 up")
        found[name] = number
    return found
