"""The expressions of ``{{eval "…"}}``: a dialect of `expression`, evaluated for each notification.

Datadog: monitors/guide/template-variable-evaluation: ``+ - * / ^ %``, parentheses, and the
functions listed there. No other names exist and nothing is handed to Python's own ``eval``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from grantex_tui.datadog.expression import (
    Dialect,
    Evaluate,
    ExpressionError,
    Function,
    UnknownFunctionError,
    parse,
)
from grantex_tui.datadog.message.functions import FUNCTIONS, Value, apply_operator


Parts = tuple[str, ...]
Lookup = Callable[[Parts], Value | None]
_SEGMENT = re.compile(r"\[([^\]]+)\]|([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """An expression and the variables that it reads."""

    text: str
    _names: Mapping[str, Parts]
    """Each variable as it is written, and its parts."""
    _evaluate: Evaluate[Value]

    @property
    def paths(self) -> tuple[Parts, ...]:
        """The variables, each once."""
        return tuple(dict.fromkeys(self._names.values()))

    def evaluate(self, lookup: Lookup) -> Value | None:
        """The result; None where a variable is missing or the calculation has no answer."""
        try:
            result = self._evaluate(lambda name: lookup(self._names[name]))
        except (ArithmeticError, ValueError, TypeError):
            return None
        return None if isinstance(result, float) and not math.isfinite(result) else result


def parse_arithmetic(text: str) -> Arithmetic:
    """Read an expression.

    Raises:
        ExpressionError: With the position in *text*.
    """
    try:
        names, evaluate = parse(text, _DIALECT)
    except UnknownFunctionError as error:
        reason = f"eval has no function {error.name!r}"
        raise ExpressionError(reason, error.position) from None
    return Arithmetic(text, {name: split_path(name) for name in names}, evaluate)


def split_path(text: str) -> Parts:
    """``[@a.b].name`` to ``("@a.b", "name")``."""
    return tuple(match[1] or match[2] for match in _SEGMENT.finditer(text))


def _number(text: str) -> Value:
    return float(text) if re.search(r"[.eE]", text) else int(text)


_DIALECT: Dialect[Value] = Dialect(
    token=re.compile(
        r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))"
        r"|(?P<text>'[^']*'|\"[^\"]*\")"
        r"|(?P<name>(?:\[[^\]]+\]|@?[A-Za-z_][\w@$:]*)(?:\.(?:\[[^\]]+\]|@?[\w@$:]+))*)"
        r"|(?P<operator>[-+*/^%(),]))"
    ),
    operators={sign: partial(apply_operator, sign) for sign in "+-*/^%"},
    zero=0,
    number=_number,
    operand="a variable or a number",
    signs="+-",
    functions={name: Function(*each) for name, each in FUNCTIONS.items()},
    text=str,
)
