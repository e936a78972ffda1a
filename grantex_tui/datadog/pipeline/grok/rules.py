"""Grok rules: compiled from match and support rules, applied to one text.

Datadog: logs/log_configuration/parsing. A rule must match the whole text. A name in ``%{name}`` is a
support rule, a match rule above, or a matcher. A field that is extracted twice becomes a list;
null and empty values are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import DEEPEST, merge, put, read
from grantex_tui.datadog.pipeline.grok.engines import Match, compile_pattern
from grantex_tui.datadog.pipeline.grok.errors import GrokError
from grantex_tui.datadog.pipeline.grok.filters import Apply, make_filter, why_not_evaluated
from grantex_tui.datadog.pipeline.grok.matchers import matcher
from grantex_tui.datadog.pipeline.grok.regex import OWN_GROUP, Translation
from grantex_tui.datadog.pipeline.grok.syntax import Token, split_pattern, split_rules


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


LONGEST_TEXT = 75 * 1024
"""Characters of a text that rules are tried on: what Datadog keeps of a message."""
_LONGEST_REGEX = 50_000
"""Rules may name rules that name rules: a few lines can ask for gigabytes."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where a group's text goes, and the filters it passes on the way."""

    path: str
    filters: tuple[Apply, ...] = ()


@dataclass(frozen=True, slots=True)
class GrokRule:
    """One match rule, compiled."""

    name: str
    pattern: str
    writes: frozenset[str] = frozenset()
    """The attribute paths it may set; the empty path when only the text tells."""
    approximations: tuple[str, ...] = ()
    unevaluated: frozenset[str] = frozenset()
    """Of these, the paths whose filter is not evaluated here."""
    _match: Match = field(default=lambda _text: None, compare=False, repr=False)
    _fields: Mapping[str, Field] = field(default_factory=dict, compare=False, repr=False)

    def extract(self, text: str, *, now: int) -> dict[str, object] | None:
        """The attributes that the rule finds in *text*, or None when it doesn't match.

        *now* (epoch milliseconds) is when the log arrived: it completes dates without a year.

        Raises:
            TimeoutError: Whether it matches could not be found out in time.
        """
        if len(text) > LONGEST_TEXT:
            return None
        groups = self._match(text)
        if groups is None:
            return None
        found: dict[str, object] = {}
        for group, target in self._fields.items():
            matched = groups[group]
            if matched:
                found = _with(found, target.path, _filtered(matched, target.filters, now))
        return found


def parse_grok(match_rules: str, support_rules: str = "") -> tuple[GrokRule, ...]:
    """Compile the match rules, in order.

    Raises:
        GrokError: A rule can't be read; the message begins with its name.
    """
    known: dict[str, str] = {}
    for name, pattern in split_rules(support_rules):
        known.setdefault(name, pattern)
    rules: list[GrokRule] = []
    for name, pattern in split_rules(match_rules):
        if any(rule.name == name for rule in rules):
            raise GrokError(f"rule {name!r} is defined twice")
        try:
            rules.append(_compile(name, pattern, known))
        except GrokError as error:
            raise GrokError(f"rule {name!r}: {error}") from error
        known.setdefault(name, pattern)
    return tuple(rules)


def _compile(name: str, pattern: str, known: Mapping[str, str]) -> GrokRule:
    builder = _Builder(known)
    builder.add(pattern)
    text = "".join(builder.regex)
    translation = Translation(text)
    match = compile_pattern("(?s)" + translation.text)
    named = {group: Field(path) for group, path in translation.groups.items()}
    fields = named | builder.fields  # so that a filter's object is laid over what is named in it
    writes = frozenset(target.path for target in fields.values())
    return GrokRule(
        name, pattern, writes, tuple(builder.notes), frozenset(builder.unevaluated), match, fields
    )


class _Builder:
    """The regular expression of one rule, with what it refers to put in place."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._inside: list[str] = []
        self._length = 0
        self.regex: list[str] = []
        self.fields: dict[str, Field] = {}
        self.notes: dict[str, None] = {}
        self.unevaluated: set[str] = set()

    def add(self, pattern: str) -> None:
        for piece in split_pattern(pattern):
            if isinstance(piece, str):
                self._append(piece)
            else:
                self._token(piece)

    def _append(self, regex: str) -> None:
        self._length += len(regex)
        if self._length > _LONGEST_REGEX:
            raise GrokError(f"more than {_LONGEST_REGEX} characters once its parts are in place")
        self.regex.append(regex)

    def _token(self, token: Token) -> None:
        name = token.matcher.name
        is_rule = name in self._known and not token.matcher.args
        regex, implied = ("", None) if is_rule else matcher(token.matcher)
        self._append(self._opening(token, implied))
        if is_rule:
            self._reference(name)
        else:
            self._append(regex)
        self._append(")")

    def _opening(self, token: Token, implied: Apply | None) -> str:
        if token.extract is None:
            return "(?:"
        group = f"{OWN_GROUP}{len(self.fields)}"
        filters = [] if implied is None else [implied]
        if token.filter is not None:
            filters.append(make_filter(token.filter))
            why = why_not_evaluated(token.filter.name)
            if why is not None:
                note = f"filter {token.filter.name} is not evaluated locally"
                self.notes[f"{note}: {why}" if why else note] = None
                self.unevaluated.add(token.extract)
        self.fields[group] = Field(token.extract, tuple(filters))
        return f"(?P<{group}>"

    def _reference(self, name: str) -> None:
        if name in self._inside:
            raise GrokError(f"{' -> '.join([*self._inside, name])} goes round in a circle")
        self._inside.append(name)
        self.add(self._known[name])
        self._inside.pop()


def _filtered(text: str, filters: tuple[Apply, ...], now: int) -> object:
    value: object = text
    for apply in filters:
        try:
            value = apply(value, now)
        except (ValueError, OverflowError):
            return None
        if value is None:
            return None
    try:
        return _as_paths(value, 0)
    except ValueError:
        return None


def _with(found: dict[str, object], path: str, value: object) -> dict[str, object]:
    """*found* with one more value; an object at the root is laid over it, a scalar is dropped."""
    if value is None or value == {}:
        return found
    if not path:
        return merge(found, value) if isinstance(value, dict) else found
    before = read(found, path)
    if isinstance(before, list):
        return put(found, path, [*before, value])
    return put(found, path, value if before is None else [before, value])


def _as_paths(value: object, depth: int) -> object:
    """Objects with dotted keys as nested objects; nulls and empty objects are left out.

    Raises:
        ValueError: They are nested more deeply than any log's.
    """
    if depth > DEEPEST:
        raise ValueError(value)
    if isinstance(value, list):
        return [_as_paths(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    nested: dict[str, object] = {}
    for key, tidy in _tidied(value, depth + 1):
        nested = merge(nested, put({}, key, tidy))
    return nested


def _tidied(value: Mapping[str, object], depth: int) -> Iterator[tuple[str, object]]:
    for key, item in value.items():
        tidy = _as_paths(item, depth)
        if tidy is not None and tidy != {}:
            yield key, tidy
