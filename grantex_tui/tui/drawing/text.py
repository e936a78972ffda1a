"""Foreign text brought to an exact number of cells, so that it can't move its neighbours.

`grantex_tui.words.display` takes away what a terminal would act on or count differently.
"""

from __future__ import annotations

from typing import Literal

from grantex_tui.words.display import MARKS_PER_CELL, cell_width, clip_cells, settled


_TELLING = 9
"""Cells of an id that tell it apart from others."""


def fit(text: str, width: int, *, align: Literal["left", "right"] = "left") -> str:
    """Foreign *text* neutralised, cut and padded to exactly *width* cells.

    The work is bounded by *width*, not by the text.
    """
    if width <= 0:
        return ""
    safe = clip_cells(settled(text, limit=width * (1 + MARKS_PER_CELL) + 1), width)
    padding = " " * (width - cell_width(safe))
    return safe + padding if align == "left" else padding + safe


def short_id(text: str, width: int) -> str:
    """An identifier in at most *width* cells: its prefix and its end, which tell ids apart.

    ULIDs of one minute share their first ten characters, so the end is what must stay.
    """
    text = settled(text, limit=200)
    if len(text) <= width or not text.isascii():
        return text
    prefix, underscore, _ = text.partition("_")
    head = prefix + underscore if underscore and len(prefix) + 6 <= width else ""
    return f"{head}…{text[len(text) - (width - len(head) - 1) :]}"


def group_label(label: str, width: int) -> str:
    """A group (``agent_id:ag_…, type:x``) in exactly *width* cells, by the ends of its values.

    Ids share their beginnings; where a label is too long, the facets' names go first.
    """
    if cell_width(settled(label, limit=2 * width + 1)) <= width:
        return fit(label, width)
    parts = [part.partition(":") for part in label.split(", ")]
    each = max(1, (width - 2 * (len(parts) - 1)) // len(parts))
    return fit(", ".join(_group_part(*part, each) for part in parts), width)


def _group_part(facet: str, colon: str, value: str, width: int) -> str:
    room = width - len(facet) - len(colon)
    if colon and room >= _TELLING:
        return f"{facet}{colon}{short_id(value, room)}"
    return short_id(value if colon else facet, width)
