"""Foreign text made safe for XML and HTML, and elements with attributes."""

from __future__ import annotations

import re
from html import escape

from grantex_tui.words.display import printable


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to say, not even escaped (2.2, Char)."""


def text(said: str) -> str:
    """One line of text, for an element or an attribute in double quotes."""
    return escape(_NOT_XML.sub("\ufffd", printable(said)))


def lines(said: str) -> str:
    """Text of several lines, for an element that keeps them."""
    return "\n".join(map(text, said.split("\n")))


def element(name: str, inside: str = "", /, **attributes: str) -> str:
    """An element around *inside*, which is markup; attributes are text.

    A name that is Python's own has an underscore behind it (``class_``), and underscores inside
    stand for hyphens.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    return f"<{name}{said}>{inside}</{name}>"
