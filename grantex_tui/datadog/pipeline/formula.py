"""The arithmetic processor's formula: a dialect of `expression`, over attributes.

Datadog: logs/log_configuration/processors/arithmetic_processor. ``+ - * /`` and parentheses over
attribute paths and numbers. ``-`` belongs to a name unless blanks set it apart (``start-time``).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from grantex_tui.datadog.expression import Dialect, Evaluate, ExpressionError, parse


Lookup = Callable[[str], float | None]


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
    _evaluate: Evaluate[float] = field(compare=False, repr=False)

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
    try:
        paths, evaluate = parse(text, _DIALECT)
    except ExpressionError as error:
        raise FormulaError(error.reason, error.position) from None
    return Expression(text, paths, evaluate)


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


_DIALECT: Dialect[float] = Dialect(
    token=re.compile(
        r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![^\s()+*/]))
              |(?P<name>[^\s()+*/-][^\s()+*/]*)
              |(?P<operator>[-+*/()]))""",
        re.VERBOSE,
    ),
    operators={
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
    },
    zero=0.0,
    number=float,
    operand="an attribute, a number or '('",
    hint=" (a minus needs a blank on each side)",
)
