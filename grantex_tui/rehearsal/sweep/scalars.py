"""Where the scalars of a JSON or YAML text stand, by JSON path: for changing them and nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.document import step


if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.nodes import Node

_BLANK = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r"[^\s,\]}:]+")
_DECODER = json.JSONDecoder()
_PROPERTY = re.compile(r"[&!]\S*\s+")
"""An anchor or a tag before a YAML scalar."""


class Span(NamedTuple):
    """Characters of a text, from *start* to before *end*."""

    start: int
    end: int


def scalar_spans(text: str, *, is_json: bool) -> dict[str, Span]:
    """The scalars of a text that has been read without an error, quotes and all.

    Args:
        text: without a byte order mark.
        is_json: whether it is JSON; else YAML, several documents being a list.
    """
    return dict(_json_spans(text) if is_json else _yaml_spans(text))


def _json_spans(text: str) -> Iterator[tuple[str, Span]]:
    return _JsonScanner(text).value("")


class _JsonScanner:
    """Walks over sound JSON."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def value(self, where: str) -> Iterator[tuple[str, Span]]:
        first = self._next()
        if first == "{":
            yield from self._members(where)
        elif first == "[":
            yield from self._items(where)
        else:
            start = self._at
            self._skip_scalar()
            yield where, Span(start, self._at)

    def _next(self) -> str:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._text[self._at]

    def _skip_scalar(self) -> str:
        if self._text[self._at] == '"':
            value, self._at = _DECODER.raw_decode(self._text, self._at)
            return str(value)
        plain = _PLAIN.match(self._text, self._at)
        assert plain is not None
        self._at = plain.end()
        return plain[0]

    def _members(self, where: str) -> Iterator[tuple[str, Span]]:
        self._at += 1
        while self._next() != "}":
            self._at += self._text[self._at] == ","
            self._next()
            key = self._skip_scalar()
            self._next()
            self._at += 1  # the colon
            yield from self.value(step(where, key))
        self._at += 1

    def _items(self, where: str) -> Iterator[tuple[str, Span]]:
        self._at += 1
        number = 0
        while self._next() != "]":
            self._at += self._text[self._at] == ","
            yield from self.value(step(where, number))
            number += 1
        self._at += 1


def _yaml_spans(text: str) -> Iterator[tuple[str, Span]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    nodes = list(yaml.compose_all(text, Loader=loader))
    if len(nodes) == 1:
        yield from _node_spans(nodes[0], "", text)
        return
    for number, node in enumerate(nodes):
        yield from _node_spans(node, step("", number), text)


def _node_spans(node: Node, where: str, text: str) -> Iterator[tuple[str, Span]]:
    """Of a value that an alias stands for, where it is written."""
    from yaml.nodes import MappingNode, ScalarNode, SequenceNode

    if isinstance(node, ScalarNode):
        yield where, Span(_after_properties(node, text), node.end_mark.index)
    elif isinstance(node, SequenceNode):
        for number, item in enumerate(node.value):
            yield from _node_spans(item, step(where, number), text)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                yield from _node_spans(value, step(where, key.value), text)


def _after_properties(node: Node, text: str) -> int:
    """Where a scalar begins, after its anchor and its tag."""
    at, end = int(node.start_mark.index), int(node.end_mark.index)
    while (found := _PROPERTY.match(text, at, end)) is not None:
        at = found.end()
    return at
