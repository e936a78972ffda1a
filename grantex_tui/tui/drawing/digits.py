"""Numbers three rows high."""

from __future__ import annotations


_GLYPHS = {
    "0": ("╭─╮", "│ │", "╰─╯"),
    "1": (" ╶╮", "  │", " ╶┴"),
    "2": ("╶─╮", "╭─╯", "╰─╴"),
    "3": ("╶─╮", " ─┤", "╶─╯"),
    "4": ("╷ ╷", "╰─┤", "  ╵"),
    "5": ("╭─╴", "╰─╮", "╶─╯"),
    "6": ("╭─╴", "├─╮", "╰─╯"),
    "7": ("╶─╮", "  │", "  ╵"),
    "8": ("╭─╮", "├─┤", "╰─╯"),
    "9": ("╭─╮", "╰─┤", "╶─╯"),
    ",": (" ", " ", ","),
    ".": (" ", " ", "."),
}
HEIGHT = 3


def big(text: str) -> tuple[str, str, str]:
    """*text* (digits, comma, point) as three rows of equal width."""
    parts = [_GLYPHS[character] for character in text]
    top, middle, bottom = ("".join(part[y] for part in parts) for y in range(HEIGHT))
    return top, middle, bottom
