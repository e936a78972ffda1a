"""The grok filter ``rubyhash``: what Ruby's ``inspect`` prints of a hash.

``{:status=>500, "name" => "x", errors: [nil, true]}``. What is no literal, such as
``#<Thread:0x6b7a run>``, is kept as text up to the next comma or bracket.
"""

from __future__ import annotations

import re


_BLANK = re.compile(r"\s*")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_KEY = re.compile(r':?"((?:[^"\\]|\\.)*)"\s*(?:=>|:)|:?([\w.@$?!-]+)\s*(?:=>|:(?!:))', re.DOTALL)
_BARE = re.compile(r"(?:#<[^>]*>|[^,\[\]{}])*")
_NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "s": " "}
_WORDS: dict[str, object] = {"nil": None, "true": True, "false": False}
_DEEPEST = 50


def parse_ruby_hash(text: str) -> dict[str, object]:
    """The hash as an object.

    Raises:
        ValueError: It is no hash.
    """
    parser = _Parser(text.strip())
    found = parser.value(0)
    if not isinstance(found, dict) or not parser.at_end():
        raise ValueError(text)
    return found


class _Parser:
    """Recursive descent over one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def at_end(self) -> bool:
        return self._at == len(self._text)

    def value(self, depth: int) -> object:
        if depth > _DEEPEST:
            raise ValueError(self._text)
        self._blank()
        if self._take("{"):
            return self._hash(depth)
        if self._take("["):
            return self._list(depth)
        text = self._match(_TEXT)
        return _unescaped(text[1]) if text else self._bare()

    def _hash(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        while not self._closing("}"):
            key = self._match(_KEY)
            if key is None:
                raise ValueError(self._text)
            found[key[2] or _unescaped(key[1] or "")] = self.value(depth + 1)
            self._comma("}")
        return found

    def _list(self, depth: int) -> list[object]:
        found: list[object] = []
        while not self._closing("]") and not self._cut():
            found.append(self.value(depth + 1))
            self._comma("]")
        return found

    def _bare(self) -> object:
        match = self._match(_BARE)
        word = match[0].strip() if match else ""
        if not word:
            raise ValueError(self._text)
        if _NUMBER.fullmatch(word):
            return float(word.replace("_", "")) if _is_double(word) else int(word.replace("_", ""))
        return _WORDS[word] if word in _WORDS else word.removeprefix(":")

    def _closing(self, bracket: str) -> bool:
        self._blank()
        return self._take(bracket)

    def _cut(self) -> bool:
        """Whether a list is never closed: a logger cut it, and closed the hash around it."""
        return self._text.startswith("}", self._at)

    def _comma(self, bracket: str) -> None:
        self._blank()
        if not self._take(",") and not self._text.startswith((bracket, "}"), self._at):
            raise ValueError(self._text)

    def _take(self, char: str) -> bool:
        if self._text.startswith(char, self._at):
            self._at += 1
            return True
        return False

    def _blank(self) -> None:
        self._match(_BLANK)

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
        return match


def _is_double(number: str) -> bool:
    return len(number) > 18 or not {".", "e", "E"}.isdisjoint(number)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)
