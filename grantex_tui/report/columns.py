"""Tables and paragraphs in plain text of a given width, and tables in Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from grantex_tui.report.styled import clip_middle
from grantex_tui.words.display import cell_width, clip_cells, settled


if TYPE_CHECKING:
    from collections.abc import Sequence

_NARROWEST = 20
_MENTION = re.compile(r"@(?=\w)")
"""GitHub would notify whoever has this name."""
_SHORTEST = 8
"""Cells that a name keeps at the least."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    rank: int = 0
    """Where it is too narrow for all, those of the highest rank go first; 0: never."""
    left: bool = False
    """Whether its texts begin at the left."""


def text_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    breaks: int | None = None,
) -> list[str]:
    """A table of at most *width* cells a line; whole columns are left out to get there.

    If that is not enough, the texts of its widest column of names lose their middles.

    Args:
        columns: one for each text of a row.
        rows: texts, made safe and of settled width here.
        width: in terminal cells.
        breaks: a column; where its text changes an empty line parts the rows.
    """
    rows = [[settled(text) for text in row] for row in rows]
    widths = [
        max(cell_width(text) for text in (column.name, *(row[place] for row in rows)))
        for place, column in enumerate(columns)
    ]
    shown = _fitting(columns, widths, width)
    if (excess := sum(widths[place] + 1 for place in shown) - 1 - width) > 0:
        names = max((p for p in shown if columns[p].left), key=lambda p: widths[p], default=None)
        if names is not None and widths[names] - excess >= _SHORTEST:
            widths[names] -= excess
            rows = [
                [*r[:names], clip_middle(r[names], widths[names]), *r[names + 1 :]] for r in rows
            ]
    gap = "  " if sum(widths[place] + 2 for place in shown) - 2 <= width else " "
    lines = [_line([column.name for column in columns], columns, widths, shown, gap)]
    for number, row in enumerate(rows):
        if breaks is not None and number and rows[number - 1][breaks] != row[breaks]:
            lines.append("")
        lines.append(_line(row, columns, widths, shown, gap))
    return [clip_cells(line.rstrip(), max(width, _NARROWEST)) for line in lines]


def _fitting(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    shown = list(range(len(columns)))
    while sum(widths[place] + 2 for place in shown) - 2 > width:
        droppable = [place for place in shown if columns[place].rank]
        if not droppable:
            break
        shown.remove(max(droppable, key=lambda place: columns[place].rank))
    return shown


def _line(
    texts: Sequence[str],
    columns: Sequence[Column],
    widths: Sequence[int],
    shown: Sequence[int],
    gap: str,
) -> str:
    parts = []
    for place in shown:
        padding = " " * (widths[place] - cell_width(texts[place]))
        parts.append(texts[place] + padding if columns[place].left else padding + texts[place])
    return gap.join(parts)


def markdown_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """The same in Markdown, with all columns."""
    return [
        _markdown_line([column.name for column in columns]),
        _markdown_line(["---" if column.left else "---:" for column in columns]),
        *map(_markdown_line, rows),
    ]


def _markdown_line(texts: Sequence[str]) -> str:
    return "| " + " | ".join(map(markdown, texts)) + " |"


def markdown(text: str) -> str:
    """*text* as it is, whatever Markdown would make of it."""
    for sign in "\\`*_{}[]<>|#~":
        text = text.replace(sign, "\\" + sign)
    return _MENTION.sub("@<!-- -->", text)


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """*text*, safe to show, in lines of at most *width* cells, those after the first indented."""
    return wrap(text, max(width, _NARROWEST), subsequent_indent=indent, break_on_hyphens=False) or [
        ""
    ]
