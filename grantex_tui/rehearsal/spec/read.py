"""A rehearsal file, read: what to rehearse and what to expect, or every mistake that is in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.datadog.document import read_document, step
from grantex_tui.errors import InvalidFileError
from grantex_tui.events.entry import Sender
from grantex_tui.monitoring.definitions import read_monitors, read_pipelines
from grantex_tui.rehearsal.engine.model import GUIDE, INSTANT, WATCH, DeliveryModel
from grantex_tui.rehearsal.engine.run import sweep_phases
from grantex_tui.rehearsal.spec import file as spec_file
from grantex_tui.rehearsal.spec.check import mistakes
from grantex_tui.rehearsal.spec.claims import ExpectReader, Notes
from grantex_tui.rehearsal.spec.monitors import (
    PACK,
    NotFoundError,
    bundled,
    is_pack,
    plan_of,
)
from grantex_tui.rehearsal.spec.parts import Parts
from grantex_tui.rehearsal.spec.rehearsal import Rehearsal, SpecError, Stretch
from grantex_tui.rehearsal.spec.schema import spec_schema
from grantex_tui.rehearsal.spec.source import SourceReader
from grantex_tui.rehearsal.spec.toml import read_toml
from grantex_tui.words.durations import parse_duration


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.document import Document
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan
    from grantex_tui.rehearsal.engine.simulated import Simulate
    from grantex_tui.rehearsal.spec.monitors import NamedMonitors

MODELS = {model.name: model for model in (GUIDE, WATCH, INSTANT)}


def load_spec(path: str, simulate: Simulate | None = None) -> tuple[Rehearsal, ...]:
    """The rehearsals of a file.

    Args:
        path: of the file.
        simulate: looks whether there are such scenarios, and what incidents they have; without it
            only the run will know.

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
    return read_spec(text, path=path, simulate=simulate)


def read_spec(text: str, *, path: str, simulate: Simulate | None = None) -> tuple[Rehearsal, ...]:
    """The rehearsals of a text, as `load_spec`; paths in it are relative to *path*'s folder."""
    read = read_toml if path.lower().endswith(".toml") else read_document
    return _SpecReader(read(text, path=path), path, simulate).rehearsals()


class _SpecReader:
    """Reads one file. What its schema finds wrong is noted; what is right is read on."""

    def __init__(self, document: Document, path: str, simulate: Simulate | None) -> None:
        self._document = document
        self._path = path
        self._notes = Notes()
        self._sources = SourceReader(Path(path).parent, self._notes, simulate)
        self._parts = Parts()
        self._plans: dict[object, tuple[RehearsalPlan, NamedMonitors] | None] = {}
        """By monitors, pipelines and delay; to compile pipelines takes its time."""

    def rehearsals(self) -> tuple[Rehearsal, ...]:
        schema = spec_schema()
        value = self._document.value
        self._notes.found += mistakes(value, schema, schema)
        self._parts = Parts(found.where for found in self._notes.found)
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

    def _read(self, value: dict[str, object]) -> Iterator[Rehearsal]:
        take = self._parts.take
        top = _Top(
            take(value.get("monitors"), list[str], "monitors"),
            take(value.get("pipelines"), list[str], "pipelines"),
            self._parts.some(value.get("defaults"), spec_file.Defaults, "defaults"),
        )
        entries = value.get("rehearsals")
        names: dict[str, str] = {}
        for number, item in enumerate(entries if isinstance(entries, list) else ()):
            where = step("rehearsals", number)
            if not isinstance(item, dict):
                continue
            self._check_name(take(item.get("name"), str, step(where, "name")), where, names)
            if (rehearsal := self._rehearsal(item, top, where)) is not None:
                yield rehearsal

    def _check_name(self, name: str | None, where: str, names: dict[str, str]) -> None:
        if name is None:
            return
        if name in names:
            line = self._document.line(names[name])
            what = f"the name {name!r} is taken already, at line {line}"
            self._notes.note(step(where, "name"), what, "give each rehearsal its own")
        names.setdefault(name, where)

    def _rehearsal(self, item: dict[str, object], top: _Top, where: str) -> Rehearsal | None:
        parts, notes = self._parts, self._notes
        terms = _terms(parts.some(item, spec_file.Defaults, where), top.defaults)
        events = parts.some(item.get("events"), spec_file.Events, step(where, "events"))
        before = len(notes.found)
        source = self._sources.source(events, step(where, "events"))
        incidents = self._incidents(item.get("incidents"), step(where, "incidents"))
        labels = self._sources.labels(source, incidents, step(where, "events"))
        about = (step(where, "events"), step(where, "incidents"))
        if len(notes.found) > before or not all(map(parts.is_clean, about)):
            labels = None  # some of them may only be missing for another mistake
        delivery, outages = self._delivery(
            terms, step(where if "delivery" in item else "defaults", "delivery")
        )
        plan, named = self._plan(item, top, terms, where) or (None, None)
        reader = ExpectReader(named, self._document, parts, notes, labels)
        expectations = reader.read(item.get("expect"), step(where, "expect"))
        entry = parts.take(item, spec_file.Rehearsal, where)
        if entry is None or plan is None:
            return None  # there are mistakes, and all of them are noted
        return Rehearsal(
            name=entry.name,
            path=self._path,
            line=self._document.line(where),
            source=source,
            plan=_dated(plan) if delivery.entry_date else plan,
            incidents=incidents,
            delivery=delivery,
            outages=outages,
            phases=_phases(terms.phase),
            allow_phase_sensitive=bool(terms.allow_phase_sensitive),
            allow_approximate=bool(terms.allow_approximate),
            expectations=tuple(expectations),
        )

    def _incidents(self, entries: object, where: str) -> tuple[Stretch, ...] | str | None:
        if entries is None or (not self._parts.is_clean(where) and not isinstance(entries, list)):
            return None
        if isinstance(entries, str):
            found = self._sources.files(entries, where)
            return found[0] if found else ""
        each = self._parts.each(entries, spec_file.IncidentEntry, where)
        stretches = (
            self._stretch(entry.since, entry.until, at, entry.label)
            for at, entry, _ in each
            if entry is not None
        )
        return tuple(stretch for stretch in stretches if stretch is not None)

    def _stretch(
        self, since: float | str, until: float | str, where: str, label: str = ""
    ) -> Stretch | None:
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
            entry_date=said.entry_date,
        )
        return model, tuple(outage for outage in outages if outage is not None)

    def _plan(
        self, item: dict[str, object], top: _Top, terms: spec_file.Defaults, where: str
    ) -> tuple[RehearsalPlan, NamedMonitors] | None:
        """What to evaluate; None if some of it is wrong or missing, which is noted."""
        own = self._parts.take(item.get("monitors"), list[str], step(where, "monitors"))
        at = step(where, "monitors") if "monitors" in item else "monitors"
        monitors = self._all_files(own or top.monitors or [PACK], at)
        mine = self._parts.take(item.get("pipelines"), list[str], step(where, "pipelines"))
        beside = step(where, "pipelines") if "pipelines" in item else "pipelines"
        pipelines = self._all_files(mine or top.pipelines or [], beside)
        clean = self._parts.is_clean(at) and self._parts.is_clean(beside)
        if monitors is None or pipelines is None or not clean:
            return None
        delay = parse_duration(terms.evaluation_delay or 0.0)
        sender = _sender(terms.log)
        key = tuple(monitors), tuple(pipelines), delay, sender
        if key not in self._plans:
            self._plans[key] = self._made(monitors, pipelines, delay, sender, at, beside)
        return self._plans[key]

    def _made(
        self,
        monitors: Sequence[str],
        pipelines: Sequence[str],
        delay: float,
        sender: Sender,
        at: str,
        beside: str,
    ) -> tuple[RehearsalPlan, NamedMonitors] | None:
        before = len(self._notes.found)
        try:
            return plan_of(monitors, pipelines, evaluation_delay=int(delay), sender=sender)
        except InvalidFileError as error:
            first = error  # that is wrong; there may be more
        for read, names, where in (
            (read_monitors, monitors, at),
            (read_pipelines, pipelines, beside),
        ):
            for name in names:
                try:
                    if not is_pack(name):
                        read([name])
                except InvalidFileError as error:
                    self._notes.tell(where, error)
        if len(self._notes.found) == before:
            self._notes.tell(at, first)
        return None

    def _all_files(self, names: Sequence[str], where: str) -> list[str] | None:
        """The files that names stand for; None if there are none for one of them."""
        found = [self._monitor_files(name, step(where, n)) for n, name in enumerate(names)]
        return [path for paths in found for path in paths] if all(found) or not names else None

    def _monitor_files(self, name: str, where: str) -> list[str]:
        if not is_pack(name):
            return self._sources.files(name, where)
        try:
            bundled(name)
        except NotFoundError as error:
            self._notes.note(where, error.what, error.todo)
            return []
        return [name]


@dataclass(frozen=True, slots=True)
class _Top:
    """What a file says for all of its rehearsals."""

    monitors: Sequence[str] | None
    pipelines: Sequence[str] | None
    defaults: spec_file.Defaults


def _sender(log: spec_file.LogOptions | None) -> Sender:
    """What a forwarder with these options puts on logs."""
    if log is None:
        return Sender()
    usual = Sender()
    return Sender(
        tuple(log.tags or ()),
        log.service or usual.service,
        log.source or usual.source,
        log.host or usual.host,
    )


def _terms(entry: spec_file.Defaults, defaults: spec_file.Defaults) -> spec_file.Defaults:
    """What an entry says, and where it says nothing, what the file says for all."""
    return spec_file.Defaults(
        **{
            name: getattr(defaults if getattr(entry, name) is None else entry, name)
            for name in spec_file.Defaults.__struct_fields__
        }
    )


def _phases(phases: int | str | list[int | str] | None) -> tuple[int, ...]:
    if phases == "sweep":
        return tuple(sweep_phases())
    several = phases if isinstance(phases, list) else [phases or 0]
    return tuple(dict.fromkeys(int(parse_duration(each)) for each in several))


def _dated(plan: RehearsalPlan) -> RehearsalPlan:
    return replace(plan, logs=plan.logs.with_entry_date())
