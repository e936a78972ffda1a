"""A template's text to its tree.

Datadog: monitors/notify/variables ("Handlebars" conditionals and variables).
"""

from __future__ import annotations

from functools import lru_cache

from grantex_tui.datadog.expression import ExpressionError
from grantex_tui.datadog.message.arithmetic import parse_arithmetic, split_path
from grantex_tui.datadog.message.errors import fail
from grantex_tui.datadog.message.lexer import Item, Piece, pieces_of
from grantex_tui.datadog.message.tree import (
    Call,
    Expression,
    Literal,
    Node,
    Output,
    Path,
    Section,
    Template,
    Text,
)


_DEEPEST = 50
HELPERS = ("eval", "local_time", "override_priority")


@lru_cache(maxsize=256)
def parse_template(text: str) -> Template:
    """Read a message or a monitor's name.

    Raises:
        MessageError: A tag or a block is not closed, or closed by another's name; an ``eval``
            makes no sense.
    """
    parser = _Parser(text)
    nodes = parser.nodes(None, 0)
    return Template(text, nodes)


class _Parser:
    """Blocks inside blocks, from the flat list of pieces."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._pieces = pieces_of(template)
        self._at = 0

    def nodes(self, around: Piece | None, depth: int) -> tuple[Node, ...]:
        """Everything up to the ``{{else}}`` or ``{{/…}}`` of the block *around*."""
        found: list[Node] = []
        if depth > _DEEPEST and around is not None:
            fail(f"more than {_DEEPEST} blocks inside each other", self._template, around.position)
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            if piece.kind in ("else", "/"):
                if around is None:
                    self._stray(piece)
                return tuple(found)
            self._at += 1
            found += self._node(piece, depth)
        if around is not None:
            name = around.items[0].text
            hint = f"close it with {{{{/{name}}}}}"
            fail(f"the block {name!r} is never closed", self._template, around.position, hint)
        return tuple(found)

    def _stray(self, piece: Piece) -> None:
        what = "{{else}}" if piece.kind == "else" else f"{{{{/{piece.items[0].text}}}}}"
        fail(f"{what} without a block before it", self._template, piece.position)

    def _node(self, piece: Piece, depth: int) -> list[Node]:
        match piece.kind:
            case "text":
                return [Text(piece.text, piece.position)] if piece.text else []
            case "!":
                return []
            case "#" | "^":
                return [self._section(piece, depth)]
            case _:
                expression = self._expression(list(piece.items), piece)
                return [Output(expression, piece.kind not in ("{", "&"), piece.position)]

    def _section(self, piece: Piece, depth: int) -> Section:
        name, *rest = piece.items
        if name.kind != "word":
            fail("a block begins with its name", self._template, piece.position)
        body = self.nodes(piece, depth + 1)
        otherwise: tuple[Node, ...] = ()
        if self._pieces[self._at].kind == "else":
            self._at += 1
            otherwise = self.nodes(piece, depth + 1)
        closing = self._pieces[self._at]
        self._at += 1
        if closing.kind == "else" or closing.items[0].text != name.text:
            found = "{{else}}" if closing.kind == "else" else f"{{{{/{closing.items[0].text}}}}}"
            reason = f"the block {name.text!r} is closed by {found}"
            fail(reason, self._template, closing.position, f"write {{{{/{name.text}}}}}")
        arguments = tuple(self._arguments(rest, piece))
        return Section(name.text, arguments, piece.kind == "^", body, otherwise, piece.position)

    def _expression(self, items: list[Item], piece: Piece) -> Expression:
        first, *rest = items
        if first.kind != "word" or (not rest and first.text not in HELPERS):
            if rest:
                fail("a helper begins with its name", self._template, first.position)
            return self._single(first, piece)
        return self._call(first, rest, piece)

    def _call(self, name: Item, rest: list[Item], piece: Piece) -> Call:
        arguments = tuple(self._arguments(rest, piece))
        arithmetic = None
        if name.text == "eval":
            if len(arguments) != 1 or not isinstance(arguments[0], Literal):
                hint = 'write {{eval "value * 2"}}'
                fail("eval takes one expression in quotes", self._template, name.position, hint)
            text, start = arguments[0].text, arguments[0].position
            try:
                arithmetic = parse_arithmetic(text)
            except ExpressionError as error:
                fail(error.reason, self._template, start + error.position)
        return Call(name.text, arguments, name.position, arithmetic)

    def _arguments(self, items: list[Item], piece: Piece) -> list[Expression]:
        found: list[Expression] = []
        at = 0
        while at < len(items):
            item = items[at]
            at += 1
            if item.kind == "(":
                end = self._closing(items, at, piece)
                if end == at:
                    fail("'()' is empty", self._template, item.position)
                found.append(self._expression(items[at:end], piece))
                at = end + 1
            else:
                found.append(self._single(item, piece))
        return found

    def _closing(self, items: list[Item], at: int, piece: Piece) -> int:
        depth, end = 1, at
        while end < len(items):
            depth += {"(": 1, ")": -1}.get(items[end].kind, 0)
            if depth == 0:
                break
            end += 1
        if depth:
            fail("'(' is never closed", self._template, piece.position)
        return end

    def _single(self, item: Item, piece: Piece) -> Expression:
        if item.kind in ("(", ")"):
            fail(f"unexpected {item.text!r}", self._template, item.position)
        number = item.text.lstrip("+-").replace(".", "", 1).isdigit()
        if item.kind == "text" or number:
            return Literal(item.text, item.position)
        parts = split_path(item.text)
        if not parts:
            fail(f"{item.text!r} is no variable", self._template, piece.position)
        return Path(parts, item.position)
