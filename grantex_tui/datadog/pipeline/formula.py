"""The arithmetic processor's formula: parsed once, evaluated over attributes, nothing else.

Datadog: logs/log_configuration/processors/arithmetic_processor. ``+ - * /`` and parentheses over
attribute paths and numbers. ``-`` belongs to a name unless blanks set it apart (``start-time``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


Lookup = Callable[[str], float | None]
_Evaluate = Callable[[Lookup], float | None]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![^\s()+*/]))
          |(?P<path>[^\s()+*/-][^\s()+*/]*)
          |(?P<operator>[-+*/()]))""",
    re.VERBOSE,
)
_DEEPEST = 50
"""Parentheses within parentheses; a formula has a handful, a hostile one thousands."""


class FormulaError(ValueError):
    """The formula can't be read; ``position`` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at character {position + 1}")
        self.position = position


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula: its text, the attribute paths it reads, and its value for a log."""

    text: str
    paths: tuple[str, ...]
    _evaluate: _Evaluate = field(compare=False, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        """For another process, which parses it itself."""
        return parse_expression, (self.text,)

    def value(self, lookup: Lookup) -> int | float | None:
        """The result to 9 decimals, whole numbers as `int`; None if a path or the maths fails.

        *lookup* gives the number at a path, or None when it is missing or no number.
        """
        try:
            result = self._evaluate(lookup)
        except (ZeroDivisionError, OverflowError):
            return None
        if result is None or not math.isfinite(result):
            return None
        rounded = round(result, 9)
        return int(rounded) if rounded == int(rounded) else rounded


def parse_expression(text: str) -> Expression:
    """Parse a formula.

    Raises:
        FormulaError: It is no formula; the message says where it stops being one.
    """
    parser = _Parser(text)
    evaluate = parser.parse()
    return Expression(text, tuple(dict.fromkeys(parser.paths)), evaluate)


def as_number(value: object) -> float | None:
    """The number that an attribute's value is or spells, else None ("cannot be converted")."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
        return number if math.isfinite(number) else None
    return None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise FormulaError(f"unexpected {text[at:].strip()[:1]!r}", at)
        yield _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
        at = match.end()
    yield _Token("end", "", end)


class _Parser:
    """Recursive descent: sum of products of signed atoms."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self.paths: list[str] = []

    def parse(self) -> _Evaluate:
        evaluate = self._sum()
        token = self._next()
        if token.kind == "end":
            return evaluate
        found = token.text
        raise FormulaError(
            f"expected an operator, found {found!r} (a minus needs a blank on each side)",
            token.position,
        )

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _operator(self, among: str) -> str:
        token = self._tokens[self._at]
        if token.kind == "operator" and token.text in among:
            self._at += 1
            return token.text
        return ""

    def _sum(self) -> _Evaluate:
        left = self._product()
        while operator := self._operator("+-"):
            left = _apply(operator, left, self._product())
        return left

    def _product(self) -> _Evaluate:
        left = self._atom()
        while operator := self._operator("*/"):
            left = _apply(operator, left, self._atom())
        return left

    def _atom(self) -> _Evaluate:
        negative = False
        while self._operator("-"):
            negative = not negative
        token = self._next()
        if token.kind == "number":
            evaluate = _constant(float(token.text))
        elif token.kind == "path":
            self.paths.append(token.text)
            evaluate = _reading(token.text)
        elif token.text == "(":
            evaluate = self._group(token)
        else:
            raise FormulaError(
                f"expected an attribute, a number or '(', found {token.text or 'the end'!r}",
                token.position,
            )
        return _apply("-", _constant(0.0), evaluate) if negative else evaluate

    def _group(self, opening: _Token) -> _Evaluate:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FormulaError(f"more than {_DEEPEST} nested '('", opening.position)
        evaluate = self._sum()
        if not self._operator(")"):
            raise FormulaError("'(' is never closed", opening.position)
        self._depth -= 1
        return evaluate


def _constant(number: float) -> _Evaluate:
    return lambda _lookup: number


def _reading(path: str) -> _Evaluate:
    return lambda lookup: lookup(path)


def _apply(operator: str, left: _Evaluate, right: _Evaluate) -> _Evaluate:
    combine = _OPERATORS[operator]

    def evaluate(lookup: Lookup) -> float | None:
        a = left(lookup)
        b = right(lookup)
        return None if a is None or b is None else combine(a, b)

    return evaluate


_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
