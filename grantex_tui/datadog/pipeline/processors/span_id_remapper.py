"""``span-id-remapper``: the attribute that holds the span's id becomes the log's own.

Datadog: logs/log_configuration/processors/span_remapper. No search here asks for a span's id, so the
attribute goes, as at Datadog, and the id is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import read
from grantex_tui.datadog.pipeline.log_values import consume
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common, no_advice
from grantex_tui.datadog.pipeline.values import as_text


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


_FIELD = "span_id"


@dataclass(frozen=True, slots=True)
class SpanIdRemapper:
    """The first source that is there."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]

    def effects(self) -> Effects:
        """It removes its source."""
        return Effects(self.sources, frozenset(self.sources), claims=_FIELD)

    def step(self) -> Step:
        """Removes the first source that is there and has a text."""
        sources = self.sources

        def step(log: Log, run: Run) -> None:
            if not run.claim(_FIELD):
                return
            for path in sources:
                if as_text(read(log.attributes, path)) is not None:
                    consume(log, path)
                    return

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


KIND = Kind(
    "span-id-remapper",
    ("sources",),
    lambda reader: SpanIdRemapper(
        *common(reader), sources=reader.texts("sources", ("dd.span_id",))
    ),
    "takes the span's id out of the attributes",
    "the id is not kept: no search here asks for it",
)
