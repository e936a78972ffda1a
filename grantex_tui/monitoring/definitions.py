"""Monitors, pipelines and log-based metrics from the user's files, or the bundled ones.

`watch` and a rehearsal read the same files by this, so both evaluate the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from grantex_tui.datadog.document import read_document
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.pipeline import parse_pipelines
from grantex_tui.errors import InvalidFileError
from grantex_tui.monitoring.count.event_logs import bundled_pipelines
from grantex_tui.monitoring.count.metrics import LogMetric, read_log_metric
from grantex_tui.monitoring.count.unevaluated import unevaluated, unevaluated_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.pipeline import Pipeline


def read_monitors(files: Sequence[str] = ()) -> tuple[list[Monitor], list[LogMetric]]:
    """The monitors of *files* (none: the bundled ones), and the log-based metrics to go with them.

    A file that defines a metric, the JSON of ``/api/v2/logs/config/metrics``, may stand among
    them; the bundled metric is always known.

    Raises:
        InvalidFileError: One can't be read, or Datadog would refuse it.
    """
    monitors: list[Monitor] = []
    metrics = bundled_metrics()
    for name, text in _monitor_texts(files):
        found, named = _read(name, text)
        monitors += found
        metrics += named
    return monitors, metrics


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
    return notes


def _monitor_texts(files: Sequence[str]) -> list[tuple[str, str]]:
    from grantex_tui.pack import monitor_texts

    if not files:
        return [(f"pack/monitors/{name}.json", text) for name, text in monitor_texts()]
    return [(name, _text(name)) for name in files]


def _read(name: str, text: str) -> tuple[list[Monitor], list[LogMetric]]:
    """The monitors of a file, or the log-based metric that it defines."""
    value = read_document(text, path=name).value
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        return [], [read_log_metric(value)]
    return load_monitors(text, path=name), []


def _text(name: str) -> str:
    try:
        return Path(name).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidFileError(
            f"can't be read: {error}", path=name, hint="Check the path, and that it is UTF-8."
        ) from error
