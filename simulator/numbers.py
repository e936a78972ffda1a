"""The whole numbers in a query of the simulator's own API."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Mapping


def whole_numbers(query: Mapping[str, str], defaults: Mapping[str, int]) -> dict[str, int]:
    """The numbers that are given, and the others' *defaults*.

    Raises:
        ValueError: One is no whole number, or has a name that is none of *defaults*.
    """
    found = dict(defaults)
    for name, text in query.items():
        if name not in defaults:
            raise ValueError(f"no parameter {name[:40]!r} here; there are: {', '.join(defaults)}")
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise ValueError(f"{name}={text[:40]!r} is no whole number from 0 up")
        found[name] = int(text)
    return found
