"""Foreign text in Markdown: code spans and blocks that nothing in them can end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grantex_tui.report.styled import fold
from grantex_tui.words.display import cell_width, printable


if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH = 92
"""Of a code block in a comment, before it scrolls."""


def code(text: str, *, in_table: bool = False) -> str:
    """*text* as a code span that nothing in it can end."""
    shown = printable(text) or " "
    ticks = "`" * (_longest_run(shown) + 1)
    blank = " " if "`" in (shown[0], shown[-1]) else ""
    span = f"{ticks}{blank}{shown}{blank}{ticks}"
    return span.replace("|", "\\|") if in_table else span


def fenced(lines: Iterable[str]) -> str:
    """Lines as a code block that nothing in it can end; long ones are folded."""
    shown = [part for each in lines for part in _folded(printable(each))]
    ticks = "`" * max(3, _longest_run("\n".join(shown)) + 1)
    return "\n".join([f"{ticks}text", *shown, ticks])


def _folded(text: str) -> list[str]:
    """*text* in lines that need no scrolling, indented as it is."""
    if cell_width(text) <= WIDTH:
        return [text]
    said = text.lstrip(" |")
    indent = text[: len(text) - len(said)][: WIDTH // 2]
    return fold(said, WIDTH, indent)


def _longest_run(text: str) -> int:
    """The most backticks in a row."""
    return max(map(len, re.findall("`+", text)), default=0)
