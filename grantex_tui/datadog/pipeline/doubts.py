"""What a local run of pipelines leaves out, and everything that follows from it.

A processor that is not evaluated here, or not for every log, leaves what it writes in doubt; so does one
that goes by a value in doubt, and a filter that does. A search over such a value has no answer here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import overlap
from grantex_tui.datadog.pipeline.filters import field_path
from grantex_tui.datadog.pipeline.processor import ANYWHERE
from grantex_tui.datadog.pipeline.processors.nested_pipeline import NestedPipeline


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.pipeline.model import Pipeline
    from grantex_tui.datadog.pipeline.processor import Effects, Processor
    from grantex_tui.datadog.search import Field


_FIELDS = frozenset(
    {"host", "message", "service", "source", "status", "tags", "timestamp", "trace_id"}
)
"""The log's own fields: in doubt only where one is named."""


class Doubts:
    """The paths and fields in doubt after all of some pipelines, each with its reason."""

    def __init__(self, pipelines: Sequence[Pipeline]) -> None:
        self._reasons: dict[str, str] = {}
        for pipeline in pipelines:
            if pipeline.is_enabled:
                self._visit(pipeline.processors, self._among(pipeline.filter.reads()))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._reasons)

    def of(self, looked_at: Field) -> str:
        """Why what a search looks at is in doubt, or an empty text."""
        return self.about(field_path(looked_at))

    def about(self, path: str) -> str:
        """Why an attribute path or a field of the log's own is in doubt, or an empty text."""
        if path == ANYWHERE:  # full text: any of them could decide
            return next(iter(self._reasons.values()), "")
        if path in _FIELDS and path in self._reasons:
            return self._reasons[path]
        if path in _FIELDS - {"message"}:
            return ""
        touching = (at for at in self._reasons if at == ANYWHERE or overlap(at, path))
        return next((self._reasons[at] for at in touching), "")

    def _among(self, paths: Iterable[str]) -> str:
        return next((reason for path in paths if (reason := self.about(path))), "")

    def _visit(self, processors: Iterable[Processor], filter_doubt: str) -> None:
        for processor in processors:
            if not processor.is_enabled:
                continue
            if isinstance(processor, NestedPipeline):
                inner = filter_doubt or self._among(processor.filter.reads())
                self._visit(processor.processors, inner)
                continue
            effects = processor.effects()
            self._note(effects.unevaluated, "; ".join(effects.notes))
            if reason := filter_doubt or self._among(effects.reads):
                self._note(_written(effects), reason)

    def _note(self, paths: Iterable[str], reason: str) -> None:
        for path in paths:
            self._reasons.setdefault(path, reason)


def _written(effects: Effects) -> frozenset[str]:
    return effects.writes | effects.fields
