"""A rehearsal file, read: what to rehearse and what to expect, or every mistake that is in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from grantex_tui.datadog.document import read_document, step
from grantex_tui.errors import InvalidFileError
from grantex_tui.rehearsal import spec_file
from grantex_tui.rehearsal.model import GUIDE, INSTANT, WATCH, DeliveryModel
from grantex_tui.rehearsal.run import sweep_phases
from grantex_tui.rehearsal.spec import Rehearsal, Source, SpecError, Stretch
from grantex_tui.rehearsal.spec_check import mistakes
from grantex_tui.rehearsal.spec_expect import ExpectReader, Notes
from grantex_tui.rehearsal.spec_monitors import (
    PACK,
    NotFoundError,
    bundled,
    expand,
    is_pack,
    plan_of,
)
from grantex_tui.rehearsal.spec_schema import spec_schema
from grantex_tui.rehearsal.spec_toml import read_toml
from grantex_tui.rehearsal.spec_values import LONGEST, Moment, parse_duration


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.document import Document
    from grantex_tui.rehearsal.plan import RehearsalPlan
    from grantex_tui.rehearsal.spec_monitors import NamedMonitors

MODELS = {model.name: model for model in (GUIDE, WATCH, INSTANT)}
Value = TypeVar("Value")


def load_spec(path: str) -> tuple[Rehearsal, ...]:
    """The rehearsals of a file.

    Raises:
        SpecError: With every mistake.
        InvalidFileError: It can't be read, or is no YAML or TOML.
    """
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise InvalidFileError(f"can't be read: {error.strerror}", path=path) from error
    except UnicodeDecodeError as error:
        raise InvalidFileError("is not UTF-8 text", path=path) from error
    return read_spec(text, path=path)


def read_spec(text: str, *, path: str) -> tuple[Rehearsal, ...]:
    """The rehearsals of a text, as `load_spec`; paths in it are relative to *path*'s folder."""
    read = read_toml if path.lower().endswith(".toml") else read_document
    return _SpecReader(read(text, path=path), path).rehearsals()


class _SpecReader:
    """Reads one file. What its schema finds wrong is noted; what is right is read on."""

    def __init__(self, document: Document, path: str) -> None:
        self._document = document
        self._path = path
        self._folder = Path(path).parent
        self._notes = Notes()
        self._wrong: set[str] = set()
        self._plans: dict[object, tuple[RehearsalPlan, NamedMonitors]] = {}
        """By monitors, pipelines and delay; to compile pipelines takes its time."""

    def rehearsals(self) -> tuple[Rehearsal, ...]:
        schema = spec_schema()
        value = self._document.value
        self._notes.found += mistakes(value, schema, schema)
        self._wrong = {found.where for found in self._notes.found}
        found: list[Rehearsal] = []
        if isinstance(value, dict):
            found = list(self._read(value))
        if self._notes.found:
            raise SpecError(self._lines())
        return tuple(found)

    def _lines(self) -> list[str]:
        line = self._document.line
        told = {(line(each.where), str(each)): None for each in self._notes.found}
        return [f"{self._path}:{at}: {what}" for at, what in sorted(told)]

    def _clean(self, where: str) -> bool:
        """Whether nothing at or below a path is wrong already."""
        inside = re.compile(re.escape(where) + r"(?:[.\[]|$)")
        return not any(inside.match(wrong) for wrong in self._wrong)

    def _part(self, value: object, kind: type[Value], where: str) -> Value | None:
        return msgspec.convert(value, kind) if value is not None and self._clean(where) else None

    def _read(self, value: dict[str, object]) -> list[Rehearsal]:
        top = _Top(
            self._part(value.get("monitors"), list[str], "monitors") or [PACK],
            self._part(value.get("pipelines"), list[str], "pipelines") or [],
            self._part(value.get("defaults"), spec_file.Defaults, "defaults")
            or spec_file.Defaults(),
        )
        entries = value.get("rehearsals")
        names: dict[str, str] = {}
        found = []
        for number, item in enumerate(entries if isinstance(entries, list) else ()):
            where = step("rehearsals", number)
            entry = self._part(item, spec_file.Rehearsal, where)
            if entry is None:
                continue
            if entry.name in names:
                line = self._document.line(names[entry.name])
                what = f"the name {entry.name!r} is taken already, at line {line}"
                self._notes.note(step(where, "name"), what, "give each rehearsal its own")
            names.setdefault(entry.name, where)
            if (rehearsal := self._rehearsal(entry, top, where)) is not None:
                found.append(rehearsal)
        return found

    def _rehearsal(self, entry: spec_file.Rehearsal, top: _Top, where: str) -> Rehearsal | None:
        terms = _terms(entry, top.defaults)
        source = self._source(entry.events, step(where, "events"))
        incidents = self._incidents(entry.incidents, step(where, "incidents"))
        delivery, outages = self._delivery(
            terms, step(where if entry.delivery is not None else "defaults", "delivery")
        )
        read = self._plan(entry, top, terms, where)
        if read is None:
            return None
        plan, named = read
        labels = (
            [one.label for one in incidents]
            if isinstance(incidents, tuple)
            else []
            if incidents is None and not source.scenario and not source.recordings
            else None
        )
        reader = ExpectReader(named, self._document, self._notes, labels)
        return Rehearsal(
            name=entry.name,
            path=self._path,
            line=self._document.line(where),
            source=source,
            plan=plan,
            incidents=incidents,
            delivery=delivery,
            outages=outages,
            phases=_phases(terms.phase),
            allow_phase_sensitive=bool(terms.allow_phase_sensitive),
            allow_approximate=bool(terms.allow_approximate),
            expectations=tuple(reader.read(entry.expect, step(where, "expect"))),
        )

    def _source(self, events: spec_file.Events, where: str) -> Source:
        scenario = events.scenario or events.simulate or ""
        note = self._notes.note
        if events.seed is not None and not scenario:
            note(
                step(where, "seed"), "seed without a scenario", "recordings have none: leave it out"
            )
        start = self._notes.moment(step(where, "start"), events.start)
        end = self._notes.moment(step(where, "end"), events.end)
        if events.duration is not None:
            if end is not None:
                note(step(where, "duration"), "duration and end together", "give one of them")
            end = Moment(parse_duration(events.duration), relative=True)
            if end.seconds > LONGEST:
                what = f"duration: {events.duration} is more than ten years"
                note(step(where, "duration"), what, "write such as 6h or 14d")
        began = None if start is None else start.seconds
        if end is not None and began is not None and end.on(began) <= began:
            note(step(where, "end"), f"the end {end} is not after the start {start}")
        key = "recording" if events.recording else "recordings"
        names = [events.recording] if events.recording else events.recordings or []
        recordings = [
            path
            for number, name in enumerate(names)
            for path in self._files(
                name, step(where, key) if events.recording else step(step(where, key), number)
            )
        ]
        if scenario and (self._folder / scenario).is_file():
            scenario = str(self._folder / scenario)
        return Source(tuple(recordings), scenario, events.seed, began, end)

    def _incidents(
        self, entries: str | list[spec_file.IncidentEntry] | None, where: str
    ) -> tuple[Stretch, ...] | str | None:
        if entries is None:
            return None
        if isinstance(entries, str):
            found = self._files(entries, where)
            return found[0] if found else ""
        stretches = (
            self._stretch(entry.since, entry.until, step(where, number), entry.label)
            for number, entry in enumerate(entries)
        )
        return tuple(stretch for stretch in stretches if stretch is not None)

    def _stretch(self, since: str, until: str, where: str, label: str = "") -> Stretch | None:
        begin = self._notes.moment(step(where, "from"), since)
        end = self._notes.moment(step(where, "to"), until)
        if begin is None or end is None:
            return None
        if begin.relative == end.relative and end.seconds <= begin.seconds:
            self._notes.note(step(where, "to"), f"to {end} is not after from {begin}", "swap them")
        return Stretch(begin, end, label)

    def _delivery(
        self, terms: spec_file.Defaults, where: str
    ) -> tuple[DeliveryModel, tuple[Stretch, ...]]:
        said = terms.delivery or WATCH.name
        lag = parse_duration(terms.ingest_lag or 0.0)
        if isinstance(said, str):
            model = MODELS[said]
            return replace(model, latency=model.latency + lag), ()
        outages = [
            self._stretch(outage.since, outage.until, step(step(where, "outages"), number))
            for number, outage in enumerate(said.outages)
        ]
        model = DeliveryModel(
            "custom",
            said.batch_size,
            parse_duration(said.flush_interval),
            parse_duration(said.latency) + lag,
        )
        return model, tuple(outage for outage in outages if outage is not None)

    def _plan(
        self, entry: spec_file.Rehearsal, top: _Top, terms: spec_file.Defaults, where: str
    ) -> tuple[RehearsalPlan, NamedMonitors] | None:
        at = step(where, "monitors") if entry.monitors else "monitors"
        monitors = self._all_files(entry.monitors or top.monitors, at)
        beside = step(where, "pipelines") if entry.pipelines else "pipelines"
        pipelines = self._all_files(entry.pipelines or top.pipelines, beside)
        delay = parse_duration(terms.evaluation_delay or 0.0)
        if not monitors:
            return None
        key = tuple(monitors), tuple(pipelines), delay
        if key in self._plans:
            return self._plans[key]
        try:
            self._plans[key] = plan_of(monitors, pipelines, evaluation_delay=int(delay))
            return self._plans[key]
        except NotFoundError as error:
            self._notes.note(at, error.what, error.todo)
        except InvalidFileError as error:
            self._notes.note(at, error.message, error.hint)
        return None

    def _all_files(self, names: Sequence[str], where: str) -> list[str]:
        return [
            path
            for number, name in enumerate(names)
            for path in self._monitor_files(name, step(where, number))
        ]

    def _monitor_files(self, name: str, where: str) -> list[str]:
        if not is_pack(name):
            return self._files(name, where)
        try:
            bundled(name)
        except NotFoundError as error:
            self._notes.note(where, error.what, error.todo)
            return []
        return [name]

    def _files(self, name: str, where: str) -> list[str]:
        try:
            return expand(name, self._folder)
        except NotFoundError as error:
            self._notes.note(where, error.what, error.todo)
            return []


@dataclass(frozen=True, slots=True)
class _Top:
    """What a file says for all of its rehearsals."""

    monitors: Sequence[str]
    pipelines: Sequence[str]
    defaults: spec_file.Defaults


def _terms(entry: spec_file.Defaults, defaults: spec_file.Defaults) -> spec_file.Defaults:
    """What an entry says, and where it says nothing, what the file says for all."""
    return spec_file.Defaults(
        **{
            name: getattr(defaults if getattr(entry, name) is None else entry, name)
            for name in spec_file.Defaults.__struct_fields__
        }
    )


def _phases(said: int | Literal["sweep"] | list[int] | None) -> tuple[int, ...]:
    if said == "sweep":
        return tuple(sweep_phases())
    return tuple(dict.fromkeys(said)) if isinstance(said, list) else (int(said or 0),)
