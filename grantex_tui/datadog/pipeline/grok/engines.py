r"""What matches a rule: RE2 where it takes the pattern, else a backtracking engine with a time limit.

RE2 is linear in the text whatever the pattern says, and is what Datadog's documentation points to.
Atomic groups, look-arounds, possessive quantifiers and repeats beyond 1,000 it refuses; Datadog takes
them, so those rules run in the ``regex`` package, where ``(\w+\s*)*x`` on thirty letters could take
minutes: each match gets `SECONDS`. Both read classes such as ``\w`` as ASCII, as Datadog does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from grantex_tui.datadog.pipeline.grok.errors import GrokError


if TYPE_CHECKING:
    from types import ModuleType


SECONDS = 0.25
"""How long the backtracking engine may take for one text."""
_MEMORY = 64 << 20
"""Bytes for one compiled pattern; RE2's own 8 MiB is too little for a rule with twenty addresses."""

Groups = Mapping[str, str | None]
Match = Callable[[str], Groups | None]
"""Matches a whole text: its named groups, or None. Raises `TimeoutError`."""


class _Matched(Protocol):
    def groupdict(self) -> dict[str, str | None]: ...


def compile_pattern(pattern: str) -> Match:
    """The function that matches whole texts.

    Raises:
        GrokError: Neither engine takes the pattern; the message says why.
    """
    re2 = _re2()
    return (_linear(re2, pattern) if re2 else None) or _backtracking(pattern)


def _re2() -> ModuleType | None:
    try:
        import re2
    except ImportError:  # there are platforms without a wheel
        return None
    module: ModuleType = re2
    return module


def _linear(re2: ModuleType, pattern: str) -> Match | None:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        fullmatch = re2.compile(pattern, options).fullmatch
    except re2.error:
        return None

    def match(text: str) -> Groups | None:
        try:
            found: _Matched | None = fullmatch(text)
        except UnicodeEncodeError:  # half a surrogate pair, which has no UTF-8
            return _backtracking(pattern)(text)
        return None if found is None else found.groupdict()

    return match


def _backtracking(pattern: str) -> Match:
    import regex

    try:
        compiled = regex.compile(pattern, regex.VERSION1 | regex.ASCII)
    except (regex.error, RecursionError, OverflowError) as error:
        raise GrokError(f"not a regular expression: {error}") from error

    def match(text: str) -> Groups | None:
        found = compiled.fullmatch(text, timeout=SECONDS)
        return None if found is None else found.groupdict()

    return match
