"""What can be said of a search without a log: the fields it reads, the values it can match.

An evaluator uses it to leave out the events that a search can never match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.paths import facet_text, split_path
from grantex_tui.datadog.search.compile import compile_node
from grantex_tui.datadog.search.printer import to_text
from grantex_tui.datadog.search.tree import (
    ANY,
    And,
    Everything,
    Field,
    Literal,
    Node,
    Not,
    Or,
    Term,
)
from grantex_tui.datadog.search.values import number_of


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Scope = OneOf["explorer", "monitor", "pipeline", "index", "archive", "live tail"]


def terms(node: Node) -> Iterator[Term]:
    """Every condition in a search, from left to right."""
    match node:
        case Term():
            yield node
        case Not(child):
            yield from terms(child)
        case And(children) | Or(children):
            for child in children:
                yield from terms(child)
        case Everything():
            return


def fields(node: Node) -> frozenset[Field]:
    """Every field that a search reads."""
    return frozenset(term.field for term in terms(node))


def required_terms(node: Node) -> tuple[Node, ...]:
    """The conditions (terms and negations) that each matching log fulfils, whatever the rest is."""
    match node:
        case And(children):
            return tuple(found for child in children for found in required_terms(child))
        case Term() | Not():
            return (node,)
        case _:
            return ()


def possible_values(node: Node, field: Field) -> frozenset[str] | None:
    """The exact values of *field* that a matching log can have; None when it could be any.

    Sound for logs with one value, or none, in that field: a value outside the answer never
    matches. Numbers are given as `facet_text` writes them.
    """
    match node:
        case Term(own, Literal(text)) if own == field and field.kind not in ("message", "any"):
            number = number_of(text)
            status = field == Field.of("status")  # it has other names; see compile
            texts = {text} if number is None else {text, facet_text(number)}
            return None if status else frozenset(texts)
        case Not(Not(child)):
            return possible_values(child, field)
        case And(children):
            known = [found for found in _each(children, field) if found is not None]
            return frozenset.intersection(*known) if known else None
        case Or(children):
            found = list(_each(children, field))
            known = [values for values in found if values is not None]
            return frozenset.union(*known) if len(known) == len(found) else None
        case _:
            return None


def _each(children: Iterable[Node], field: Field) -> Iterator[frozenset[str] | None]:
    return (possible_values(child, field) for child in children)


def possible(node: Node, field: Field, universe: Iterable[str]) -> frozenset[str]:
    """Those of *universe* that *field* can have in a log that matches.

    Sound for logs with exactly one value in that field, text or the number that it writes: a
    value left out never matches. Whatever the search asks of other fields counts as unknown, so
    a value kept may still never match.
    """
    logs = {value: tuple(_logs_with(field, value)) for value in universe}
    return frozenset(logs) - _verdicts(node, field, logs).never


@dataclass(frozen=True, slots=True)
class _Verdicts:
    """Values with which a node matches whatever else a log holds, and with which it never does."""

    always: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


def _verdicts(node: Node, field: Field, logs: dict[str, tuple[Log, ...]]) -> _Verdicts:
    match node:
        case Everything():
            return _Verdicts(always=frozenset(logs))
        case Term():
            return _of_term(node, logs) if node.field == field else _Verdicts()
        case Not(child):
            inner = _verdicts(child, field, logs)
            return _Verdicts(inner.never, inner.always)
        case And(children):
            parts = [_verdicts(child, field, logs) for child in children]
            return _Verdicts(
                frozenset.intersection(*(part.always for part in parts)),
                frozenset.union(*(part.never for part in parts)),
            )
        case Or(children):
            parts = [_verdicts(child, field, logs) for child in children]
            return _Verdicts(
                frozenset.union(*(part.always for part in parts)),
                frozenset.intersection(*(part.never for part in parts)),
            )


def _of_term(term: Term, logs: dict[str, tuple[Log, ...]]) -> _Verdicts:
    matches = compile_node(term)
    verdicts = {value: {matches(log) for log in forms} for value, forms in logs.items()}
    return _Verdicts(
        frozenset(value for value, seen in verdicts.items() if seen == {True}),
        frozenset(value for value, seen in verdicts.items() if seen == {False}),
    )


def _logs_with(field: Field, value: str) -> Iterator[Log]:
    """Logs that have nothing but *value* in *field*, in each form that JSON could give it."""
    match field.kind:
        case "attribute":
            for form in (value, {"true": True, "false": False}.get(value), number_of(value)):
                if form is not None:
                    yield Log(attributes=_nested(split_path(field.name), form))
        case "tag":
            yield Log(tags=(f"{field.name}:{value}" if value else field.name,))
        case "reserved" if field.name != "timestamp":
            own: dict[str, Any] = {"status": "", field.name: value}
            yield Log(**own)
        case _:
            return


def _nested(keys: tuple[str, ...], value: object) -> dict[str, object]:
    for key in reversed(keys[1:]):
        value = {key: value}
    return {keys[0]: value}


def check_scope(node: Node, where: Scope) -> tuple[str, ...]:
    """What of a search does not work in a place, a sentence each.

    Datadog: logs/explorer/search_syntax, "Full-text search".
    """
    if where in ("explorer", "monitor"):
        return ()
    return tuple(
        f"full-text search does not work in a {where} filter: {to_text(term)}"
        for term in dict.fromkeys(terms(node))
        if term.field == ANY
    )
