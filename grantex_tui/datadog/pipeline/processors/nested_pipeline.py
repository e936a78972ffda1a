"""``pipeline``: processors behind a further filter; it holds no pipelines itself.

Datadog: logs/log_configuration/pipelines, "Nested pipelines".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.filters import Filter, read_filter
from grantex_tui.datadog.pipeline.processor import (
    Effects,
    Kind,
    Processor,
    ReadProcessors,
    common,
    no_advice,
)
from grantex_tui.datadog.pipeline.steps import compile_steps


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


TYPE = "pipeline"


@dataclass(frozen=True, slots=True)
class NestedPipeline:
    """A log that the filter doesn't take stays as it is."""

    name: str
    is_enabled: bool
    filter: Filter
    processors: tuple[Processor, ...]

    def effects(self) -> Effects:
        """All that its processors may do."""
        inner = [processor.effects() for processor in self.processors if processor.is_enabled]
        reads = [*self.filter.reads(), *(path for each in inner for path in each.reads)]
        return Effects(
            tuple(dict.fromkeys(reads)),
            frozenset[str]().union(*(each.writes for each in inner)),
            frozenset[str]().union(*(each.fields for each in inner)),
            unevaluated=frozenset[str]().union(*(each.unevaluated for each in inner)),
            notes=tuple(note for each in inner for note in each.notes),
        )

    def step(self) -> Step:
        """Runs the processors over what the filter takes."""
        matches = self.filter.matches
        steps = compile_steps(self.processors)

        def step(log: Log, run: Run) -> None:
            if matches(log):
                for inner in steps:
                    inner(log, run)

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing; `check_pipeline` looks at its processors."""
        return no_advice(reader)


def kind(read_processors: ReadProcessors) -> Kind:
    """The kind, given the way to read the processors within."""

    def read(reader: Reader) -> NestedPipeline:
        reader.text("description", "")
        reader.texts("tags", ())
        return NestedPipeline(
            *common(reader), filter=read_filter(reader), processors=read_processors(reader)
        )

    return Kind(
        TYPE,
        ("description", "filter", "processors", "tags"),
        read,
        "processors behind a filter of their own",
    )
