"""The functions and operators of ``{{eval "…"}}``, one table as Datadog documents them.

Datadog: monitors/guide/template-variable-evaluation.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable


Value = int | float | bool | str
_LARGEST = 10**18
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def apply_operator(operator: str, left: Value, right: Value) -> Value:
    """``left operator right``, whole numbers staying whole where they can.

    Raises:
        ArithmeticError: A division by zero, or a result without bounds.
        ValueError: A text that is no number, or a root of a negative number.
    """
    a, b = as_number(left), as_number(right)
    if operator == "^":
        return math.pow(a, b)
    return _bounded(_OPERATORS[operator](a, b))


def _bounded(number: float) -> int | float:
    if isinstance(number, int) and abs(number) > _LARGEST:
        return float(number)
    return number


def as_number(value: Value) -> int | float:
    """The number that a value is or spells.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.lstrip("-").isdigit() and len(text) < 19 else float(text)
    return int(value) if isinstance(value, bool) else value


def round_half_up(value: Value, digits: Value = 0) -> int | float:
    """``round(12.376, 2)`` is 12.38; halves away from zero, as people expect of a message."""
    places = max(-15, min(15, int(as_number(digits))))
    exact = Decimal(repr(float(as_number(value))))
    result = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return float(result) if places > 0 else int(result)


def humanise(unit: str) -> Callable[[Value], str]:
    """``3.5KiB`` and the like; *unit* is ``B`` or ``b``."""

    def show(value: Value) -> str:
        number = float(as_number(value))
        step = 0
        while abs(number) >= 1024 and step < len(_BINARY) - 1:
            number, step = number / 1024, step + 1
        return f"{number:.2f}".rstrip("0").rstrip(".") + _BINARY[step].replace("B", unit)

    return show


def substring(text: Value, start: Value, end: Value | None = None) -> str:
    """The characters from *start* up to, not including, *end*."""
    stop = None if end is None else int(as_number(end))
    return str(text)[int(as_number(start)) : stop]


def strip(text: Value, characters: Value | None = None) -> str:
    """Without the given characters, or blanks, at both ends."""
    return str(text).strip(None if characters is None else str(characters))


def _fraction(value: Value) -> float:
    """12.345 gives 0.345, not 0.34500000000000064."""
    exact = Decimal(repr(float(as_number(value))))
    return float(exact - exact.to_integral_value("ROUND_FLOOR"))


def _one(function: Callable[[float], Value]) -> Callable[[Value], Value]:
    return lambda value: function(float(as_number(value)))


_OPERATORS: dict[str, Callable[[int | float, int | float], int | float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
}
FUNCTIONS: dict[str, tuple[int, int, Callable[..., Value]]] = {
    "humanize_bytes": (1, 1, humanise("B")),
    "humanize_bits": (1, 1, humanise("b")),
    "abs": (1, 1, lambda value: abs(as_number(value))),
    "int": (1, 1, _one(math.floor)),
    "trunc": (1, 1, _one(math.floor)),
    "float": (1, 1, _one(float)),
    "dec": (1, 1, _fraction),
    "round": (1, 2, round_half_up),
    "ceil": (1, 1, _one(math.ceil)),
    "floor": (1, 1, _one(math.floor)),
    "sgn": (1, 1, _one(lambda number: (number > 0) - (number < 0))),
    "to_bool": (1, 1, _one(lambda number: number != 0)),
    "exp": (1, 1, _one(math.exp)),
    "log10": (1, 1, _one(math.log10)),
    **{
        name: (1, 1, _one(getattr(math, name)))
        for name in ("sin", "sinh", "asin", "asinh", "cos", "cosh", "acos", "acosh")
    },
    **{name: (1, 1, _one(getattr(math, name))) for name in ("tan", "tanh", "atan", "atanh")},
    "atan2": (2, 2, lambda a, b: math.atan2(float(as_number(a)), float(as_number(b)))),
    "upper": (1, 1, lambda text: str(text).upper()),
    "lower": (1, 1, lambda text: str(text).lower()),
    "substring": (2, 3, substring),
    "strip": (1, 2, strip),
}
"""Name: least and most arguments, and what it does."""
