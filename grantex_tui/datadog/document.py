"""A JSON or YAML text as plain values, and the line and column at which each of them stands.

JSON is read by its own rules (YAML differs in tabs, escapes and numbers); everything else is
YAML, safely: no tags, no dates, aliases bounded.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from grantex_tui.errors import InvalidFileError


if TYPE_CHECKING:
    from collections.abc import Mapping


_BLANK = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}\":]+")
_LAST_STEP = re.compile(r"(?:\.[^.\[\]]*|\[\d+\]|^[^.\[\]]+)$")
_DEEPEST = 100
_STRINGS = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a text, and 1-based lines by JSON path (``options.thresholds.critical``)."""

    value: object
    lines: Mapping[str, int]
    columns: Mapping[str, int] = field(default_factory=dict)
    """In characters, from 1."""

    def line(self, where: str) -> int:
        """The line of a path, or of the nearest thing around it that exists."""
        return self.lines.get(self._nearest(where), 1)

    def column(self, where: str) -> int:
        """The column of a path, or of the nearest thing around it that exists."""
        return self.columns.get(self._nearest(where), 1)

    def _nearest(self, where: str) -> str:
        while where and where not in self.lines:
            shorter = _LAST_STEP.sub("", where)
            where = shorter if shorter != where else ""
        return where


def read_document(text: str, *, path: str) -> Document:
    """Read JSON or YAML, whichever the text is.

    Raises:
        InvalidFileError: With *path* and the line of the first character that makes no sense.
    """
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _JsonReader(text, path).document()
        except InvalidFileError:
            if path.lower().endswith((".yaml", ".yml")):  # YAML's flow style begins alike
                return _read_yaml(text, path)
            raise
    return _read_yaml(text, path)


def step(parent: str, key: object) -> str:
    """The JSON path of a key or an index below *parent*."""
    if isinstance(key, int):
        return f"{parent}[{key}]"
    return f"{parent}.{key}" if parent else str(key)


class _JsonReader:
    """RFC 8259 with a line for every value; refuses a key given twice."""

    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path
        self._at = 0
        self._line = 1
        self._line_begins = 0
        self._counted = 0
        self._lines: dict[str, int] = {}
        self._columns: dict[str, int] = {}

    def document(self) -> Document:
        value = self._value("", 0)
        self._skip()
        if self._at < len(self._text):
            self._fail("unexpected text after the end of the JSON")
        return Document(value, self._lines, self._columns)

    def _skip(self) -> str:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _here(self) -> tuple[int, int]:
        """Line and column; only looks at what has come since, since a file may be one long line."""
        if breaks := self._text.count("\n", self._counted, self._at):
            self._line += breaks
            self._line_begins = self._text.rfind("\n", self._counted, self._at) + 1
        self._counted = self._at
        return self._line, self._at - self._line_begins + 1

    def _fail(self, message: str) -> NoReturn:
        line, column = self._here()
        raise InvalidFileError(
            f"not valid JSON: {message} (column {column})", path=self._path, line=line
        )

    def _value(self, where: str, depth: int) -> object:
        first = self._skip()
        if where not in self._lines:
            self._lines[where], self._columns[where] = self._here()
        if depth > _DEEPEST:
            self._fail(f"more than {_DEEPEST} levels")
        match first:
            case "{":
                return self._object(where, depth)
            case "[":
                return self._array(where, depth)
            case '"':
                return self._string()
            case _:
                return self._scalar()

    def _string(self) -> str:
        try:
            text, self._at = _STRINGS.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._at = error.pos
            self._fail(error.msg)
        return str(text)

    def _scalar(self) -> object:
        match = _SCALAR.match(self._text, self._at)
        try:
            value: object = json.loads(match[0], parse_constant=_no_constant) if match else None
        except ValueError:
            match = None
            value = None
        if match is None:
            self._fail("expected a value")
        self._at = match.end()
        return value

    def _object(self, where: str, depth: int) -> dict[str, object]:
        members: dict[str, object] = {}
        self._at += 1
        if self._takes("}"):
            return members
        while True:
            if self._skip() != '"':
                self._fail("expected a key in double quotes")
            line, column = self._here()
            key = self._string()
            inside = step(where, key)
            if key in members:
                self._fail(f"the key {key!r} is given twice in one object")
            self._lines[inside], self._columns[inside] = line, column
            if not self._takes(":"):
                self._fail("expected ':'")
            members[key] = self._value(inside, depth + 1)
            if self._takes("}"):
                return members
            if not self._takes(","):
                self._fail("expected ',' or '}'")

    def _array(self, where: str, depth: int) -> list[object]:
        items: list[object] = []
        self._at += 1
        if self._takes("]"):
            return items
        while True:
            items.append(self._value(step(where, len(items)), depth + 1))
            if self._takes("]"):
                return items
            if not self._takes(","):
                self._fail("expected ',' or ']'")

    def _takes(self, character: str) -> bool:
        found = self._skip() == character
        self._at += found
        return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _read_yaml(text: str, path: str) -> Document:
    from grantex_tui.datadog.yaml_document import read_yaml

    return Document(*read_yaml(text, path=path))
