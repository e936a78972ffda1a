"""Events that a test puts on the stream itself: out of what it posted, into payloads."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

import msgspec

from grantex_tui.clock import rfc3339
from grantex_tui.errors import GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_BASE32: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHORT: Final = frozenset({"type", "data"})


class InjectedError(GrantexTuiError):
    """What was posted can't be put on the stream."""


class Injector:
    """Reads posted events; counts those that it gives an id, so that no id comes twice."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count(1)

    def payloads(self, body: bytes, now: float) -> list[bytes]:
        """The payloads in *body*, byte for byte as they stand there.

        One event a line; or a JSON array, an event an item; or one JSON object over many lines.
        An object of only ``type`` and, if wanted, ``data`` is a short form: it gets an id, and
        *now* (epoch seconds) as its ``createdAt``. A line that is no JSON goes out as it is.

        Raises:
            InjectedError: An array that can't be read, or a short form whose type is no text.
        """
        return self.completed(split(body), now)

    def completed(self, items: Sequence[bytes], now: float) -> list[bytes]:
        """The payloads of *items*, short forms completed.

        Raises:
            InjectedError: A short form whose type is no text.
        """
        return [self._completed(item, now) for item in items]

    def _completed(self, payload: bytes, now: float) -> bytes:
        fields = _object(payload)
        if fields is None or not fields.keys() <= _SHORT or "type" not in fields:
            return payload
        if not fields["type"].startswith(b'"'):
            raise InjectedError(
                f"an event's type is {fields['type'].decode('utf-8', 'replace')[:60]}, not a text",
                hint='A short form is {"type": "grant.created", "data": {…}}.',
            )
        event = {
            "id": f"evt_{ulid(now, next(self._numbers))}",
            "type": msgspec.Raw(fields["type"]),
            "createdAt": rfc3339(now),
            "data": msgspec.Raw(fields.get("data", b"{}")),
        }
        return msgspec.json.encode(event)


def ulid(epoch: float, number: int) -> str:
    """The ULID of *epoch* seconds whose random part is *number*."""
    value = (int(epoch * 1000) & (1 << 48) - 1) << 80 | number & (1 << 80) - 1
    return "".join(_BASE32[value >> shift & 31] for shift in range(125, -1, -5))


def split(body: bytes) -> list[bytes]:
    """The events that were posted, one by one.

    Raises:
        InjectedError: An array that can't be read.
    """
    stripped = body.strip()
    if stripped.startswith(b"["):
        return _items(stripped)
    if stripped.count(b"\n") and _object(stripped) is not None:
        return [msgspec.json.format(stripped, indent=-1)]
    return [line for line in body.splitlines() if line.strip()]


def _items(text: bytes) -> list[bytes]:
    try:
        return [bytes(item) for item in msgspec.json.decode(text, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InjectedError(
            f"the JSON array can't be read: {error}",
            hint="Post [{…}, {…}], or one event a line.",
        ) from None


def _object(text: bytes) -> Mapping[str, bytes] | None:
    """A JSON object's members as they are written; None if *text* is none."""
    if not text.lstrip().startswith(b"{"):
        return None
    try:
        fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return {name: bytes(value) for name, value in fields.items()}
