"""Recordings: files, folders or a pipe, plain or compressed, read as arrivals and gaps.

The format is recognised by content, never asked for. Bad lines are counted and named, and stop
nothing unless there is nothing else.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from grantex_tui.errors import RecordingError
from grantex_tui.events.kept.header import START as HEADER
from grantex_tui.events.kept.segments import find_segments
from grantex_tui.events.recorded.exports import as_lines
from grantex_tui.events.recorded.line import Arrival, LineReader
from grantex_tui.events.recorded.unpacking import unpacked
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from grantex_tui.events.gap import Gap
    from grantex_tui.events.recorded.exports import Readable
    from grantex_tui.events.recorded.sketch import Sketcher, Sketches

_BLOCK = 1 << 17
"""Bytes a read: what is decoded of it stays in the processor's cache (1 MiB costs 10 % more)."""
_PIECE = 64
"""Lines that are looked at together where a block holds an odd one."""
_MAX_LINE = 64 * 1024 * 1024
_PROBLEMS_NAMED = 20
_BOM = b"\xef\xbb\xbf"
_JOURNAL = (b'{"receivedAt":"', HEADER)
_ENDINGS = (".ndjson", ".jsonl", ".json", ".log", ".csv")
_START = 256
"""Bytes that tell a document of many logs from lines."""


Part = TypeVar("Part")


@dataclass(slots=True)
class _Lines:
    """Whole lines of a file."""

    name: str
    before: int
    """Lines of the file before them."""
    text: bytes
    reader: LineReader
    counted: int = 0
    """How many they are, if whoever read them knows: counting them costs a tenth of reading."""

    @property
    def count(self) -> int:
        """How many they are."""
        return self.counted or self.text.count(b"\n") + 1


class Recording:
    """What was recorded, in the order of the files; iterate as often as the source allows.

    While and after iterating, `bad_lines` and `problems` say what could not be read.
    """

    def __init__(self, source: str | Path | BinaryIO) -> None:
        """Open nothing yet.

        Args:
            source: A file, a journal's or an archive's folder, ``-`` for standard input, or a
                binary stream.
        """
        self.name = _name(source)
        self.bad_lines = 0
        self.problems: list[str] = []
        """The first of them, as ``file:line: what is wrong``."""
        self.passed_over = 0
        """Blocks of lines that nobody wanted, which were not decoded."""
        self._source = source
        self._good_lines = 0
        self._seen = ""

    def __iter__(self) -> Iterator[Arrival | Gap]:
        """The arrivals and gaps.

        Raises:
            RecordingError: There is no such file, or nothing in it could be read.
        """
        return chain.from_iterable(self._parts(self._plain))

    def sketched(self, sketcher: Sketcher) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
        """The same in parts, those of the usual form as *sketcher* sees them.

        Raises:
            RecordingError: There is no such file, or nothing in it could be read.
        """
        return self._parts(lambda lines: self._sketch(lines, sketcher))

    @property
    def is_kept(self) -> bool:
        """Whether it can be read more than once, as a pipe can't."""
        path = self._path
        return path is not None and (path.is_file() or path.is_dir())

    def is_journal(self) -> bool:
        """Whether its lines stand in the order in which they were received, as far as it tells.

        That is so of a journal's segments, and of a file that begins as they do.

        Raises:
            RecordingError: There is no such file.
        """
        path = self._path
        if path is not None and path.is_dir():
            return bool(find_segments(path))
        if self.is_kept:
            return next(self.blocks(), b"").startswith(_JOURNAL)
        peek = getattr(sys.stdin.buffer, "peek", None) if str(self._source) == "-" else None
        return peek is not None and bytes(peek(len(_JOURNAL[0]))).startswith(_JOURNAL)

    def blocks(self) -> Iterator[bytes]:
        """The lines of its files, many at a time, as they stand there and as far as they can be.

        Raises:
            RecordingError: There is no such file.
        """
        for _, stream in self._streams():
            with stream, suppress(OSError, EOFError):
                yield from _blocks(_opened(stream))

    @property
    def _path(self) -> Path | None:
        named = isinstance(self._source, str | Path) and str(self._source) != "-"
        return Path(self.name) if named else None

    def located(self, since: float, until: float) -> Iterator[tuple[str, Arrival | Gap]]:
        """What was received between two instants, each with its ``file:line``; some more around.

        Whole blocks of lines are passed over by when their first lines were received.

        Raises:
            RecordingError: There is no such file, or nothing in it could be read.
        """
        return chain.from_iterable(self._parts(lambda lines: self._located(lines, since, until)))

    def _located(
        self, block: _Lines, since: float, until: float
    ) -> Iterator[list[tuple[str, Arrival | Gap]]]:
        lines = block.text.split(b"\n")
        ends = [at for line in (lines[0], lines[-1]) if (at := _received(line)) is not None]
        if len(ends) == 2 and (ends[1] < since or ends[0] > until):
            self._good_lines += 1
            return
        for number, line in enumerate(lines):
            where = f"{block.name}:{block.before + number + 1}"
            yield [(where, item) for item in self._items(block, [line], number)]

    def _parts(self, read: Callable[[_Lines], Iterable[Part]]) -> Iterator[Part]:
        self.bad_lines = self._good_lines = self.passed_over = 0
        self.problems, self._seen = [], ""
        for name, stream in self._streams():
            with stream:
                yield from self._read(name, stream, read)
        if not self._good_lines:
            raise RecordingError(
                f"nothing in it is an event{self._seen or ': it is empty'}",
                path=self.name,
                hint="A recording is a journal, events one a line, a Datadog archive, pages of its "
                "log search, or a CSV export of its Log Explorer; plain, gzip or zstd.",
            )

    def _streams(self) -> Iterator[tuple[str, BinaryIO]]:
        if not isinstance(self._source, str | Path):
            yield self.name, self._source
        elif str(self._source) == "-":
            yield self.name, sys.stdin.buffer
        else:
            for path in recording_files(Path(self._source)):
                yield str(path), _open(path)

    def _read(
        self, name: str, stream: BinaryIO, read: Callable[[_Lines], Iterable[Part]]
    ) -> Iterator[Part]:
        reader = LineReader()
        number = 0
        try:
            for block in _blocks(_opened(stream)):
                lines = _Lines(name, number, block, reader)
                yield from read(lines)
                number += lines.count
        except (OSError, EOFError) as error:
            self._bad(f"{name}:{number + 1}", f"the file ends in an error: {error}", b"")

    def _plain(self, block: _Lines) -> Iterable[list[Arrival | Gap]]:
        return [self._items(block, block.text.split(b"\n"), 0)]

    def _items(self, block: _Lines, lines: Sequence[bytes], first: int) -> list[Arrival | Gap]:
        items: list[Arrival | Gap] = []
        read = block.reader.read
        for number, line in enumerate(lines, start=block.before + first + 1):
            try:
                item = read(line)
                if item is not None:
                    items.append(item)
            except ValueError as error:
                if line.strip():
                    self._bad(f"{block.name}:{number}", str(error), line)
        self._good_lines += len(items)
        return items

    def _sketch(
        self, block: _Lines, sketcher: Sketcher
    ) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
        """A block as a whole if it can be, else in small pieces, of which most will be."""
        if self._good_lines and not sketcher.is_wanted(block.text):
            self.passed_over += 1
            return
        whole = sketcher.read(block.text)
        if whole is not None:
            block.counted = len(whole)
            self._good_lines += block.counted
            whole.sender = None if whole.held else block.reader.sender
            yield whole
            return
        lines = block.text.split(b"\n")
        for first in range(0, len(lines), _PIECE):
            some = lines[first : first + _PIECE]
            piece = sketcher.read(b"\n".join(some))
            if piece is None:
                yield self._items(block, some, first)
            else:
                self._good_lines += len(piece)
                piece.sender = None if piece.held else block.reader.sender
                yield piece

    def _bad(self, where: str, what: str, line: bytes) -> None:
        self.bad_lines += 1
        problem = f"{where}: {printable(what, limit=200)}"
        if len(self.problems) < _PROBLEMS_NAMED:
            self.problems.append(problem)
        if not self._seen:
            start = printable(line[:60].decode("utf-8", "replace"))
            self._seen = f"; {problem}" + (f"; it begins {start!r}" if start else "")


def recording_files(path: Path) -> list[Path]:
    """The files of the recording at *path*, in reading order.

    A folder is a journal (its segments) or an archive (all files below that look like one).

    Raises:
        RecordingError: There is none.
    """
    if not path.is_dir():
        return [path]
    files = [segment.path for segment in find_segments(path)] or _archive_files(path)
    if not files:
        raise RecordingError(
            "the folder holds no recording",
            path=str(path),
            hint="Expected a journal's segments, or files such as *.ndjson and *.json.gz.",
        )
    return files


def _archive_files(folder: Path) -> list[Path]:
    def looks_right(path: Path) -> bool:
        name = path.name.removesuffix(".gz").removesuffix(".zst")
        return name.endswith(_ENDINGS) and path.is_file()

    return sorted(filter(looks_right, folder.rglob("*")))


def _received(line: bytes) -> float | None:
    """When a line of ours was received; None if it doesn't say."""
    try:
        item = LineReader().read(line)
    except ValueError:
        return None
    return item.received_at if isinstance(item, Arrival) else None


def _name(source: str | Path | BinaryIO) -> str:
    if isinstance(source, str | Path):
        return "standard input" if str(source) == "-" else str(source)
    return str(getattr(source, "name", "stream"))


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise RecordingError(
            f"can't be read: {error.strerror}", path=str(path), hint="Check the path."
        ) from error


def _opened(stream: BinaryIO) -> Readable:
    """The lines of *stream*: unpacked, and a document of many logs as one a line."""
    plain = unpacked(stream)
    peek = getattr(plain, "peek", None)
    return plain if peek is None else as_lines(plain, peek(_START)[:_START]) or plain


def _blocks(stream: Readable) -> Iterator[bytes]:
    """The lines of *stream*, as many at a time as came, without the last of them's break.

    Raises:
        EOFError: A line is too long to be one of a recording.
    """
    read = getattr(stream, "read1", stream.read)  # a pipe's lines are wanted as they come
    rest, first = b"", True
    while block := read(_BLOCK):
        if first:
            block, first = block.removeprefix(_BOM), False
        end = block.rfind(b"\n")
        if end < 0:
            rest += block
            if len(rest) > _MAX_LINE:
                raise EOFError(f"a line of more than {_MAX_LINE:,} bytes")
            continue
        yield b"".join((rest, memoryview(block)[:end]))  # one copy, where slices take two
        rest = block[end + 1 :]
    if rest:
        yield rest
