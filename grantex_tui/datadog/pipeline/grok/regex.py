r"""A rule's regular expression in Python's dialect.

Datadog points to RE2's syntax and its UI takes Java's. What differs from Python and is in use:
named groups ``(?<name>…)``, flags in mid-pattern ``(?s)``, POSIX classes ``[[:alpha:]]``,
``\z``, ``\h`` and ``\Q…\E``.
"""

from __future__ import annotations

import re

from grantex_tui.datadog.pipeline.grok.errors import GrokError


OWN_GROUP = "_f"
"""How the groups begin that belong to ``%{…}`` tokens; any other named group is the rule's."""

_FLAGS = re.compile(r"\(\?([a-zA-Z]*(?:-[a-zA-Z]+)?)\)")
_NAMED = re.compile(r"\(\?P?<([^=!>][^>]*)>")
_POSIX = re.compile(r"\[:(\^?)([a-z]+):\]")
_LITERAL = re.compile(r"\\Q(.*?)(?:\\E|$)", re.DOTALL)
_ESCAPES = {r"\z": r"\Z", r"\Z": r"(?=\n?\Z)", r"\h": r"[ \t]", r"\R": r"(?:\r\n|[\n\r])"}
_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}


class Translation:
    """One pass over a pattern; the result is in ``text`` and ``groups``."""

    def __init__(self, pattern: str) -> None:
        self._pattern = _LITERAL.sub(lambda quoted: re.escape(quoted[1]), pattern)
        self._out: list[str] = []
        self._open: list[list[str]] = [[]]
        """For each open group the flags set in its middle, each a Python group of its own."""
        self.groups: dict[str, str] = {}
        """Python's name of each of the rule's own named groups -> its name in the rule."""
        self._translate()

    @property
    def text(self) -> str:
        """The pattern in Python's dialect."""
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
            elif char == "(":
                at = self._group(at)
            else:
                self._plain(char)
                at += 1
        self._out.append(")" * len(self._open[-1]))

    def _plain(self, char: str) -> None:
        flags = self._open[-1]
        if char == ")" and len(self._open) > 1:
            self._out.append(")" * len(self._open.pop()))
        if char == "|" and flags:  # flags last to the group's end, an alternative only to its own
            self._out.append(")" * len(flags) + "|" + "".join(f"(?{flag}:" for flag in flags))
        else:
            self._out.append(char)

    def _group(self, at: int) -> int:
        if flags := _FLAGS.match(self._pattern, at):
            self._open[-1].append(flags[1])
            self._out.append(f"(?{flags[1]}:")
            return flags.end()
        self._open.append([])
        named = _NAMED.match(self._pattern, at)
        if named is None:
            self._out.append("(")
            return at + 1
        name = named[1]
        if not name.startswith(OWN_GROUP):
            name = f"_g{len(self.groups)}"
            self.groups[name] = named[1]
        self._out.append(f"(?P<{name}>")
        return named.end()

    def _class(self, at: int) -> int:
        """Copy ``[…]``; inside, what Python would warn of as a set operation is escaped."""
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
            piece = pattern[end : end + width]
            doubled = piece in "&|~-" and pattern[end - 1] == piece
            self._out.append("\\" + piece if piece == "[" or doubled else piece)
            end += width
        self._out.append("]" if end < len(pattern) else "")
        return end + 1


def _posix(match: re.Match[str]) -> str:
    if match[1] or match[2] not in _POSIX_CLASSES:
        raise GrokError(f"the character class {match[0]} is not known here")
    return _POSIX_CLASSES[match[2]]


def compile_regex(pattern: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """The compiled pattern, and the rule's own named groups (Python's name -> the rule's).

    Raises:
        GrokError: Python can't compile it; the message says why.
    """
    translation = Translation(pattern)
    try:
        return re.compile(translation.text), translation.groups
    except (re.error, RecursionError, OverflowError) as error:
        raise GrokError(f"not a regular expression: {error}") from error
