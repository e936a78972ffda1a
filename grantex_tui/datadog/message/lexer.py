r"""A template's text to a flat list of tags and the texts between them.

Handlebars: language guide. ``{{{{raw}}}}``, comments, ``\{{``, ``~`` and standalone lines (a line
with nothing but a block tag or a comment leaves no trace) follow its rules. That Datadog trims
standalone lines is our reading of "Handlebars"; its pages show no message byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from grantex_tui.datadog.message.errors import fail


_OPEN = re.compile(r"\\?\{\{")
_RAW = re.compile(r"\{\{\{\{\s*([\w-]+)[^{}]*\}\}\}\}")
_TRIPLE = re.compile(r"\{\{\{~?\s*")
_TAG = re.compile(r"\{\{~?\s*(?P<sigil>[#^/&!]?)\s*")
_ITEM = re.compile(
    r"\s*(?:(?P<close>~?\}\}\}?)|\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'"
    r"|(?P<bracket>[()])|(?P<word>(?:\[[^\]]*\]|[^\s()\"'{}\[\]~])+))"
)
_STANDALONE = ("#", "^", "/", "!", "else")


@dataclass(frozen=True, slots=True)
class Item:
    """A word of a tag; *kind* is ``word``, ``text`` (was quoted), ``(`` or ``)``."""

    kind: str
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A text (*kind* ``text``), or a tag: its sigil, ``{`` for triple braces, ``else``, or empty.

    *position* and *end* bound it in the template.
    """

    kind: str
    text: str
    position: int
    end: int
    items: tuple[Item, ...] = ()
    trims: tuple[bool, bool] = (False, False)
    """Whether ``~`` eats the blanks before and after it."""


def pieces_of(template: str) -> list[Piece]:
    """Cut a template into tags and texts.

    Raises:
        MessageError: A tag, a comment or a raw block is never closed.
    """
    found: list[Piece] = []
    at = 0
    while match := _OPEN.search(template, at):
        if match.start() > at:
            found.append(_text(template[at : match.start()], at))
        if match[0].startswith("\\"):
            close = template.find("}}", match.end())
            end = close + 2 if close >= 0 else len(template)
            found.append(_text(template[match.start() + 1 : end], match.start()))
            at = end
            continue
        piece = _read(template, match.start())
        found.append(piece)
        at = piece.end
    if at < len(template):
        found.append(_text(template[at:], at))
    return _trimmed(found)


def _text(text: str, position: int) -> Piece:
    return Piece("text", text, position, position + len(text))


def _read(template: str, at: int) -> Piece:
    if template.startswith("{{{{", at):
        return _read_raw(template, at)
    if template.startswith("{{!", at) or template.startswith("{{~!", at):
        return _read_comment(template, at)
    triple = _TRIPLE.match(template, at)
    if triple:
        return _read_items(template, at, triple.end(), "{")
    tag = _TAG.match(template, at)
    return _read_items(template, at, tag.end() if tag else at + 2, tag["sigil"] if tag else "")


def _read_raw(template: str, at: int) -> Piece:
    opening = _RAW.match(template, at)
    if opening is None:
        fail("'{{{{' without a name and '}}}}'", template, at)
    closing = f"{{{{{{{{/{opening[1]}}}}}}}}}"
    end = template.find(closing, opening.end())
    if end < 0:
        fail(f"the raw block is never closed with {closing}", template, at)
    return Piece("text", template[opening.end() : end], at, end + len(closing))


def _read_comment(template: str, at: int) -> Piece:
    long = re.compile(r"\{\{~?!--").match(template, at)
    close = "--}}" if long else "}}"
    end = template.find(close, at + 3)
    if end < 0:
        fail(f"the comment is never closed with {close}", template, at)
    return Piece("!", "", at, end + len(close))


def _read_items(template: str, start: int, at: int, sigil: str) -> Piece:
    items: list[Item] = []
    while True:
        match = _ITEM.match(template, at)
        if match is None:
            fail("the tag is never closed with '}}'", template, start)
        at = match.end()
        if match["close"]:
            break
        items.append(_item(match))
    close = match["close"].lstrip("~")
    if sigil == "{" and close != "}}}":
        fail("'{{{' must be closed with '}}}'", template, start)
    if sigil != "{" and close == "}}}":
        at -= 1  # the last brace belongs to the text: {{a}}}
    if not items and sigil != "^":
        fail("the tag is empty", template, start)
    kind = sigil
    if ([item.text for item in items] == ["else"] and not sigil) or (sigil == "^" and not items):
        kind = "else"
    trims = (template.startswith(("{{~", "{{{~"), start), match["close"].startswith("~"))
    return Piece(kind, "", start, at, tuple(items), trims)


def _item(match: re.Match[str]) -> Item:
    if match["bracket"]:
        return Item(match["bracket"], match["bracket"], match.start("bracket"))
    if match["word"] is not None:
        return Item("word", match["word"], match.start("word"))
    group = "double" if match["double"] is not None else "single"
    text = re.sub(r"\\([\"'\\])", r"\1", match[group])
    return Item("text", text, match.start(group))


def _trimmed(pieces: list[Piece]) -> list[Piece]:
    """Without the blanks that ``~`` and standalone tags take with them."""
    cuts = {index: [0, len(piece.text)] for index, piece in enumerate(pieces)}
    for index, piece in enumerate(pieces):
        if piece.kind == "text":
            continue
        before, after = _cuts_beside(pieces, index)
        if index and before is not None:
            cuts[index - 1][1] = min(cuts[index - 1][1], before)
        if after is not None and index + 1 < len(pieces):
            cuts[index + 1][0] = after
    return [
        replace(piece, text=piece.text[start:end]) if piece.kind == "text" else piece
        for piece, (start, end) in zip(pieces, cuts.values(), strict=True)
    ]


def _cuts_beside(pieces: list[Piece], index: int) -> tuple[int | None, int | None]:
    """Where the text before a tag ends, and where the one after it begins, if they are cut."""
    piece = pieces[index]
    before = pieces[index - 1] if index else None
    after = pieces[index + 1] if index + 1 < len(pieces) else None
    cut_before = cut_after = None
    if piece.kind in _STANDALONE:
        left = _blank_before(before, first=index <= 1)
        right = _blank_after(after, last=index + 2 >= len(pieces))
        if left is not None and right is not None:
            cut_before, cut_after = left, right
    if piece.trims[0] and before is not None:
        cut_before = len(before.text.rstrip())
    if piece.trims[1] and after is not None:
        cut_after = len(after.text) - len(after.text.lstrip())
    return cut_before, cut_after


def _blank_before(before: Piece | None, *, first: bool) -> int | None:
    """Where the blanks of the tag's line begin; None if something else is on the line."""
    if before is None:
        return 0
    if before.kind != "text":
        return None
    line = before.text.rfind("\n") + 1
    alone = not before.text[line:].strip(" \t") and (line > 0 or first)
    return line if alone else None


def _blank_after(after: Piece | None, *, last: bool) -> int | None:
    """Where the line after the tag's begins; None if something else is on the tag's line."""
    if after is None:
        return 0
    if after.kind != "text":
        return None
    line = after.text.find("\n") + 1
    alone = not after.text[: line or None].strip(" \t\r\n") and (line > 0 or last)
    return (line or len(after.text)) if alone else None
