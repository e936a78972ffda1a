"""Seeded chance that comes out the same on every machine and Python."""

from __future__ import annotations

from itertools import chain
from random import Random
from typing import TYPE_CHECKING, Final, TypeVar


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_T = TypeVar("_T")

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DIGITS: Final = bytes(ord(CROCKFORD[byte & 31]) for byte in range(256))
_STREAMS: Final = 16
_TAIL: Final = 16
_DRAWN: Final = 256
"""Tails drawn at once: a slice of a long text costs a tenth of a tail made by itself."""


class Dice:
    """Draws from a seed.

    Only `Random.random` and `Random.getrandbits` are drawn on: Python keeps their sequences,
    while ``choice``, ``shuffle`` and others have changed between versions.
    """

    def __init__(self, seed: int, stream: int = 0) -> None:
        """Different streams of the same seed have nothing to do with each other."""
        random = Random(seed * _STREAMS + stream)  # noqa: S311 - reproducible on purpose
        self.random = random.random
        self._bits = random.getrandbits
        self.tail: Callable[[], str] = chain.from_iterable(self._tails()).__next__
        """Gives the 16 random digits of a ULID; without a Python frame, which takes longer."""

    def below(self, count: int) -> int:
        """A whole number from 0 to *count* - 1."""
        return int(self.random() * count)

    def pick(self, values: Sequence[_T]) -> _T:
        """One of *values*."""
        return values[int(self.random() * len(values))]

    def pick_skewed(self, values: Sequence[_T]) -> _T:
        """One of *values*, the early ones much more often than the late ones."""
        drawn = self.random()
        return values[int(drawn * drawn * drawn * len(values))]

    def _tails(self) -> Iterator[list[str]]:
        count = _TAIL * _DRAWN
        while True:
            drawn = self._bits(8 * count).to_bytes(count, "little").translate(_DIGITS)
            text = drawn.decode("ascii")
            yield [text[at : at + _TAIL] for at in range(0, count, _TAIL)]
