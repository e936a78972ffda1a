"""The journal's lines: how events, malformed payloads and gaps are written, and read back.

``{"receivedAt":"<RFC 3339, ms>","event":<the payload as received>}`` is the rule. A payload that
holds a line break (multi-line SSE data) can't stand in NDJSON as it is and becomes
``"payload":"<as JSON text>"``; what is no event becomes ``"malformed":{"reason":…,"payload":…}``.
Everything before the payload has a fixed length, and so has the `seal` behind it, so reading is
slicing. A journal of the first format has no seals, and a recording needs none.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.clock import parse_rfc3339, rfc3339
from grantex_tui.events.arrived import payloads_of
from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.kept.seal import EVENT, SEAL, are_sealed, has_seal, sealed
from grantex_tui.events.kept.spool import Entry


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.events.gap import Gap

_START = b'{"receivedAt":"'
_TIME = slice(15, 39)
_EVENT = b'","event":'
_IS_EVENT = slice(39, 49)
_PAYLOAD = b'","payload":'
_IS_PAYLOAD = slice(39, 51)
HEAD = 64
"""Bytes of a line that are enough to tell its time."""


class _Typed(msgspec.Struct, gc=False):
    type: str


UNSEALED = 1
"""Bytes behind the payload of a line without a seal; of one with it, `SEAL`."""

BESIDE_PAYLOAD = 49 + SEAL + 1
"""Bytes of a sealed line of an event, its break included, besides the payload as received."""

_encode = msgspec.json.Encoder().encode
_decode_types = msgspec.json.Decoder(list[_Typed]).decode
_decode_text = msgspec.json.Decoder(str).decode


def encode_items(items: Sequence[Event | Malformed], received_at: float) -> bytes:
    """The lines of one read, without seals: a recording."""
    start = _START + rfc3339(received_at).encode()
    raws = payloads_of(items)
    if raws is not None:
        head = start + _EVENT
        block = head + (b"}\n" + head).join(raws) + b"}\n"
        if _is_a_line_each(block, raws):
            return block
    return b"".join(_body(item, start) + b"}\n" for item in items)


def seal_items(items: Sequence[Event | Malformed], received_at: float, place: int) -> bytes:
    """The lines of one read, the first of which stands at *place*."""
    start = _START + rfc3339(received_at).encode()
    raws = payloads_of(items)
    if raws is not None:
        block = sealed(raws, _places_of_events(len(raws), place), start + _EVENT)
        if _is_a_line_each(block, raws):
            return block
    steps = [EVENT if type(item) is Event else 1 for item in items]
    places = list(accumulate(steps[:-1], initial=place))
    return sealed([_body(item, start) for item in items], places)


def _places_of_events(count: int, place: int) -> range:
    return range(place, place + count * EVENT, EVENT)


def _is_a_line_each(block: bytes, raws: Sequence[bytes]) -> bool:
    return block.count(b"\n") == len(raws) and b"\r" not in block


def _body(item: Event | Malformed, start: bytes) -> bytes:
    """An item's line but for its ``}``."""
    if isinstance(item, Malformed):
        said = {"reason": item.reason, "payload": _text(item.raw)}
        return start + b'","malformed":' + _encode(said)
    if b"\n" in item.raw or b"\r" in item.raw:
        return start + _PAYLOAD + _encode(_text(item.raw))
    return start + _EVENT + item.raw


def encode_gap(gap: Gap) -> bytes:
    """A gap's line, without a seal."""
    return gap_body(gap) + b"}\n"


def gap_body(gap: Gap) -> bytes:
    """A gap's line but for its ``}``."""
    end = None if gap.end is None else rfc3339(gap.end)
    return _encode({"gap": {"from": rfc3339(gap.start), "to": end, "reason": gap.reason}})[:-1]


def step_of(line: bytes) -> int:
    """How many places *line* takes."""
    return EVENT if line[_IS_EVENT] == _EVENT or line[_IS_PAYLOAD] == _PAYLOAD else 1


def place_behind(lines: Sequence[bytes], place: int) -> int | None:
    """The place of what follows *lines*; None if these are not whole, or not those from *place* on.

    Nearly always all of them are events, and then one look at the last is enough: were one of the
    others none, the places behind it would not fit.
    """
    places = _places_of_events(len(lines), place)
    if are_sealed(lines, places):
        return places[-1] + step_of(lines[-1])
    exactly = list(accumulate(map(step_of, lines), initial=place))
    fits = exactly[-1] != places.stop and are_sealed(lines, exactly[:-1])
    return exactly[-1] if fits else None


def count_events(lines: Sequence[bytes]) -> int:
    """How many of *lines* hold an event, readable or not."""
    return sum(line[_IS_EVENT] == _EVENT or line[_IS_PAYLOAD] == _PAYLOAD for line in lines)


_KINDS = (_EVENT, _PAYLOAD, b'","malformed":')


def is_a_line(line: bytes) -> bool:
    """Whether *line* begins as one of a journal does, as far as that is seen without decoding."""
    if line.startswith(_START):
        return line[39:].startswith(_KINDS)
    return line.startswith((b'{"gap":{', b'{"journal":'))


def received_at(line: bytes) -> float | None:
    """When a line's read took place; None for other lines. The first `HEAD` bytes are enough."""
    if not line.startswith(_START):
        return None
    try:
        return parse_rfc3339(line[_TIME].decode())
    except ValueError:
        return None


def event_payload(line: bytes) -> bytes | None:
    """The payload on a line in exactly the form written here; None for every other line."""
    if line[_IS_EVENT] != _EVENT or not line.startswith(_START):
        return None
    return line[49:-SEAL] if has_seal(line) else line[49:-UNSEALED]


def parse_entries(
    lines: Sequence[bytes], offset: int, *, behind: int = UNSEALED
) -> tuple[list[Entry], int]:
    """The events among *lines*, which begin at byte *offset*, and how many can't be read.

    The two together are `count_events`: damage to a line is counted, never passed on.

    Args:
        lines: without their breaks.
        offset: in the segment, of the first of them.
        behind: bytes behind each payload, `UNSEALED` or `SEAL`.
    """
    raws: list[bytes] = []
    ends: list[int] = []
    for line in lines:
        offset += len(line) + 1
        if line[_IS_EVENT] == _EVENT:
            raws.append(line[49:-behind])
        elif line[_IS_PAYLOAD] == _PAYLOAD:
            raws.append(_payload(line[51:-behind]))
        else:
            continue
        ends.append(offset)
    entries = list(map(Entry, raws, _types(raws), ends))
    readable = [entry for entry in entries if entry.type]
    return readable, len(entries) - len(readable)


def _types(raws: list[bytes]) -> list[str]:
    """The type of each payload, decoded all at once; empty for what is no event."""
    try:
        types = [typed.type for typed in _decode_types(b"[" + b",".join(raws) + b"]")]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        types = []
    return types if len(types) == len(raws) else [_type(raw) for raw in raws]


def _type(raw: bytes) -> str:
    event = decode_event(raw)
    return event.type if isinstance(event, Event) else ""


def _payload(text: bytes) -> bytes:
    try:
        return _decode_text(text).encode()
    except (msgspec.MsgspecError, UnicodeError):
        return b""


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
