"""The grok filter ``keyvalue([separator[, extra value characters[, quotes[, delimiter]]]])``.

Datadog: logs/log_configuration/parsing, "Key value or logfmt".
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.grok.errors import GrokError
from grantex_tui.datadog.pipeline.values import fits


if TYPE_CHECKING:
    from grantex_tui.datadog.pipeline.grok.syntax import Call


_QUOTES = ('""', "''", "<>")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,40}", re.ASCII)
_IN_CLASS = re.compile(r"\\.|[\[\]\\^&~|-]", re.DOTALL)
_INVALID_OCTAL = re.compile(r"0\d*[89]\d*", re.ASCII)


class KeyValue:
    """A compiled ``keyvalue`` filter."""

    def __init__(self, call: Call) -> None:
        """Compile it.

        Raises:
            GrokError: Arguments that it doesn't take.
        """
        separator = call.text(0, "=")
        extra = call.text(1, "")
        quotes = call.text(2, "")
        delimiter = call.text(3, "")
        self._quotes = _pairs(quotes) if quotes else _QUOTES
        left, right = _delimiters(delimiter)
        item = "|".join([*map(_quoted, self._quotes), rf"[\w.\-_@{_class_text(extra)}]+"])
        try:
            self._pairs = re.compile(
                f"(?:(?<=[{left}])|^)({item}){re.escape(separator)}({item})(?:[{right}]|$)",
            )
        except re.error as error:
            raise GrokError(f"keyvalue: {error}") from error

    def apply(self, value: object, _now: int) -> object:
        """The pairs as an object; a key that repeats becomes a list."""
        if not isinstance(value, str):
            raise ValueError(value)  # noqa: TRY004 - the protocol of filters
        found: dict[str, object] = {}
        for match in self._pairs.finditer(value):
            key = self._unquoted(match[1].strip())
            read = self._value(match[2].strip().rstrip(","))
            if not key or " " in key or read is None or read == "":
                continue
            before = found.get(key)
            if isinstance(before, list):
                before.append(read)
            else:
                found[key] = read if before is None else [before, read]
        return found

    def _value(self, text: str) -> object:
        bare = self._unquoted(text)
        return bare.strip() if bare != text else infer(text)

    def _unquoted(self, text: str) -> str:
        inside = len(text) > 1 and text[0] + text[-1] in self._quotes
        return text[1:-1] if inside else text


def infer(text: str, *, numbers_only: bool = False) -> object:
    """The number, boolean or null that a bare text spells, else the text itself."""
    if _NUMBER.fullmatch(text) and not _INVALID_OCTAL.fullmatch(text):
        if _INTEGER.fullmatch(text) and fits(int(text)):
            return int(text)
        number = float(text)
        if math.isfinite(number):
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if numbers_only:
        return text
    return {"null": None, "true": True, "false": False}.get(text, text)


def _pairs(quotes: str) -> tuple[str, ...]:
    """Two characters open and close; of any other number, each does both."""
    return (quotes,) if len(quotes) == 2 else tuple(char * 2 for char in quotes)


def _quoted(pair: str) -> str:
    opening, closing = re.escape(pair[0]), re.escape(pair[1])
    return f"{opening}[^{opening}{closing}]+{closing}"


def _class_text(extra: str) -> str:
    r"""Characters fit for the inside of a class; escapes such as ``\w`` are taken as written."""
    return _IN_CLASS.sub(lambda found: found[0] if len(found[0]) == 2 else "\\" + found[0], extra)


def _delimiters(text: str) -> tuple[str, str]:
    if not text:
        return r"\s,;(\[{", r"\s,;)\]}"
    inside = "".join(map(re.escape, text))
    return inside, inside
