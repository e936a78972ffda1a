"""Where an attribute's value comes from, known without running a pipeline.

An evaluator that only asks for ``@grantex.event_type`` need not process every log: when a pipeline
merely copies ``type`` there, it can read ``type`` of the log as it arrived. `resolve` says so when it
is certain, and `Derived` otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from grantex_tui.datadog.paths import split_path
from grantex_tui.datadog.pipeline.attributes import overlap
from grantex_tui.datadog.pipeline.processor import ANYWHERE, Processor
from grantex_tui.datadog.pipeline.processors.attribute_remapper import AttributeRemapper
from grantex_tui.datadog.pipeline.run import Process, run_pipelines
from grantex_tui.datadog.pipeline.steps import compile_steps


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.model import Pipeline


@dataclass(frozen=True, slots=True)
class Untouched:
    """No pipeline can set, change or remove the value: read the path itself, for every log."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The value is the one that was at ``source_path`` before the pipelines (absent if absent).

    Holds for a log that the filter takes, as the log arrives, and at whose target nothing stands,
    so that ``attributes.put`` meets no value. For Grantex's own events the second is true as soon as the first key of the target (``grantex``) is absent. The value is what
    ``attributes.read`` finds: unlike a search, a remapper does not look into lists of objects.
    """

    source_path: str
    matches: Callable[[Log], bool]


@dataclass(frozen=True, slots=True)
class FirstOf:
    """As `Copy`, with the first of several sources that is present (not absent, not null)."""

    source_paths: tuple[str, ...]
    matches: Callable[[Log], bool]


@dataclass(frozen=True, slots=True)
class Derived:
    """Only processing the log tells."""


Origin = Untouched | Copy | FirstOf | Derived


def compile_pipelines(pipelines: Sequence[Pipeline]) -> Process:
    """One function for all enabled pipelines, in order; it never changes the log it is given.

    Order and conflicts are Datadog's: a pipeline's filter is tested before any of its processors;
    a log goes through every pipeline whose filter takes it; of the status, service, message,
    trace and date remappers that it meets, only the first of each kind counts.
    """
    return run_pipelines(
        [
            (pipeline.filter.matches, compile_steps(pipeline.processors))
            for pipeline in pipelines
            if pipeline.is_enabled
        ]
    )


def resolve(pipelines: Sequence[Pipeline], path: str) -> Origin:
    """The origin of the attribute at *path* after all *pipelines*."""
    enabled = [pipeline for pipeline in pipelines if pipeline.is_enabled]
    touching = [pipeline for pipeline in enabled if _touches(pipeline.writes(), path)]
    if not touching:
        return Untouched()
    # A pipeline before this one could change what its filter sees: then only a run tells.
    if len(touching) > 1 or touching[0] is not enabled[0]:
        return Derived()
    return _within(touching[0], path)


def _within(pipeline: Pipeline, path: str) -> Origin:
    sources: list[str] = []
    written: set[str] = set()
    for processor in pipeline.processors:
        if not processor.is_enabled:
            continue
        writes = processor.effects().writes
        if _touches(writes, path):
            if not _is_copy_to(processor, path):
                return Derived()
            if any(_touches(written, source) for source in processor.sources):
                return Derived()
            sources += processor.sources
        written |= writes
    if len(sources) == 1:
        return Copy(sources[0], pipeline.filter.matches)
    return FirstOf(tuple(dict.fromkeys(sources)), pipeline.filter.matches)


def _is_copy_to(processor: Processor, path: str) -> TypeGuard[AttributeRemapper]:
    if not isinstance(processor, AttributeRemapper):
        return False
    between_attributes = processor.source_type == processor.target_type == "attribute"
    unchanged = processor.target_format == "auto" and processor.preserve_source
    apart = not any(overlap(source, path) for source in processor.sources)
    exact = processor.target == path and not processor.override_on_conflict
    return between_attributes and unchanged and apart and exact


def _touches(written: AbstractSet[str], path: str) -> bool:
    plain = ".".join(split_path(path))  # a search may quote a key that holds dots
    return ANYWHERE in written or any(overlap(target, plain) for target in written)
