"""A search's tree as text: canonical search syntax, or an indented tree for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.search.tree import (
    ANY,
    MESSAGE,
    And,
    Cidr,
    Compare,
    Everything,
    Exists,
    Field,
    Glob,
    Literal,
    Matcher,
    Node,
    Not,
    Or,
    Range,
    Term,
)
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterator


_SPECIAL = frozenset('\\"()[]{}:*?')
_SPECIAL_AT_START = frozenset("-+!><=#@&|~^")
_OPERATORS = frozenset({"AND", "OR", "NOT", "TO", "CIDR"})


def to_text(node: Node) -> str:
    """Canonical search text; `parse` reads the same tree from it.

    Blanks for AND, ``-`` for NOT, double quotes wherever a word would need an escape.
    """
    match node:
        case Everything():
            return "*"
        case Term(field, matcher):
            return _term(field, matcher)
        case Not(child):
            return f"-{_grouped(child)}"
        case And(children):
            return " ".join(map(_grouped, children))
        case Or(children):
            return " OR ".join(
                to_text(child) if isinstance(child, And) else _grouped(child) for child in children
            )


def _grouped(node: Node) -> str:
    text = to_text(node)
    return f"({text})" if isinstance(node, And | Or) else text


def _term(field: Field, matcher: Matcher) -> str:
    if isinstance(matcher, Cidr):
        return f"CIDR({', '.join((_field(field, ','), *matcher.blocks))})"
    if field == MESSAGE and not isinstance(matcher, Exists):
        return _value(matcher)
    return f"{_field(field)}:{_value(matcher)}"


def _field(field: Field, more_special: str = "") -> str:
    if field == ANY:
        return "*"
    text = str(field)
    start, rest = (text[:1], text[1:]) if field.kind == "attribute" else ("", text)
    if rest[:1] in _SPECIAL_AT_START and not start:
        start, rest = f"\\{rest[0]}", rest[1:]
    return start + _escaped(rest, more_special)


def _value(matcher: Matcher) -> str:
    match matcher:
        case Literal(text):
            return _literal(text)
        case Glob(parts):
            text = "".join(
                _escaped(part) if isinstance(part, str) else part.value for part in parts
            )
            return "\\" + text if text[0] in _SPECIAL_AT_START else text
        case Exists():
            return "*"
        case Compare(operator, bound):
            return operator + _literal(bound, after_sign=True)
        case Range(low, high, includes_low, includes_high):
            ends = ("[" if includes_low else "{", "]" if includes_high else "}")
            return f"{ends[0]}{_bound(low)} TO {_bound(high)}{ends[1]}"
        case Cidr(blocks):
            return ", ".join(blocks)


def _literal(text: str, *, after_sign: bool = False) -> str:
    """A bare word where no character needs an escape, else a quoted phrase."""
    starts_well = text[:1] not in _SPECIAL_AT_START or (after_sign and text[:1] == "-")
    if text and starts_well and text not in _OPERATORS and _escaped(text) == text:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bound(bound: str | None) -> str:
    return "*" if bound is None else _literal(bound, after_sign=True)


def _escaped(text: str, more_special: str = "") -> str:
    return "".join(
        f"\\{character}"
        if character in _SPECIAL or character in more_special or character.isspace()
        else character
        for character in text
    )


def tree_text(node: Node) -> str:
    """The tree with one node a line, for people: what ``--explain`` shows of a search itself."""
    return "\n".join(_lines(node, 0))


def _lines(node: Node, depth: int) -> Iterator[str]:
    indent = "  " * depth
    match node:
        case And(children) | Or(children):
            yield indent + ("all of" if isinstance(node, And) else "any of")
            for child in children:
                yield from _lines(child, depth + 1)
        case Not(child):
            yield f"{indent}not"
            yield from _lines(child, depth + 1)
        case _:
            yield indent + describe(node)


def describe(node: Everything | Term) -> str:
    """One condition in words, safe to show: ``attribute @type is "grant.revoked"``."""
    if isinstance(node, Everything):
        return "everything"
    where = {"attribute": "attribute ", "tag": "tag "}.get(node.field.kind, "") + str(node.field)
    if node.field == ANY:
        where = "any attribute or the message"
    return printable(f"{where} {_says(node)}")


def _says(term: Term) -> str:
    in_text = term.field.kind in ("message", "any")
    match term.matcher:
        case Literal(text):
            return f'{"has the words" if in_text else "is"} "{text}"'
        case Exists():
            return "is present"
        case Glob():
            return f"is like {_value(term.matcher)}"
        case Compare():
            return f"is {_value(term.matcher)}"
        case Range():
            return f"is in {_value(term.matcher)}"
        case Cidr(blocks):
            return f"is in one of the blocks {', '.join(blocks)}"
