"""A report as one HTML page that asks nobody for anything: no script, no picture, no font.

Light or dark as the reader's system is; on a phone as well as on a desk.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from grantex_tui.report.blocks import Code, Facts, Listing, Note, Paragraph, Section, Table
from grantex_tui.report.markup import element, lines, text
from grantex_tui.report.render import Form


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.report.blocks import Block, Report
    from grantex_tui.report.columns import Column

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write(report: Report, width: int) -> str:  # noqa: ARG001 - a page has no width
    """The page."""
    body = [element("h1", text(report.title)), *map(_block, report.blocks)]
    return page(report.title, body)


def page(title: str, body: Iterable[str]) -> str:
    """A whole page; *title* is text, *body* markup."""
    style = files("grantex_tui.report.render").joinpath("page.css").read_text("utf-8")
    head = [
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        element("title", text(title)),
        element("style", style),
        "</head>",
    ]
    main = element("body", element("main", "\n".join(body)))
    return "\n".join(["<!doctype html>", '<html lang="en">', *head, main, "</html>", ""])


def table(heads: Sequence[Column], rows: Iterable[Sequence[str]]) -> str:
    """A table that scrolls by itself where it is wider than the page."""
    sides = [{"class_": "left"} if column.left else {} for column in heads]
    first = "".join(
        element("th", text(column.name), scope="col", **side)
        for column, side in zip(heads, sides, strict=True)
    )
    others = (
        "".join(element("td", text(cell), **side) for cell, side in zip(row, sides, strict=True))
        for row in rows
    )
    body = "\n".join(element("tr", row) for row in others)
    whole = element("table", element("thead", element("tr", first)) + element("tbody", body))
    return element("div", whole, class_="wide", tabindex="0")


def _block(block: Block) -> str:  # noqa: PLR0911 - one a kind of block
    match block:
        case Paragraph(said, loud):
            return element("p", element("b", text(said)) if loud else text(said))
        case Facts(rows):
            return element("dl", "\n".join(map(_fact, rows)))
        case Table(columns, rows):
            return table(columns, rows)
        case Listing(items):
            return element("ul", "\n".join(element("li", text(item)) for item in items))
        case Code(said):
            return element("pre", lines("\n".join(said)))
        case Note(kind, said):
            return element("p", text(f"{kind}: {said}"), class_="faint")
        case Section(heading, blocks):
            inside = [element("h2", text(heading)), *map(_block, blocks)]
            return element("section", "\n".join(inside))


def _fact(row: tuple[str, str]) -> str:
    label, said = row
    return element("dt", text(label.strip())) + element("dd", text(said))


FORM = Form("html", "one page that asks nobody for anything", write)
