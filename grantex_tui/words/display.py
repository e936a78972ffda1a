"""Foreign text made safe to show: event fields and server bodies are data, never instructions.

What a terminal would act on, or what would reorder or hide its neighbours, is replaced by
something visible. Nothing here interprets markup; whoever draws must not either.
"""

from __future__ import annotations

import re
import unicodedata


# C0, DEL and C1 controls; soft hyphen; zero-width and bidi controls; line and paragraph
# separators; invisible operators; BOM; interlinear annotations; lone surrogates; tag characters;
# variation selectors beyond the emoji ones.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


MARKS_PER_CELL = 2
"""Combining marks that a character keeps: more would pile up over the line above."""


def printable(text: str, *, limit: int | None = None) -> str:
    """*text* on one line, safe in any terminal.

    Args:
        text: Anything at all.
        limit: Characters to keep; a longer text ends in ``…``. The work is bounded by it.
    """
    if limit is not None and len(text) > limit:
        text = text[: max(0, limit - 1)] + "…"
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures: ␛ for ESC
    if code == 0x7F:
        return "␡"
    return "�"


def settled(text: str, *, limit: int | None = None) -> str:
    """*text* printable, and every character of a width that terminals agree on.

    What terminals count differently (flags, skin tones, emoji variants, unassigned characters) or
    what would spill out of its cell (a leading or piled-up combining mark) would shift the rest of
    a table's row.
    """
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
            if marks <= MARKS_PER_CELL and not 0xFE00 <= code <= 0xFE0F:
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


def cell_width(text: str) -> int:
    """Terminal cells that *text*, already safe, takes: by rich's table, as the dashboard counts."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # a few ms that plain texts needn't wait for

    return cell_len(text)


def clip_cells(text: str, width: int) -> str:
    """*text*, already safe, cut to *width* cells, ending in ``…`` if something was cut off."""
    if width <= 0:
        return ""
    if cell_width(text) <= width:
        return text
    low, high = 0, min(len(text), width * (1 + MARKS_PER_CELL))
    while low < high:
        middle = (low + high + 1) // 2
        if cell_width(text[:middle]) <= width - 1:
            low = middle
        else:
            high = middle - 1
    return text[:low] + "…"
