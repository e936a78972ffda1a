"""Exports that are one document, as lines: pages of Datadog's log search, lists of logs, CSV files.

They are recognised by how they begin. A CSV export of the Log Explorer has a column a field; those
that begin with ``@`` are attributes, those of another name than the log's own are tags.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MAX_PAGE = 256 * 1024 * 1024
"""Bytes of a document that has to be read as a whole."""
_BOM = b"\xef\xbb\xbf"
_PAGE = re.compile(rb'\s*\{\s*"(?:data|meta|links)"\s*:\s*[\[{]')
_LIST = re.compile(rb"\s*\[\s*[\{\]]")
_HEADER = re.compile(rb'"?(?:date|timestamp)"?\s*[,;\t]', re.IGNORECASE)
_OWN = {
    "date": "date", "timestamp": "date", "host": "host", "service": "service", "source": "source",
    "status": "status", "message": "message", "content": "message", "tags": "tags",
}  # fmt: skip
"""Columns that are fields of a log, in small letters."""
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?", re.ASCII)


class Readable(Protocol):
    """Anything that gives bytes until there are no more."""

    def read(self, size: int, /) -> bytes:
        """About *size* bytes; none at the end."""
        ...


def as_lines(stream: Readable, start: bytes) -> Readable | None:
    """*stream* as one log a line if it is such a document; None if it is not.

    Args:
        stream: from its beginning.
        start: what it begins with.

    Raises:
        EOFError: It is one, and can't be read.
    """
    start = start.removeprefix(_BOM)
    if _PAGE.match(start):
        return _Joined(_page(_whole(stream)))
    if _LIST.match(start):
        return _Joined(_list(_whole(stream)))
    if _HEADER.match(start):
        return _Joined(_rows(stream))
    return None


class _Joined:
    """Lines as a stream of bytes."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)

    def read(self, size: int, /) -> bytes:
        """About *size* bytes, of whole lines."""
        pieces, count = [], 0
        for line in self._lines:
            pieces.append(line)
            count += len(line) + 1
            if count >= size:
                break
        return b"".join(piece + b"\n" for piece in pieces)


def _whole(stream: Readable) -> object:
    text = bytearray()
    while block := stream.read(1 << 20):
        text += block
        if len(text) > _MAX_PAGE:
            raise EOFError(f"one document of more than {_MAX_PAGE:,} bytes")
    try:
        value: object = json.loads(bytes(text).removeprefix(_BOM))
    except (ValueError, RecursionError) as error:
        raise EOFError(f"it begins as a page of logs, and is no JSON: {error}") from None
    return value


def _page(value: object) -> Iterator[bytes]:
    data = value.get("data") if isinstance(value, dict) else None
    return _list(data if isinstance(data, list) else [])


def _list(value: object) -> Iterator[bytes]:
    for item in value if isinstance(value, list) else ():
        yield _line(item)


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _rows(stream: Readable) -> Iterator[bytes]:
    text = io.TextIOWrapper(io.BufferedReader(_Raw(stream)), "utf-8-sig", "replace", newline="")
    first = text.readline()
    delimiter = max(",;\t", key=first.count)
    (header,) = csv.reader([first], delimiter=delimiter)
    csv.field_size_limit(1 << 26)
    for row in csv.reader(text, delimiter=delimiter):
        if any(row):
            yield _line(_log(header, row))


class _Raw(io.RawIOBase):
    """A stream for `io.BufferedReader`."""

    def __init__(self, stream: Readable) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # a buffer that can be sliced
        """Fill *buffer* as far as it comes."""
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def _log(header: Sequence[str], row: Sequence[str]) -> dict[str, object]:
    """A row as a log; without a column of attributes it has none, and its message tells them."""
    log: dict[str, object] = {}
    tags: list[str] = []
    attributes: dict[str, object] = {}
    for name, value in zip(header, row, strict=False):
        column = name.strip()
        field = _OWN.get(column.lower())
        if column.startswith("@"):
            if value:
                _put(attributes, column[1:].split("."), _value(value))
        elif field == "tags":
            tags += [tag.strip() for tag in re.split(r"[,|]", value) if tag.strip()]
        elif field is not None:
            log[field] = value
        elif value and column:
            tags.append(f"{column}:{value}")
    log["tags"] = tags
    if any(name.strip().startswith("@") for name in header):
        log["attributes"] = attributes
    return log


def _put(attributes: dict[str, object], keys: Sequence[str], value: object) -> None:
    *outer, last = keys
    for key in outer:
        inner = attributes.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        attributes = inner
    attributes[last] = value


def _value(text: str) -> object:
    """A cell: a file of texts doesn't tell numbers from digits, and Datadog searches both alike."""
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
