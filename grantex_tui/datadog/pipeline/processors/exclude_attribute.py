"""``exclude-attribute``: removes an attribute.

API: LogsExcludeAttributeProcessor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.log_values import consume
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common, no_advice


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.pipeline.run import Run, Step
    from grantex_tui.datadog.problem import Problem


@dataclass(frozen=True, slots=True)
class ExcludeAttribute:
    """The attribute that goes."""

    name: str
    is_enabled: bool
    attribute: str

    def effects(self) -> Effects:
        """It removes its attribute."""
        return Effects(writes=frozenset({self.attribute}))

    def step(self) -> Step:
        """Removes it."""
        attribute = self.attribute

        def step(log: Log, _run: Run) -> None:
            consume(log, attribute)

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


KIND = Kind(
    "exclude-attribute",
    ("attribute_to_exclude",),
    lambda reader: ExcludeAttribute(*common(reader), reader.text("attribute_to_exclude")),
    "removes an attribute",
)
