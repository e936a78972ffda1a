"""The kinds of processor: one module each in ``processors``; a new one is a module and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.processors import (
    arithmetic,
    array,
    array_map,
    attribute_remapper,
    category,
    date_remapper,
    decoder,
    exclude_attribute,
    geo_ip,
    grok_parser,
    lookup,
    nested_pipeline,
    official_remappers,
    schema,
    span_id_remapper,
    string_builder,
    url_parser,
    user_agent,
)


if TYPE_CHECKING:
    from grantex_tui.datadog.pipeline.processor import Kind, ReadProcessors


def kinds(read_processors: ReadProcessors) -> tuple[Kind, ...]:
    """All kinds; *read_processors* reads the processors of those that hold others."""
    return (
        arithmetic.KIND,
        array.KIND,
        array_map.kind(read_processors),
        attribute_remapper.KIND,
        category.KIND,
        date_remapper.KIND,
        decoder.KIND,
        exclude_attribute.KIND,
        geo_ip.KIND,
        grok_parser.KIND,
        lookup.KIND,
        nested_pipeline.kind(read_processors),
        *official_remappers.KINDS,
        schema.KIND,
        span_id_remapper.KIND,
        string_builder.KIND,
        url_parser.KIND,
        user_agent.KIND,
    )
