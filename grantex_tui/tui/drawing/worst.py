"""What is wrong, in one row: the worst in words, the others by their names."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from grantex_tui.tui.drawing.rows import cells, packed
from grantex_tui.watch.troubles.trouble import Rank
from grantex_tui.words.display import clip_cells, settled


if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.troubles.trouble import Trouble

_SENTENCE = 24
"""Cells that a sentence must have to be of use."""
_WORD = 24


def badges(troubles: Sequence[Trouble], look: Look) -> list[list[Span]]:
    """A mark and a word for each, the same word once with how many there are of it."""
    counts = Counter((trouble.word, trouble.rank) for trouble in troubles)
    return [
        [(f"{_mark(rank, look)} {_times(number, word)}", _style(rank, look))]
        for (word, rank), number in counts.items()
    ]


def worst_row(troubles: Sequence[Trouble], look: Look, width: int) -> list[Span]:
    """*troubles*, worst first, in *width* cells: all words, then the worst one's sentence."""
    separator: Span = (f" {look.glyphs.dot} ", look.palette.faint)
    words = packed(width, badges(troubles, look), separator)
    room = width - cells(words) - 3
    if not troubles or room < _SENTENCE:
        return words
    said = clip_cells(settled(troubles[0].what, limit=400), room)
    return [*words, (f" {look.glyphs.dot} ", look.palette.faint), (said, look.palette.text)]


def _times(number: int, word: str) -> str:
    name = clip_cells(settled(word, limit=60), _WORD)
    return name if number == 1 else f"{number}× {name}"


def _mark(rank: Rank, look: Look) -> str:
    if rank is Rank.BLIND:
        return look.glyphs.unknown
    return look.glyphs.alert if _is_bad(rank) else look.glyphs.warn


def _is_bad(rank: Rank) -> bool:
    return rank <= Rank.ALERT or rank is Rank.LOST


def _style(rank: Rank, look: Look) -> Style:
    palette = look.palette
    if rank is Rank.BLIND:
        return palette.muted
    return palette.bad if _is_bad(rank) else palette.warn
