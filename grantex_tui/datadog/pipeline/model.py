"""Pipelines and their processors as plain data, with Datadog's names and defaults.

Datadog: logs/log_configuration/pipelines and /processors; API: LogsPipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal


if TYPE_CHECKING:
    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.arithmetic import Expression
    from grantex_tui.datadog.pipeline.grok import GrokRule


Query = Callable[["Log"], bool]
Kind = Literal["attribute", "tag"]
Official = Literal["status", "service", "message", "trace_id"]
ANYWHERE = ""
"""The path in `Pipeline.writes` of a processor whose targets only the log itself decides."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A search: as written, and compiled."""

    text: str
    matches: Query = field(compare=False, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        """For another process, which compiles it itself."""
        return _recompiled, (self.text,)


def _recompiled(text: str) -> Filter:
    from grantex_tui.datadog.search import compile_query

    return Filter(text, compile_query(text))


@dataclass(frozen=True, slots=True)
class AttributeRemapper:
    """``attribute-remapper``: the first source that is present becomes the target."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]
    target: str
    source_type: Kind = "attribute"
    target_type: Kind = "attribute"
    target_format: Literal["auto", "string", "integer", "double"] = "auto"
    preserve_source: bool = False
    override_on_conflict: bool = False


@dataclass(frozen=True, slots=True)
class OfficialRemapper:
    """``status-``, ``service-``, ``message-`` and ``trace-id-remapper``: one of the log's fields."""

    name: str
    is_enabled: bool
    official: Official
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DateRemapper:
    """``date-remapper``: the log's date."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """One row of a category processor: the name that the target gets when the search matches."""

    name: str
    filter: Filter


@dataclass(frozen=True, slots=True)
class CategoryProcessor:
    """``category-processor``: the name of the first category that matches."""

    name: str
    is_enabled: bool
    target: str
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class StringBuilder:
    """``string-builder-processor``: text with ``%{path}`` blocks."""

    name: str
    is_enabled: bool
    template: str
    target: str
    is_replace_missing: bool = False


@dataclass(frozen=True, slots=True)
class ArithmeticProcessor:
    """``arithmetic-processor``: a formula over numeric attributes."""

    name: str
    is_enabled: bool
    expression: Expression
    target: str
    is_replace_missing: bool = False


@dataclass(frozen=True, slots=True)
class LookupProcessor:
    """``lookup-processor`` with its own table (not a reference table)."""

    name: str
    is_enabled: bool
    source: str
    target: str
    table: Mapping[str, str]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class UrlParser:
    """``url-parser``: the parts of a URL as an object under the target."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]
    target: str
    normalize_ending_slashes: bool = False


@dataclass(frozen=True, slots=True)
class GrokParser:
    """``grok-parser``: the first rule that matches the whole source text extracts attributes."""

    name: str
    is_enabled: bool
    source: str
    rules: tuple[GrokRule, ...]
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NestedPipeline:
    """``pipeline``: processors behind a further filter; it holds no pipelines itself."""

    name: str
    is_enabled: bool
    filter: Filter
    processors: tuple[Processor, ...]


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """A processor of Datadog's that is not evaluated here; logs pass it unchanged."""

    name: str
    is_enabled: bool
    type: str


Processor = (
    AttributeRemapper
    | OfficialRemapper
    | DateRemapper
    | CategoryProcessor
    | StringBuilder
    | ArithmeticProcessor
    | LookupProcessor
    | UrlParser
    | GrokParser
    | NestedPipeline
    | Unmodelled
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline; ``source`` is the API's object, untouched, for a lossless way back."""

    name: str
    is_enabled: bool
    filter: Filter
    processors: tuple[Processor, ...]
    source: Mapping[str, object] = field(repr=False)

    @property
    def approximations(self) -> tuple[str, ...]:
        """What a local evaluation leaves out, one sentence each."""
        return tuple(dict.fromkeys(_approximations(self.enabled())))

    def enabled(self) -> Iterator[Processor]:
        """The processors that act, nested ones in place, in order (none if it is disabled)."""
        if self.is_enabled:
            yield from _enabled(self.processors)

    def writes(self) -> frozenset[str]:
        """The attribute paths that it may set or remove here; `ANYWHERE` when only a log tells."""
        return frozenset(path for processor in self.enabled() for path in written_by(processor))


def _enabled(processors: tuple[Processor, ...]) -> Iterator[Processor]:
    for processor in processors:
        if not processor.is_enabled:
            continue
        if isinstance(processor, NestedPipeline):
            yield from _enabled(processor.processors)
        else:
            yield processor


def _approximations(processors: Iterator[Processor]) -> Iterator[str]:
    for processor in processors:
        if isinstance(processor, Unmodelled):
            yield f"{processor.type} is not evaluated locally"
        elif isinstance(processor, GrokParser):
            for rule in processor.rules:
                yield from (f"grok rule {rule.name}: {note}" for note in rule.approximations)


def written_by(processor: Processor) -> frozenset[str]:
    """The attribute paths that one processor may set or remove; officials are not attributes."""
    match processor:
        case AttributeRemapper():
            written = {processor.target} if processor.target_type == "attribute" else set()
            moved = processor.source_type == "attribute" and not processor.preserve_source
            return frozenset(written.union(processor.sources) if moved else written)
        case CategoryProcessor() | StringBuilder() | ArithmeticProcessor():
            return frozenset({processor.target})
        case LookupProcessor() | UrlParser():
            return frozenset({processor.target})
        case GrokParser():
            return frozenset().union(*(rule.writes for rule in processor.rules))
        case NestedPipeline():
            inner = _enabled(processor.processors)
            return frozenset(path for step in inner for path in written_by(step))
        case OfficialRemapper() | DateRemapper() | Unmodelled():
            return frozenset()
