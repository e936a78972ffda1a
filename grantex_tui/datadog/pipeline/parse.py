"""Pipelines from API JSON: one, a list of them, or an API reply.

Strict, since a key that Datadog ignores or refuses is a pipeline that silently does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from grantex_tui.datadog.pipeline.errors import PipelineError
from grantex_tui.datadog.pipeline.filters import read_filter
from grantex_tui.datadog.pipeline.guide import explain_json_mapper, is_json_mapper
from grantex_tui.datadog.pipeline.kinds import kinds
from grantex_tui.datadog.pipeline.model import Pipeline
from grantex_tui.datadog.pipeline.processors.nested_pipeline import TYPE as NESTED
from grantex_tui.datadog.pipeline.reader import PROCESSORS, Reader, nearest


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from grantex_tui.datadog.pipeline.processor import Kind, Processor


def parse_pipeline(obj: Mapping[str, object], *, path: str = "") -> Pipeline:
    """One pipeline from its API object; ``source`` is *obj*, *path* its file, for messages.

    Raises:
        PipelineError: Datadog would refuse it, naming the processor and the key.
    """
    try:
        return _pipeline(obj, "")
    except PipelineError as error:
        raise PipelineError(error.problem, path=path) from None


def parse_pipelines(obj: object, *, path: str = "") -> list[Pipeline]:
    """The pipelines of a file: one object, or the list that ``GET …/pipelines`` replies.

    Raises:
        PipelineError: One of them is invalid; ``where`` begins with its index in a list.
    """
    try:
        if isinstance(obj, list):
            return [_pipeline(item, f"[{index}]") for index, item in enumerate(obj)]
        return [_pipeline(obj, "")]
    except PipelineError as error:
        raise PipelineError(error.problem, path=path) from None


def _pipeline(obj: object, where: str) -> Pipeline:
    reader = Reader(obj, where, "the pipeline")
    name = reader.text("name")
    reader.what = f"pipeline {name!r}"
    for read in DETAILS:
        read(reader)
    return Pipeline(
        name=name,
        is_enabled=reader.flag("is_enabled"),
        filter=read_filter(reader),
        processors=_processors(reader),
        source=reader.obj,
    )


DETAILS: tuple[Callable[[Reader], object], ...] = (
    lambda reader: reader.text("description", ""),
    lambda reader: reader.text("id", ""),
    lambda reader: reader.text("type", ""),
    lambda reader: reader.texts("tags", ()),
    lambda reader: reader.flag("is_enabled"),
)
"""What a pipeline holds besides its name, filter and processors, each read for its type alone."""


def _processors(reader: Reader, *, nested: bool = False) -> tuple[Processor, ...]:
    items = reader.objects("processors")
    return tuple(
        parse_processor(item, f"{reader.at('processors')}[{index}]", nested=nested)
        for index, item in enumerate(items)
    )


def parse_processor(obj: object, where: str, *, nested: bool = False) -> Processor:
    """One processor; *nested* = inside a nested pipeline, which holds no pipelines.

    Raises:
        PipelineError: Datadog would refuse it.
    """
    what = f"processor {where.rpartition('[')[2].rstrip(']')}"
    reader = Reader(obj, where, what)
    if reader.obj.get("name"):
        reader.what = f"{what} ({reader.text('name')!r})"
    if is_json_mapper(reader.obj):
        raise PipelineError(explain_json_mapper(reader.obj, reader.at("type")))
    kind = reader.text("type")
    known = KINDS.get(kind)
    if known is None:
        _refuse_type(reader, kind)
    if kind == NESTED and nested:
        message = f"{reader.what}: a nested pipeline can only contain processors"
        rule = "Datadog: logs/log_configuration/pipelines, Nested pipelines"
        reader.refuse("nested-too-deeply", "type", message, rule=rule)
    return known.read(reader)


def _refuse_type(reader: Reader, kind: str) -> NoReturn:
    reader.refuse(
        "unknown-processor",
        "type",
        f"{reader.what}: no processor type {kind!r}; Datadog has {', '.join(sorted(KINDS))}",
        rule=PROCESSORS,
        fix=nearest(kind, KINDS) or "use one of the types listed",
    )


def _within(reader: Reader) -> tuple[Processor, ...]:
    return _processors(reader, nested=True)


KINDS: Mapping[str, Kind] = {kind.type: kind for kind in kinds(_within)}
"""Every type of processor that Datadog has."""
