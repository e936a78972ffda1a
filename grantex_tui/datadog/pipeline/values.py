"""Attribute values as text, and casts from one type to another."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Literal

from grantex_tui.datadog.pipeline.attributes import DEEPEST, Attributes, read


LONGEST_INTEGER = 2**63
"""Integers are of 64 bits at Datadog: from here up they are doubles, or what they were."""
Format = Literal["auto", "string", "integer", "double"]
_INTEGER = re.compile(r"\s*[+-]?\d{1,40}\s*", re.ASCII)


def as_text(value: object) -> str | None:
    """A text, number or boolean as JSON writes it, without quotes; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return None


def joined(attributes: Attributes, path: str) -> str:
    """The text of a string builder's block: values of a list joined by commas, else empty.

    Paths go into lists of objects (``array_users.first_name``); an object, or a list with one, gives
    nothing. Datadog: logs/log_configuration/processors/string_builder_processor.
    """
    found = list(_values(attributes, path.split("."), 0))
    if not found:
        found = [read(attributes, path)]
    texts = [as_text(value) for value in found]
    return ",".join(text for text in texts if text is not None) if None not in texts else ""


def _values(value: object, keys: list[str], depth: int) -> Iterator[object]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _values(item, keys, depth + 1)
    elif not keys:
        if value is not None:
            yield value
    elif isinstance(value, Mapping):
        yield from _values(value.get(keys[0]), keys[1:], depth + 1)


def cast(value: object, target_format: Format) -> object:
    """*value* as ``string``, ``integer`` or ``double``; as it is for ``auto``, or if it can't be."""
    if target_format == "auto":
        return value
    if target_format == "string":
        text = as_text(value)
        return value if text is None else text
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return value
    return _integer(value) if target_format == "integer" else _double(value)


def _integer(value: str | float) -> object:
    if isinstance(value, str):
        number = int(value) if _INTEGER.fullmatch(value) else None
    else:
        number = int(value) if math.isfinite(value) else None
    return value if number is None or not fits(number) else number


def fits(number: int) -> bool:
    """Whether Datadog holds it as an integer."""
    return -LONGEST_INTEGER <= number < LONGEST_INTEGER


def _double(value: str | float) -> object:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return value
    return number if math.isfinite(number) else value
