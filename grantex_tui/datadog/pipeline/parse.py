"""Pipelines from API JSON: one, a list of them, or an API reply.

Strict, since a key that Datadog ignores or refuses is a pipeline that silently does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, cast

from grantex_tui.datadog.pipeline.arithmetic import FormulaError, parse_expression
from grantex_tui.datadog.pipeline.errors import PipelineError
from grantex_tui.datadog.pipeline.grok import GrokError, parse_grok
from grantex_tui.datadog.pipeline.guide import explain_json_mapper, is_json_mapper
from grantex_tui.datadog.pipeline.model import (
    ArithmeticProcessor,
    AttributeRemapper,
    Category,
    CategoryProcessor,
    DateRemapper,
    Filter,
    GrokParser,
    Kind,
    LookupProcessor,
    NestedPipeline,
    Official,
    OfficialRemapper,
    Pipeline,
    Processor,
    StringBuilder,
    Unmodelled,
    UrlParser,
)
from grantex_tui.datadog.pipeline.reader import PROCESSORS, Reader, nearest
from grantex_tui.datadog.search import SearchError, compile_query


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_UNMODELLED = (
    "array-map-processor",
    "array-processor",
    "decoder-processor",
    "exclude-attribute",
    "geo-ip-parser",
    "schema-processor",
    "span-id-remapper",
    "user-agent-parser",
)
REFERENCE_TABLE = "lookup-processor with a reference table"


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


def read_filter(reader: Reader) -> Filter:
    """The compiled ``filter.query``; without a filter, or an empty one, all logs match.

    Raises:
        PipelineError: It is no search.
    """
    inner = Reader(reader.obj.get("filter") or {}, reader.at("filter"), f"{reader.what}: filter")
    text = inner.text("query", "")
    try:
        return Filter(text, compile_query(text))
    except SearchError as error:
        inner.refuse(
            "invalid-query",
            "query",
            f"{reader.what}: {error}",
            rule="Datadog: logs/explorer/search_syntax",
        )


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
    parse = _PARSERS.get(kind)
    if parse is None:
        _refuse_type(reader, kind)
    if kind == "pipeline" and nested:
        message = f"{reader.what}: a nested pipeline can only contain processors"
        rule = "Datadog: logs/log_configuration/pipelines, Nested pipelines"
        reader.refuse("nested-too-deeply", "type", message, rule=rule)
    return parse(reader)


def _refuse_type(reader: Reader, kind: str) -> NoReturn:
    reader.refuse(
        "unknown-processor",
        "type",
        f"{reader.what}: no processor type {kind!r}; Datadog has {', '.join(sorted(_PARSERS))}",
        rule=PROCESSORS,
        fix=nearest(kind, _PARSERS) or "use one of the types listed",
    )


def _common(reader: Reader) -> tuple[str, bool]:
    return reader.text("name", ""), reader.flag("is_enabled")


def _attribute_remapper(reader: Reader) -> AttributeRemapper:
    return AttributeRemapper(
        *_common(reader),
        sources=reader.texts("sources"),
        target=reader.text("target"),
        source_type=cast("Kind", reader.one_of("source_type", ("attribute", "tag"))),
        target_type=cast("Kind", reader.one_of("target_type", ("attribute", "tag"))),
        target_format=reader.one_of("target_format", ("auto", "string", "integer", "double")),  # type: ignore[arg-type]  # one of the literals
        preserve_source=reader.flag("preserve_source"),
        override_on_conflict=reader.flag("override_on_conflict"),
    )


def _official(
    official: Official, default: tuple[str, ...] | None
) -> Callable[[Reader], OfficialRemapper]:
    return lambda reader: OfficialRemapper(
        *_common(reader), official=official, sources=reader.texts("sources", default)
    )


def _date_remapper(reader: Reader) -> DateRemapper:
    return DateRemapper(*_common(reader), sources=reader.texts("sources"))


def _category_processor(reader: Reader) -> CategoryProcessor:
    categories: list[Category] = []
    for index, item in enumerate(reader.objects("categories", required=True)):
        where = f"{reader.at('categories')}[{index}]"
        row = Reader(item, where, f"{reader.what}, category {index}")
        categories.append(Category(row.text("name"), read_filter(row)))
    return CategoryProcessor(
        *_common(reader), target=reader.text("target"), categories=tuple(categories)
    )


def _string_builder(reader: Reader) -> StringBuilder:
    return StringBuilder(
        *_common(reader),
        template=reader.text("template"),
        target=reader.text("target"),
        is_replace_missing=reader.flag("is_replace_missing"),
    )


def _arithmetic(reader: Reader) -> ArithmeticProcessor:
    text = reader.text("expression")
    try:
        expression = parse_expression(text)
    except FormulaError as error:
        reader.refuse(
            "invalid-expression",
            "expression",
            f"{reader.what}: {error} of {text!r}",
            rule=PROCESSORS,
        )
    return ArithmeticProcessor(
        *_common(reader),
        expression=expression,
        target=reader.text("target"),
        is_replace_missing=reader.flag("is_replace_missing"),
    )


def _lookup(reader: Reader) -> LookupProcessor | Unmodelled:
    source, target = reader.text("source"), reader.text("target")
    if "lookup_enrichment_table" in reader.obj and "lookup_table" not in reader.obj:
        return Unmodelled(*_common(reader), type=REFERENCE_TABLE)
    table: dict[str, str] = {}
    for index, row in enumerate(reader.texts("lookup_table")):
        key, comma, value = row.partition(",")
        if not comma:
            message = f"{reader.what}: row {row!r} is not 'key,value'"
            reader.refuse("invalid-lookup-row", f"lookup_table[{index}]", message, rule=PROCESSORS)
        table.setdefault(key.strip(), value.strip())
    default = reader.text("default_lookup", "") or None
    return LookupProcessor(
        *_common(reader), source=source, target=target, table=table, default=default
    )


def _url_parser(reader: Reader) -> UrlParser:
    return UrlParser(
        *_common(reader),
        sources=reader.texts("sources", ("http.url",)),
        target=reader.text("target", "http.url_details"),
        normalize_ending_slashes=reader.flag("normalize_ending_slashes"),
    )


def _grok_parser(reader: Reader) -> GrokParser:
    rules = Reader(reader.obj.get("grok"), reader.at("grok"), f"{reader.what}: grok")
    try:
        compiled = parse_grok(rules.text("match_rules"), rules.text("support_rules", ""))
    except GrokError as error:
        rule = "Datadog: logs/log_configuration/parsing"
        rules.refuse("invalid-grok", "match_rules", f"{reader.what}: {error}", rule=rule)
    return GrokParser(
        *_common(reader),
        source=reader.text("source", "message"),
        rules=compiled,
        samples=reader.texts("samples", ()),
    )


def _nested_pipeline(reader: Reader) -> NestedPipeline:
    reader.text("description", "")
    reader.texts("tags", ())
    return NestedPipeline(
        *_common(reader), filter=read_filter(reader), processors=_processors(reader, nested=True)
    )


_PARSERS: Mapping[str, Callable[[Reader], Processor]] = {
    "arithmetic-processor": _arithmetic,
    "attribute-remapper": _attribute_remapper,
    "category-processor": _category_processor,
    "date-remapper": _date_remapper,
    "grok-parser": _grok_parser,
    "lookup-processor": _lookup,
    "message-remapper": _official("message", ("msg",)),
    "pipeline": _nested_pipeline,
    "service-remapper": _official("service", None),
    "status-remapper": _official("status", None),
    "string-builder-processor": _string_builder,
    "trace-id-remapper": _official("trace_id", ("dd.trace_id",)),
    "url-parser": _url_parser,
    **{
        kind: lambda reader: Unmodelled(*_common(reader), reader.text("type"))
        for kind in _UNMODELLED
    },
}
