"""Values at an attribute path, for search, group-by and facets: one reading of ``@a.b.c``.

A path is keys joined by dots. Objects are walked key by key; lists are walked into, whatever their
depth, so ``a.b`` finds ``b`` in every object of a list ``a``. A key that itself holds dots
(``{"a.b": 1}``) is found where the walk finds nothing; a key in double quotes (``"a.b".c``) is one
key and nothing else. Nulls and empty objects and lists count as absent.

Datadog: logs/explorer/search_syntax, "Arrays"; observability_pipelines/search_syntax/logs, "Path
notation".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


_PLAIN = re.compile(r'[^."\\]+')
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"(?=\.|\Z)|([^.]*)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WHOLE = 1e15
"""Below it a float without a fraction is shown as the integer it is."""


def split_path(path: str) -> tuple[str, ...]:
    """The keys of a path: ``a.b`` → ``("a", "b")``, ``"a.b".c`` → ``("a.b", "c")``."""
    keys = []
    at = 0
    while True:
        match = _KEY.match(path, at)
        assert match is not None  # the second alternative takes anything
        quoted, plain = match.groups()
        keys.append(plain if quoted is None else _ESCAPED.sub(r"\1", quoted))
        at = match.end() + 1
        if at > len(path):
            return tuple(keys)


def join_path(keys: tuple[str, ...]) -> str:
    """The inverse of `split_path`: quotes only the keys that need it."""
    return ".".join(key if _PLAIN.fullmatch(key) else _quoted(key) for key in keys)


def _quoted(key: str) -> str:
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def values_at(attributes: Mapping[str, object], path: str) -> tuple[object, ...]:
    """Every value at *path*, lists flattened; empty when there is none."""
    return values_reader(path)(attributes)


def first_at(attributes: Mapping[str, object], path: str) -> object:
    """The first value at *path*, or None."""
    return next(iter(values_at(attributes, path)), None)


def values_reader(path: str) -> Callable[[Mapping[str, object]], tuple[object, ...]]:
    """`values_at` for one path, prepared."""
    keys = split_path(path)
    # For the key number i: what to look up, shortest first, and where the walk goes on.
    steps = [
        [(".".join(keys[start:end]), end) for end in range(start + 1, len(keys) + 1)]
        for start in range(len(keys))
    ]

    def walk(value: object, depth: int) -> tuple[object, ...]:
        if isinstance(value, list):
            return tuple(found for item in flat(value) for found in walk(item, depth))
        if depth == len(keys):
            return () if value is None or value == {} else (value,)
        if isinstance(value, dict):
            for key, following in steps[depth]:
                child = value.get(key)
                if child is not None and (found := walk(child, following)):
                    return found
        return ()

    return lambda attributes: walk(attributes, 0)


def flat(values: list[object]) -> Iterator[object]:
    """The elements of a list and of the lists in it, in order; without recursion."""
    stack = [iter(values)]
    while stack:
        for value in stack[-1]:
            if isinstance(value, list):
                stack.append(iter(value))
                break
            yield value
        else:
            stack.pop()


def leaves(attributes: Mapping[str, object]) -> Iterator[object]:
    """Every value in *attributes* that is neither an object, a list nor null; without recursion."""
    stack: list[object] = [attributes]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack += value.values()
        elif isinstance(value, list):
            stack += value
        elif value is not None:
            yield value


def facet_text(value: object) -> str:
    """A value as Datadog shows it among a facet's: text as it is, ``true``, ``200``, ``0.75``.

    Datadog keeps numbers as doubles: ``7.0`` is shown as ``7``. An object becomes compact JSON.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):  # nothing that JSON holds, or too deep for it
        return type(value).__name__
