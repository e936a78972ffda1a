"""Checking files: what Datadog would refuse, and what it would take and people would regret.

Recognises monitors, log pipelines, log-based metrics, dashboards, and the prose of Grantex's own guide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grantex_tui.datadog.dashboard.check import dashboard_problems
from grantex_tui.datadog.document import Document, read_document, step
from grantex_tui.datadog.log_metric import check_log_metric
from grantex_tui.datadog.monitor.advice import advise
from grantex_tui.datadog.monitor.guide import (
    GuideMonitor,
    correct_guide_monitor,
    explain_guide_query,
    read_guide_monitors,
)
from grantex_tui.datadog.monitor.load import FileObject, objects_of
from grantex_tui.datadog.monitor.read import read_monitor
from grantex_tui.datadog.monitor.scanner import QueryError
from grantex_tui.datadog.monitor.silence import Delivery, sees_silence
from grantex_tui.datadog.monitor.validate import validate_monitor
from grantex_tui.datadog.problem import Problem
from grantex_tui.errors import InvalidFileError


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.monitor.searches import UnknownFacets


_UNKNOWN = Delivery()


@dataclass(frozen=True, slots=True)
class Located:
    """A problem and where it stands: the file, the 1-based line, and the object's name."""

    problem: Problem
    path: str
    line: int
    subject: str = ""


def check_texts(
    files: Sequence[tuple[str, str]],
    *,
    known_types: Collection[str],
    delivery: Delivery = _UNKNOWN,
    unknown_facets: UnknownFacets | None = None,
) -> list[Located]:
    """The same for several files that belong together: a heartbeat in one serves them all."""
    read = [_read(path, text) for path, text in files]
    monitors = [item.monitor for file in read for item in file.items if item.monitor is not None]
    seen = any(sees_silence(monitor) for monitor in monitors)
    found: list[Located] = []
    for file in read:
        inside = [*file.problems]
        for item in file.items:
            problems = _check(item, known_types, delivery, unknown_facets, silence_seen=seen)
            inside += [file.locate(problem, item) for problem in problems]
        found += sorted(inside, key=lambda located: located.line)
    return found


@dataclass(frozen=True, slots=True)
class _Item:
    """One object of a file, and the monitor that it is, if it is one without errors."""

    value: object
    where: str
    errors: tuple[Problem, ...] = ()
    monitor: Monitor | None = None


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    document: Document
    items: tuple[_Item, ...] = ()
    problems: tuple[Located, ...] = ()

    def locate(self, problem: Problem, item: _Item) -> Located:
        where = _join(item.where, problem.where)
        name = item.value.get("name") if isinstance(item.value, Mapping) else None
        subject = name if isinstance(name, str) else ""
        return Located(replace(problem, where=where), self.path, self.document.line(where), subject)


def _read(path: str, text: str) -> _File:
    guide = read_guide_monitors(text)
    empty = Document(None, {})
    if guide:
        return _File(path, empty, problems=tuple(_of_guide(monitor, path) for monitor in guide))
    if query := explain_guide_query(text.strip(), ""):
        return _File(path, empty, problems=(Located(query, path, 1),))
    try:
        document = read_document(text, path=path)
    except InvalidFileError as error:
        message = error.message.removeprefix(f"{path}:{error.line}: ").removeprefix(f"{path}: ")
        rule = "Datadog's API takes JSON; YAML of the same structure is read here too"
        problem = Problem("error", "unreadable", message, "", rule, error.hint or "correct it")
        return _File(path, empty, problems=(Located(problem, path, max(1, error.line)),))
    return _File(path, document, tuple(map(_item, objects_of(document))))


def _of_guide(monitor: GuideMonitor, path: str) -> Located:
    import json

    corrected = json.dumps(correct_guide_monitor(monitor), ensure_ascii=False)
    code = "guide-anomaly-query" if monitor.is_anomaly else "guide-monitor"
    why = (
        "; its query is a log search, and anomalies() takes metric queries only"
        if monitor.is_anomaly
        else ""
    )
    problem = Problem(
        "error",
        code,
        f"{monitor.name!r} is prose of Grantex's guide, not an object of Datadog's API{why}",
        "",
        "Datadog: api/v1/monitors, create a monitor",
        f"write {corrected}",
    )
    return Located(problem, path, monitor.line, monitor.name)


def _item(item: FileObject) -> _Item:
    value = item.value
    if not isinstance(value, Mapping) or not _is_monitor(value):
        return _Item(value, item.where)
    problems = tuple(validate_monitor(value))
    monitor = None
    # Advice is worth having beside an error, wherever the monitor can be read all the same.
    if all(p.severity != "error" or p.where.startswith("options.thresholds.") for p in problems):
        try:
            monitor = read_monitor(value)
        except QueryError:
            monitor = None  # of a kind that is not evaluated; told by validate_monitor
    return _Item(value, item.where, problems, monitor)


def _is_monitor(value: Mapping[str, object]) -> bool:
    return "query" in value or "options" in value


def _check(
    item: _Item,
    known_types: Collection[str],
    delivery: Delivery,
    unknown_facets: UnknownFacets | None,
    *,
    silence_seen: bool,
) -> Iterator[Problem]:
    value = item.value
    yield from item.errors
    if item.monitor is not None:
        seen = silence_seen and not sees_silence(item.monitor)
        yield from advise(
            item.monitor,
            known_types=known_types,
            delivery=delivery,
            silence_seen=seen,
            unknown_facets=unknown_facets,
        )
    elif isinstance(value, Mapping) and _is_monitor(value):
        return
    elif isinstance(value, Mapping) and "processors" in value:
        from grantex_tui.datadog.pipeline import check_pipeline

        yield from check_pipeline(value)
    elif isinstance(value, Mapping) and isinstance(value.get("data"), Mapping):
        yield from check_log_metric(value)
    elif isinstance(value, Mapping) and "widgets" in value:
        yield from dashboard_problems(value)
    else:
        yield Problem(
            "error",
            "unrecognised",
            f"this is no monitor, pipeline, log-based metric or dashboard: {_shape(value)}",
            "",
            "Datadog: a monitor has 'type' and 'query', a pipeline 'processors', a metric 'data', "
            "a dashboard 'widgets'",
            "give one API object a file, or a list of them",
        )


def _shape(value: object) -> str:
    if isinstance(value, Mapping):
        return "an object with " + (", ".join(map(str, list(value)[:6])) or "no keys")
    return "nothing" if value is None else f"a {type(value).__name__}"


def _join(outer: str, inner: str) -> str:
    return step(outer, inner) if inner else outer
