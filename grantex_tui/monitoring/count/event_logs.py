"""From an event to the log that Datadog would hold of it: entry, intake, pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from grantex_tui.datadog.entry import take_entry
from grantex_tui.datadog.pipeline import Pipeline, compile_pipelines, parse_pipelines
from grantex_tui.events.entry import Sender, entry_date, type_tag
from grantex_tui.events.logged import Logged


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

    What a recording tells goes before: an event whose sender is known has its tags and service, and
    a log that Datadog has held is that log, through these pipelines only if it has been through none.

    Args:
        pipelines: Datadog's, in their order.
        sender: what is put on the log of an event that doesn't tell.
        again: whether logs that have been through Datadog's pipelines go through these, too.
        dated: whether the log of an event carries its ``createdAt`` as ``timestamp``.
    """

    def __init__(
        self,
        pipelines: Sequence[Pipeline],
        sender: Sender | None = None,
        *,
        again: bool = False,
        dated: bool = False,
    ) -> None:
        self.sender = Sender() if sender is None else sender
        self._made_of = (tuple(pipelines), self.sender, again, dated)
        self._dated = dated
        self._process = compile_pipelines(pipelines)
        self.processes_again = again
        """Whether logs that have been through Datadog's pipelines go through these, too."""
        self._fixed = _fixed(self.sender)
        self._tags = _tags(self.sender)

    def __reduce__(self) -> tuple[object, ...]:
        """For another process, which compiles the pipelines itself."""
        return _remade, self._made_of

    def of(self, sender: Sender | None) -> EventLogs:
        """The same for events of *sender*; itself for None and for its own."""
        if sender is None or sender == self.sender:
            return self
        other = EventLogs((), sender, again=self.processes_again, dated=self._dated)
        other._process = self._process
        other._made_of = (self._made_of[0], sender, self.processes_again, self._dated)
        return other

    def with_entry_date(self) -> EventLogs:
        """The same for logs that carry their ``createdAt`` as ``timestamp``."""
        pipelines, sender, again, _ = self._made_of
        return EventLogs(pipelines, sender, again=again, dated=True)

    def log(self, event: Event, received_at: float) -> Log:
        """The log of *event*, had the intake taken it at *received_at* (epoch seconds)."""
        if isinstance(event, Logged):
            return self._held(event)
        fixed, tags = self._fixed, self._tags
        if event.sender is not None and event.sender is not self.sender:
            fixed, tags = _fixed(event.sender), _tags(event.sender)
        date = entry_date(event.created_at) if self._dated else ""
        entry = {
            **({"timestamp": date} if date else {}),
            **fixed,
            "ddtags": type_tag(event.type) + tags,
            "message": str(event.raw, "utf-8", "replace"),
        }
        at = int(received_at * 1000)
        return self._process(take_entry(entry, received_at=at).log, received_at=at)

    def _held(self, event: Logged) -> Log:
        """A log that Datadog has held: its date is its own, whenever it is read."""
        assert event.log is not None
        if event.is_processed and not self.processes_again:
            return event.log
        return self._process(event.log, received_at=event.log.timestamp)


def _fixed(sender: Sender) -> dict[str, str]:
    return {"ddsource": sender.source, "hostname": sender.host, "service": sender.service}


def _tags(sender: Sender) -> str:
    return "".join(f",{tag}" for tag in sender.tags)


def _remade(
    pipelines: Sequence[Pipeline],
    sender: Sender,
    again: bool,  # noqa: FBT001 - by pickle
    dated: bool,  # noqa: FBT001
) -> EventLogs:
    return EventLogs(pipelines, sender, again=again, dated=dated)


def bundled_pipelines() -> list[Pipeline]:
    """The pipeline for Grantex that comes with this package."""
    import json

    from grantex_tui.pack import pipeline_text

    return parse_pipelines(json.loads(pipeline_text()), path="pack/pipeline.json")
