"""TOML as plain data with lines, as `datadog.document` has JSON and YAML."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date, datetime, time

from grantex_tui.datadog.document import Document, step
from grantex_tui.errors import InvalidFileError


_TABLE = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_ITEM = re.compile(r"\s*\{")
_LINE = re.compile(r"at line (\d+)")


def read_toml(text: str, *, path: str) -> Document:
    """The value of a TOML text and its lines; dates and times become texts.

    Raises:
        InvalidFileError: With *path* and the line.
    """
    text = text.removeprefix("\ufeff")
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise InvalidFileError(f"not valid TOML: {error}", path=path, line=line) from None
    return Document(_plain(value), _lines(text))


def _plain(value: object) -> object:
    match value:
        case dict():
            return {key: _plain(member) for key, member in value.items()}
        case list():
            return [_plain(item) for item in value]
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return value


def _lines(text: str) -> dict[str, int]:
    """Where tables, keys and the inline tables of a list stand: enough to find a mistake."""
    lines = {"": 1}
    tables: Counter[str] = Counter()
    table = key = ""
    items = 0
    for number, line in enumerate(text.splitlines(), 1):
        if found := _TABLE.match(line):
            table = _resolve(found[2], tables, grows=found[1] == "[[")
            lines.setdefault(table, number)
            key = ""
        elif found := _KEY.match(line):
            key, items = table, 0
            for part in _PART.findall(found[1]):
                key = step(key, part.strip("\"'"))
                lines.setdefault(key, number)
        elif key and _ITEM.match(line):
            lines.setdefault(step(key, items), number)
            items += 1
    return lines


def _resolve(name: str, tables: Counter[str], *, grows: bool) -> str:
    """The JSON path of a table: inside an array of tables it belongs to the latest one."""
    parts = [part.strip("\"'") for part in _PART.findall(name)]
    where = ""
    for depth, part in enumerate(parts, 1):
        where = step(where, part)
        if depth == len(parts) and grows:
            tables[where] += 1
        if tables[where]:
            where = step(where, tables[where] - 1)
    return where
