"""Arithmetic over named queries, as in ``formula("a / b * 100")``: parsed once, then evaluated.

Datadog: monitors/types/log, "formulas". Numbers, names, ``+ - * /``, parentheses, a leading
minus, and the functions ``abs``, ``default_zero``, ``log2``, ``log10``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grantex_tui.datadog.monitor.scanner import Scanner


Values = Mapping[str, float | None]
_Evaluate = Callable[[Values], float | None]
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the names that it reads, in the order of their first appearance."""

    text: str
    names: tuple[str, ...]
    _evaluate: _Evaluate

    def evaluate(self, values: Values) -> float | None:
        """The result; None if a value it needs is missing, or if it divides by zero."""
        result = self._evaluate(values)
        return result if result is not None and math.isfinite(result) else None


def parse_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        QueryError: At the first character that makes no sense; ``text`` is the formula alone.
    """
    parser = _Parser(text)
    evaluate = parser.sum(0)
    parser.scanner.end()
    return Formula(text.strip(), tuple(dict.fromkeys(parser.names)), evaluate)


class _Parser:
    """Recursive descent: a sum of products of signed atoms."""

    def __init__(self, text: str) -> None:
        self.scanner = Scanner(text)
        self.names: list[str] = []

    def sum(self, depth: int) -> _Evaluate:
        left = self._product(depth)
        while True:
            if self.scanner.takes("+"):
                left = _both(left, self._product(depth), lambda a, b: a + b)
            elif self.scanner.takes("-"):
                left = _both(left, self._product(depth), lambda a, b: a - b)
            else:
                return left

    def _product(self, depth: int) -> _Evaluate:
        left = self._signed(depth)
        while True:
            if self.scanner.takes("*"):
                left = _both(left, self._signed(depth), lambda a, b: a * b)
            elif self.scanner.takes("/"):
                left = _both(left, self._signed(depth), _divide)
            else:
                return left

    def _signed(self, depth: int) -> _Evaluate:
        negative = False
        while self.scanner.takes("-"):
            negative = not negative
        atom = self._atom(depth)
        return _one(atom, lambda a: -a) if negative else atom

    def _atom(self, depth: int) -> _Evaluate:
        scanner = self.scanner
        if depth > _DEEPEST:
            scanner.fail(f"more than {_DEEPEST} parentheses inside each other")
        if scanner.takes("("):
            return self._closed(depth)
        following = scanner.text[scanner.position : scanner.position + 1]
        if following.isdigit() or following == ".":
            return _constant(scanner.number("a number"))
        start = scanner.position
        name = scanner.name("a query's name, a number or '('")
        if not scanner.takes("("):
            self.names.append(name)
            return lambda values: values.get(name)
        function = _FUNCTIONS.get(name)
        if function is None:
            known = ", ".join(_FUNCTIONS)
            scanner.not_evaluated(f"the function {name}()", at=start, hint=f"evaluated are {known}")
        return function(self._closed(depth))

    def _closed(self, depth: int) -> _Evaluate:
        inner = self.sum(depth + 1)
        self.scanner.expect(")")
        return inner


def _constant(number: float) -> _Evaluate:
    return lambda _values: number


def _one(inner: _Evaluate, apply: Callable[[float], float | None]) -> _Evaluate:
    def evaluate(values: Values) -> float | None:
        value = inner(values)
        return None if value is None else apply(value)

    return evaluate


def _both(
    left: _Evaluate, right: _Evaluate, apply: Callable[[float, float], float | None]
) -> _Evaluate:
    def evaluate(values: Values) -> float | None:
        a = left(values)
        b = right(values)
        return None if a is None or b is None else apply(a, b)

    return evaluate


def _divide(a: float, b: float) -> float | None:
    return None if b == 0 else a / b


def _default_zero(inner: _Evaluate) -> _Evaluate:
    def evaluate(values: Values) -> float | None:
        value = inner(values)
        return 0.0 if value is None else value

    return evaluate


def _log(base: Callable[[float], float]) -> Callable[[_Evaluate], _Evaluate]:
    return lambda inner: _one(inner, lambda a: base(a) if a > 0 else None)


_FUNCTIONS: dict[str, Callable[[_Evaluate], _Evaluate]] = {
    "abs": lambda inner: _one(inner, abs),
    "default_zero": _default_zero,
    "log2": _log(math.log2),
    "log10": _log(math.log10),
}
