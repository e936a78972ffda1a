"""Events as a fault lets them look on the wire. Pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol

from grantex_sim.faults.kinds.kind import cut_of, joined
from grantex_sim.http.sse import KEEPALIVE, frame
from grantex_sim.http.websocket_frames import Opcode, close_bytes, frame_bytes
from grantex_sim.http.wire import chunk


if TYPE_CHECKING:
    from grantex_sim.events.emission import Emission
    from grantex_sim.faults.kinds.kind import Acts
    from grantex_sim.faults.model import Opening, Passing

_WITHIN_CHARACTER: Final = re.compile(rb"[\xc2-\xf4](?=[\x80-\xbf])")


class Wire(Protocol):
    """How a stream's parts look on the wire: each a list of what is written at once."""

    eager: bool
    """Whether the response's head goes out at once, and not with the first part."""

    def first(self) -> list[bytes]:
        """What comes before everything else."""
        ...

    def event(self, event: Emission, passing: Passing | None) -> list[bytes]:
        """An event."""
        ...

    def half(self, event: Emission | None) -> list[bytes]:
        """Half an event; of a comment, if there is none."""
        ...

    def broken(self, event: Emission | None) -> list[bytes]:
        """An event, or a comment, in a frame that breaks the protocol."""
        ...

    def last(self) -> list[bytes]:
        """What ends the stream lawfully."""
        ...

    def keepalive(self) -> list[bytes]:
        """A keepalive."""
        ...


class SseWire:
    """Server-Sent Events, in chunks or without.

    Args:
        opening: How the lines look.
        chunked: Whether the body is.
    """

    eager = False

    def __init__(self, opening: Opening, *, chunked: bool) -> None:
        self._opening = opening
        self._chunked = chunked
        ends = (act.kind.line_end for act in opening.acts if act.kind.line_end)
        self._line_end = next(ends, b"\n")

    def first(self) -> list[bytes]:
        """What faults put there."""
        text = b"".join([act.at_start() for act in self._opening.acts])
        return self._body(text) if text else []

    def event(self, event: Emission, passing: Passing | None) -> list[bytes]:
        """The event's lines."""
        acts = passing.acts if passing is not None else ()
        return self._body(event_text(event, self._opening.acts, acts), acts)

    def half(self, event: Emission | None) -> list[bytes]:
        """The first half of an event's lines."""
        text = self._text(event)
        return self._body(text[: len(text) // 2])

    def broken(self, event: Emission | None) -> list[bytes]:
        """The event in a chunk whose size is no number; without chunks, nothing."""
        return [b"zz\r\n" + self._text(event) + b"\r\n"] if self._chunked else []

    def last(self) -> list[bytes]:
        """The last chunk."""
        return [b"0\r\n\r\n"] if self._chunked else []

    def keepalive(self) -> list[bytes]:
        """The service's comment."""
        return self._body(KEEPALIVE)

    def _text(self, event: Emission | None) -> bytes:
        return b": cut\n\n" if event is None else event_text(event, self._opening.acts)

    def _body(self, text: bytes, acts: Acts = ()) -> list[bytes]:
        """*text* (with plain line feeds) as a part of the body."""
        if self._line_end != b"\n":
            text = text.replace(b"\n", self._line_end)
        parts = pieces(text, cut_of(acts, self._opening.acts))
        return list(map(chunk, parts)) if self._chunked else parts


class SocketWire:
    """Text frames of a WebSocket: what is about lines has no place here, chunks are fragments."""

    eager = True

    def __init__(self, opening: Opening) -> None:
        self._acts = opening.acts

    def first(self) -> list[bytes]:
        """Nothing."""
        return []

    def event(self, event: Emission, passing: Passing | None) -> list[bytes]:
        """One text frame, or its fragments."""
        acts = passing.acts if passing is not None else ()
        payload = spoiled(event.payload, joined(acts, self._acts))
        return fragments(pieces(payload, cut_of(acts, self._acts)) or [b""])

    def half(self, event: Emission | None) -> list[bytes]:
        """The first half of the frame."""
        frame_ = self._frame(event)
        return [frame_[: len(frame_) // 2]]

    def broken(self, event: Emission | None) -> list[bytes]:
        """The frame with its reserved bits set."""
        frame_ = self._frame(event)
        return [bytes([frame_[0] | 0x70]) + frame_[1:]]

    def last(self) -> list[bytes]:
        """A close frame."""
        return [close_bytes(1001, "")]

    def keepalive(self) -> list[bytes]:
        """A ping."""
        return [frame_bytes(Opcode.PING, b"")]

    def _frame(self, event: Emission | None) -> bytes:
        return frame_bytes(Opcode.TEXT, b"{}" if event is None else event.payload)


def fragments(parts: list[bytes]) -> list[bytes]:
    """A text message in as many frames as it has *parts*."""
    opcodes = [Opcode.TEXT, *[Opcode.CONTINUATION] * (len(parts) - 1)]
    final = [False] * (len(parts) - 1) + [True]
    return [
        frame_bytes(opcode, part, is_final=last)
        for opcode, part, last in zip(opcodes, parts, final, strict=True)
    ]


def event_text(event: Emission, always: Acts, once: Acts = ()) -> bytes:
    """The lines of an event, with plain line feeds.

    Args:
        event: The event.
        always: What faults make of each event of its connection.
        once: What they make of this one.
    """
    lines = [act.before_each(event) for act in always] + [act.before(event) for act in once]
    return b"".join(lines) + frame(spoiled(event.payload, joined(once, always)))


def spoiled(payload: bytes, acts: Acts) -> bytes:
    """*payload* as *acts* have it written."""
    for act in acts:
        payload = act.spoiled(payload)
    return payload


def pieces(text: bytes, split: int | None) -> list[bytes]:
    """*text* in pieces of *split* bytes; 0 cuts within each character of several bytes."""
    if split is None:
        return [text]
    if split:
        return [text[start : start + split] for start in range(0, len(text), split)]
    cuts = [0, *(found.end() for found in _WITHIN_CHARACTER.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]
