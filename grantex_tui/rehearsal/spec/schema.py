"""The JSON schema of a rehearsal file (draft 2020-12), for editors and for the reader itself."""

from __future__ import annotations

from functools import cache

import msgspec

from grantex_tui.rehearsal.expect.registry import required
from grantex_tui.rehearsal.spec.file import SpecFile


Schema = dict[str, object]

_SOURCES = ("recording", "recordings", "scenario", "simulate")
# What types can't say.
_MORE: dict[str, Schema] = {
    "Events": {"oneOf": [{"required": [name]} for name in _SOURCES]},
    **{name: {"dependentRequired": keys} for name, keys in required().items()},
    "Bounds": {"minProperties": 1},
    "CountBounds": {"minProperties": 1},
    "Expect": {
        "minProperties": 1,
        "$comment": "write none-fires, or give at least one of transitions, never, at_most, …",
    },
}


@cache
def spec_schema() -> Schema:
    """The schema; its ``$defs`` are the parts that a file is made of."""
    schema = msgspec.json.schema(SpecFile)
    parts = {name: _tidy(part) | _MORE.get(name, {}) for name, part in schema["$defs"].items()}
    for part in parts.values():
        del part["title"]  # a class's name, which says nothing to a reader
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "grantex-tui rehearsal",
        "$ref": schema["$ref"],
        "$defs": parts,
    }


def _tidy(schema: Schema) -> Schema:
    """Without null, which is only how Python says that a key is left out; and flat."""
    found: Schema = {}
    for key, value in schema.items():
        match value:
            case _ if key == "default" and value is None:
                continue
            case dict() if key in ("properties", "additionalProperties", "items"):
                found[key] = _tidy(value) if key != "properties" else _all(value)
            case list() if key == "anyOf":
                found |= _alternatives([_tidy(part) for part in value if isinstance(part, dict)])
            case _:
                found[key] = value
    # What a key means is said at the key, and goes over what its type says of itself.
    return found | {k: schema[k] for k in ("title", "description") if k in schema}


def _all(properties: Schema) -> Schema:
    return {name: _tidy(part) for name, part in properties.items() if isinstance(part, dict)}


def _alternatives(parts: list[Schema]) -> Schema:
    kept = [part for part in parts if part != {"type": "null"}]
    return kept[0] if len(kept) == 1 else {"anyOf": kept}
