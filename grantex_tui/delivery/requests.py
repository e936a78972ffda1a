"""The entries of one request, on their way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.delivery.batch import bisect


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.delivery.batch import Encoded
    from grantex_tui.delivery.progress import Span


@dataclass(slots=True)
class Batch:
    """What is sent together. Neighbours of one segment."""

    entries: Sequence[Encoded]
    segment: int
    span: Span
    size: int
    """Bytes of the body, uncompressed."""
    epoch: int = 0
    """The gate's, when it went out."""
    number: int = 0
    """Which request of this run it is, from 1."""
    suspected: int = 0
    """The first request in which its entries were refused; 0 if none was."""
    tests: int = 0
    """Of a single entry: how often it was asked again, others being accepted."""
    rounds: int = 0
    """Of a single entry: how often it was put aside again after its tests."""


def batch_of(entries: Sequence[Encoded], segment: int, span: Span) -> Batch:
    """A batch of *entries*."""
    size = 1 + sum(len(entry.body) + 1 for entry in entries)
    return Batch(entries, segment, span, size)


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """*batch*, which has at least two entries, in two."""
    first, second = (batch_of(part, batch.segment, batch.span) for part in bisect(batch.entries))
    first.suspected = second.suspected = batch.suspected
    return first, second
