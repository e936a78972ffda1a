"""A report as plain text for a terminal of a given width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.report.blocks import Code, Facts, Listing, Note, Paragraph, Section, Table
from grantex_tui.report.columns import text_table, wrapped
from grantex_tui.report.render import Form
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grantex_tui.report.blocks import Block, Report

_LABEL = 13
"""Cells of a label and the gap behind it."""


def write(report: Report, width: int) -> str:
    """The report in lines of at most *width* cells, if that is not under 20."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(report.blocks, width))


def _lines(blocks: Iterable[Block], width: int) -> Iterator[str]:
    apart = False  # whether the next block has an empty line before it
    for place, block in enumerate(blocks):
        is_table = isinstance(block, Table) and not block.is_overview
        wants = is_table or isinstance(block, Section) or getattr(block, "apart", False)
        if place and (apart or wants):
            yield ""
        apart = is_table or isinstance(block, Section)
        yield from _block(block, width)


def _block(block: Block, width: int) -> Iterable[str]:  # noqa: PLR0911 - one a kind of block
    match block:
        case Paragraph(text):
            return wrapped(printable(text), width)
        case Facts(rows):
            return _facts(rows, width)
        case Table(is_overview=True):
            return ()
        case Table(columns, rows, breaks):
            safe = [[printable(text) for text in row] for row in rows]
            return text_table(columns, safe, width, breaks=breaks)
        case Listing(items):
            return [line for item in items for line in wrapped(printable(item), width, "  ")]
        case Code(lines):
            return map(printable, lines)
        case Note(kind, text):
            return wrapped(printable(f"{kind}: {text}"), width)
        case Section(heading, blocks):
            inside = (f"  {line}" for line in _lines(blocks, width - 2))
            return [*wrapped(printable(heading), width), *inside]


def _facts(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    indent = " " * _LABEL
    for label, text in rows:
        first, *rest = wrapped(printable(text), width - _LABEL)
        yield f"{printable(label):<{_LABEL - 2}}  {first}"
        yield from (indent + line for line in rest)


FORM = Form("text", "for a terminal", write)
