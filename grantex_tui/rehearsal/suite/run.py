"""Rehearsals, run: found in files and folders, one after another, each to its outcome."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.errors import GrantexTuiError, UsageError
from grantex_tui.events.gap import Gap
from grantex_tui.rehearsal.engine.input import open_recordings, timed
from grantex_tui.rehearsal.engine.model import Incident
from grantex_tui.rehearsal.engine.run import run_phases
from grantex_tui.rehearsal.expect.judge import Terms, judge
from grantex_tui.rehearsal.expect.verdict import Outcome
from grantex_tui.rehearsal.measure.incidents import covered, incidents_beside, read_incidents
from grantex_tui.rehearsal.spec.rehearsal import is_spec
from grantex_tui.words.durations import duration_text, instant_text


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_tui.events.recorded.line import Arrival
    from grantex_tui.rehearsal.engine.model import DeliveryModel, Pass
    from grantex_tui.rehearsal.engine.simulated import Simulate
    from grantex_tui.rehearsal.spec.rehearsal import Rehearsal, Source, Stretch


@dataclass(frozen=True, slots=True)
class Known:
    """The events of a rehearsal, and what is known of them before they are read."""

    name: str
    make_events: Callable[[], Iterable[Arrival | Gap]]
    start: float | None = None
    end: float | None = None
    incidents: tuple[Incident, ...] = ()


def find_specs(folder: str) -> list[str]:
    """The rehearsal files below a folder, by name; not those of hidden folders or of packages."""
    found = []
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _is_foreign(Path(where, name))]
        found += [str(Path(where, name)) for name in names if is_spec(name)]
    return sorted(found)


def _is_foreign(folder: Path) -> bool:
    """Whether a folder holds other people's files, as a virtual environment does."""
    hidden = folder.name.startswith(".") or folder.name in ("node_modules", "__pycache__")
    return hidden or (folder / "pyvenv.cfg").exists()


def known_source(
    source: Source, simulate: Simulate, incidents: str | None = None, *, look: bool = True
) -> Known:
    """The events that *source* names, and the incidents that come with them.

    Args:
        source: recordings or a scenario.
        simulate: makes events of a scenario.
        incidents: a file of them, instead of what comes with the source.
        look: whether to look for incidents beside the recordings.

    Raises:
        InvalidFileError: A file of incidents or a scenario is wrong.
        UsageError: There is no such scenario.
    """
    if source.scenario:
        duration = None
        if source.end is not None and source.end.relative:
            duration = source.end.seconds
        found = simulate(source.scenario, seed=source.seed, start=source.start, duration=duration)
        own = found.incidents if incidents is None else read_incidents(incidents).incidents
        end = found.end if source.end is None else source.end.on(found.start)
        return Known(found.name, found.events, found.start, end, own)
    names = source.recordings
    beside = [incidents_beside(name) for name in names] if look and incidents is None else []
    files = [read_incidents(path) for path in [*beside, incidents] if path is not None]
    ends = [file.end for file in files if file.end is not None]
    starts = [file.start for file in files if file.start is not None]
    recordings = open_recordings(names)
    return Known(
        recordings.name,
        lambda: open_recordings(names),
        min(starts, default=None),
        max(ends, default=None),
        tuple(sorted((each for file in files for each in file.incidents), key=lambda i: i.start)),
    )


def run_rehearsal(
    rehearsal: Rehearsal, simulate: Simulate, *, with_tracks: bool = False
) -> Outcome:
    """Run a rehearsal at each of its phases, and judge what it expects.

    What can't be run, since a recording can't be read for one, is an outcome with an error.

    Args:
        rehearsal: what to run.
        simulate: makes events of a scenario.
        with_tracks: keep every evaluation in the passes.
    """
    began = time.perf_counter()
    try:
        passes = run_passes(rehearsal, simulate, with_tracks=with_tracks)
    except GrantexTuiError as error:
        # What would be a mistake on a command line is one in the file here.
        code = 3 if isinstance(error, UsageError) else error.exit_code
        return replace(failed(rehearsal, str(error)), exit_code=code)
    if not any(each.ticks for each in passes):
        return replace(failed(rehearsal, _unevaluated(passes[0])), exit_code=3)
    terms = Terms(
        rehearsal.name,
        rehearsal.path,
        allow_phase_sensitive=rehearsal.allow_phase_sensitive,
        allow_approximate=rehearsal.allow_approximate,
    )
    return Outcome(
        rehearsal.name,
        rehearsal.path,
        passes,
        tuple(judge(each, passes, terms) for each in rehearsal.expectations),
        seconds=time.perf_counter() - began,
        line=rehearsal.line,
    )


def _unevaluated(empty: Pass) -> str:
    """What to say of a pass without an evaluation: any expectation would hold, so it's an error."""
    lasts = duration_text(round(empty.end - empty.start, 3))
    return (
        f"{empty.source}: nothing was evaluated, since from {instant_text(empty.start)} "
        f"it lasts {lasts} only\n"
        "  Give events.duration, such as 10m, to go on after the last event; events.start must "
        "lie before it."
    )


def failed(rehearsal: Rehearsal, error: str) -> Outcome:
    """The outcome of a rehearsal that could not be run."""
    return Outcome(rehearsal.name, rehearsal.path, error=error, exit_code=1, line=rehearsal.line)


def run_passes(
    rehearsal: Rehearsal, simulate: Simulate, *, with_tracks: bool = False
) -> tuple[Pass, ...]:
    """The passes of a rehearsal, one for each of its phases.

    Raises:
        GrantexTuiError: It can't be run.
    """
    written = rehearsal.incidents
    known = known_of(rehearsal, simulate)
    source = rehearsal.source
    start = known.start if source.start is None else source.start
    origin = start
    if origin is None and _needs_origin(rehearsal):
        origin = first_instant(known)
    end = known.end
    if source.end is not None and not (source.end.relative and origin is None):
        end = source.end.on(origin or 0.0)
    incidents = covered(known.incidents, start, end)
    if isinstance(written, tuple):
        incidents = tuple(
            Incident(each.label, each.since.on(origin or 0.0), each.until.on(origin or 0.0))
            for each in written
        )
    return tuple(
        run_phases(
            known.make_events,
            rehearsal.plan,
            source=known.name,
            delivery=_delivery(rehearsal.delivery, rehearsal.outages, origin or 0.0),
            phases=rehearsal.phases,
            incidents=incidents,
            start=start,
            end=end,
            with_tracks=with_tracks or any(e.claim.kind == "value" for e in rehearsal.expectations),
        )
    )


def known_of(rehearsal: Rehearsal, simulate: Simulate) -> Known:
    """The events of a rehearsal, and what is known of them.

    Raises:
        GrantexTuiError: They can't be had.
    """
    written = rehearsal.incidents
    return known_source(
        rehearsal.source,
        simulate,
        written if isinstance(written, str) else None,
        look=not isinstance(written, tuple),
    )


def _needs_origin(rehearsal: Rehearsal) -> bool:
    written = rehearsal.incidents if isinstance(rehearsal.incidents, tuple) else ()
    moments = [each.since for each in (*written, *rehearsal.outages)]
    moments += [each.until for each in (*written, *rehearsal.outages)]
    moments += [] if rehearsal.source.end is None else [rehearsal.source.end]
    return any(moment.relative for moment in moments)


def first_instant(known: Known) -> float:
    """When the first event of a recording was received.

    Raises:
        UsageError: There is none, so nothing can be counted from it.
    """
    for at, item in timed(known.make_events()):
        if not isinstance(item, Gap):
            return at
    raise UsageError(f"{known.name}: there is no event in it", hint="Give events.start.")


def _delivery(model: DeliveryModel, outages: Sequence[Stretch], origin: float) -> DeliveryModel:
    spans = tuple((each.since.on(origin), each.until.on(origin)) for each in outages)
    return replace(model, outages=spans) if spans else model
