"""Monitors, pipelines and log-based metrics from the user's files, or the bundled ones.

`watch` and a rehearsal read the same files by this, so both evaluate the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.datadog.document import read_document
from grantex_tui.datadog.monitor.load import Other, load_file
from grantex_tui.datadog.pipeline import parse_pipelines
from grantex_tui.errors import InvalidFileError
from grantex_tui.monitoring.count.event_logs import bundled_pipelines
from grantex_tui.monitoring.count.metrics import LogMetric, read_log_metric
from grantex_tui.monitoring.count.unevaluated import unevaluated, unevaluated_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.pipeline import Pipeline


class Definitions(NamedTuple):
    """What files define."""

    monitors: list[Monitor]
    metrics: list[LogMetric]
    others: list[Other]
    """Monitors that are not evaluated here."""


def read_monitors(files: Sequence[str] = ()) -> Definitions:
    """The monitors of *files* (none: the bundled ones), and the log-based metrics to go with them.

    A file that defines a metric, the JSON of ``/api/v2/logs/config/metrics``, may stand among
    them; the bundled metric is always known.

    Raises:
        InvalidFileError: One can't be read, or Datadog would refuse it; or there are monitors, and
            none of them is evaluated here.
    """
    found = read_definitions(files)
    if found.others and not found.monitors:
        raise found.others[0].error
    return found


def read_definitions(files: Sequence[str]) -> Definitions:
    """The same, though nothing of it be evaluated here.

    Raises:
        InvalidFileError: One can't be read, or Datadog would refuse it.
    """
    found = Definitions([], bundled_metrics(), [])
    for name, text in _monitor_texts(files):
        _read(name, text, found)
    return found


def read_pipelines(files: Sequence[str] = ()) -> list[Pipeline]:
    """The pipelines of *files*, in order; without files the bundled one.

    Raises:
        InvalidFileError: One can't be read, or Datadog would refuse it.
    """
    if not files:
        return bundled_pipelines()
    return [
        pipeline
        for name in files
        for pipeline in parse_pipelines(read_document(_text(name), path=name).value, path=name)
    ]


def bundled_metrics() -> list[LogMetric]:
    """The log-based metric that the bundled anomaly monitor is about."""
    from grantex_tui.pack import metric_text

    return [read_log_metric(json.loads(metric_text()))]


def approximations(
    monitors: Sequence[Monitor],
    pipelines: Sequence[Pipeline],
    metrics: Sequence[LogMetric] = (),
) -> list[str]:
    """What a local evaluation of these can only approximate, or not do, one sentence each."""
    notes = [note for pipeline in pipelines for note in pipeline.approximations]
    notes += [
        unevaluated_text(monitors[position], why)
        for position, why in unevaluated(monitors, pipelines, metrics).items()
    ]
    names = [monitor.name for monitor in monitors if monitor.query.band]
    if names:
        notes.append(
            f"anomaly detection is our approximation of an unpublished algorithm: {', '.join(names)}"
        )
    names = [
        monitor.name
        for monitor in monitors
        if not all(logs.every_index for logs in monitor.query.log_queries.values())
    ]
    if names:
        notes.append(
            "every log counts, of whichever index; in Datadog only those of the index that the "
            f"query names: {', '.join(names)}"
        )
    return notes


def _monitor_texts(files: Sequence[str]) -> list[tuple[str, str]]:
    from grantex_tui.pack import monitor_texts

    if not files:
        return [(f"pack/monitors/{name}.json", text) for name, text in monitor_texts()]
    return [(name, _text(name)) for name in files]


def _read(name: str, text: str, found: Definitions) -> None:
    """Add the monitors of a file, or the log-based metric that it defines."""
    value = read_document(text, path=name).value
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        found.metrics.append(read_log_metric(value))
        return
    loaded = load_file(text, path=name)
    found.monitors.extend(loaded.monitors)
    found.others.extend(loaded.others)


def _text(name: str) -> str:
    try:
        return Path(name).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidFileError(
            f"can't be read: {error}", path=name, hint="Check the path, and that it is UTF-8."
        ) from error
