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


def cell_width(text: str) -> int:
    """Terminal cells that *text*, already printable, takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def clip_cells(text: str, width: int) -> str:
    """*text* cut to *width* cells, ending in ``…`` if something was cut off."""
    if width <= 0:
        return ""
    if text.isascii() and len(text) <= width:
        return text
    if cell_width(text) <= width:
        return text
    used, kept = 0, 0
    for character in text:
        cells = _cells(character)
        if used + cells > width - 1:
            break
        used += cells
        kept += 1
    return text[:kept] + "…"


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
