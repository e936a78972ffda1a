"""Recordings as a source: a raw HTTP capture, our journal, or bare events one a line.

The kind is recognised by how the file begins; each may be compressed by gzip or zstd. Payloads
come out exactly as they were sent or received, never re-serialised, so that a replay has the same
U+2028, escapes and odd spacing as the original.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from typing import IO, TYPE_CHECKING, Final, cast

import msgspec
import zstandard

from grantex_sim.events.emission import Timed, created_at, emission, spaced
from grantex_sim.http.wire import MAX_HEAD, BadRequestError, dechunk, parse_headers
from grantex_tui.clock import parse_rfc3339
from grantex_tui.errors import RecordingError
from grantex_tui.events.live.sse import Message, SSEDecoder


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from grantex_sim.events.emission import Source

_READ: Final = 256 * 1024
_MAX_EVENT: Final = 256 * 1024 * 1024
_ROUND_PAUSE: Final = 1.0
"""Seconds between the last event of a round and the first of the next."""
_ULID_TAIL: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}\Z")
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Stamped = tuple[float | None, bytes]


def replay(path: Path, *, loop: bool = False) -> Source:
    """A source that plays *path* at the spacing of its own instants.

    A journal is spaced by when events were received, the others by ``createdAt``. With *loop* it
    begins again a second after its end; from the second round on each event gets an id of its
    own, because a client that drops repetitions, and a ledger that counts them, would otherwise
    see nothing new.

    Raises:
        RecordingError: The file can't be read, or is none of the three kinds.
    """
    if next(read(path), None) is None:
        raise RecordingError("holds no event", path=str(path))
    if loop:
        return lambda _start: _rounds(path)
    return lambda _start: spaced(read(path))


def _rounds(path: Path) -> Iterator[Timed]:
    offset = 0.0
    number = 0
    while True:
        last = 0.0
        for event in spaced(read(path)):
            last = event.at
            payload = renew_id(event.payload, number) if number else event.payload
            yield Timed(offset + last, payload)
        offset += last + _ROUND_PAUSE
        number += 1


def renew_id(payload: bytes, number: int) -> bytes:
    """*payload* with the id that it has in round *number*; all else as it was."""
    old = emission(payload).id
    if not old:
        return payload
    digest = int.from_bytes(hashlib.blake2b(f"{number} {old}".encode()).digest()[:10])
    fresh = "".join(_CROCKFORD[digest >> shift & 31] for shift in range(75, -1, -5))
    new = old[:-16] + fresh if _ULID_TAIL.search(old) else f"{old}-{number}"
    return payload.replace(f'"{old}"'.encode(), f'"{new}"'.encode(), 1)


def read(path: Path) -> Iterator[Stamped]:
    """The payloads of *path* with their instants (epoch seconds, None if they have none).

    Raises:
        RecordingError: The file can't be read, or is none of the three kinds.
    """
    try:
        with _open(path) as file:
            yield from _payloads(file, path)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError, BadRequestError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise RecordingError(f"can't be read: {said}", path=str(path)) from error


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.open(path))
    if magic == b"\x28\xb5\x2f\xfd":
        return cast("IO[bytes]", zstandard.open(path, "rb"))
    return path.open("rb")


def _payloads(file: IO[bytes], path: Path) -> Iterator[Stamped]:
    start = file.read(_READ).removeprefix(b"\xef\xbb\xbf")
    begins = start.lstrip()
    if begins.startswith(b"HTTP/"):
        yield from _from_http(start, _blocks(file), path)
    elif begins.startswith((b"data:", b":", b"event:", b"id:", b"retry:")):
        yield from _from_sse(_chain(start, _blocks(file)))
    elif begins.startswith(b"{") or not begins:
        yield from _from_lines(_chain(start, _blocks(file)))
    else:
        raise RecordingError(
            "is neither a raw HTTP capture nor one JSON object a line",
            path=str(path),
            line=1,
            hint="Take what curl -i --raw wrote, a journal, or events as NDJSON.",
        )


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(_READ), b"")


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _from_http(start: bytes, rest: Iterator[bytes], path: Path) -> Iterator[Stamped]:
    head, end, body = start.partition(b"\r\n\r\n")
    if not end or len(head) > MAX_HEAD:
        raise RecordingError("the response's head has no end", path=str(path), line=1)
    headers = dict(parse_headers(head.decode("latin-1").split("\r\n")[1:]))
    blocks = _chain(body, rest)
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    yield from _from_sse(dechunk(blocks) if chunked else blocks)


def _from_sse(blocks: Iterable[bytes]) -> Iterator[Stamped]:
    decoder = SSEDecoder(max_event_size=_MAX_EVENT)
    for block in blocks:
        for item in decoder.feed(block):
            if isinstance(item, Message):
                yield created_at(item.data), item.data


class _MalformedEvent(msgspec.Struct):
    payload: str = ""


class _Line(msgspec.Struct):
    """What a journal's line may have; a bare event has none of it."""

    receivedAt: str = ""  # noqa: N815 - the journal's name
    event: msgspec.Raw = msgspec.Raw()
    payload: str | None = None
    malformed: _MalformedEvent | None = None
    gap: msgspec.Raw = msgspec.Raw()
    journal: msgspec.Raw = msgspec.Raw()


_decode_line = msgspec.json.Decoder(_Line).decode


def _from_lines(blocks: Iterable[bytes]) -> Iterator[Stamped]:
    for line in _lines(blocks):
        if (found := _from_line(line)) is not None:
            yield found


def _from_line(line: bytes) -> Stamped | None:
    """What one line holds; a line that is no JSON is a payload too, as a hostile one would be."""
    try:
        entry = _decode_line(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return created_at(line), line
    if not entry.receivedAt:
        return None if bytes(entry.gap) or bytes(entry.journal) else (created_at(line), line)
    if payload := bytes(entry.event):
        return _instant(entry.receivedAt), payload
    if entry.payload is not None:
        return _instant(entry.receivedAt), entry.payload.encode()
    if entry.malformed is not None:
        return _instant(entry.receivedAt), entry.malformed.payload.encode()
    return None


def _instant(text: str) -> float | None:
    try:
        return parse_rfc3339(text)
    except ValueError:
        return None


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends; only LF ends a line, and blank ones are left out."""
    partial: list[bytes] = []
    for block in blocks:
        *whole, rest = block.split(b"\n")
        for line in whole:
            partial.append(line)
            if text := b"".join(partial).strip(b"\r\n \t"):
                yield text
            partial.clear()
        partial.append(rest)
    if text := b"".join(partial).strip(b"\r\n \t"):
        yield text
