"""JSON bodies read with care: every wrong type is a refusal that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from grantex_sim.datadog_api.replies import invalid, refused
from grantex_sim.http.json_text import JsonError, read_json


if TYPE_CHECKING:
    from collections.abc import Sequence

Fields = Mapping[str, object]

_T = TypeVar("_T")
_NAMES = {str: "a text", dict: "an object", list: "a list", bool: "true or false"}


def read_object(body: bytes) -> dict[str, object]:
    """The JSON object of a body; an empty body is an empty object, as the official client sends.

    Raises:
        RefusedError: It is something else.
    """
    if not body.strip():
        return {}
    try:
        value = read_json(body)
    except JsonError as error:
        text = f"the body is not JSON: {error}"
        raise refused(400, "Bad Request: JSON object expected", text) from None
    if not isinstance(value, dict):
        kind = type(value).__name__
        text = f"the body is a JSON {kind}, not an object"
        raise refused(400, "Bad Request: JSON object expected", text)
    return value


class Reader:
    """One object of a v2 request, and where it stands in it."""

    def __init__(self, fields: Fields, where: str = "") -> None:
        self.fields = fields
        self._where = where

    def at(self, key: str) -> str:
        """The path of a key, as errors name it."""
        return f"{self._where}.{key}" if self._where else key

    def has(self, key: str) -> bool:
        """Whether the key is given, and not null."""
        return self.fields.get(key) is not None

    def child(self, key: str) -> Reader:
        """The object at a key; an empty one if there is none."""
        return Reader(self._typed(key, dict, {}), self.at(key))

    def children(self, key: str) -> list[Reader]:
        """The objects in the list at a key."""
        items = self._typed(key, list, [])
        found = []
        for index, item in enumerate(items):
            where = f"{self.at(key)}.{index}"
            if not isinstance(item, dict):
                raise invalid(where, "an object is expected")
            found.append(Reader(item, where))
        return found

    def text(self, key: str, default: str) -> str:
        """A text."""
        return self._typed(key, str, default)

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        items = self._typed(key, list, [])
        if not all(isinstance(item, str) for item in items):
            raise invalid(self.at(key), "a list of texts is expected")
        return items

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """One of *choices*."""
        value = self.text(key, default)
        if value not in choices and value != default:
            raise invalid(self.at(key), f"{value!r} is not one of {', '.join(choices)}")
        return value

    def whole(self, key: str, least: int, most: int, default: int) -> int:
        """A whole number from *least* to *most*."""
        value = self.fields.get(key, default)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise invalid(self.at(key), f"a number from {least} to {most} is expected")
        return value

    def number(self, key: str) -> float:
        """A number; required."""
        value = self.fields.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(self.at(key), "a number is expected")
        return float(value)

    def _typed(self, key: str, kind: type[_T], default: _T) -> _T:
        value = self.fields.get(key)
        if value is None:
            return default
        if not isinstance(value, kind):
            raise invalid(self.at(key), f"{_NAMES[kind]} is expected")
        return value
