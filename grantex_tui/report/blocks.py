"""What a report is made of, whatever form it is written in; a renderer makes every text safe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.report.columns import Column

VERSION = 2
"""Of the JSON forms: grows when a key changes its meaning or goes away; new keys may come."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or a few."""

    text: str
    loud: bool = False
    """Whether it is what the reader came for."""
    apart: bool = False
    """Whether a terminal shows an empty line before it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels, each with what there is to say; without a label it goes on with the one before."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts, one for each column."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    breaks: int | None = None
    """A column; where its text changes, a terminal shows an empty line."""
    is_overview: bool = False
    """Whether it only sums up what follows, and is too wide for a terminal."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Items of equal standing."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that keep their blanks: a timeline, a query, a log."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Note:
    """What to mind: ``approximate: …``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading; a page folds them."""

    heading: str
    blocks: Sequence[Block]


Block = Paragraph | Facts | Table | Listing | Code | Note | Section


@dataclass(frozen=True, slots=True)
class Report:
    """One answer, for people in blocks and for programs as data."""

    kind: Literal["sweep", "diff", "coverage", "explanation"]
    title: str
    """A page's; a terminal shows what was asked anyway."""
    blocks: Sequence[Block]
    data: Mapping[str, object]
    """Plain data; instants are RFC 3339 in UTC, durations seconds."""
