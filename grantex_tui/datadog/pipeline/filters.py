"""A search as pipelines and processors hold it: read, compiled, and what it looks at."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.guide import guide_prefix
from grantex_tui.datadog.pipeline.processor import ANYWHERE
from grantex_tui.datadog.pipeline.reader import Reader
from grantex_tui.datadog.problem import Problem
from grantex_tui.datadog.search import SearchError, check_scope, compile_query, fields, parse


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.search import Field, Node


Query = Callable[["Log"], bool]
EVERYTHING = ("", "*", "*:*")
"""The searches that match every log."""
_SEARCH = "Datadog: logs/explorer/search_syntax"
_GUIDE_FACET = re.compile(r"@(event\.(?:type|id|createdAt|data)\b[\w.]*)")


@dataclass(frozen=True, slots=True)
class Filter:
    """A search: as written, and compiled."""

    text: str
    matches: Query = field(compare=False, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        """For another process, which compiles it itself."""
        return _recompiled, (self.text,)

    def reads(self) -> tuple[str, ...]:
        """The paths and fields that decide it, as `Effects` names them."""
        return _reads(self.text)


@lru_cache(maxsize=1024)
def _reads(text: str) -> tuple[str, ...]:
    """Asked for again and again, by each second of a live run among others."""
    return tuple(map(field_path, fields(parse(text))))


def _recompiled(text: str) -> Filter:
    return Filter(text, compile_query(text))


def field_path(looked_at: Field) -> str:
    """What a search looks at, as `Effects` names it."""
    match looked_at.kind:
        case "attribute" | "reserved":
            return looked_at.name
        case "tag" | "tags":
            return "tags"
        case "message":
            return "message"
        case _:
            return ANYWHERE


def read_filter(reader: Reader) -> Filter:
    """The compiled ``filter.query``; without a filter, or an empty one, all logs match.

    Raises:
        PipelineError: It is no search.
    """
    inner = Reader(reader.obj.get("filter") or {}, reader.at("filter"), f"{reader.what}: filter")
    text = inner.text("query", "")
    try:
        return Filter(text, compile_query(text))
    except SearchError as error:
        inner.refuse("invalid-query", "query", f"{reader.what}: {error}", rule=_SEARCH)


def check_filter_text(query: str, where: str) -> Iterator[Problem]:
    """What a pipeline's or a category's search can't do, or was hardly meant to."""
    for message in check_scope(_tree(query), "pipeline"):
        yield Problem(
            "error",
            "full-text-filter",
            message,
            where,
            f"{_SEARCH}: full-text search is not supported in pipeline filters",
            "name the attributes: @path:value",
        )
    for match in _GUIDE_FACET.finditer(query):
        yield guide_prefix(match[1], where)


def _tree(query: str) -> Node:
    try:
        return parse(query)
    except SearchError:  # an error already
        return parse("*")
