"""The events that a rehearsal file names: whether they are there, and which incidents they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.document import step
from grantex_tui.errors import GrantexTuiError, InvalidFileError
from grantex_tui.rehearsal.measure.incidents import incidents_beside, read_incidents
from grantex_tui.rehearsal.spec.monitors import NotFoundError, expand
from grantex_tui.rehearsal.spec.rehearsal import Source
from grantex_tui.words.durations import LONGEST, Moment, parse_duration


if TYPE_CHECKING:
    from pathlib import Path

    from grantex_tui.rehearsal.engine.simulated import Simulate
    from grantex_tui.rehearsal.spec.claims import Notes
    from grantex_tui.rehearsal.spec.file import Events
    from grantex_tui.rehearsal.spec.rehearsal import Stretch


class SourceReader:
    """Reads what a file says of events.

    Args:
        folder: that paths are relative to.
        notes: where mistakes go.
        simulate: knows the scenarios; None: they are not looked at.
    """

    def __init__(self, folder: Path, notes: Notes, simulate: Simulate | None) -> None:
        self._folder = folder
        self._notes = notes
        self._simulate = simulate

    def source(self, events: Events, where: str) -> Source:
        """The source that *events* name; what can't be right of it is noted."""
        scenario = events.scenario or events.simulate or ""
        if events.seed is not None and not scenario and (events.recording or events.recordings):
            todo = "recordings have none: leave it out"
            self._notes.note(step(where, "seed"), "seed without a scenario", todo)
        start = self._notes.moment(step(where, "start"), events.start)
        began = None if start is None else start.seconds
        end = self._end(events, where)
        if end is not None and began is not None and end.on(began) <= began:
            what = f"the end {end} is not after the start {start}"
            self._notes.note(step(where, "end"), what, "swap them")
        if scenario and (self._folder / scenario).is_file():
            scenario = str(self._folder / scenario)
        return Source(self._recordings(events, where), scenario, events.seed, began, end)

    def _end(self, events: Events, where: str) -> Moment | None:
        end = self._notes.moment(step(where, "end"), events.end)
        if events.duration is None:
            return end
        at = step(where, "duration")
        if end is not None:
            self._notes.note(at, "duration and end together", "give one of them")
        end = Moment(parse_duration(events.duration), relative=True)
        if end.seconds > LONGEST:
            what = f"duration: {events.duration} is more than ten years"
            self._notes.note(at, what, "write such as 6h or 14d")
        return end

    def _recordings(self, events: Events, where: str) -> tuple[str, ...]:
        named = [(step(where, "recording"), events.recording)] if events.recording else []
        at = step(where, "recordings")
        named += [(step(at, number), name) for number, name in enumerate(events.recordings or ())]
        return tuple(path for at, name in named for path in self.files(name, at))

    def files(self, name: str, where: str) -> list[str]:
        """The files that a path or a pattern means; noted if there is none."""
        try:
            return expand(name, self._folder)
        except NotFoundError as error:
            self._notes.note(where, error.what, error.todo)
            return []

    def labels(
        self, source: Source, incidents: tuple[Stretch, ...] | str | None, where: str
    ) -> list[str] | None:
        """The labels of the incidents that there are; None if only the run will know them."""
        own = self._scenario_labels(source, where) if source.scenario else None
        if isinstance(incidents, tuple):
            return [each.label for each in incidents]
        if incidents is not None:
            return self._labels_in(incidents, where.rpartition(".")[0] + ".incidents")
        if source.scenario:
            return own
        files = [path for name in source.recordings if (path := incidents_beside(name))]
        found = [self._labels_in(path, where) for path in files]
        return [label for labels in found for label in labels or ()]

    def _scenario_labels(self, source: Source, where: str) -> list[str] | None:
        if self._simulate is None:
            return None
        duration = source.end.seconds if source.end is not None and source.end.relative else None
        try:
            made = self._simulate(
                source.scenario, seed=source.seed, start=source.start, duration=duration
            )
        except GrantexTuiError as error:
            self._notes.tell(where, error)
            return None
        return [each.label for each in made.incidents]

    def _labels_in(self, path: str, where: str) -> list[str] | None:
        if not path:
            return None
        try:
            return [each.label for each in read_incidents(path).incidents]
        except InvalidFileError as error:
            self._notes.tell(where, error)
            return None
