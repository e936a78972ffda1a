"""Objects as Datadog's API takes them, from the pack or from people's own files.

What Grantex's guide gets wrong is corrected, and said: its mapper paths begin with ``event.``,
while a log holds the event itself, and its monitors are prose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from grantex_tui.datadog.dashboard.check import dashboard_problems
from grantex_tui.datadog.document import read_document
from grantex_tui.datadog.log_metric import check_log_metric
from grantex_tui.datadog.monitor.guide import correct_guide_monitor, read_guide_monitors
from grantex_tui.datadog.monitor.load import objects_of
from grantex_tui.datadog.monitor.validate import validate_monitor
from grantex_tui.datadog.pipeline import check_pipeline
from grantex_tui.errors import InvalidFileError
from grantex_tui.words.display import printable


KINDS: Final = ("metric", "pipeline", "monitors", "dashboard")
"""In the order in which they are posted: an anomaly monitor asks for its metric."""
_READ_ONLY: Final = frozenset(
    {
        "author_handle", "author_name", "created", "created_at", "creator", "deleted", "id",
        "is_read_only", "matching_downtimes", "modified", "modified_at", "multi", "org_id",
        "overall_state", "overall_state_modified", "state", "url",
    }
)  # fmt: skip
"""Keys of a reply that a request does not set."""
_GUIDE_PATH: Final = re.compile(r"\Aevent\.(?=(?:id|type|createdAt|data)(?:\.|$))")
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Deployable:
    """One object to be posted."""

    kind: str
    """One of `KINDS`."""
    name: str
    """For its file: small letters, digits and hyphens."""
    value: dict[str, object]
    corrected: tuple[str, ...] = field(default=())
    """What is not as it was written, and why; a sentence each."""


def read_deployables(text: str, *, path: str) -> list[Deployable]:
    """The objects of a file: API objects as JSON or YAML, or the monitors of the guide's prose.

    Args:
        text: What the file holds.
        path: Where it comes from, for errors and names.

    Raises:
        InvalidFileError: It can't be read, an object is none of `KINDS`, or Datadog would refuse
            it.
    """
    if guide := read_guide_monitors(text):
        said = "prose of the guide, written as the API takes it"
        monitors = ((each, correct_guide_monitor(each)) for each in guide)
        return [
            Deployable("monitors", _slug(each.name), value, (f"{each.name}: {said}",))
            for each, value in monitors
        ]
    document = read_document(text, path=path)
    found = []
    for item in objects_of(document):
        line = document.line(item.where)
        found.append(_deployable(item.value, path, line))
    return found


def notifying(deployable: Deployable, handles: list[str]) -> Deployable:
    """*deployable*, a monitor of which tells *handles*, too, whatever becomes of it."""
    message = deployable.value.get("message", "")
    if deployable.kind != "monitors" or not isinstance(message, str):
        return deployable
    words = message.split()
    missing = [handle for handle in handles if handle not in words]
    if not missing:
        return deployable
    value = deployable.value | {"message": "\n".join((message.rstrip(), " ".join(missing))).strip()}
    return Deployable(deployable.kind, deployable.name, value, deployable.corrected)


def _deployable(value: object, path: str, line: int) -> Deployable:
    kind = _kind(value)
    if kind is None or not isinstance(value, Mapping):
        raise InvalidFileError(
            "no monitor, pipeline, log-based metric or dashboard",
            hint="Give objects of Datadog's API, as JSON or as YAML of the same structure.",
            path=path,
            line=line,
        )
    sent = {key: each for key, each in value.items() if key not in _READ_ONLY}
    corrected: list[str] = []
    if kind == "pipeline":
        sent = _with_real_paths(sent, corrected)
    _refuse_errors(kind, sent, path, line)
    return Deployable(kind, _slug(_name(kind, sent)), sent, tuple(corrected))


def _kind(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return None
    data = value.get("data")
    if isinstance(data, Mapping) and data.get("type") == "logs_metrics":
        return "metric"
    signs = {"processors": "pipeline", "widgets": "dashboard", "query": "monitors"}
    return next((kind for key, kind in signs.items() if key in value), None)


def _refuse_errors(kind: str, sent: Fields, path: str, line: int) -> None:
    checks = {
        "monitors": validate_monitor,
        "pipeline": check_pipeline,
        "metric": check_log_metric,
        "dashboard": dashboard_problems,
    }
    error = next((each for each in checks[kind](sent) if each.severity == "error"), None)
    if error is not None:
        where = f"{printable(error.where)}: " if error.where else ""
        what = f"{where}{printable(error.message, limit=400)}"
        raise InvalidFileError(what, hint=error.fix, path=path, line=line)


def _with_real_paths(pipeline: Fields, corrected: list[str]) -> dict[str, object]:
    """*pipeline* and those inside it, with sources as they stand in a log."""
    processors = pipeline.get("processors")
    if not isinstance(processors, list):
        return dict(pipeline)
    return {**pipeline, "processors": [_processor(each, corrected) for each in processors]}


def _processor(processor: object, corrected: list[str]) -> object:
    if not isinstance(processor, Mapping):
        return processor
    if processor.get("type") == "pipeline":
        return _with_real_paths(processor, corrected)
    sources = processor.get("sources")
    if not isinstance(sources, list):
        return processor
    real = [_GUIDE_PATH.sub("", each, 1) if isinstance(each, str) else each for each in sources]
    corrected += _said(sources, real)
    return {**processor, "sources": real}


def _said(sources: list[object], real: list[object]) -> Iterator[str]:
    for before, after in zip(sources, real, strict=True):
        if before != after:
            yield f"source {before} is {after}: a log's message is the event itself"


def _name(kind: str, value: Fields) -> str:
    if kind == "metric":
        data = value["data"]
        return str(data.get("id", "")) if isinstance(data, Mapping) else ""
    return str(value.get("name") or value.get("title") or kind)


def _slug(name: str) -> str:
    return _NOT_IN_NAMES.sub("-", name.lower()).strip("-")[:80] or "unnamed"


def pack_deployables() -> list[Deployable]:
    """What comes with the package, in the order in which it is posted."""
    from grantex_tui import pack

    monitors = (
        Deployable("monitors", name, json.loads(text)) for name, text in pack.monitor_texts()
    )
    return [
        Deployable("metric", "metric", json.loads(pack.metric_text())),
        Deployable("pipeline", "pipeline", json.loads(pack.pipeline_text())),
        *monitors,
        Deployable("dashboard", "dashboard", json.loads(pack.dashboard_text())),
    ]
