"""``array-processor``: the length of an array, an item appended, a value selected out of objects.

Datadog: logs/log_configuration/processors/array_processor; API: LogsArrayProcessorOperation….
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.pipeline.attributes import Attributes, put, read, remove
from grantex_tui.datadog.pipeline.processor import ANYWHERE, Effects, Kind, common, no_advice
from grantex_tui.datadog.pipeline.reader import Reader
from grantex_tui.datadog.pipeline.run import Run, Step, assign
from grantex_tui.datadog.pipeline.values import as_text
from grantex_tui.datadog.search import SearchError, compile_query


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.pipeline.filters import Query
    from grantex_tui.datadog.problem import Problem


Type = Literal["append", "length", "select", "extract-key-value"]
_TYPES = typing.get_args(Type)
_Apply = Callable[[Attributes], Attributes]


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done to the array; the last four belong to some types only."""

    type: Type
    source: str
    target: str
    preserve_source: bool = True
    filter: str = ""
    key: str = ""
    value: str = ""
    override_on_conflict: bool = False


@dataclass(frozen=True, slots=True)
class ArrayProcessor:
    """A log whose source is no array stays as it is."""

    name: str
    is_enabled: bool
    operation: Operation

    def effects(self) -> Effects:
        """It sets its target; without one, whatever the items say."""
        operation = self.operation
        written = {operation.target or ANYWHERE}
        if operation.type == "append":
            moved = set() if operation.preserve_source else {operation.source}
            return Effects((operation.source, operation.target), frozenset(written | moved))
        return Effects((operation.source,), frozenset(written))

    def step(self) -> Step:
        """Does the operation."""
        apply = _APPLY[self.operation.type](self.operation)

        def step(log: Log, _run: Run) -> None:
            assign(log, "attributes", apply(log.attributes))

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


def _append(operation: Operation) -> _Apply:
    def apply(attributes: Attributes) -> Attributes:
        value = read(attributes, operation.source)
        array = read(attributes, operation.target)
        if value is None or not (array is None or isinstance(array, list)):
            return attributes
        changed = put(attributes, operation.target, [*(array or []), value])
        keeps = operation.preserve_source or changed is attributes
        return changed if keeps else remove(changed, operation.source)

    return apply


def _length(operation: Operation) -> _Apply:
    def apply(attributes: Attributes) -> Attributes:
        array = read(attributes, operation.source)
        if not isinstance(array, list):
            return attributes
        return put(attributes, operation.target, len(array))

    return apply


def _select(operation: Operation) -> _Apply:
    matches = _item_query(operation.filter)

    def apply(attributes: Attributes) -> Attributes:
        for item in _objects(attributes, operation.source):
            if matches(Log(attributes=item)):
                value = read(item, operation.value)
                return attributes if value is None else put(attributes, operation.target, value)
        return attributes

    return apply


def _extract(operation: Operation) -> _Apply:
    def apply(attributes: Attributes) -> Attributes:
        for item in _objects(attributes, operation.source):
            key = as_text(read(item, operation.key))
            value = read(item, operation.value)
            if not key or value is None:
                continue
            path = f"{operation.target}.{key}" if operation.target else key
            if operation.override_on_conflict or read(attributes, path) is None:
                attributes = put(attributes, path, value)
        return attributes

    return apply


_APPLY: dict[Type, Callable[[Operation], _Apply]] = {
    "append": _append,
    "length": _length,
    "select": _select,
    "extract-key-value": _extract,
}


def _objects(attributes: Attributes, path: str) -> list[Attributes]:
    array = read(attributes, path)
    return [item for item in array if isinstance(item, dict)] if isinstance(array, list) else []


def _item_query(text: str) -> Query:
    """``key:value`` over the keys of an item, as if they were a log's attributes."""
    return compile_query(text if text.startswith("@") else f"@{text}")


def _read(reader: Reader) -> ArrayProcessor:
    inner = Reader(reader.obj.get("operation"), reader.at("operation"), f"{reader.what}: operation")
    name, is_enabled = common(reader)
    return ArrayProcessor(name, is_enabled, _read_operation(inner))


def _read_operation(reader: Reader) -> Operation:
    kind = typing.cast(
        "Type", reader.one_of("type", _TYPES) if "type" in reader.obj else reader.missing("type")
    )
    source = reader.text("source")
    if kind == "extract-key-value":
        return Operation(
            kind,
            source,
            reader.text("target", ""),
            key=reader.text("key_to_extract"),
            value=reader.text("value_to_extract"),
            override_on_conflict=reader.flag("override_on_conflict"),
        )
    target = reader.text("target")
    if kind == "append":
        keeps = "preserve_source" not in reader.obj or reader.flag("preserve_source")
        return Operation(kind, source, target, keeps)
    if kind == "length":
        return Operation(kind, source, target)
    text = reader.text("filter")
    try:
        _item_query(text)
    except SearchError as error:
        reader.refuse("invalid-query", "filter", f"{reader.what}: {error}")
    return Operation(kind, source, target, filter=text, value=reader.text("value_to_extract"))


KIND = Kind(
    "array-processor",
    ("operation",),
    _read,
    "takes an array's length, appends to one, selects or extracts from objects in one",
    "the condition of `select` is one `key:value`",
)
