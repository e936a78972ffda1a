"""What pages are made of: headings, paragraphs, facts with their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from grantex_tui.tui.drawing.rows import row
from grantex_tui.tui.drawing.text import fit
from grantex_tui.words.display import settled


if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.style import Style
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look

NAME = 13
"""Cells of a fact's name."""
_LONGEST = 4000


def heading(text: str, look: Look, width: int) -> list[Strip]:
    """A blank row and *text*."""
    return [row(width, []), row(width, [(fit(text, width), look.palette.title)])]


def paragraph(text: str, style: Style | None, width: int, indent: int = 0) -> list[Strip]:
    """*text* in as many rows as it takes."""
    lines = wrapped(text, max(1, width - indent))
    return [row(width, [(" " * indent, None), (line, style)]) for line in lines]


def facts(pairs: Iterable[tuple[str, str]], look: Look, width: int) -> list[Strip]:
    """A name and a text each; those without a text are left out."""
    palette = look.palette
    rows: list[Strip] = []
    for name, text in pairs:
        if not text:
            continue
        first, *rest = wrapped(text, max(1, width - NAME))
        rows.append(row(width, [(fit(name, NAME), palette.muted), (first, palette.text)]))
        rows += [row(width, [(" " * NAME, None), (line, palette.text)]) for line in rest]
    return rows


def wrapped(text: str, width: int) -> list[str]:
    """Foreign *text* neutralised, in rows of at most *width* cells, broken at blanks if it can be."""
    lines: list[str] = []
    line = ""
    for word in settled(text, limit=_LONGEST).split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *whole, line = _broken(word, width)
        lines += whole
    return [*lines, line]


def _broken(word: str, width: int) -> list[str]:
    pieces, piece, used = [], "", 0
    for character in word:
        cells = cell_len(character)
        if used + cells > width and piece:
            pieces.append(piece)
            piece, used = "", 0
        piece += character
        used += cells
    return [*pieces, piece]
