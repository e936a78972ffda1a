"""The kinds of processor: one module each in ``processors``; a new one is a module and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.processors import (
    arithmetic,
    attribute_remapper,
    category,
    date_remapper,
    grok_parser,
    lookup,
    nested_pipeline,
    not_evaluated,
    official_remappers,
    span_id_remapper,
    string_builder,
    url_parser,
)


if TYPE_CHECKING:
    from grantex_tui.datadog.pipeline.processor import Kind, ReadProcessors


def kinds(read_processors: ReadProcessors) -> tuple[Kind, ...]:
    """All kinds; *read_processors* reads the processors of those that hold others."""
    return (
        arithmetic.KIND,
        attribute_remapper.KIND,
        category.KIND,
        date_remapper.KIND,
        grok_parser.KIND,
        lookup.KIND,
        nested_pipeline.kind(read_processors),
        *not_evaluated.KINDS,
        *official_remappers.KINDS,
        span_id_remapper.KIND,
        string_builder.KIND,
        url_parser.KIND,
    )
