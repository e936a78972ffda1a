"""``attribute-remapper``: one attribute or tag becomes another.

Datadog: logs/log_configuration/processors/remapper. Where its page is silent, as recorded: the sources
are taken one after another, so the first that is present sets a target that may not be overridden;
each source that is present goes unless it is preserved, even where a value stood at the target; a
target that is its own source is cast where it stands.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from grantex_tui.datadog.pipeline.attributes import Attributes, put, read, remove
from grantex_tui.datadog.pipeline.processor import Effects, Kind, common
from grantex_tui.datadog.pipeline.reader import PROCESSORS
from grantex_tui.datadog.pipeline.run import Run, Step, assign
from grantex_tui.datadog.pipeline.values import Format, as_text, cast
from grantex_tui.datadog.tags import normalise_tag


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.reader import Reader
    from grantex_tui.datadog.problem import Problem


Place = Literal["attribute", "tag"]
_RESERVED = ("host", "message", "service", "status", "date", "trace_id", "span_id")


@dataclass(frozen=True, slots=True)
class AttributeRemapper:
    """Its sources in order; see above for what becomes of the second."""

    name: str
    is_enabled: bool
    sources: tuple[str, ...]
    target: str
    source_type: Place = "attribute"
    target_type: Place = "attribute"
    target_format: Format = "auto"
    preserve_source: bool = False
    override_on_conflict: bool = False

    def effects(self) -> Effects:
        """It sets its target, and removes its sources unless they are preserved."""
        from_tags = self.source_type == "tag"
        set_here = {self.target} if self.target_type == "attribute" else set()
        moved = not from_tags and not self.preserve_source
        touches_tags = self.target_type == "tag" or (from_tags and not self.preserve_source)
        return Effects(
            ("tags",) if from_tags else self.sources,
            frozenset(set_here.union(self.sources) if moved else set_here),
            frozenset({"tags"} if touches_tags else ()),
        )

    def step(self) -> Step:
        """Moves or copies the first source that is there."""
        return _step(self)

    def advice(self, reader: Reader) -> Iterator[Problem]:
        """Targets that can't be, and reserved attributes, which have remappers of their own."""
        if {":", ","} & set(self.target):
            message = f"target {self.target!r} holds ':' or ','"
            rule = f"{PROCESSORS}/remapper: ':' and ',' are not allowed in the target"
            yield reader.problem(
                "invalid-target", "target", message, rule=rule, fix="use '.' or '_'"
            )
        if self.target_type == "tag" and self.target_format != "auto":
            message = "target_format has no effect on a tag"
            yield reader.advice(
                "target-format-of-tag", "target_format", message, fix="remove target_format"
            )
        if self.source_type == "attribute":
            for index, path in enumerate(self.sources):
                yield from _reserved(reader, f"sources[{index}]", path)
        if self.target_type == "attribute":
            yield from _reserved(reader, "target", self.target)


def _reserved(reader: Reader, key: str, path: str) -> Iterator[Problem]:
    if path in _RESERVED:
        yield reader.advice(
            "reserved-attribute",
            key,
            f"{path!r} is a reserved attribute: an attribute of this name is there only where a "
            "processor has set it",
            rule=f"{PROCESSORS}/remapper, Reserved attributes",
            fix=_dedicated(path),
        )


def _dedicated(path: str) -> str:
    if path == "host":
        return "set it where the log is sent"
    return f"use the {path.replace('_', '-')}-remapper"


def _step(processor: AttributeRemapper) -> Step:
    from_tag = processor.source_type == "tag"
    move = _to_tag if processor.target_type == "tag" else _to_attribute

    def step(log: Log, _run: Run) -> None:
        for source in processor.sources:
            value = tag_values(log.tags, source) if from_tag else read(log.attributes, source)
            if value is not None and value != []:
                move(log, processor, source, value)

    return step


def _to_attribute(log: Log, processor: AttributeRemapper, source: str, value: object) -> None:
    """Set the target unless a value stands there; the source goes either way, as recorded."""
    if processor.source_type == "tag":
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
    elif source == processor.target:
        _set(log, processor, log.attributes, value)
        return
    kept = log.attributes
    if not processor.preserve_source and processor.source_type == "attribute":
        kept = remove(kept, source)
    if not processor.override_on_conflict and read(kept, processor.target) is not None:
        assign(log, "attributes", kept)
    elif not _set(log, processor, kept, value):
        return
    if not processor.preserve_source and processor.source_type == "tag":
        assign(log, "tags", _without(log.tags, source))


def _set(log: Log, processor: AttributeRemapper, attributes: Attributes, value: object) -> bool:
    """Whether there was room: a scalar on the target's way leaves the log as it is."""
    changed = put(attributes, processor.target, cast(value, processor.target_format))
    if changed is attributes:
        return False
    assign(log, "attributes", changed)
    return True


def _to_tag(log: Log, processor: AttributeRemapper, source: str, value: object) -> None:
    texts = [as_text(item) for item in (value if isinstance(value, list) else [value])]
    tags = (normalise_tag(f"{processor.target}:{text}") for text in texts if text is not None)
    found = [tag for tag in tags if tag]
    if not found:
        return
    from_tag = processor.source_type == "tag"
    kept = log.tags
    if from_tag and not processor.preserve_source:
        kept = _without(kept, source)
    if not tag_values(kept, processor.target):
        kept = (*kept, *found)
    elif processor.override_on_conflict:
        kept = (*_without(kept, processor.target), *found)
    assign(log, "tags", tuple(dict.fromkeys(kept)))
    if not from_tag and not processor.preserve_source:
        assign(log, "attributes", remove(log.attributes, source))


def tag_values(tags: Sequence[str], key: str) -> list[str]:
    """The values of every ``key:value`` tag of this key."""
    start = key.lower() + ":"
    return [tag[len(start) :] for tag in tags if tag.startswith(start)]


def _without(tags: tuple[str, ...], key: str) -> tuple[str, ...]:
    start = key.lower() + ":"
    return tuple(tag for tag in tags if not tag.startswith(start))


def _read(reader: Reader) -> AttributeRemapper:
    places = typing.get_args(Place)
    return AttributeRemapper(
        *common(reader),
        sources=reader.texts("sources"),
        target=reader.text("target"),
        source_type=typing.cast("Place", reader.one_of("source_type", places)),
        target_type=typing.cast("Place", reader.one_of("target_type", places)),
        target_format=typing.cast(
            "Format", reader.one_of("target_format", typing.get_args(Format))
        ),
        preserve_source=reader.flag("preserve_source"),
        override_on_conflict=reader.flag("override_on_conflict"),
    )


KIND = Kind(
    "attribute-remapper",
    (
        "override_on_conflict", "preserve_source", "source_type", "sources", "target",
        "target_format", "target_type",
    ),
    _read,
    "moves or copies one attribute or tag to another",
)  # fmt: skip
