"""Foreign text brought to an exact number of cells, so that it can't move its neighbours.

`grantex_tui.words.display` takes away what a terminal would act on. What is left may still be counted
differently by different terminals (flags, skin tones, emoji variants, unassigned characters) or
spill out of its cell (a leading or piled-up combining mark); here that is settled, too.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from rich.cells import cell_len

from grantex_tui.words.display import printable


_MARKS_PER_CELL = 2
_TELLING = 9
"""Cells of an id that tell it apart from others."""


def fit(text: str, width: int, *, align: Literal["left", "right"] = "left") -> str:
    """Foreign *text* neutralised, cut and padded to exactly *width* cells.

    The work is bounded by *width*, not by the text.
    """
    if width <= 0:
        return ""
    safe = safe_text(text, limit=width * (1 + _MARKS_PER_CELL) + 1)
    if not safe.isascii() or len(safe) > width:
        safe = clip(safe, width)
    padding = " " * (width - cell_len(safe))
    return safe + padding if align == "left" else padding + safe


def safe_text(text: str, *, limit: int | None = None) -> str:
    """*text* on one line, every character of a width that terminals agree on."""
    safe = printable(text, limit=limit)
    return safe if safe.isascii() else _settled(safe)


def _settled(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        code = ord(character)
        if code < 0x300:
            kept.append(character)
            marks = 0
        elif unicodedata.category(character) in ("Mn", "Me"):
            marks += 1
            if not kept:
                kept.append("◌")  # a mark needs something of its own to stand on
            if marks <= _MARKS_PER_CELL and not 0xFE00 <= code <= 0xFE0F:
                kept.append(character)
        elif agreed := _agreed(character, code):
            marks = 0
            kept.append(agreed)
    return "".join(kept)


def _agreed(character: str, code: int) -> str:
    if 0x1F1E6 <= code <= 0x1F1FF:
        return chr(code - 0x1F1E6 + ord("A"))  # half a flag: one cell here, two there
    if 0x1F3FB <= code <= 0x1F3FF:
        return ""  # a skin tone: none, one or two cells
    if unicodedata.category(character) in ("Cn", "Co"):
        return "�"
    return character


def clip(text: str, width: int) -> str:
    """*text*, already safe, cut to *width* cells by the table that the screen counts with."""
    if cell_len(text) <= width:
        return text
    low, high = 0, min(len(text), width * (1 + _MARKS_PER_CELL))
    while low < high:
        middle = (low + high + 1) // 2
        if cell_len(text[:middle]) <= width - 1:
            low = middle
        else:
            high = middle - 1
    return text[:low] + "…"


def short_id(text: str, width: int) -> str:
    """An identifier in at most *width* cells: its prefix and its end, which tell ids apart.

    ULIDs of one minute share their first ten characters, so the end is what must stay.
    """
    text = safe_text(text, limit=200)
    if len(text) <= width or not text.isascii():
        return text
    prefix, underscore, _ = text.partition("_")
    head = prefix + underscore if underscore and len(prefix) + 6 <= width else ""
    return f"{head}…{text[len(text) - (width - len(head) - 1) :]}"


def group_label(label: str, width: int) -> str:
    """A group (``agent_id:ag_…, type:x``) in exactly *width* cells, by the ends of its values.

    Ids share their beginnings; where a label is too long, the facets' names go first.
    """
    if cell_len(safe_text(label, limit=2 * width + 1)) <= width:
        return fit(label, width)
    parts = [part.partition(":") for part in label.split(", ")]
    each = max(1, (width - 2 * (len(parts) - 1)) // len(parts))
    return fit(", ".join(_group_part(*part, each) for part in parts), width)


def _group_part(facet: str, colon: str, value: str, width: int) -> str:
    room = width - len(facet) - len(colon)
    if colon and room >= _TELLING:
        return f"{facet}{colon}{short_id(value, room)}"
    return short_id(value if colon else facet, width)
