r"""A rule's regular expression in the dialect that both engines read.

Datadog points to RE2's syntax and its UI takes Java's. What differs and is in use: named groups
``(?<name>…)`` with any name, ``\h``, ``\R``, ``\Z``, ``\Q…\E``, and in classes what one of the engines
would take for a set operation.
"""

from __future__ import annotations

import re

from grantex_tui.datadog.pipeline.grok.errors import GrokError


OWN_GROUP = "_f"
"""How the groups begin that belong to ``%{…}`` tokens; any other named group is the rule's."""

_NAMED = re.compile(r"\(\?P?<([^=!>][^>]*)>")
_POSIX = re.compile(r"\[:\^?([a-z]+):\]")
_LITERAL = re.compile(r"\\Q(.*?)(?:\\E|$)", re.DOTALL)
_ESCAPES = {r"\Z": r"(?=\n?\z)", r"\h": r"[ \t]", r"\R": r"(?:\r\n|[\n\r])"}
_ESCAPES_IN_CLASS = {r"\h": r" \t"}
_POSIX_CLASSES = (
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
)  # fmt: skip


class Translation:
    """One pass over a pattern; the result is in ``text`` and ``groups``."""

    def __init__(self, pattern: str) -> None:
        self._pattern = _LITERAL.sub(lambda quoted: re.escape(quoted[1]), pattern)
        self._out: list[str] = []
        self.groups: dict[str, str] = {}
        """The engine's name of each of the rule's own named groups -> its name in the rule."""
        self._translate()

    @property
    def text(self) -> str:
        """The pattern as the engines read it."""
        return "".join(self._out)

    def _translate(self) -> None:
        at = 0
        while at < len(self._pattern):
            char = self._pattern[at]
            if char == "\\":
                escape = self._pattern[at : at + 2]
                self._out.append(_ESCAPES.get(escape, escape))
                at += 2
            elif char == "[":
                at = self._class(at)
            elif char == "(" and (named := _NAMED.match(self._pattern, at)):
                self._out.append(f"(?P<{self._group(named[1])}>")
                at = named.end()
            else:
                self._out.append(char)
                at += 1

    def _group(self, name: str) -> str:
        if name.startswith(OWN_GROUP):
            return name
        own = f"_g{len(self.groups)}"
        self.groups[own] = name
        return own

    def _class(self, at: int) -> int:
        """Copy ``[…]``; inside, what an engine would take for a set operation is escaped."""
        pattern = self._pattern
        end = at + 1
        self._out.append("[")
        if pattern[end : end + 1] == "^":
            self._out.append("^")
            end += 1
        first = end
        while end < len(pattern) and (pattern[end] != "]" or end == first):
            if posix := _POSIX.match(pattern, end):
                self._out.append(_posix(posix))
                end = posix.end()
                continue
            width = 2 if pattern[end] == "\\" else 1
            self._out.append(self._in_class(pattern[end : end + width], pattern[end - 1]))
            end += width
        self._out.append("]" if end < len(pattern) else "")
        return end + 1

    def _in_class(self, piece: str, before: str) -> str:
        if piece in _ESCAPES_IN_CLASS:
            return _ESCAPES_IN_CLASS[piece]
        doubled = piece in "&|~-" and before == piece
        return "\\" + piece if piece in ("[", "]") or doubled else piece


def _posix(match: re.Match[str]) -> str:
    if match[1] not in _POSIX_CLASSES:
        raise GrokError(f"the character class {match[0]} is not known here")
    return match[0]
