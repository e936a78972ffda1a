"""Reading and setting what a processor names: an attribute, or a field of the log's own."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import reader, remove, writer
from grantex_tui.datadog.pipeline.run import assign


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.attributes import Attributes


RESERVED = ("message", "status", "service", "source", "host", "trace_id")
"""Fields of the log's own that a processor reads where no attribute has the name."""
_CUSTOM = "custom."
"""Datadog keeps attributes under ``custom``, and a path may begin there."""


def source(path: str) -> Callable[[Log], object]:
    """Reads a processor's source: an attribute, else the log's own field of that name.

    An attribute ``message`` is one that a processor before has set: at the intake it becomes the
    log's own message.
    """
    read_attribute = reader(path)
    if path.startswith(_CUSTOM):
        read_inner = reader(path.removeprefix(_CUSTOM))
        return lambda log: _first(read_attribute(log.attributes), read_inner, log.attributes)
    if path not in RESERVED:
        return lambda log: read_attribute(log.attributes)
    read_field = attrgetter(path)

    def read_either(log: Log) -> object:
        value = read_attribute(log.attributes)
        return (read_field(log) or None) if value is None else value

    return read_either


def _first(value: object, read: Callable[[Attributes], object], attributes: Attributes) -> object:
    return read(attributes) if value is None else value


def first_source(paths: tuple[str, ...]) -> Callable[[Log], object]:
    """Reads the first of several sources that is there."""
    readers = [source(path) for path in paths]
    if len(readers) == 1:
        return readers[0]
    return lambda log: next((found for read in readers if (found := read(log)) is not None), None)


def target(path: str) -> Callable[[Log, object], None]:
    """Sets a processor's target."""
    write = writer(path)
    return lambda log, value: assign(log, "attributes", write(log.attributes, value))


def consume(log: Log, path: str) -> None:
    """Removes an attribute that has become a field of the log's own."""
    assign(log, "attributes", remove(log.attributes, path))
