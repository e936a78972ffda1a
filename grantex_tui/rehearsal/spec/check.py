"""Every mistake that a schema finds in plain data: where, what, and what to do.

It knows the part of JSON Schema that `spec_schema` uses, and tells a mistake in a reader's words:
the schema's ``title`` names what was expected, its ``$comment`` says how to write it.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.document import step
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from grantex_tui.rehearsal.spec.schema import Schema


class Mistake(NamedTuple):
    """Something wrong in a file."""

    where: str
    """JSON path, for the line."""
    what: str
    todo: str = ""

    def __str__(self) -> str:
        """One line."""
        return f"{self.what}; {self.todo}" if self.todo else self.what


_KINDS: dict[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    ),
}
_NAMES = {"object": "made of keys and values", "array": "a list", "string": "a text", "boolean": "true or false",
          "integer": "a whole number", "number": "a number"}  # fmt: skip


def mistakes(value: object, schema: Schema, whole: Schema, where: str = "") -> Iterator[Mistake]:
    """What is wrong with *value*.

    Args:
        value: plain data, as JSON has it.
        schema: what it should be.
        whole: the schema that ``$ref`` is looked up in.
        where: the JSON path of *value*.
    """
    schema = _resolved(schema, whole)
    alternatives = schema.get("anyOf")
    if isinstance(alternatives, list):
        yield from _any_of(value, schema, alternatives, whole, where)
    elif not _fits_kind(value, schema):
        yield _unfit(value, schema, where)
    elif isinstance(value, dict):
        yield from _object(value, schema, whole, where)
    elif isinstance(value, list):
        yield from _array(value, schema, whole, where)
    elif not _in_range(value, schema):
        yield _unfit(value, schema, where)


def _resolved(schema: Schema, whole: Schema) -> Schema:
    name = schema.get("$ref")
    if not isinstance(name, str):
        return schema
    parts = whole["$defs"]
    assert isinstance(parts, dict)
    found: Schema = parts[name.rpartition("/")[2]]
    return found


def _any_of(
    value: object, schema: Schema, alternatives: list[Schema], whole: Schema, where: str
) -> Iterator[Mistake]:
    fitting = [part for part in alternatives if _fits(value, part, whole)]
    inside = fitting[0] if fitting else None
    if inside is None:
        # No alternative takes it. If one is meant all the same, what is wrong lies inside.
        inside = next((part for part in alternatives if _is_meant(value, part, whole)), None)
    if inside is None:
        yield _unfit(value, _told(schema, alternatives, whole), where)
    else:
        yield from mistakes(value, inside, whole, where)


def _fits(value: object, schema: Schema, whole: Schema) -> bool:
    return next(mistakes(value, schema, whole), None) is None


def _is_meant(value: object, schema: Schema, whole: Schema) -> bool:
    """Objects and lists are told of by their parts, not as a whole."""
    schema = _resolved(schema, whole)
    return isinstance(value, dict | list) and _fits_kind(value, schema)


def _told(schema: Schema, alternatives: list[Schema], whole: Schema) -> Schema:
    """What to tell a mistake with: the schema's own words, or those of an alternative."""
    if "$comment" in schema:
        return schema
    named = (_resolved(part, whole) for part in alternatives)
    return next((part for part in named if "$comment" in part), {"type": "object"})


def _fits_kind(value: object, schema: Schema) -> bool:
    allowed = schema.get("enum")
    if isinstance(allowed, list):
        return any(value == one and type(value) is type(one) for one in allowed)
    kind = schema.get("type")
    return not isinstance(kind, str) or _KINDS[kind](value)


def _in_range(value: object, schema: Schema) -> bool:
    if isinstance(value, str):
        least, pattern = schema.get("minLength", 0), schema.get("pattern")
        return len(value) >= _number(least) and (
            not isinstance(pattern, str) or re.search(pattern, value) is not None
        )
    if isinstance(value, int | float):
        least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        return _number(least) <= value <= _number(most)
    return True


def _object(
    value: dict[str, object], schema: Schema, whole: Schema, where: str
) -> Iterator[Mistake]:
    known = _mapping(schema.get("properties"))
    others = schema.get("additionalProperties", True)
    for key, member in value.items():
        inside = step(where, key)
        if key in known:
            yield from mistakes(member, known[key], whole, inside)
        elif isinstance(others, dict):
            yield from mistakes(member, others, whole, inside)
        elif others is False:
            yield Mistake(inside, f"unknown key {_shown(key)}", _nearest(key, known))
    meant = {near for key in value if key not in known for near in _near(key, known)}
    for key in _texts(schema.get("required")):
        if key not in value and key not in meant:
            yield _missing(key, known, where)
    if len(value) < _number(schema.get("minProperties", 0)):
        todo = f"give at least one of {', '.join(list(known)[:4])}"
        yield Mistake(where, f"{_name(where)} is empty", str(schema.get("$comment", todo)))
    yield from _keys_together(value, schema, where)


def _keys_together(value: dict[str, object], schema: Schema, where: str) -> Iterator[Mistake]:
    dependent = schema.get("dependentRequired")
    for key, needed in dependent.items() if isinstance(dependent, dict) else ():
        missing = [name for name in needed if key in value and name not in value]
        if missing:
            yield Mistake(step(where, key), f"{key} without {missing[0]}", f"give {missing[0]} too")
    one_of = schema.get("oneOf")
    if isinstance(one_of, list):
        names = [name for part in one_of for name in part["required"]]
        given = [name for name in names if name in value]
        meant = not given and any(_near(key, {name: {} for name in names}) for key in value)
        if len(given) != 1 and not meant:
            at = step(where, given[1]) if given else where
            what = " and ".join(given) + " together" if given else f"{_name(where)} says not which"
            yield Mistake(at, what, f"give one of {', '.join(names)}")


def _array(value: list[object], schema: Schema, whole: Schema, where: str) -> Iterator[Mistake]:
    items = schema.get("items")
    for index, item in enumerate(value):
        if isinstance(items, dict):
            yield from mistakes(item, items, whole, step(where, index))
    if len(value) < _number(schema.get("minItems", 0)):
        todo = str(schema.get("$comment", "give at least one, or no such key"))
        yield Mistake(where, f"{_name(where)} is an empty list", todo)


def _unfit(value: object, schema: Schema, where: str) -> Mistake:
    kind = _NAMES.get(str(schema.get("type")), "known")
    expected = str(schema.get("title", kind))
    todo = str(schema.get("$comment", "")) or _how_to_write(schema)
    if value is None:
        return Mistake(where, f"{_name(where)} has no value", todo)
    if "$comment" not in schema and _fits_kind(value, schema):
        return Mistake(where, f"{_name(where)}: {_shown(value)} is out of range", todo)
    return Mistake(where, f"{_name(where)}: {_shown(value)} is not {expected}", todo)


def _how_to_write(schema: Schema) -> str:
    """For a schema without a ``$comment``."""
    allowed = schema.get("enum")
    if isinstance(allowed, list):
        return "write " + " or ".join(json.dumps(one) for one in allowed)
    if schema.get("type") == "object":
        some = _texts(schema.get("required")) or list(_mapping(schema.get("properties")))[:3]
        return f"write keys such as {', '.join(some)}"
    least, most = schema.get("minimum"), schema.get("maximum")
    name = _NAMES.get(str(schema.get("type")), "something else")
    if schema.get("type") == "string":
        return "write a text, in quotes"
    if least is not None and most is not None:
        return f"write {name} from {_number(least):g} to {_number(most):g}"
    if least is not None:
        return f"write {name}, {_number(least):g} or more"
    return f"write {name}"


def _missing(key: str, known: Mapping[str, Schema], where: str) -> Mistake:
    about = known.get(key, {})
    todo = str(about.get("$comment") or about.get("description") or f"give {key}")
    owner = f" in {_name(where)}" if where else ""
    return Mistake(where, f"{key} is missing{owner}", todo[:1].lower() + todo[1:].rstrip("."))


def _near(key: str, known: Mapping[str, Schema]) -> list[str]:
    return difflib.get_close_matches(key, known, 1)


def _nearest(key: str, known: Mapping[str, Schema]) -> str:
    if near := _near(key, known):
        return f"did you mean {near[0]}?"
    return f"known here: {', '.join(known)}"


def _name(where: str) -> str:
    """The last step of a path that has a name: ``transitions[1].at`` is ``at``."""
    last = where.rpartition(".")[2]
    return last or "the file"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(printable(value, limit=60))
    return printable(json.dumps(value, default=str), limit=60)


def _mapping(value: object) -> dict[str, Schema]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return value if isinstance(value, list) else []


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return value
