"""Incident files: what really happened, beside the recording that it happened in.

The format is what `grantex-sim generate` writes: ``{"version": 1, "start": …, "end": …,
"incidents": [{"label": …, "from": …, "to": …}]}``, instants in RFC 3339. JSON, or the same as YAML.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grantex_tui.clock import parse_rfc3339
from grantex_tui.datadog.document import read_document, step
from grantex_tui.errors import InvalidFileError
from grantex_tui.rehearsal.engine.model import Incident


if TYPE_CHECKING:
    from collections.abc import Iterable

    from grantex_tui.datadog.document import Document

_COMPRESSIONS = (".gz", ".zst")
_ENDINGS = (".ndjson", ".jsonl", ".json", ".log", ".txt")
_FORM = 'Write {"incidents": [{"label": "burst", "from": "2026-01-05T09:00:00Z", "to": …}]}.'


class _Entry(msgspec.Struct):
    label: str
    since: str = msgspec.field(name="from")
    until: str = msgspec.field(name="to")


class _File(msgspec.Struct):
    incidents: list[_Entry]
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentFile:
    """The incidents of a recording, and from when to when it goes if the file says so."""

    incidents: tuple[Incident, ...]
    start: float | None = None
    end: float | None = None


def incidents_beside(recording: str) -> str | None:
    """The incident file of a recording: ``x.incidents.json`` beside ``x.ndjson.gz``, if any."""
    path = Path(recording)
    name = path.name
    for endings in (_COMPRESSIONS, _ENDINGS):
        for ending in endings:
            name = name.removesuffix(ending) or name
    beside = path.with_name(f"{name}.incidents.json")
    return str(beside) if name and beside.is_file() else None


def read_incidents(path: str) -> IncidentFile:
    """An incident file's content.

    Raises:
        InvalidFileError: It can't be read, or is no such file.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidFileError(f"can't be read: {error}", path=path) from error
    document = read_document(text, path=path)
    value = document.value
    whole = {"incidents": value} if isinstance(value, list) else value
    try:
        file = msgspec.convert(whole, _File)
    except msgspec.ValidationError as error:
        raise InvalidFileError(f"no incident file: {error}", path=path, hint=_FORM) from None
    prefix = "" if isinstance(value, list) else "incidents"
    return IncidentFile(
        tuple(
            _incident(entry, document, step(prefix, number), path)
            for number, entry in enumerate(file.incidents)
        ),
        _instant(file.start, document, "start", path),
        _instant(file.end, document, "end", path),
    )


def covered(
    incidents: Iterable[Incident], start: float | None, end: float | None
) -> tuple[Incident, ...]:
    """Those of a recording's incidents that a part of it is about; the others nobody could notice.

    Args:
        incidents: of all of it.
        start: where the part begins; None: where the recording does.
        end: where it ends; None: where the recording does.
    """
    return tuple(
        each
        for each in incidents
        if (start is None or each.end >= start) and (end is None or each.start < end)
    )


def _incident(entry: _Entry, document: Document, where: str, path: str) -> Incident:
    since = _instant(entry.since, document, step(where, "from"), path)
    until = _instant(entry.until, document, step(where, "to"), path)
    assert since is not None
    assert until is not None
    if until < since:
        line = document.line(step(where, "to"))
        raise InvalidFileError(f"{entry.label!r} ends before it begins", path=path, line=line)
    return Incident(entry.label, since, until)


def _instant(text: str | None, document: Document, where: str, path: str) -> float | None:
    if text is None:
        return None
    try:
        return parse_rfc3339(text)
    except (ValueError, OverflowError):
        raise InvalidFileError(
            f"{text!r} is no instant",
            path=path,
            line=document.line(where),
            hint="Write it as 2026-01-05T09:00:00Z.",
        ) from None
