"""A pipeline as plain data, with Datadog's names and defaults.

Datadog: logs/log_configuration/pipelines; API: LogsPipeline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.processors.nested_pipeline import NestedPipeline


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grantex_tui.datadog.pipeline.filters import Filter
    from grantex_tui.datadog.pipeline.processor import Processor


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
        notes = (note for processor in self.enabled() for note in processor.effects().notes)
        return tuple(dict.fromkeys(notes))

    def enabled(self) -> Iterator[Processor]:
        """The processors that act, nested ones in place, in order (none if it is disabled)."""
        if self.is_enabled:
            yield from _enabled(self.processors)

    def writes(self) -> frozenset[str]:
        """The attribute paths that it may set or remove here; `ANYWHERE` when only a log tells."""
        return frozenset(
            path for processor in self.enabled() for path in processor.effects().writes
        )


def _enabled(processors: tuple[Processor, ...]) -> Iterator[Processor]:
    for processor in processors:
        if not processor.is_enabled:
            continue
        if isinstance(processor, NestedPipeline):
            yield from _enabled(processor.processors)
        else:
            yield processor
