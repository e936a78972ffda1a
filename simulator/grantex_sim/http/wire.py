"""HTTP/1.x as bytes, without I/O: requests out of what a client sent, answers into bytes.

Why not uvicorn: a simulator needs the bytes themselves. Response headers that wait for the first
event, their order and case, one chunk an event, HTTP/1.0 without chunks and, later, resets and
broken framing are all things that an ASGI server exists to prevent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formatdate
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from grantex_sim.http.host import is_host
from grantex_sim.http.target import is_target, path_of, query_of
from grantex_tui.errors import GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grantex_sim.http.patience import Phase

Headers = tuple[tuple[str, str], ...]

MAX_HEAD: Final = 64 * 1024
MAX_BODY: Final = 64 * 1024 * 1024
_MAX_CHUNK_LINE: Final = 4 * 1024
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What no header's value can hold (RFC 9110, 5.5); a tab it can."""
_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]")
_HEAD_END: Final = re.compile(rb"\n\r?\n")
"""A lone LF ends a line as CRLF does (RFC 9112, 2.2), as whoever types a request by hand expects."""


class BadRequestError(GrantexTuiError):
    """What arrived is not HTTP, or too much of it; *status* is what to answer before closing."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message, hint="Look at what the client sends.")
        self.status = status


@dataclass(frozen=True)
class Request:
    """One request, its body complete."""

    method: str
    target: str
    """As sent: path and query."""
    version: str
    """``1.0`` or ``1.1``."""
    headers: Headers
    """Names in lower case, in the order sent."""
    body: bytes = b""

    @cached_property
    def path(self) -> str:
        """The path; escapes that mean nothing are undone."""
        return path_of(self.target)

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query's pairs, decoded, in order; empty values kept."""
        return tuple(parse_qsl(query_of(self.target), keep_blank_values=True))

    def header(self, name: str) -> str:
        """The first header called *name* (lower case), or an empty text."""
        return next((value for key, value in self.headers if key == name), "")

    def parameter(self, name: str, default: str = "") -> str:
        """The first query value called *name*."""
        return next((value for key, value in self.query if key == name), default)

    @property
    def keep_alive(self) -> bool:
        """Whether the client wants to use the connection again."""
        wish = self.header("connection").lower()
        return "keep-alive" in wish if self.version == "1.0" else "close" not in wish


class RequestReader:
    """Cuts what one client sends into requests; linear however the bytes are chopped."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._has_line = False
        self._head: Request | None = None
        self._body = bytearray()
        self._chunk_left = 0
        self._continue = False

    @property
    def buffered(self) -> int:
        """Bytes that no request has taken yet."""
        return len(self._buffer)

    @property
    def phase(self) -> Phase:
        """What of a request is awaited."""
        if self._head is not None:
            return "body"
        return "head" if self._buffer else "idle"

    def take_rest(self) -> bytes:
        """What no request has taken, for who goes on in another protocol."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def feed(self, data: bytes) -> None:
        """Add what was read."""
        self._buffer += data

    def wants_continue(self) -> bool:
        """Whether the client waits for ``100 Continue``; true once a request."""
        wanted, self._continue = self._continue, False
        return wanted

    def head(self) -> Request | None:
        """The next request without its body, or None until its head is complete.

        Raises:
            BadRequestError: The bytes can't be read as a head; the connection is to be closed.
        """
        if self._head is None:
            self._head = self._take_head()
            if self._head is not None:
                self._continue = _awaits_continue(self._head)
        return self._head

    def next(self) -> Request | None:
        """The next complete request, or None until more bytes come.

        Raises:
            BadRequestError: The bytes can't be read as a request; the connection is to be closed.
        """
        head = self.head()
        if head is None:
            return None
        if coding := head.header("transfer-encoding").strip().lower():
            if coding != "chunked":
                raise BadRequestError(f"of transfer codings only chunked is known, {coding}", 501)
            body = self._take_chunks()
        else:
            body = self._take_length(head.header("content-length"))
        if body is None:
            return None
        self._head = None
        self._continue = False
        return Request(head.method, head.target, head.version, head.headers, body)

    def _take_head(self) -> Request | None:
        while self._buffer.startswith((b"\r\n", b"\n")):
            # RFC 9112 2.2: empty lines before a request mean nothing
            del self._buffer[: self._buffer.index(b"\n") + 1]
        if self._buffer and self._buffer != b"\r" and not _TOKEN.match(self._buffer):
            # Such as a TLS handshake, whose sender would wait for an answer for ever.
            raise BadRequestError(
                "that is no HTTP: is it https:// that should be http://? With --tls both are spoken"
            )
        end = _HEAD_END.search(self._buffer, max(0, self._searched - 2))
        if (len(self._buffer) if end is None else end.start()) > MAX_HEAD:
            raise BadRequestError("the request's head is longer than 64 KiB", 431)
        if end is None:
            self._check_first_line()
            self._searched = len(self._buffer)
            return None
        head = bytes(self._buffer[: end.start()])
        del self._buffer[: end.end()]
        self._searched, self._has_line = 0, False
        return parse_head(head.removesuffix(b"\r"))

    def _check_first_line(self) -> None:
        """HTTP/0.9's ``GET /`` has no empty line after it: who sends it would wait for ever."""
        end = -1 if self._has_line else self._buffer.find(b"\n", self._searched)
        if end >= 0:
            self._has_line = True
            _read_line(self._buffer[:end].removesuffix(b"\r").decode("latin-1"))

    def _take_length(self, header: str) -> bytes | None:
        if not header.isascii() or not (header or "0").isdigit():
            raise BadRequestError(f"content-length {header!r} is not a number")
        # Python refuses to read a number of thousands of digits.
        length = int(header or "0") if len(header) < 20 else MAX_BODY + 1
        if length > MAX_BODY:
            raise BadRequestError("the body is longer than 64 MiB", 413)
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return body

    def _take_chunks(self) -> bytes | None:
        while True:
            if self._chunk_left:
                if len(self._buffer) < self._chunk_left:
                    return None
                self._take_chunk(self._chunk_left)
                self._chunk_left = 0
            end = self._buffer.find(b"\n", 0, _MAX_CHUNK_LINE)
            if end < 0:
                if len(self._buffer) >= _MAX_CHUNK_LINE:
                    raise BadRequestError("a chunk's first line is longer than 4 KiB")
                return None
            size = _chunk_size(bytes(self._buffer[: end + 1]))
            if len(self._body) + size > MAX_BODY:
                raise BadRequestError("the body is longer than 64 MiB", 413)
            if size == 0:
                return self._take_trailer(end - 1)
            del self._buffer[: end + 1]
            self._chunk_left = size + 2

    def _take_chunk(self, length: int) -> None:
        """*length* bytes, of which the last two are the line's end."""
        if self._buffer[length - 2 : length] != b"\r\n":
            raise BadRequestError("a chunk is longer or shorter than it says")
        self._body += self._buffer[: length - 2]
        del self._buffer[:length]

    def _take_trailer(self, end: int) -> bytes | None:
        trailer = self._buffer.find(b"\r\n\r\n", end)
        if trailer < 0:
            if len(self._buffer) > MAX_HEAD:
                raise BadRequestError("the request's trailer is longer than 64 KiB", 431)
            return None
        if trailer > MAX_HEAD:
            raise BadRequestError("the request's trailer is longer than 64 KiB", 431)
        del self._buffer[: trailer + 4]
        body, self._body = bytes(self._body), bytearray()
        return body


def _awaits_continue(head: Request) -> bool:
    expected = head.header("expect").lower()
    if expected not in ("", "100-continue"):
        raise BadRequestError(f"nothing here meets the expectation {expected!r}", 417)
    return bool(expected) and head.version != "1.0"


def parse_head(head: bytes) -> Request:
    """A request line and headers, the empty line cut off.

    Raises:
        BadRequestError: That is no request head.
    """
    first, *lines = [line.removesuffix("\r") for line in head.decode("latin-1").split("\n")]
    method, target, protocol = _read_line(first)
    if not is_target(method, target):
        raise BadRequestError("the first line has neither a path nor a URL")
    headers = parse_headers(lines)
    _check_framing(headers, protocol)
    hosts = [value for name, value in headers if name == "host"]
    if len(hosts) > 1 or not all(map(is_host, hosts)):  # RFC 9112, 3.2
        raise BadRequestError("two hosts" if len(hosts) > 1 else "the host is no host's name")
    return Request(method, target, protocol[5:], headers)


def _read_line(line: str) -> tuple[str, str, str]:
    """Method, target and protocol."""
    try:
        method, target, protocol = line.split(" ")
    except ValueError:
        raise BadRequestError("the first line is no request line") from None
    if protocol not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequestError("only HTTP/1.0 and HTTP/1.1 are spoken here", 505)
    if not _NAME.fullmatch(method) or _CONTROL.search(target):
        raise BadRequestError("the first line is no request line")
    return method, target, protocol


def _check_framing(headers: Headers, protocol: str) -> None:
    """Refuse what two servers could take for bodies of two lengths (RFC 9112, 6.1 and 6.3)."""
    lengths = {value for name, value in headers if name == "content-length"}
    codings = [value for name, value in headers if name == "transfer-encoding"]
    if len(lengths) > 1:
        raise BadRequestError("two content-lengths that differ")
    if codings and (lengths or len(codings) > 1):
        raise BadRequestError("a transfer-encoding next to a content-length, or two of them")
    if codings and protocol == "HTTP/1.0":
        raise BadRequestError("HTTP/1.0 knows no transfer-encoding")


def parse_headers(lines: Iterable[str]) -> Headers:
    """Header lines as pairs, names in lower case.

    Raises:
        BadRequestError: A line is no header.
    """
    pairs = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise BadRequestError("a header line has no name")
        if _CONTROL.search(value):
            raise BadRequestError(f"the header {name[:60]} holds a character that none can")
        pairs.append((name.lower(), value.strip(" \t")))
    return tuple(pairs)


def dechunk(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """A chunked body's bytes, from blocks cut anywhere; a body that breaks off just ends.

    Raises:
        BadRequestError: A chunk's size is not a number.
    """
    buffer = bytearray()
    left = 0
    for block in blocks:
        buffer += block
        while True:
            if left > 2:
                piece = bytes(buffer[: left - 2])
                del buffer[: len(piece)]
                left -= len(piece)
                yield piece
            if left > 2 or len(buffer) < left:
                break
            del buffer[:left]
            left = 0
            end = buffer.find(b"\r\n")
            if end < 0:
                break
            left = _chunk_size(bytes(buffer[: end + 2])) + 2
            if left == 2:
                return
            del buffer[: end + 2]


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not line.endswith(b"\r\n") or not digits or len(digits) > 8 or not _HEX.issuperset(digits):
        raise BadRequestError("a chunk's size is not a number")
    return int(digits, 16)


def http_date(epoch: float) -> str:
    """*epoch* seconds as the ``Date`` header has it."""
    return formatdate(epoch, usegmt=True)


def head_bytes(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """Status line and headers, exactly in the order and case given."""
    lines = [
        f"HTTP/1.1 {status} {_phrase(status)}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with its whole body."""

    status: int
    headers: Headers
    body: bytes = b""
    more: Headers = ()
    """Headers after ``content-length``."""

    def encode(self) -> bytes:
        """The bytes."""
        length = ("content-length", str(len(self.body)))
        return head_bytes(self.status, (*self.headers, length, *self.more)) + self.body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def chunk(data: bytes) -> bytes:
    """*data* as one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)
