"""Which mutants are tried: a seeded choice that stays the same when modules move or grow.

Each mutant has a number of its own, drawn from the seed and from what it changes; the lowest
numbers are taken. Other changes of the module let go of none of them. Those that no test can notice,
since they change nothing that can be seen, are left out by `equivalent.toml`, with the reason.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant


EQUIVALENT = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A change that is none: what the program does stays the same."""

    function: str
    line: str
    change: str
    """`before → after`."""
    reason: str

    def covers(self, mutant: Mutant) -> bool:
        """Whether *mutant* is this change."""
        return (self.function, self.line, self.change) == (
            mutant.function,
            mutant.text,
            f"{mutant.before} → {mutant.after}",
        )


def read_equivalents(path: Path = EQUIVALENT) -> list[Equivalent]:
    """The changes that are known to change nothing.

    Raises:
        TypeError: an entry lacks a key or has one too many.
        ValueError: an entry has no reason.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
    equivalents = [Equivalent(**entry) for entry in entries]
    for entry in equivalents:
        if not entry.reason.strip():
            raise ValueError(f"{path}: no reason for {entry.line!r}: say why nothing can be seen")
    return equivalents


def sampled(mutants: Iterable[Mutant], size: int, seed: int) -> list[Mutant]:
    """*size* of *mutants*, or all, in the order of their places."""
    chosen = sorted(mutants, key=lambda mutant: _rank(mutant, seed))[:size]
    return sorted(chosen, key=lambda mutant: (mutant.path, mutant.line, mutant.start))


def without(mutants: Iterable[Mutant], equivalents: Sequence[Equivalent]) -> list[Mutant]:
    """Those of *mutants* that a test could notice."""
    return [mutant for mutant in mutants if not any(entry.covers(mutant) for entry in equivalents)]


def stale(mutants: Sequence[Mutant], equivalents: Iterable[Equivalent]) -> list[Equivalent]:
    """Entries about changes that can't be made any more: the code is another."""
    return [entry for entry in equivalents if not any(entry.covers(mutant) for mutant in mutants)]


def _rank(mutant: Mutant, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\n{mutant.key}".encode()).digest()
