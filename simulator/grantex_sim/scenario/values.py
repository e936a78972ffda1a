"""Reading values strictly: every mistake is noted with its place, and reading goes on.

A `Kind` says how a value is read, what it is called, and its JSON schema; a table of `Key`s does
for a mapping. The documentation and the schema come from the same tables.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from grantex_tui.datadog.document import step
from grantex_tui.words import durations as words
from grantex_tui.words.display import printable
from grantex_tui.words.durations import EXAMPLES, parse_duration, parse_instant


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LATEST: Final = 4e9
"""Epoch seconds, in 2096."""
_LONGEST_MS: Final = 10 * 366 * 86_400_000

Schema = dict[str, object]


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake: the JSON path where it is, and what it is."""

    where: str
    said: str


class BadValue(ValueError):  # noqa: N818 - not an error of the program: caught where it is noted
    """A value is not what its key takes."""


@dataclass(slots=True)
class At:
    """A place in a document; what is wrong there is noted."""

    where: str = ""
    problems: list[Problem] = field(default_factory=list)

    def below(self, key: str | int) -> At:
        """The place of a member."""
        return At(step(self.where, key), self.problems)

    def wrong(self, said: str) -> None:
        """Note a mistake here."""
        self.problems.append(Problem(self.where, said))


@dataclass(frozen=True, slots=True)
class Kind:
    """What a key takes."""

    name: str
    """For people: ``a duration such as 90s, 5m or 1h30m``."""
    read: Callable[[object, At], object]
    """Gives the value, or raises `BadValue`."""
    schema: Schema


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping."""

    kind: Kind
    says: str
    """What it means."""
    required: bool = False


Keys = dict[str, Key]


def read_keys(value: object, at: At, keys: Mapping[str, Key]) -> dict[str, object]:
    """The members of a mapping, read; without those that are missing or wrong."""
    if not isinstance(value, dict):
        said = "there is nothing in it" if value is None else f"{shown(value)} is no mapping"
        at.wrong(f"{said}; it has keys such as {', '.join(_first(keys))}")
        return {}
    for name in value:
        if name not in keys:
            at.below(str(name)).wrong(_unknown(str(name), keys))
    for name, key in keys.items():
        if key.required and value.get(name) is None:
            at.wrong(f"the key {name!r} is missing")
    return {
        name: got
        for name, key in keys.items()
        if value.get(name) is not None
        and (got := read_one(value[name], at.below(name), key.kind)) is not None
    }


def _first(keys: Mapping[str, Key]) -> list[str]:
    """The keys that are needed, or else some."""
    return [name for name, key in keys.items() if key.required] or list(keys)[:3]


def read_one(value: object, at: At, kind: Kind) -> object:
    """A value, or None with the mistake noted."""
    try:
        return kind.read(value, at)
    except BadValue as error:
        at.wrong(f"{shown(value)} is not {error}")
        return None


def _unknown(name: str, keys: Mapping[str, Key]) -> str:
    near = difflib.get_close_matches(name, list(keys), n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(keys)}"
    return f"unknown key {printable(name, limit=60)!r}; {meant}"


def shown(value: object) -> str:
    """A value as a message quotes it."""
    return printable(repr(value), limit=60)


def _number(name: str, low: float, high: float) -> Callable[[object, At], object]:
    def read(value: object, _: At) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadValue(name)
        if not low <= value <= high:
            raise BadValue(name)
        return float(value)

    return read


def number(low: float = 0.0, high: float = 1e6) -> Kind:
    """A number in a range."""
    name = f"a number from {low:g} " + ("up" if high >= 1e6 else f"to {high:g}")
    return Kind(name, _number(name, low, high), {"type": "number", "minimum": low, "maximum": high})


def whole(low: int, high: int) -> Kind:
    """A whole number in a range."""
    name = f"a whole number from {low} to {high}"

    def read(value: object, _: At) -> object:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadValue(name)
        return value

    return Kind(name, read, {"type": "integer", "minimum": low, "maximum": high})


def _text(value: object, _: At) -> object:
    if isinstance(value, bool | int | float):  # YAML reads no, on and 3 as such
        raise BadValue(f'a text; in quotes it is one: "{str(value).lower()}"')
    # Names are printed in lists and reports: none may move the cursor or turn the line around.
    if not isinstance(value, str) or not value.strip() or not value.strip().isprintable():
        raise BadValue("a text of one line without control characters")
    return value.strip()


def _flag(value: object, _: At) -> object:
    if not isinstance(value, bool):
        raise BadValue("true or false")
    return value


def _duration(value: object, _: At) -> object:
    try:
        found = round(parse_duration(value) * 1000)
    except ValueError:
        raise BadValue(f"a duration such as {EXAMPLES}") from None
    if not 0 < found <= _LONGEST_MS:
        raise BadValue("a duration over 0 and up to ten years")
    return found


def _offset(value: object, at: At) -> object:
    """Milliseconds after the start, or a text that is an instant."""
    name = "an instant: +2h10m (after the start), or 2026-01-05T09:00:00Z"
    if isinstance(value, str) and re.fullmatch(words.INSTANT, value.strip()):
        return _epoch(value, at)
    try:
        found = round(
            parse_duration(value.removeprefix("+") if isinstance(value, str) else value) * 1000
        )
    except ValueError:
        raise BadValue(name) from None
    if not 0 <= found <= _LONGEST_MS:
        raise BadValue(name)
    return found


def _epoch(value: object, _: At) -> object:
    name = "a date with a time such as 2026-01-05T09:00:00Z"
    if not isinstance(value, str) or not re.fullmatch(words.INSTANT, value.strip()):
        raise BadValue(name)
    try:
        return beginning(value)
    except OverflowError:
        raise BadValue("a date from 1970 to 2096") from None
    except ValueError:
        raise BadValue(name) from None


def beginning(text: str) -> float:
    """Epoch seconds of an RFC 3339 instant at which events may begin.

    Raises:
        ValueError: It is no instant.
        OverflowError: No ULID can tell its time (before 1970), or what follows could pass the year
            9999, the last that RFC 3339 can write.
    """
    found = parse_instant(text)
    if not 0 <= found < _LATEST:
        raise OverflowError(text)
    return found


TEXT: Final = Kind("a text", _text, {"type": "string", "minLength": 1})
FLAG: Final = Kind("true or false", _flag, {"type": "boolean"})
DURATION: Final = Kind(
    "a duration",
    _duration,
    {
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "string", "pattern": f"^{words.DURATION}$"},
        ]
    },
)
INSTANT: Final = Kind("a date with a time", _epoch, {"type": "string", "format": "date-time"})
OFFSET: Final = Kind(
    "an instant",
    _offset,
    {
        "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": rf"^(?:\+?{words.DURATION}|{words.INSTANT})$"},
        ]
    },
)
"""Read as an int (milliseconds after the start) or a float (epoch seconds)."""


def listed(kind: Kind, *, low: int = 0, high: int = 10_000) -> Kind:
    """A list of a kind; each wrong member is noted."""
    name = f"a list of {low}, each {kind.name}" if low == high else f"a list, each {kind.name}"

    def read(value: object, at: At) -> object:
        if not isinstance(value, list) or not low <= len(value) <= high:
            raise BadValue(name)
        found = [read_one(item, at.below(index), kind) for index, item in enumerate(value)]
        return tuple(item for item in found if item is not None)

    schema: Schema = {"type": "array", "items": kind.schema, "minItems": low, "maxItems": high}
    return Kind(name, read, schema)


def one_or_more(kind: Kind) -> Kind:
    """One of a kind, or a list of them; read as a tuple."""
    several = listed(kind, low=1)

    def read(value: object, at: At) -> object:
        if isinstance(value, list):
            return several.read(value, at)
        got = kind.read(value, at)
        return () if got is None else (got,)

    return Kind(f"{kind.name}, or a list", read, {"anyOf": [kind.schema, several.schema]})


def mapping(
    name: str, keys: Mapping[str, Key], make: Callable[[dict[str, object], At], object]
) -> Kind:
    """A mapping of known keys, made into a value by *make*, which may note mistakes of its own."""

    def read(value: object, at: At) -> object:
        if not isinstance(value, dict):
            raise BadValue(f"{name} ({', '.join(keys)})")
        before = len(at.problems)
        got = read_keys(value, at, keys)
        return None if len(at.problems) > before else make(got, at)

    schema: Schema = {
        "type": "object",
        "properties": {
            key: {**entry.kind.schema, "description": entry.says} for key, entry in keys.items()
        },
        "additionalProperties": False,
    }
    if required := [key for key, entry in keys.items() if entry.required]:
        schema["required"] = required
    return Kind(name, read, schema)
