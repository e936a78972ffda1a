"""Which keys of an event's ``data`` a question depends on, besides the event's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.paths import split_path
from grantex_tui.datadog.pipeline import Copy, FirstOf, Untouched, resolve
from grantex_tui.datadog.search import Field, fields


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.datadog.search import Node
    from grantex_tui.monitoring.count.question import Question


Keys = frozenset[str]
_OWN = ("id", "type", "createdAt", "data")


class Traces:
    """Traces fields back to the payload, for events that have the service's own keys alone.

    Args:
        pipelines: that take logs by type and constants, all of them.
        by_type: the fields whose value the event's type alone decides.
    """

    def __init__(self, pipelines: Sequence[Pipeline], by_type: AbstractSet[Field]) -> None:
        self._pipelines = pipelines
        self._by_type = by_type

    def of_search(self, node: Node) -> Keys | None:
        """The keys that decide whether a log matches; None where only the log tells."""
        return _joined(map(self._field, fields(node)))

    def of_answer(self, question: Question) -> Keys | None:
        """The keys that decide what a matching log adds; None where only the log tells."""
        asked = (*question.group_by, *([question.measure] if question.measure else []))
        return _joined(self._field(_facet_field(facet)) for facet in asked)

    def of_facets(self, question: Question) -> list[tuple[str, ...]] | None:
        """The keys that each facet's value is taken from, the first that is there; None: others.

        A facet's text is the key's, wherever that is a text.
        """
        sources = [self._sources(_facet_field(facet)) for facet in question.group_by]
        known = [keys for keys in sources if keys is not None]
        return known if len(known) == len(sources) else None

    def _sources(self, looked_at: Field) -> tuple[str, ...] | None:
        if looked_at.kind != "attribute" or looked_at in self._by_type:
            return None
        path = looked_at.name
        match resolve(self._pipelines, path):
            case Untouched():
                paths: tuple[str, ...] = (path,)
            case _ if split_path(path)[0] in _OWN:
                return None
            case Copy(source):
                paths = (source,)
            case FirstOf(sources):
                paths = sources
            case _:
                return None
        split = [split_path(each) for each in paths]
        is_plain = all(
            len(keys) == 2 and keys[0] == "data" and "." not in keys[1] for keys in split
        )
        return tuple(keys[1] for keys in split) if is_plain else None

    def _field(self, looked_at: Field) -> Keys | None:
        if looked_at in self._by_type or looked_at.kind in ("tag", "tags"):
            return Keys()  # tags are the type's and the user's own
        return self._attribute(looked_at.name) if looked_at.kind == "attribute" else None

    def _attribute(self, path: str) -> Keys | None:
        match resolve(self._pipelines, path):
            case Untouched():
                return _keys_at(path)
            case _ if split_path(path)[0] in _OWN:
                return None  # something of the event's own may stand there already
            case Copy(source):
                return _keys_at(source)
            case FirstOf(sources):
                return _joined(map(_keys_at, sources))
            case _:
                return None


def _facet_field(facet: str) -> Field:
    return Field("attribute", facet[1:]) if facet.startswith("@") else Field.of(facet)


def _keys_at(path: str) -> Keys | None:
    """``data.K`` is one key; what is not in the payload is never there; else nobody knows."""
    keys = split_path(path)
    if keys[0] == "type" and len(keys) == 1:
        return Keys()
    if keys[0] not in _OWN:
        return Keys() if path == ".".join(keys) and "." not in keys[0] else None
    is_plain = len(keys) == 2 and keys[0] == "data" and "." not in keys[1]
    return Keys((keys[1],)) if is_plain else None


def _joined(parts: Iterable[Keys | None]) -> Keys | None:
    joined = Keys()
    for part in parts:
        if part is None:
            return None
        joined |= part
    return joined
