"""The remappers that set one of the log's own fields: status, service, message, trace id.

Datadog: logs/log_configuration/processors/log_status_remapper, service_remapper,
log_message_remapper, trace_remapper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from grantex_tui.datadog.pipeline.log_values import consume, source
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common, no_advice
from grantex_tui.datadog.pipeline.run import Run, Step, assign
from grantex_tui.datadog.pipeline.values import as_text
from grantex_tui.datadog.status import normalise_status


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.problem import Problem


Official = Literal["status", "service", "message", "trace_id"]
MOVED = frozenset({"message", "trace_id"})
"""Fields whose source becomes the field, as recorded; the others leave it as an attribute."""


@dataclass(frozen=True, slots=True)
class OfficialRemapper:
    """One of them; ``official`` is the field."""

    name: str
    is_enabled: bool
    official: Official
    sources: tuple[str, ...]

    def effects(self) -> Effects:
        """It sets its field."""
        moved = frozenset(self.sources if self.official in MOVED else ())
        return Effects(self.sources, moved, frozenset({self.official}), claims=self.official)

    def step(self) -> Step:
        """Sets the field to the first source that is there."""
        official, moves = self.official, self.official in MOVED
        convert = normalise_status if official == "status" else as_text
        find = _own_message if official == "message" else source
        readers = [
            (path, find(path) if path == "message" else source(path)) for path in self.sources
        ]

        def step(log: Log, run: Run) -> None:
            # "Only the first one (according to the pipelines order) is taken into account": the
            # first that is reached, whether or not its sources are there.
            if not run.claim(official):
                return
            for path, read in readers:
                value = read(log)
                if value is None:
                    continue
                text = convert(value)
                if text is not None:
                    assign(log, official, text)
                    if moves:
                        consume(log, path)
                return

        return step

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Nothing."""
        return no_advice(reader)


def _own_message(path: str) -> Callable[[Log], object]:
    """The attribute, else the log's own message; the JSON that the attributes came from is none."""
    read = source(path)

    def read_message(log: Log) -> object:
        value = read(log)
        return None if value is log.message and _is_json(log) else value

    return read_message


def _is_json(log: Log) -> bool:
    return bool(log.attributes) and log.message.lstrip().startswith("{")


def _kind(
    kind: str, official: Official, summary: str, default: tuple[str, ...] | None = None
) -> Kind:
    return Kind(kind, ("sources",), _reading(official, default), summary)


def _reading(
    official: Official, default: tuple[str, ...] | None
) -> Callable[[Reader], OfficialRemapper]:
    return lambda reader: OfficialRemapper(
        *common(reader), official=official, sources=reader.texts("sources", default)
    )


KINDS = (
    _kind("status-remapper", "status", "sets the log's status from a level, by number or name"),
    _kind("service-remapper", "service", "sets the log's service"),
    _kind("message-remapper", "message", "sets the log's message", ("msg",)),
    _kind("trace-id-remapper", "trace_id", "sets the log's trace id", ("dd.trace_id",)),
)
