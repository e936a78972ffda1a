"""What Grantex's own Datadog guide says of pipelines, and what to write instead.

The guide (docs/guides/siem-datadog.mdx) asks for a "JSON Mapper" that maps ``event.type`` and
``event.data.*``. Datadog has no such processor (JSON is parsed before pipelines), and the
forwarder's message is the event itself, so the paths begin with ``type`` and ``data``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from grantex_tui.datadog.pipeline.reader import Reader


_ENVELOPE = ("id", "type", "createdAt", "data")
_ARROW = re.compile(r"\s*(\S+?)\s*(?:->|→|=>|=|:)\s*(\S+)\s*")
_MAPPINGS = ("mapping", "mappings", "fields", "map")


def is_json_mapper(processor: Mapping[str, object]) -> bool:
    """Whether it is the guide's processor, however its type is spelt."""
    kind = processor.get("type")
    return isinstance(kind, str) and re.sub(r"[\W_]", "", kind).lower().startswith("jsonmapper")


def real_path(path: str) -> str:
    """The path that the event's JSON has for one of the guide's, else an empty text."""
    prefix, _, rest = path.partition(".")
    inside = prefix == "event" and rest.partition(".")[0] in _ENVELOPE
    return rest if inside else ""


def explain_json_mapper(processor: Mapping[str, object], where: str) -> Problem:
    """The guide's processor as a problem; the fix has the remappers that do what it meant."""
    remappers = ", ".join(
        f"{real_path(source) or source} -> {target}" for source, target in _mapped(processor)
    )
    meant = remappers or "type -> grantex.event_type, data.grantId -> grantex.grant_id"
    return Problem(
        "error",
        "guide-json-mapper",
        f"Datadog has no processor type {processor.get('type')!r}, though Grantex's guide asks for it",
        where,
        "Datadog: logs/log_configuration/parsing: JSON logs are parsed before any pipeline",
        "use one attribute-remapper for each attribute, with preserve_source and is_enabled true: "
        + meant,
    )


def _mapped(processor: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key in _MAPPINGS:
        mapping = processor.get(key)
        if isinstance(mapping, Mapping):
            yield from ((str(source), str(target)) for source, target in mapping.items())
        elif isinstance(mapping, list):
            arrows = (_ARROW.fullmatch(row) for row in mapping if isinstance(row, str))
            yield from ((row[1], row[2]) for row in arrows if row)


def guide_prefix(path: str, where: str) -> Problem:
    """Advice about one path that follows the guide instead of the event's JSON."""
    return Problem(
        "advice",
        "guide-event-prefix",
        f"no Grantex log has {path!r}: the message is the event itself, without an 'event' around it",
        where,
        "Datadog: logs/log_configuration/parsing: the keys of the JSON message are the attributes",
        f"use {real_path(path)!r}",
    )


def guide_paths(reader: Reader) -> Iterator[Problem]:
    """Advice for each source path of a processor that follows the guide."""
    sources = reader.obj.get("sources")
    paths = (
        [(f"sources[{index}]", path) for index, path in enumerate(sources)]
        if isinstance(sources, list)
        else []
    )
    for key, path in [*paths, ("source", reader.obj.get("source"))]:
        if isinstance(path, str) and real_path(path):
            yield guide_prefix(path, reader.at(key))
