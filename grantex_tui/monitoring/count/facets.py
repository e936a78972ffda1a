"""A log's facets and measures, as group-by, cardinality and sums see them."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from grantex_tui.datadog.paths import facet_text, values_reader


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_tui.datadog.log import Log


_RESERVED: dict[str, Callable[[Log], str]] = {
    "host": lambda log: log.host,
    "service": lambda log: log.service,
    "source": lambda log: log.source,
    "status": lambda log: log.status,
    "message": lambda log: log.message,
    "trace_id": lambda log: log.trace_id,
}


def facet_reader(facet: str) -> Callable[[Log], tuple[str, ...]]:
    """The different texts of a facet in a log, in order; none if the log doesn't have it.

    ``@path`` is an attribute, a reserved name the log's own, anything else a tag's key.
    """
    if facet.startswith("@"):
        read = values_reader(facet[1:])
        return lambda log: tuple(dict.fromkeys(map(facet_text, read(log.attributes))))
    own = _RESERVED.get(facet)
    prefix = f"{facet}:"

    def texts(log: Log) -> tuple[str, ...]:
        if own is not None and (text := own(log)):
            return (text,)
        tagged = (tag[len(prefix) :] for tag in log.tags if tag.startswith(prefix))
        return tuple(dict.fromkeys(tagged))

    return texts


def measure_reader(measure: str) -> Callable[[Log], tuple[float, ...]]:
    """The finite numbers at ``@path``; texts are none, whatever they look like."""
    read = values_reader(measure.removeprefix("@"))

    def numbers(log: Log) -> tuple[float, ...]:
        return tuple(
            number for value in read(log.attributes) if (number := _number(value)) is not None
        )

    return numbers


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None
