"""A long text in rows of a screen's width, wrapped only where somebody looks."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.words.display import cell_width, settled


if TYPE_CHECKING:
    from collections.abc import Sequence

_EXACT = 4096
"""Characters of a line up to which wide ones are wrapped exactly."""
_KEY = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(\s*:)')


def pretty(raw: bytes) -> list[str]:
    """The payload as indented JSON, or as it is; lines, neutralised."""
    try:
        text = msgspec.json.format(raw, indent=2).decode("utf-8", "replace")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = raw.decode("utf-8", "replace")
    return [settled(line) for line in text.split("\n")]


class Document:
    """*lines* (already safe) at a width, by row."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._width = 0
        self._ends: list[int] = []

    def wrap(self, width: int) -> int:
        """Lay it out for *width* cells; returns how many rows that takes."""
        if width != self._width:
            self._width = max(1, width)
            self._ends = list(accumulate(self._height(line) for line in self._lines))
        return self._ends[-1] if self._ends else 0

    def row(self, y: int) -> tuple[str, bool]:
        """The text of row *y*, and whether a line begins there."""
        line = bisect_right(self._ends, y)
        if line >= len(self._lines):
            return "", False
        piece = y - (self._ends[line - 1] if line else 0)
        return self._piece(self._lines[line], piece), piece == 0

    def _height(self, line: str) -> int:
        if _is_uneven(line):
            return len(_wrapped(line, self._width))
        return max(1, -(-len(line) // self._step(line)))

    def _piece(self, line: str, index: int) -> str:
        if _is_uneven(line):
            return _wrapped(line, self._width)[index]
        step = self._step(line)
        return line[index * step : (index + 1) * step]

    def _step(self, line: str) -> int:
        """Characters a row: half of the cells where some may be wide, in very long lines."""
        return self._width if line.isascii() else max(1, self._width // 2)


def _is_uneven(line: str) -> bool:
    return not line.isascii() and len(line) <= _EXACT


def _wrapped(line: str, width: int) -> list[str]:
    pieces: list[str] = []
    start = used = 0
    for index, character in enumerate(line):
        cells = cell_width(character)
        if used + cells > width and index > start:
            pieces.append(line[start:index])
            start, used = index, 0
        used += cells
    return [*pieces, line[start:]]


def split_key(text: str) -> tuple[str, str]:
    """A row of JSON as (indent with key and colon, the rest); no key, no first part."""
    match = _KEY.match(text)
    return ("", text) if match is None else (match[0], text[match.end() :])
