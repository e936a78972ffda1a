"""The attribute remapper: one attribute or tag becomes another.

Datadog: logs/log_configuration/processors/remapper. Where its page is silent: of several sources the
first that is present counts, and only that one is moved; a target that exists and may not be
overridden leaves the source where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.attributes import put, read, remove
from grantex_tui.datadog.pipeline.run import Run, Step, assign
from grantex_tui.datadog.pipeline.values import as_text, cast
from grantex_tui.datadog.tags import normalise_tag


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.pipeline.model import AttributeRemapper


def remap_step(processor: AttributeRemapper) -> Step:
    """The step of one remapper."""
    from_tag = processor.source_type == "tag"
    to_tag = processor.target_type == "tag"

    def step(log: Log, _run: Run) -> None:
        for source in processor.sources:
            value = tag_values(log.tags, source) if from_tag else read(log.attributes, source)
            if value is None or value == []:
                continue
            done = (
                _to_tag(log, processor, value) if to_tag else _to_attribute(log, processor, value)
            )
            if done and not processor.preserve_source and not _is_itself(processor, source):
                _drop(log, source, from_tag=from_tag)
            return

    return step


def _is_itself(processor: AttributeRemapper, source: str) -> bool:
    return source == processor.target and processor.source_type == processor.target_type


def _to_attribute(log: Log, processor: AttributeRemapper, value: object) -> bool:
    if isinstance(value, list) and processor.source_type == "tag" and len(value) == 1:
        value = value[0]
    if not processor.override_on_conflict and read(log.attributes, processor.target) is not None:
        return False
    changed = put(log.attributes, processor.target, cast(value, processor.target_format))
    if changed is log.attributes:
        return False
    assign(log, "attributes", changed)
    return True


def _to_tag(log: Log, processor: AttributeRemapper, value: object) -> bool:
    texts = [as_text(item) for item in (value if isinstance(value, list) else [value])]
    tags = (normalise_tag(f"{processor.target}:{text}") for text in texts if text is not None)
    found = [tag for tag in tags if tag]
    if not found:
        return False
    kept = log.tags
    if tag_values(kept, processor.target):
        if not processor.override_on_conflict:
            return False
        kept = _without(kept, processor.target)
    assign(log, "tags", tuple(dict.fromkeys((*kept, *found))))
    return True


def _drop(log: Log, source: str, *, from_tag: bool) -> None:
    if from_tag:
        assign(log, "tags", _without(log.tags, source))
    else:
        assign(log, "attributes", remove(log.attributes, source))


def tag_values(tags: Sequence[str], key: str) -> list[str]:
    """The values of every ``key:value`` tag of this key."""
    start = key.lower() + ":"
    return [tag[len(start) :] for tag in tags if tag.startswith(start)]


def _without(tags: tuple[str, ...], key: str) -> tuple[str, ...]:
    start = key.lower() + ":"
    return tuple(tag for tag in tags if not tag.startswith(start))
