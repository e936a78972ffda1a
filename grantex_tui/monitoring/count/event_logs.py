"""From an event to the log that Datadog would hold of it: entry, intake, pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from grantex_tui.datadog.entry import take_entry
from grantex_tui.datadog.pipeline import Pipeline, compile_pipelines, parse_pipelines
from grantex_tui.events.entry import HOSTNAME, type_tag


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.events.event import Event


class MakesLogs(Protocol):
    """Knows what Datadog would hold of an event, whoever sends it."""

    def log(self, event: Event, received_at: float) -> Log:
        """The log of *event*, had the intake taken it at *received_at* (epoch seconds)."""
        ...


class EventLogs:
    """Makes logs of events as the forwarder would send them and the pipelines shape them.

    Args:
        pipelines: Datadog's, in their order.
        source: ``ddsource`` of the entries.
        service: Their service.
        tags: Tags that every entry carries besides ``type:<event type>``.
    """

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        *,
        source: str = "grantex",
        service: str = "grantex",
        tags: Sequence[str] = (),
    ) -> None:
        self._made_of = (tuple(pipelines), source, service, tuple(tags))
        self._process = compile_pipelines(pipelines)
        self._fixed = {"ddsource": source, "hostname": HOSTNAME, "service": service}
        self._tags = "".join(f",{tag}" for tag in tags)

    def __reduce__(self) -> tuple[object, ...]:
        """For another process, which compiles the pipelines itself."""
        return _remade, self._made_of

    def log(self, event: Event, received_at: float) -> Log:
        """The log of *event*, had the intake taken it at *received_at* (epoch seconds)."""
        entry = {
            **self._fixed,
            "ddtags": type_tag(event.type) + self._tags,
            "message": str(event.raw, "utf-8", "replace"),
        }
        at = int(received_at * 1000)
        return self._process(take_entry(entry, received_at=at).log, received_at=at)


def _remade(
    pipelines: Sequence[Pipeline], source: str, service: str, tags: Sequence[str]
) -> EventLogs:
    return EventLogs(pipelines, source=source, service=service, tags=tags)


def bundled_pipelines() -> list[Pipeline]:
    """The pipeline for Grantex that comes with this package."""
    import json

    from grantex_tui.pack import pipeline_text

    return parse_pipelines(json.loads(pipeline_text()), path="pack/pipeline.json")
