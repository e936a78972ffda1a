"""A search's tree as one function on logs: everything that can be prepared is, once.

What a log is asked for most, an attribute one or two keys deep that equals a text, costs one or two
dictionary look-ups and a comparison. Alternatives for the same field become one set.
"""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING

from grantex_tui.datadog.paths import flat, split_path, values_reader
from grantex_tui.datadog.search.facets import searched_texts
from grantex_tui.datadog.search.globs import glob_test
from grantex_tui.datadog.search.parser import parse
from grantex_tui.datadog.search.tree import (
    And,
    Everything,
    Exists,
    Field,
    Glob,
    Literal,
    Matcher,
    Node,
    Not,
    Or,
    Term,
)
from grantex_tui.datadog.search.values import equality_test, value_test
from grantex_tui.datadog.search.words import words_test


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.search.values import Test

    Matches = Callable[[Log], bool]


def compile_query(text: str) -> Matches:
    """The function that tells whether a log matches the search *text*.

    Raises:
        SearchError: It is no search.
    """
    return compile_node(parse(text))


def compile_node(node: Node) -> Matches:
    """`compile_query` for a tree."""
    match node:
        case Everything():
            return lambda _log: True
        case Term(field, matcher):
            return _term(field, matcher)
        case Not(child):
            inner = compile_node(child)
            return lambda log: not inner(log)
        case And(children):
            return _all([compile_node(child) for child in children])
        case Or(children):
            return _any(_alternatives(children))


def _all(parts: Sequence[Matches]) -> Matches:
    if len(parts) == 2:
        one, other = parts
        return lambda log: one(log) and other(log)
    return lambda log: all(part(log) for part in parts)


def _any(parts: Sequence[Matches]) -> Matches:
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        one, other = parts
        return lambda log: one(log) or other(log)
    return lambda log: any(part(log) for part in parts)


def _alternatives(children: Sequence[Node]) -> list[Matches]:
    """The children compiled, with one test for all texts that the same field may equal."""
    texts: defaultdict[Field, set[str]] = defaultdict(set)
    rest: list[Matches] = []
    for child in children:
        match child:
            case Term(field, Literal(text)) if field.kind not in ("message", "any"):
                texts[field].add(text)
            case _:
                rest.append(compile_node(child))
    return [_equals(field, frozenset(wanted)) for field, wanted in texts.items()] + rest


def _term(field: Field, matcher: Matcher) -> Matches:
    if field.kind in ("message", "any"):
        return _message(matcher) if field.kind == "message" else _full_text(matcher)
    if isinstance(matcher, Literal):
        return _equals(field, frozenset({matcher.text}))
    if field.kind == "attribute":
        return _attribute(field.name, value_test(matcher))
    if field.kind == "reserved":
        return _reserved(field.name, matcher)
    return _tag(field.name, matcher) if field.kind == "tag" else _whole_tag(matcher)


def _equals(field: Field, texts: frozenset[str]) -> Matches:
    match field.kind:
        case "attribute":
            return _attribute(field.name, equality_test(texts))
        case "reserved":
            return _reserved_equals(field.name, texts)
        case _:
            prefix = f"{field.name}:" if field.kind == "tag" else ""
            wanted = frozenset(prefix + text for text in texts)
            return lambda log: not wanted.isdisjoint(log.tags)


def _attribute(path: str, test: Test) -> Matches:
    keys = split_path(path)
    if len(keys) > 2:
        read = values_reader(path)
        return lambda log: any(map(test, read(log.attributes)))
    return _shallow(keys[0], test) if len(keys) == 1 else _two_deep(path, keys, test)


def _shallow(key: str, test: Test) -> Matches:
    def matches(log: Log) -> bool:
        value = log.attributes.get(key)
        if value is None:
            return False
        if value.__class__ is str:
            return test(value)
        return any(map(test, _present(value)))

    return matches


def _two_deep(path: str, keys: tuple[str, ...], test: Test) -> Matches:
    first, second = keys
    joined = f"{first}.{second}"
    read = values_reader(path)

    def matches(log: Log) -> bool:
        attributes = log.attributes
        child = attributes.get(first)
        if child.__class__ is dict:
            value = child.get(second)
            if value.__class__ is str:
                return test(value)
            child = value
        if child is None and joined not in attributes:
            return False
        return any(map(test, read(attributes)))

    return matches


def _present(value: object) -> list[object]:
    """The values of one attribute, without what counts as absent."""
    values = flat(value) if isinstance(value, list) else (value,)
    return [one for one in values if one is not None and one != {}]


def _reserved(name: str, matcher: Matcher) -> Matches:
    get = attrgetter(name)
    if isinstance(matcher, Exists):
        return lambda log: bool(get(log))
    test = value_test(matcher)
    return lambda log: get(log) != "" and test(get(log))


def _reserved_equals(name: str, texts: frozenset[str]) -> Matches:
    get = attrgetter(name)
    if name == "timestamp":
        equals = equality_test(texts)
        return lambda log: equals(get(log))
    if name != "status":
        return lambda log: get(log) in texts
    # Datadog's sample calls a log DEBUG that status:debug finds; `warning` is an older name.
    statuses = frozenset({text.lower() for text in texts} | _other_names(texts))
    return lambda log: log.status in statuses or log.status.lower() in statuses


def _other_names(statuses: frozenset[str]) -> set[str]:
    names = {"warning": "warn", "emerg": "emergency", "err": "error", "crit": "critical"}
    return {names[text.lower()] for text in statuses if text.lower() in names}


def _tag(key: str, matcher: Matcher) -> Matches:
    prefix = f"{key}:"
    if isinstance(matcher, Exists):
        return lambda log: any(tag == key or tag.startswith(prefix) for tag in log.tags)
    test = value_test(matcher)
    size = len(prefix)
    return lambda log: any(tag.startswith(prefix) and test(tag[size:]) for tag in log.tags)


def _whole_tag(matcher: Matcher) -> Matches:
    test = value_test(matcher)
    return lambda log: any(map(test, log.tags))


def _message(matcher: Matcher) -> Matches:
    match matcher:
        case Literal(text):
            found = words_test(text)
            return lambda log: found(log.message.lower())
        case Glob():
            fits = glob_test(matcher, lowered=True)
            return lambda log: fits(log.message.lower())
        case _:
            test = value_test(matcher)
            return lambda log: log.message != "" and test(log.message)


def _full_text(matcher: Matcher) -> Matches:
    if isinstance(matcher, Glob):
        found = glob_test(matcher, lowered=True)
    else:
        assert isinstance(matcher, Literal)  # the parser refuses the others
        found = words_test(matcher.text)

    return lambda log: any(found(text.lower()) for text in searched_texts(log))
