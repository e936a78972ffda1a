"""The seal at a line's end: it proves what the line says and where it stands.

A sealed line ends in ``,"crc":"xxxxxxxx"}``: the CRC-32 of the bytes before that, plus the line's
place, modulo 2^32. Places count the lines of a journal from a start of its own, chosen at random
(as TCP chooses its first sequence number), so a line of another journal, or of another place in
this one, fails as a changed one does. What is missing, moved or doubled shows as well, and exactly:
the difference between the sum and the CRC is the place that a whole line was written for.

An event takes `EVENT` places and every other line one. So of lines that are gone it is known how many
held an event: a lost note of a gap is no lost event.
"""

from __future__ import annotations

import secrets
import sys
from array import array
from typing import TYPE_CHECKING
from zlib import crc32


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEAL = 18
"""Bytes of a seal."""
EVENT = 64
"""Places that an event takes. Further from each other than 2^31 places, 33 million events, two lines
can't be told apart; of 64 lines and more that are no events and are gone at once, some count as one."""
_BEFORE = b',"crc":"'
_AFTER = b'"}'
_DIGITS = slice(-10, -2)
_MASK = 0xFFFFFFFF


def first_place() -> int:
    """Where a new journal begins to count; ten digits, so that headers are of one length."""
    return 10**9 + secrets.randbelow(10**9)


def events_between(place: int, later: int) -> int:
    """How many events the lines from *place* up to the one at *later* hold."""
    return max(0, later - place) // EVENT


def sealed(bodies: Sequence[bytes], places: Iterable[int], head: bytes = b"") -> bytes:
    """Whole lines, breaks included: *head* and each of *bodies*, JSON objects but for their ``}``.

    0.36 µs a line of 290 bytes, of which the CRC takes 0.2; formatting each by itself costs 0.08
    more.
    """
    start = crc32(head)
    sums = [(crc32(body, start) + n) & _MASK for body, n in zip(bodies, places, strict=True)]
    pieces = [head, b"", _BEFORE, b"", _AFTER + b"\n"] * len(bodies)
    pieces[1::5] = bodies
    pieces[3::5] = _hex(sums)
    return b"".join(pieces)


def are_sealed(lines: Sequence[bytes], places: Iterable[int]) -> bool:
    """Whether *lines*, without their breaks, are whole and the ones written at *places*."""
    sums = [(crc32(line[:-SEAL]) + n) & _MASK for line, n in zip(lines, places, strict=True)]
    ends = b"".join([line[-SEAL:] for line in lines])
    pieces = [_BEFORE, b"", _AFTER] * len(lines)
    pieces[1::3] = _hex(sums)
    return b"".join(pieces) == ends


def has_seal(line: bytes) -> bool:
    """Whether *line*, without its break, ends as a sealed one does."""
    return line[-SEAL : -SEAL + len(_BEFORE)] == _BEFORE and line.endswith(_AFTER)


def without_seal(line: bytes) -> bytes:
    """The body of a sealed line, as it was given to `sealed`."""
    return line[:-SEAL]


def seal_of(line: bytes) -> str:
    """The eight digits at a sealed line's end; empty for every other line."""
    return line[_DIGITS].decode("ascii", "replace") if has_seal(line) else ""


def place_offset(line: bytes, place: int) -> int | None:
    """How far after *place* a line was written, if it is whole; None if it has no seal.

    For a line that was changed it is any number from -2^31 on and below 2^31.
    """
    if not has_seal(line):
        return None
    digits = line[_DIGITS]
    try:
        value = int(digits, 16)
    except ValueError:
        return None
    if digits != b"%08x" % value:
        return None  # a capital letter, a sign, an underscore: nothing that was written here
    offset = (value - crc32(line[:-SEAL]) - place) & _MASK
    return offset - (1 << 32) if offset >> 31 else offset


def _hex(sums: list[int]) -> list[bytes]:
    """Eight digits each."""
    values = array("I", sums)
    if sys.byteorder == "little":
        values.byteswap()
    return values.tobytes().hex(",", 4).encode().split(b",")
