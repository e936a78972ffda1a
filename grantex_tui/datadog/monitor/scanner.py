"""Reading a monitor's query from left to right, with errors that point at a character."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.errors import ExitCode, GrantexTuiError


if TYPE_CHECKING:
    from collections.abc import Iterable


_BLANK = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])")
_ESCAPE = re.compile(r"\\([\\\"'])")
_OPERATOR = re.compile(r"[<>=!~]+")
_BEFORE = 60
_AFTER = 20


class QueryError(GrantexTuiError):
    """A query that Datadog would refuse, or that is not evaluated here.

    *position* is the 0-based index of the first wrong character of *text*.
    """

    exit_code = ExitCode.INVALID_FILE
    _wording = "The value provided for parameter 'query' is invalid: {}"

    def __init__(self, reason: str, *, text: str, position: int, hint: str = "") -> None:
        self.reason = reason
        self.text = text
        self.position = position
        wording = self._wording.format(reason)
        super().__init__(f"{wording} (character {position + 1})\n{self.picture}", hint=hint)

    @property
    def picture(self) -> str:
        """The part of the query around the error, and a caret under the character."""
        return caret(self.text, self.position)


class NotEvaluatedError(QueryError):
    """A query that Datadog takes and this project does not evaluate."""

    _wording = "query: {}"


def caret(text: str, position: int) -> str:
    """Two lines: *text* around *position*, cut where it is long, and a caret below."""
    start = max(0, position - _BEFORE)
    end = position + _AFTER
    left = ("…" if start else "") + text[start:position]
    right = text[position:end] + ("…" if end < len(text) else "")
    line = re.sub(r"\s", " ", left + right)
    return f"    {line}\n    {' ' * len(left)}^"


class Scanner:
    """A text and how far it has been read; blanks between tokens don't matter."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def fail(self, reason: str, *, at: int | None = None, hint: str = "") -> NoReturn:
        """Stop with an error at *at*, or at the next character that is not blank."""
        position = self._skip() if at is None else at
        raise QueryError(reason, text=self.text, position=position, hint=hint)

    def not_evaluated(self, reason: str, *, at: int | None = None, hint: str = "") -> NoReturn:
        """Stop at something that is fine for Datadog and that nothing here evaluates."""
        position = self._skip() if at is None else at
        reason = f"{reason} is not evaluated here"
        raise NotEvaluatedError(reason, text=self.text, position=position, hint=hint)

    def _skip(self) -> int:
        match = _BLANK.match(self.text, self.position)
        self.position = match.end() if match else self.position
        return self.position

    def sees(self, literal: str) -> bool:
        """Whether *literal* comes next."""
        return self.text.startswith(literal, self._skip())

    def takes(self, literal: str) -> bool:
        """Read *literal* if it comes next."""
        found = self.sees(literal)
        self.position += len(literal) * found
        return found

    def expect(self, literal: str, why: str = "") -> None:
        """Read *literal*, which must come next."""
        if not self.takes(literal):
            self.fail(f"expected {literal!r}{why and ' ' + why}, found {self.found()}")

    def end(self) -> None:
        """Nothing but blanks may be left."""
        if self._skip() < len(self.text):
            self.fail(f"unexpected {self.found()} after the end of the query")

    def found(self) -> str:
        """What comes next, as an error names it."""
        rest = self.text[self._skip() :]
        return repr(rest.split()[0][:20]) if rest else "the end of the query"

    def name(self, what: str, among: Iterable[str] = ()) -> str:
        """A name; one of *among* when given."""
        start = self._skip()
        match = _NAME.match(self.text, start)
        if match is None:
            self.fail(f"expected {what}, found {self.found()}")
        known = tuple(among)
        if known and match[0] not in known:
            close = get_close_matches(match[0], known, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            self.fail(f"unknown {what} {match[0]!r}", at=start, hint=hint)
        self.position = match.end()
        return match[0]

    def number(self, what: str) -> float:
        """A decimal number."""
        match = _NUMBER.match(self.text, self._skip())
        if match is None:
            self.fail(f"expected {what}, found {self.found()}")
        self.position = match.end()
        return float(match[0])

    def matching(self, pattern: re.Pattern[str], what: str, hint: str = "") -> re.Match[str]:
        """Whatever *pattern* matches next."""
        match = pattern.match(self.text, self._skip())
        if match is None:
            self.fail(f"expected {what}, found {self.found()}", hint=hint)
        self.position = match.end()
        return match

    def comparison(self) -> tuple[Comparator, float]:
        """``> 50``, at the end of every query."""
        match = _OPERATOR.match(self.text, self._skip())
        operator = match[0] if match else ""
        if operator not in set(Comparator):
            found = operator or self.found()
            self.fail(f"invalid operator specified: {found}", hint="use < <= > >= == or !=")
        self.position += len(operator)
        threshold = self.number("the threshold (a number)")
        self.end()
        return Comparator(operator), threshold

    def string(self, what: str, quotes: str = '"') -> str:
        r"""A quoted text, its ``\"`` and ``\\`` resolved; other backslashes stay as they are."""
        start = self._skip()
        quote = self.text[start : start + 1]
        if quote == "'" and "'" not in quotes:
            self.fail(
                f"{what} must be in double quotes",
                hint='Datadog refuses a query in single quotes: write "…", and \\" inside it',
            )
        if not quote or quote not in quotes:
            self.fail(f"expected {what} in quotes, found {self.found()}")
        end = start + 1
        while end < len(self.text) and self.text[end] != quote:
            end += 2 if _ESCAPE.match(self.text, end) else 1
        if end >= len(self.text):
            self.fail(f"the quote around {what} is never closed", at=start)
        self.position = end + 1
        return re.sub(rf"\\([\\{quote}])", r"\1", self.text[start + 1 : end])


def quoted(text: str, quote: str = '"') -> str:
    r"""*text* as `Scanner.string` reads it; ``\:`` and the like stay readable."""
    escaped = re.sub(rf"\\(?=[\\{quote}]|$)|{quote}", r"\\\g<0>", text)
    return f"{quote}{escaped}{quote}"


def number_text(number: float) -> str:
    """A number as Datadog writes it in a query: ``50``, ``0.5``."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return repr(number)
