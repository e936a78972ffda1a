"""Shorter copies of an event that is too large for one log, with every id in them.

Datadog cuts a log over 1 MB, and with it, since the message is then no JSON any more, all that a
monitor looks for: a long reason would hide a withdrawal. So what is long is cut in here, value by
value, and the copy says so.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import msgspec


if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_ID = 256
"""Characters of the service's longest id, a principal's: no text is cut below it."""
_STEPS = ((8192, 1000), (1024, 1000), (LONGEST_ID, 1000), (LONGEST_ID, 100), (LONGEST_ID, 10))
"""Characters a text and items a list or object may keep; from the mildest on."""
_ENVELOPE = ("id", "type", "createdAt")


def shorter(raw: bytes) -> Iterator[bytes]:
    """Copies of the payload *raw*, each shorter than the one before; the last is tiny.

    Each has a key ``truncated`` besides the event's own: how many bytes the whole has.
    """
    mark = {"truncated": {"bytes": len(raw)}}
    event = _decode(raw)
    for characters, items in _STEPS:
        try:
            whole = {name: _cut(value, characters, items) for name, value in event.items()}
        except RecursionError:
            break
        yield msgspec.json.encode(whole | mark)
    envelope = {name: event[name] for name in _ENVELOPE if isinstance(event.get(name), str)}
    yield msgspec.json.encode(_as_object(_cut(envelope, LONGEST_ID, 10)) | mark)


def _decode(raw: bytes) -> dict[str, object]:
    try:
        return _as_object(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:  # nested too deeply, or with numbers beyond any: its envelope at least
        return _as_object(msgspec.to_builtins(msgspec.json.decode(raw, type=_Envelope)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


class _Envelope(msgspec.Struct):
    id: str = ""
    type: str = ""
    createdAt: str = ""  # noqa: N815 - the wire's name


def _as_object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _cut(value: object, characters: int, items: int) -> object:
    """*value* with long texts, lists and objects cut, and said to be."""
    if isinstance(value, str):
        more = len(value) - characters
        return f"{value[:characters]}… ({more:,} more characters)" if more > 0 else value
    if isinstance(value, list):
        kept = [_cut(item, characters, items) for item in value[:items]]
        more = len(value) - items
        return [*kept, f"… ({more:,} more items)"] if more > 0 else kept
    if isinstance(value, dict):
        some = islice(value.items(), items)
        kept_keys = {_cut_key(key): _cut(item, characters, items) for key, item in some}
        more = len(value) - items
        return kept_keys | ({"…": f"{more:,} more keys"} if more > 0 else {})
    return value


def _cut_key(key: str) -> str:
    return key if len(key) <= LONGEST_ID else key[:LONGEST_ID] + "…"
