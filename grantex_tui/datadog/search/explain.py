"""Why a log matches a search or doesn't: every clause, its verdict and the value that it saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.search.compile import compile_node
from grantex_tui.datadog.search.facets import facet_reader
from grantex_tui.datadog.search.printer import describe, to_text
from grantex_tui.datadog.search.tree import And, Everything, Node, Not, Or, Term
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log


_SHOWN = 5
"""Values of one field that are shown."""
_WIDTH = 120
"""Characters of one value that are shown."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One node's verdict on one log."""

    node: Node
    matched: bool
    seen: tuple[str, ...] = ()
    """A term's values in the log, as they are; empty when the field is absent."""
    children: tuple[Explanation, ...] = ()


def explain(node: Node, log: Log) -> Explanation:
    """The verdicts of *node* and of everything in it; none is left out because another decided."""
    match node:
        case Everything():
            return Explanation(node, matched=True)
        case Term():
            return Explanation(node, compile_node(node)(log), facet_reader(node.field)(log))
        case Not(child):
            inner = explain(child, log)
            return Explanation(node, not inner.matched, (), (inner,))
        case And(children):
            parts = tuple(explain(child, log) for child in children)
            return Explanation(node, all(part.matched for part in parts), (), parts)
        case Or(children):
            parts = tuple(explain(child, log) for child in children)
            return Explanation(node, any(part.matched for part in parts), (), parts)


def render_explanation(explanation: Explanation) -> str:
    """The verdicts as an indented tree, one clause a line, safe to show in any terminal."""
    return "\n".join(_lines(explanation, 0))


def _lines(explanation: Explanation, depth: int) -> Iterator[str]:
    mark = "✓" if explanation.matched else "✗"
    yield f"{'  ' * depth}{mark} {_says(explanation)}"
    for child in explanation.children:
        yield from _lines(child, depth + 1)


def _says(explanation: Explanation) -> str:
    node = explanation.node
    if isinstance(node, And):
        return "all of"
    if isinstance(node, Or):
        return "any of"
    if isinstance(node, Not):
        return "not"
    if isinstance(node, Everything):
        return describe(node)
    return f"{printable(to_text(node))}   ({_seen(node, explanation)})"


def _seen(term: Term, explanation: Explanation) -> str:
    if term.field.kind == "any":
        return f"looked at {len(explanation.seen)} values"
    if not explanation.seen:
        return f"{printable(str(term.field))} is absent"
    shown = [f'"{printable(value, limit=_WIDTH)}"' for value in explanation.seen[:_SHOWN]]
    more = len(explanation.seen) - len(shown)
    return f"{printable(str(term.field))} is {', '.join(shown)}" + (
        f" and {more} more" * (more > 0)
    )
