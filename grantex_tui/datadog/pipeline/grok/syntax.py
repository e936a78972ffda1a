"""The text of a grok rule: ``%{MATCHER:EXTRACT:FILTER}`` tokens between pieces of regex.

Datadog: logs/log_configuration/parsing. Reading is one pass over the characters; quotes and
parentheses nest, so a ``}`` or ``:`` inside an argument ends nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grantex_tui.datadog.pipeline.grok.errors import GrokError


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_CALL = re.compile(r"([A-Za-z_][\w.\-]*)\s*(\(.*\))?", re.ASCII | re.DOTALL)
_RULE = re.compile(r"\s*([A-Za-z0-9][\w.]*|_[\w.]*)\s+(\S.*)", re.ASCII | re.DOTALL)
_QUOTED_KEY = re.compile(r'\["([^"]+)"\]')
_OPTION = re.compile(r"\w+:(?:true|false)", re.ASCII)
_MARK = "?>"
"""``%{?>notSpace:x}`` is recorded to match as without it: no atomic group, what it took is given back."""


@dataclass(frozen=True, slots=True)
class Call:
    """A matcher or a filter with its arguments: ``date("HH:mm")``, ``array(",", integer)``."""

    name: str
    args: tuple[str | int | float | Call, ...] = ()

    def text(self, index: int, default: str) -> str:
        """The argument at *index* as text."""
        if index >= len(self.args):
            return default
        value = self.args[index]
        if isinstance(value, str):
            return value
        raise GrokError(f"{self.name}: argument {index + 1} must be a text in double quotes")


@dataclass(frozen=True, slots=True)
class Token:
    """``%{MATCHER:EXTRACT:FILTER}``; ``extract`` is None without a colon, empty for the root."""

    matcher: Call
    extract: str | None
    filter: Call | None


def split_rules(text: str) -> list[tuple[str, str]]:
    """The ``name pattern`` lines of match or support rules; blank and ``#`` lines are skipped."""
    rules: list[tuple[str, str]] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _RULE.fullmatch(line)
        if match is None:
            raise GrokError(f"{line.strip()[:60]!r} is no rule: a name, a blank, then the pattern")
        rules.append((match[1], match[2]))
    return rules


def split_pattern(pattern: str) -> list[str | Token]:
    """The pattern as pieces of regex and tokens, in order."""
    pieces: list[str | Token] = []
    at = 0
    while (start := pattern.find("%{", at)) >= 0:
        end = _closing(pattern, start + 2, "}")
        if end < 0:
            raise GrokError(f"%{{ is never closed: {pattern[start : start + 40]!r}")
        if start > at:
            pieces.append(pattern[at:start])
        pieces.append(_token(pattern[start + 2 : end]))
        at = end + 1
    if at < len(pattern):
        pieces.append(pattern[at:])
    return pieces


def _token(text: str) -> Token:
    parts = _split(text.removeprefix(_MARK), ":")
    if len(parts) > 3:
        raise GrokError(f"%{{{text}}} has more parts than MATCHER:EXTRACT:FILTER")
    extract = _QUOTED_KEY.sub(r".\1", parts[1].strip()) if len(parts) > 1 else None
    found = parts[2].strip() if len(parts) > 2 else ""
    return Token(_call(parts[0].strip()), extract, _call(found) if found else None)


def _call(text: str) -> Call:
    match = _CALL.fullmatch(text)
    if match is None:
        raise GrokError(f"{text[:40]!r} is no matcher or filter")
    inner = (match[2] or "()")[1:-1]
    return Call(match[1], tuple(map(_argument, _split(inner, ",")))) if inner else Call(match[1])


def _argument(text: str) -> str | int | float | Call:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace(r"\"", '"').replace("\\\\", "\\")
    if _NUMBER.fullmatch(text):
        return float(text) if {".", "e", "E"} & set(text) else int(text)
    return Call(text) if _OPTION.fullmatch(text) else _call(text)


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand outside quotes and brackets."""
    parts: list[str] = []
    at = 0
    while (end := _closing(text, at, separator)) >= 0:
        parts.append(text[at:end])
        at = end + 1
    return [*parts, text[at:]]


def _closing(text: str, at: int, wanted: str) -> int:
    """Where *wanted* next stands outside quotes and parentheses, or -1."""
    depth = 0
    while at < len(text):
        char = text[at]
        if char == '"':
            at = _end_of_quote(text, at)
        elif char == wanted and depth <= 0:
            return at
        else:
            depth += (char == "(") - (char == ")")
        at += 1
    return -1


def _end_of_quote(text: str, at: int) -> int:
    at += 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at
