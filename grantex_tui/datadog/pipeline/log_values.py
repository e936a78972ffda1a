"""Reading and setting what a processor names: an attribute, or a field of the log's own."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import reader, writer
from grantex_tui.datadog.pipeline.run import assign


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.datadog.log import Log


RESERVED = ("status", "service", "source", "host", "trace_id")
"""Fields of the log's own that a processor reads where no attribute has the name."""


def source(path: str) -> Callable[[Log], object]:
    """Reads a processor's source: an attribute, else the log's own field of that name.

    The message is always the log's own: an attribute of the name has become it at the intake.
    """
    if path == "message":
        return lambda log: log.message or None
    read_attribute = reader(path)
    if path not in RESERVED:
        return lambda log: read_attribute(log.attributes)
    read_field = attrgetter(path)

    def read_either(log: Log) -> object:
        value = read_attribute(log.attributes)
        return (read_field(log) or None) if value is None else value

    return read_either


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
