"""A report as GitHub-flavoured Markdown, for a comment on a pull request."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from grantex_tui.report.blocks import Code, Facts, Listing, Note, Paragraph, Section, Table
from grantex_tui.report.columns import markdown, markdown_table
from grantex_tui.report.fences import fenced
from grantex_tui.report.render import Form
from grantex_tui.report.styled import inert
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterable

    from grantex_tui.report.blocks import Block, Report


def write(report: Report, width: int) -> str:  # noqa: ARG001 - a page has no width
    """The report, each section folded."""
    whole = "\n\n".join([f"### {_safe(report.title)}", *_parts(report.blocks)])
    return "\n".join(map(inert, whole.split("\n"))) + "\n"


def _parts(blocks: Iterable[Block]) -> list[str]:
    return list(map(_block, blocks))


def _block(block: Block) -> str:  # noqa: PLR0911 - one a kind of block
    match block:
        case Paragraph(text, loud):
            return f"**{_safe(text)}**" if loud else _safe(text)
        case Facts(rows):
            return "\n".join(
                f"- {_safe(f'{label}: {text}' if label else text)}" for label, text in rows
            )
        case Table(columns, rows):
            return "\n".join(markdown_table(columns, [list(map(printable, row)) for row in rows]))
        case Listing(items):
            return "\n".join(f"- {_safe(item)}" for item in items)
        case Code(lines):
            return fenced(lines)
        case Note(kind, text):
            return _safe(f"{kind}: {text}")
        case Section(heading, blocks):
            # Within HTML Markdown is none.
            summary = f"<details><summary>{escape(printable(heading))}</summary>"
            return "\n\n".join([summary, *_parts(blocks), "</details>"])


def _safe(text: str) -> str:
    return markdown(printable(text.strip()))


FORM = Form("markdown", "for a comment on a pull request", write)
