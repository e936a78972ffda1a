"""What a log has in a field, as texts: for group-by, counting by facet and explanations."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

from grantex_tui.datadog.paths import facet_text, leaves, values_reader


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.search.tree import Field

    Read = Callable[[Log], tuple[str, ...]]


def facet_reader(field: Field) -> Read:
    """A function that gives a log's values of *field*, each once, in order; empty when absent.

    A log with several values counts in the group of each, as in Datadog's facet panel. A tag that
    is only a key has the empty value.
    """
    match field.kind:
        case "attribute":
            read = values_reader(field.name)
            return lambda log: tuple(dict.fromkeys(map(facet_text, read(log.attributes))))
        case "tag":
            return _tag_reader(field.name)
        case "tags":
            return lambda log: log.tags
        case "any":
            return searched_texts
        case _:
            return _own_reader(field.name or field.kind)


def count_by(logs: Iterable[Log], field: Field) -> list[tuple[str, int]]:
    """How many logs have each value of *field*, the most frequent first, then by value."""
    read = facet_reader(field)
    counts = Counter(value for log in logs for value in read(log))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def searched_texts(log: Log) -> tuple[str, ...]:
    """What full text looks at: the message, the log's own fields and every attribute's value."""
    own = (log.message, log.service, log.source, log.host, log.status, log.trace_id)
    return (*filter(None, own), *map(facet_text, leaves(log.attributes)))


def _tag_reader(key: str) -> Read:
    prefix = f"{key}:"
    size = len(prefix)

    def read(log: Log) -> tuple[str, ...]:
        found = [tag[size:] for tag in log.tags if tag == key or tag.startswith(prefix)]
        return tuple(dict.fromkeys(found))

    return read


def _own_reader(name: str) -> Read:
    get = attrgetter(name)

    def read(log: Log) -> tuple[str, ...]:
        value = get(log)
        return () if value == "" else (facet_text(value),)

    return read
