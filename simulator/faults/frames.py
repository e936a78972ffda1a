"""Events as a fault lets them look on the wire. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from simulator.sse import frame
from simulator.wire import chunk


if TYPE_CHECKING:
    from simulator.emission import Emission
    from simulator.faults.model import Opening, Passing

BOM: Final = b"\xef\xbb\xbf"
NOISE: Final = b": noise\n"
LAST_CHUNK: Final = b"0\r\n\r\n"
_COMMA: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|,')
_WITHIN_CHARACTER: Final = re.compile(rb"[\xc2-\xf4](?=[\x80-\xbf])")


@dataclass(frozen=True, slots=True)
class Shape:
    """How one stream's events are written."""

    chunked: bool
    line_end: bytes = b"\n"
    split: int | None = None

    def body(self, text: bytes, split: int | None = None) -> list[bytes]:
        """*text* (with plain line feeds) as a part of the body: what is written at once."""
        if self.line_end != b"\n":
            text = text.replace(b"\n", self.line_end)
        parts = pieces(text, self.split if split is None else split)
        return list(map(chunk, parts)) if self.chunked else parts

    def broken(self, text: bytes) -> bytes:
        """*text* in a chunk whose size is no number."""
        return b"zz\r\n" + text + b"\r\n" if self.chunked else b""


def shape_of(opening: Opening, *, chunked: bool) -> Shape:
    """What *opening* says about how its stream is written."""
    line_end = b"\r" if opening.cr_only else b"\r\n" if opening.crlf else b"\n"
    return Shape(chunked, line_end, opening.split)


def event_text(event: Emission, opening: Opening, passing: Passing | None) -> bytes:
    """The lines of an event, with plain line feeds."""
    payload = event.payload
    if opening.multi_line or (passing is not None and passing.multi_line):
        payload = over_lines(payload)
    before = NOISE * opening.comments
    if opening.fields:
        before += names(event)
    if passing is not None:
        payload = spoiled(payload, passing)
        before += NOISE * passing.comments
        before += retry_line(passing.retry)
        before += names(event) if passing.fields and not opening.fields else b""
    return before + frame(payload)


def spoiled(payload: bytes, passing: Passing) -> bytes:
    """*payload* made wrong, as far as *passing* says so."""
    if passing.invalid_utf8:
        at = payload.rfind(b'"')
        payload = payload[:at] + b"\xff" + payload[at:] if at >= 0 else payload + b"\xff"
    return payload[: len(payload) // 2] if passing.malformed_json else payload


def over_lines(payload: bytes) -> bytes:
    """The same JSON with a line end after each comma between its values."""
    return _COMMA.sub(lambda found: b",\n" if found[0] == b"," else found[0], payload)


def names(event: Emission) -> bytes:
    """Lines that the real service never sends."""
    event_id = event.id.encode("utf-8", "replace").replace(b"\n", b"").replace(b"\r", b"")
    return b"id: " + event_id + b"\nevent: message\n"


def retry_line(seconds: float | None) -> bytes:
    """A ``retry`` line, in milliseconds as the protocol has it."""
    return b"" if seconds is None else b"retry: %d\n" % round(seconds * 1000)


def pieces(text: bytes, split: int | None) -> list[bytes]:
    """*text* in pieces of *split* bytes; 0 cuts within each character of several bytes."""
    if split is None:
        return [text]
    if split:
        return [text[start : start + split] for start in range(0, len(text), split)]
    cuts = [0, *(found.end() for found in _WITHIN_CHARACTER.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]
