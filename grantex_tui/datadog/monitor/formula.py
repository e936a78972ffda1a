"""Arithmetic over named queries, as in ``formula("a / b * 100")``: a dialect of `expression`.

Datadog: monitors/types/log, "formulas". Numbers, names, ``+ - * /``, parentheses, a leading
minus, and the functions ``abs``, ``default_zero``, ``log2``, ``log10``.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass

from grantex_tui.datadog.expression import (
    Dialect,
    Evaluate,
    ExpressionError,
    Function,
    UnknownFunctionError,
    parse,
)
from grantex_tui.datadog.monitor.scanner import NotEvaluatedError, QueryError


Values = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the names that it reads, in the order of their first appearance."""

    text: str
    names: tuple[str, ...]
    _evaluate: Evaluate[float]

    def evaluate(self, values: Values) -> float | None:
        """The result; None if a value it needs is missing, or if it divides by zero."""
        result = self._evaluate(values.get)
        return result if result is not None and math.isfinite(result) else None


def parse_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        QueryError: At the first character that makes no sense; ``text`` is the formula alone.
    """
    try:
        names, evaluate = parse(text, _DIALECT)
    except UnknownFunctionError as error:
        hint = f"evaluated are {', '.join(_FUNCTIONS)}"
        reason = f"the function {error.name}() is not evaluated here"
        raise NotEvaluatedError(reason, text=text, position=error.position, hint=hint) from None
    except ExpressionError as error:
        raise QueryError(error.reason, text=text, position=error.position) from None
    return Formula(text.strip(), names, evaluate)


def _divide(a: float, b: float) -> float | None:
    return None if b == 0 else a / b


def _default_zero(value: float | None) -> float:
    return 0.0 if value is None else value


def _log2(value: float) -> float | None:
    return math.log2(value) if value > 0 else None


def _log10(value: float) -> float | None:
    return math.log10(value) if value > 0 else None


_FUNCTIONS: dict[str, Function[float]] = {
    "abs": Function(1, 1, abs),
    "default_zero": Function(1, 1, _default_zero, takes_missing=True),
    "log2": Function(1, 1, _log2),
    "log10": Function(1, 1, _log10),
}
_DIALECT: Dialect[float] = Dialect(
    token=re.compile(
        r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))"
        r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
        r"|(?P<operator>[-+*/(),]))"
    ),
    operators={
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": _divide,
    },
    zero=0.0,
    number=float,
    operand="a query's name, a number or '('",
    functions=_FUNCTIONS,
)
