"""The expressions of ``{{eval "…"}}``: parsed once, evaluated for each notification.

Datadog: monitors/guide/template-variable-evaluation: ``+ - * / ^ %``, parentheses, and the
functions listed there. No other names exist and nothing is handed to Python's own ``eval``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from grantex_tui.datadog.message.functions import FUNCTIONS, Value, apply_operator


Parts = tuple[str, ...]
Lookup = Callable[[Parts], Value | None]
_Evaluate = Callable[[Lookup], Value | None]
_DEEPEST = 50
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])"
    r"|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\""
    r"|(?P<path>(?:\[[^\]]+\]|@?[A-Za-z_][\w@$:]*)(?:\.(?:\[[^\]]+\]|@?[\w@$:]+))*)"
    r"|(?P<operator>[-+*/^%(),]))"
)
_SEGMENT = re.compile(r"\[([^\]]+)\]|([^.\[\]]+)")


class ExpressionError(Exception):
    """Where an expression makes no sense; `MessageError` tells it to people."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """An expression and the variables that it reads."""

    text: str
    paths: tuple[Parts, ...]
    _evaluate: _Evaluate

    def evaluate(self, lookup: Lookup) -> Value | None:
        """The result; None where a variable is missing or the calculation has no answer."""
        try:
            result = self._evaluate(lookup)
        except (ArithmeticError, ValueError, TypeError):
            return None
        return None if isinstance(result, float) and not math.isfinite(result) else result


def parse_arithmetic(text: str) -> Arithmetic:
    """Read an expression.

    Raises:
        ExpressionError: With the position in *text*.
    """
    parser = _Parser(text)
    evaluate = parser.sum(0)
    parser.end()
    return Arithmetic(text, tuple(dict.fromkeys(parser.paths)), evaluate)


def split_path(text: str) -> Parts:
    """``[@a.b].name`` to ``("@a.b", "name")``."""
    return tuple(match[1] or match[2] for match in _SEGMENT.finditer(text))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ExpressionError(f"unexpected {text[at:].strip()[:1]!r} in eval", at)
        tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start()))
        at = match.end()
    return [*tokens, _Token("end", "", end)]


class _Parser:
    """Recursive descent; a power binds tightest and to the right, then signs, products, sums."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self.paths: list[Parts] = []

    def end(self) -> None:
        token = self._tokens[self._at]
        if token.kind != "end":
            raise ExpressionError(f"expected an operator, found {token.text!r}", token.position)

    def _takes(self, operators: str) -> str:
        token = self._tokens[self._at]
        if token.kind != "operator" or token.text not in operators:
            return ""
        self._at += 1
        return token.text

    def sum(self, depth: int) -> _Evaluate:
        left = self._product(depth)
        while operator := self._takes("+-"):
            left = _both(operator, left, self._product(depth))
        return left

    def _product(self, depth: int) -> _Evaluate:
        left = self._signed(depth)
        while operator := self._takes("*/%"):
            left = _both(operator, left, self._signed(depth))
        return left

    def _signed(self, depth: int) -> _Evaluate:
        negative = False
        while sign := self._takes("+-"):
            negative ^= sign == "-"
        power = self._power(depth)
        return _both("-", lambda _lookup: 0, power) if negative else power

    def _power(self, depth: int) -> _Evaluate:
        if depth > _DEEPEST:
            raise ExpressionError(
                f"more than {_DEEPEST} levels in eval", self._tokens[self._at].position
            )
        base = self._atom(depth)
        if not self._takes("^"):
            return base
        negative = bool(self._takes("-"))
        exponent = self._power(depth + 1)
        if negative:
            exponent = _both("-", lambda _lookup: 0, exponent)
        return _both("^", base, exponent)

    def _atom(self, depth: int) -> _Evaluate:
        token = self._tokens[self._at]
        self._at += 1
        match token.kind:
            case "number":
                number = float(token.text) if re.search(r"[.eE]", token.text) else int(token.text)
                return lambda _lookup: number
            case "single" | "double":
                return lambda _lookup: token.text
            case "path":
                return self._path(token, depth)
        if token.text != "(":
            found = repr(token.text) if token.text else "the end"
            raise ExpressionError(f"expected a variable or a number, found {found}", token.position)
        inner = self.sum(depth + 1)
        self._close(token)
        return inner

    def _path(self, token: _Token, depth: int) -> _Evaluate:
        if self._takes("("):
            return self._call(token, depth)
        parts = split_path(token.text)
        self.paths.append(parts)
        return lambda lookup: lookup(parts)

    def _call(self, name: _Token, depth: int) -> _Evaluate:
        if name.text not in FUNCTIONS:
            raise ExpressionError(f"eval has no function {name.text!r}", name.position)
        least, most, function = FUNCTIONS[name.text]
        arguments = [self.sum(depth + 1)]
        while self._takes(","):
            arguments.append(self.sum(depth + 1))
        self._close(name)
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            reason = f"{name.text}() takes {wanted} arguments, not {len(arguments)}"
            raise ExpressionError(reason, name.position)

        def evaluate(lookup: Lookup) -> Value | None:
            values = [argument(lookup) for argument in arguments]
            return None if any(value is None for value in values) else function(*values)

        return evaluate

    def _close(self, opening: _Token) -> None:
        if not self._takes(")"):
            raise ExpressionError("'(' is never closed in eval", opening.position)


def _both(operator: str, left: _Evaluate, right: _Evaluate) -> _Evaluate:
    def evaluate(lookup: Lookup) -> Value | None:
        a, b = left(lookup), right(lookup)
        return None if a is None or b is None else apply_operator(operator, a, b)

    return evaluate
