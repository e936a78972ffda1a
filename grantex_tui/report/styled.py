"""Lines of text whose pieces have a meaning: with colours for a terminal, or plain for a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from grantex_tui.words.display import cell_width, clip_cells


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Style = Literal[
    "", "ok", "warn", "alert", "some", "no data", "incident", "gap", "dim", "bold", "good", "bad"
]
"""What a piece means. ``some``: an alert that only some phases see."""

# SGR parameters. The sixteen colours of the terminal's own theme: readable on light and on dark.
_SGR: dict[Style, str] = {
    "ok": "32",
    "warn": "33",
    "alert": "1;31",
    "some": "31",
    "no data": "35",
    "incident": "36",
    "gap": "34",
    "dim": "2",
    "bold": "1",
    "good": "1;32",
    "bad": "1;31",
}


class Piece(NamedTuple):
    """A part of a line, safe to show."""

    text: str
    style: Style = ""


Line = tuple[Piece, ...]


def line(*pieces: str | Piece) -> Line:
    """A line of pieces; what is only text has no style."""
    return tuple(piece if isinstance(piece, Piece) else Piece(piece) for piece in pieces)


def plain(lines: Iterable[Line]) -> list[str]:
    """The lines without their styles, and without blanks at their ends."""
    return ["".join(piece.text for piece in each).rstrip() for each in lines]


def ansi(lines: Iterable[Line]) -> list[str]:
    """The lines with ANSI colours."""
    return ["".join(_painted(piece) for piece in _stripped(each)) for each in lines]


def inert(text: str) -> str:
    """A line that a CI runner won't take for a command to itself.

    GitHub's obeys lines of its jobs' output that begin with ``::``, blanks apart, and ``##[``
    anywhere; a group's value could begin so.
    """
    if text.lstrip().startswith("::"):
        text = text.replace("::", "·:", 1)
    return text.replace("##[", "#·[")


def _painted(piece: Piece) -> str:
    return f"\x1b[{_SGR[piece.style]}m{piece.text}\x1b[0m" if piece.style else piece.text


def _stripped(pieces: Line) -> Sequence[Piece]:
    """Without blanks at the end."""
    kept = list(pieces)
    while kept and not (text := kept[-1].text.rstrip()):
        kept.pop()
    if kept:
        kept[-1] = Piece(text, kept[-1].style)
    return kept


def runs(text: str, styles: dict[str, Style]) -> list[Piece]:
    """*text* cut into pieces by what each character means."""
    pieces: list[Piece] = []
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or text[place] != text[begin]:
            pieces.append(Piece(text[begin:place], styles.get(text[begin], "")))
            begin = place
    return pieces


def padded(text: str, width: int) -> str:
    """*text*, clipped or filled up to exactly *width* cells."""
    clipped = clip_cells(text, width)
    return clipped + " " * (width - cell_width(clipped))


def clip_middle(text: str, width: int) -> str:
    """*text* in at most *width* cells: identifiers differ at their ends, so the middle goes."""
    if cell_width(text) <= width:
        return text
    tail, used = "", 0
    for character in reversed(text):
        used += cell_width(character)
        if used > (width - 1) * 2 // 5:
            break
        tail = character + tail
    return clip_cells(text, width - cell_width(tail)) + tail


def fold(text: str, width: int, indent: str = "", first: str | None = None) -> list[str]:
    """*text*, safe to show, in lines of at most *width* cells.

    Broken between words; a word that is wider than a line is broken too.

    Args:
        text: one paragraph.
        width: in terminal cells.
        indent: what each line begins with.
        first: what the first line begins with instead.
    """
    begin = indent if first is None else first
    room = max(1, width - max(cell_width(begin), cell_width(indent)))
    lines = [begin]
    used = 0
    for word in text.split(" "):
        for part in _parts(word, room):
            cells = cell_width(part)
            if used and used + 1 + cells > width - cell_width(begin):
                lines.append(indent)
                begin, used = indent, 0
            lines[-1] += f" {part}" if used else part
            used += cells + bool(used)
    return lines


def _parts(word: str, room: int) -> list[str]:
    """A word in pieces that fit; one that fits in one."""
    parts, used = [""], 0
    for character in word if cell_width(word) > room else ():
        cells = cell_width(character)
        if used + cells > room and parts[-1]:
            parts.append("")
            used = 0
        parts[-1] += character
        used += cells
    return parts if parts[-1] else [word]
