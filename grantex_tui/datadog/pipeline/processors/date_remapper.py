"""``date-remapper``: the log's date.

Datadog: logs/log_configuration/processors/log_date_remapper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.dates import in_window, parse_date
from grantex_tui.datadog.pipeline.log_values import first_source
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common, no_advice
from grantex_tui.datadog.pipeline.run import Run, Step, assign


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.problem import Problem


@dataclass(frozen=True, slots=True)
class DateRemapper:
    """The first source that is there dates the log, within the window that Datadog takes."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]

    def effects(self) -> Effects:
        """It sets the date."""
        return Effects(self.sources, fields=frozenset({"timestamp"}), claims="date")

    def step(self) -> Step:
        """Sets the date, if it is one and near enough."""
        read_first = first_source(self.sources)

        def step(log: Log, run: Run) -> None:
            if run.claim("date") and (value := read_first(log)) is not None:
                date = parse_date(value, received_at=run.received_at)
                if date is not None and in_window(date, received_at=run.received_at):
                    assign(log, "timestamp", date)

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


KIND = Kind(
    "date-remapper",
    ("sources",),
    lambda reader: DateRemapper(*common(reader), sources=reader.texts("sources")),
    "sets the log's date: ISO 8601, epoch milliseconds, RFC 3164; 18 h back to 2 h ahead",
    "of a date without a year, the year that brings it closest to the log's arrival",
)
