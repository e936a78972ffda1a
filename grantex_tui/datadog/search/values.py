"""Tests on one value of a field: equality, wildcards, comparison, ranges, address blocks.

A value is what JSON holds at a path: text, number, boolean, or an object (which only exists).
Numbers are compared as numbers when the search's side is one too; texts are compared as texts,
also with a number's digits, as Vector does (Datadog documents ranges on numbers alone).
"""

from __future__ import annotations

import ipaddress
import math
import operator
import re
import socket
from typing import TYPE_CHECKING, Any

from grantex_tui.datadog.paths import facet_text
from grantex_tui.datadog.search.globs import glob_test
from grantex_tui.datadog.search.tree import Cidr, Compare, Exists, Glob, Literal, Matcher, Range


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Test = Callable[[object], bool]


_NUMBER = re.compile(r"[+-]?(?:\d+(\.\d*)?|(\.\d+))([eE][+-]?\d+)?", re.ASCII)
_DIGITS = 300
"""More digits than any number that a log can hold."""
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def number_of(text: str) -> float | None:
    """The number that *text* writes, an int where it has no fraction or exponent."""
    match = _NUMBER.fullmatch(text) if len(text) <= _DIGITS else None
    if match is None:
        return None
    if not any(match.groups()):
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else None


def value_test(matcher: Matcher) -> Test:
    """The test that *matcher* puts to each value of a field other than the message."""
    match matcher:
        case Literal(text):
            return equality_test(frozenset({text}))
        case Glob():
            return _text_test(glob_test(matcher))
        case Exists():
            return lambda _value: True
        case Compare(sign, bound):
            return _comparison(sign, bound)
        case Range():
            return range_test(matcher)
        case Cidr(blocks):
            return _block_test(blocks)


def equality_test(texts: frozenset[str]) -> Test:
    """Whether a value is one of *texts*; a number also when it is written differently (``7.0``)."""
    numbers = frozenset(number for text in texts if (number := number_of(text)) is not None)

    def equals(value: object) -> bool:
        if value.__class__ is str:
            return value in texts
        if isinstance(value, bool):
            return facet_text(value) in texts
        return isinstance(value, int | float) and value in numbers

    return equals


def _text_test(fits: Callable[[str], bool]) -> Test:
    def test(value: object) -> bool:
        if value.__class__ is str:
            return fits(value)
        return not isinstance(value, dict) and fits(facet_text(value))

    return test


def _comparison(sign: str, bound: str) -> Test:
    compare = _OPERATORS[sign]
    number = number_of(bound)

    def test(value: object) -> bool:
        if isinstance(value, str):
            return compare(value, bound)
        if number is None or isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return compare(value, number)

    return test


def range_test(matcher: Range) -> Test:
    """Whether a value lies between the ends that the range has."""
    ends = []
    if matcher.low is not None:
        ends.append(_comparison(">=" if matcher.includes_low else ">", matcher.low))
    if matcher.high is not None:
        ends.append(_comparison("<=" if matcher.includes_high else "<", matcher.high))
    if len(ends) == 1:
        return ends[0]
    if not ends:
        return lambda _value: True
    above, below = ends
    return lambda value: above(value) and below(value)


def _block_test(blocks: Iterable[str]) -> Test:
    """Whether a text is an address in one of *blocks*; parsed by the C library (0.4 µs against 3)."""
    masks: dict[int, list[tuple[int, int]]] = {4: [], 16: []}
    for block in blocks:
        network = ipaddress.ip_network(block, strict=False)
        mask = int(network.netmask)
        masks[network.max_prefixlen // 8].append((mask, int(network.network_address)))

    def test(value: object) -> bool:
        packed = _packed(value) if isinstance(value, str) else b""
        address = int.from_bytes(packed)
        return any(address & mask == block for mask, block in masks.get(len(packed), ()))

    return test


def _packed(text: str) -> bytes:
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except (OSError, ValueError):  # no address; a null or a surrogate in it
        return b""
