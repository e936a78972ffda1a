"""Strict reading of one API object: every wrong type is an error that names its key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from grantex_tui.datadog.pipeline.errors import PipelineError
from grantex_tui.datadog.problem import Problem


API = "Datadog: api/v1/logs-pipelines"
PROCESSORS = "Datadog: logs/log_configuration/processors"


class Reader:
    """One object, where it stands in the file, and how a person would call it."""

    def __init__(self, obj: object, where: str, what: str) -> None:
        self.where = where
        self.what = what
        if not isinstance(obj, Mapping) or not all(isinstance(key, str) for key in obj):
            self.obj: Mapping[str, object] = {}
            self.refuse("not-an-object", "", f"{what} must be an object, not {kind(obj)}")
        self.obj = obj

    def refuse(
        self, code: str, key: str, message: str, *, rule: str = API, fix: str = ""
    ) -> NoReturn:
        """Stop reading: *message* is about *key*, or about the whole object."""
        raise PipelineError(self.problem(code, key, message, rule=rule, fix=fix))

    def problem(
        self, code: str, key: str, message: str, *, rule: str = API, fix: str = ""
    ) -> Problem:
        """The same as a value."""
        return Problem("error", code, message, self.at(key), rule, fix)

    def advice(
        self, code: str, key: str, message: str, *, fix: str, rule: str = PROCESSORS
    ) -> Problem:
        """One piece of advice about a key."""
        return Problem("advice", code, message, self.at(key), rule, fix)

    def at(self, key: str) -> str:
        """The JSON path of a key of this object."""
        return f"{self.where}.{key}" if self.where and key else self.where or key

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required unless there is a default."""
        value = self.obj.get(key)
        if value is None:
            return self.missing(key) if default is None else default
        if not isinstance(value, str):
            self._wrong(key, "a text", value)
        if not value and default is None:
            self.refuse("empty-value", key, f"{self.what}: {key} is empty")
        return value

    def one_of(self, key: str, choices: Sequence[str]) -> str:
        """A text out of a few; the first is the default."""
        value = self.text(key, choices[0])
        if value not in choices:
            message = f"{self.what}: {key} is {value!r}, not one of {', '.join(choices)}"
            self.refuse("invalid-value", key, message, fix=nearest(value, choices))
        return value

    def flag(self, key: str) -> bool:
        """A boolean; false when absent."""
        value = self.obj.get(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            self._wrong(key, "true or false", value)
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts; required and not empty unless there is a default."""
        value = self.obj.get(key)
        if value is None:
            return self.missing(key) if default is None else default
        if not isinstance(value, list):
            self._wrong(key, "a list of texts", value)
        for index, item in enumerate(value):
            if not isinstance(item, str):
                self._wrong(f"{key}[{index}]", "a text", item)
        if not value and default is None:
            self.refuse("empty-value", key, f"{self.what}: {key} is an empty list")
        return tuple(value)

    def objects(self, key: str, *, required: bool = False) -> list[object]:
        """A list whose items the caller reads."""
        value = self.obj.get(key)
        if value is None:
            return self.missing(key) if required else []
        if not isinstance(value, list):
            self._wrong(key, "a list", value)
        return value

    def missing(self, key: str) -> NoReturn:
        """Refuse the object for want of *key*."""
        self.refuse("missing-key", key, f"{self.what}: {key} is required", fix=f"add {key!r}")

    def _wrong(self, key: str, wanted: str, value: object) -> NoReturn:
        message = f"{self.what}: {key} must be {wanted}, not {kind(value)}"
        self.refuse("wrong-type", key, message)


def kind(value: object) -> str:
    """JSON's name for a value's type."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text"}
    names |= {list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)


def nearest(name: str, known: Iterable[str]) -> str:
    """``did you mean …?`` for a misspelt name, or an empty text."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean {close[0]!r}?" if close else ""
