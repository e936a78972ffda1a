"""Arithmetic as people write it in Datadog: read once, then evaluated over what the names stand for.

One parser for the three places that have expressions: a formula monitor's ``formula()``, the
arithmetic processor, and ``{{eval "…"}}`` in a message. How they differ is their `Dialect`: how
numbers and names are written, which operators and functions there are, what an error calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar


if TYPE_CHECKING:
    import re


V = TypeVar("V")
Lookup = Callable[[str], V | None]
"""The value of a name; None where it has none."""
Evaluate = Callable[[Lookup[V]], V | None]
DEEPEST = 50
"""Levels inside each other; an expression has a handful, a hostile one thousands."""


class ExpressionError(ValueError):
    """Where a text stops being an expression; *position* counts characters from 0."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} at character {position + 1}")
        self.reason = reason
        self.position = position


class UnknownFunctionError(ExpressionError):
    """A call of a function that the dialect doesn't have."""

    def __init__(self, name: str, position: int) -> None:
        super().__init__(f"there is no function {name}()", position)
        self.name = name


class Function(NamedTuple, Generic[V]):
    """A function, and how many arguments it takes."""

    least: int
    most: int
    apply: Callable[..., V | None]
    takes_missing: bool = False
    """Whether it is asked, too, where an argument has no value: it gets None."""


@dataclass(frozen=True, slots=True)
class Dialect(Generic[V]):
    """What is particular to one place.

    The groups of *token* are ``number``, ``text`` (a quoted one, if there are), ``name`` and
    ``operator``. Of the operators the dialect has, ``^`` binds tightest and to the right, then
    signs, then ``* / %``, then ``+ -``.
    """

    token: re.Pattern[str]
    operators: Mapping[str, Callable[[V, V], V | None]]
    zero: V
    number: Callable[[str], V]
    operand: str
    """What an error says was expected where a value should stand: ``a number or a name``."""
    signs: str = "-"
    functions: Mapping[str, Function[V]] = field(default_factory=dict)
    text: Callable[[str], V] | None = None
    hint: str = ""
    """Said where an operator is expected."""

    def among(self, operators: str) -> str:
        """Those of *operators* that there are."""
        return "".join(each for each in operators if each in self.operators)


class Parsed(NamedTuple, Generic[V]):
    """An expression, and the names that it reads, in the order of their first appearance."""

    names: tuple[str, ...]
    evaluate: Evaluate[V]


def parse(text: str, dialect: Dialect[V]) -> Parsed[V]:
    """Read an expression.

    Raises:
        ExpressionError: At the first character that makes no sense.
    """
    parser = _Parser(text, dialect)
    evaluate = parser.sum(0)
    parser.end()
    return Parsed(tuple(dict.fromkeys(parser.names)), evaluate)


class _Token(NamedTuple):
    kind: str
    text: str
    position: int

    @property
    def shown(self) -> str:
        return repr(self.text) if self.text else "the end"


def _tokens(text: str, pattern: re.Pattern[str]) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = pattern.match(text, at)
        if match is None or match.lastgroup is None:
            blanks = len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(f"unexpected {text[at:].strip()[:1]!r}", at + blanks)
        kind = match.lastgroup
        tokens.append(_Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return [*tokens, _Token("end", "", end)]


class _Parser(Generic[V]):
    """Recursive descent."""

    def __init__(self, text: str, dialect: Dialect[V]) -> None:
        self._dialect = dialect
        self._tokens = _tokens(text, dialect.token)
        self._at = 0
        self._products = dialect.among("*/%")
        self._powers = dialect.among("^")
        self.names: list[str] = []

    def end(self) -> None:
        token = self._tokens[self._at]
        if token.kind != "end":
            reason = f"expected an operator, found {token.shown}{self._dialect.hint}"
            raise ExpressionError(reason, token.position)

    def _takes(self, operators: str) -> str:
        token = self._tokens[self._at]
        if token.kind != "operator" or token.text not in operators:
            return ""
        self._at += 1
        return token.text

    def sum(self, depth: int) -> Evaluate[V]:
        left = self._product(depth)
        while operator := self._takes("+-"):
            left = self._both(operator, left, self._product(depth))
        return left

    def _product(self, depth: int) -> Evaluate[V]:
        left = self._signed(depth)
        while operator := self._takes(self._products):
            left = self._both(operator, left, self._signed(depth))
        return left

    def _signed(self, depth: int) -> Evaluate[V]:
        negative = False
        while sign := self._takes(self._dialect.signs):
            negative ^= sign == "-"
        power = self._power(depth)
        return self._negated(power) if negative else power

    def _power(self, depth: int) -> Evaluate[V]:
        base, sign = self._atom(depth), self._tokens[self._at]
        if not self._takes(self._powers):
            return base
        negative = bool(self._takes("-"))
        exponent = self._power(_deeper(depth, sign))
        return self._both("^", base, self._negated(exponent) if negative else exponent)

    def _atom(self, depth: int) -> Evaluate[V]:
        token = self._tokens[self._at]
        self._at += 1
        match token.kind:
            case "number":
                return _constant(self._dialect.number(token.text))
            case "text" if self._dialect.text is not None:
                return _constant(self._dialect.text(token.text[1:-1]))
            case "name":
                return self._named(token, depth)
        if token.text != "(":
            reason = f"expected {self._dialect.operand}, found {token.shown}"
            raise ExpressionError(reason, token.position)
        inner = self.sum(_deeper(depth, token))
        self._close(token)
        return inner

    def _named(self, token: _Token, depth: int) -> Evaluate[V]:
        opening = self._tokens[self._at]
        if self._takes("("):
            return self._call(token, opening, depth)
        self.names.append(token.text)
        return lambda lookup: lookup(token.text)

    def _call(self, name: _Token, opening: _Token, depth: int) -> Evaluate[V]:
        function = self._dialect.functions.get(name.text)
        if function is None:
            raise UnknownFunctionError(name.text, name.position)
        inside = _deeper(depth, opening)
        arguments = [self.sum(inside)]
        while self._takes(","):
            arguments.append(self.sum(inside))
        self._close(opening)
        if not function.least <= len(arguments) <= function.most:
            wanted = f"{function.least} to {function.most}"
            wanted = str(function.least) if function.least == function.most else wanted
            reason = f"{name.text}() takes {wanted} arguments, not {len(arguments)}"
            raise ExpressionError(reason, name.position)
        return _applied(function, arguments)

    def _close(self, opening: _Token) -> None:
        if not self._takes(")"):
            raise ExpressionError("'(' is never closed", opening.position)

    def _negated(self, inner: Evaluate[V]) -> Evaluate[V]:
        return self._both("-", _constant(self._dialect.zero), inner)

    def _both(self, operator: str, left: Evaluate[V], right: Evaluate[V]) -> Evaluate[V]:
        apply = self._dialect.operators[operator]

        def evaluate(lookup: Lookup[V]) -> V | None:
            a, b = left(lookup), right(lookup)
            return None if a is None or b is None else apply(a, b)

        return evaluate


def _deeper(depth: int, token: _Token) -> int:
    if depth >= DEEPEST:
        raise ExpressionError(f"more than {DEEPEST} levels inside each other", token.position)
    return depth + 1


def _constant(value: V) -> Evaluate[V]:
    return lambda _lookup: value


def _applied(function: Function[V], arguments: list[Evaluate[V]]) -> Evaluate[V]:
    def evaluate(lookup: Lookup[V]) -> V | None:
        values = [argument(lookup) for argument in arguments]
        if not function.takes_missing and any(value is None for value in values):
            return None
        return function.apply(*values)

    return evaluate
