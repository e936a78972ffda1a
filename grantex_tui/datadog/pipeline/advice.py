"""What to say of one processor or filter that Datadog would take, or refuse for its content."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.guide import real_path
from grantex_tui.datadog.pipeline.model import (
    AttributeRemapper,
    CategoryProcessor,
    GrokParser,
    LookupProcessor,
    Processor,
    Unmodelled,
)
from grantex_tui.datadog.pipeline.reader import API, PROCESSORS, Reader, nearest
from grantex_tui.datadog.problem import Problem
from grantex_tui.datadog.search import SearchError, check_scope, parse


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.datadog.search import Node


_SEARCH = "Datadog: logs/explorer/search_syntax"
_PARSING = "Datadog: logs/log_configuration/parsing"
_COMMON = ("is_enabled", "name", "type")
PIPELINE_KEYS = (
    "description", "filter", "id", "is_enabled", "is_read_only", "name", "processors", "tags",
    "type",
)  # fmt: skip
PROCESSOR_KEYS: dict[str, tuple[str, ...]] = {
    "arithmetic-processor": (*_COMMON, "expression", "is_replace_missing", "target"),
    "array-map-processor": (*_COMMON, "preserve_source", "processors", "source", "target"),
    "array-processor": (*_COMMON, "operation"),
    "attribute-remapper": (
        *_COMMON, "override_on_conflict", "preserve_source", "source_type", "sources", "target",
        "target_format", "target_type",
    ),
    "category-processor": (*_COMMON, "categories", "target"),
    "date-remapper": (*_COMMON, "sources"),
    "decoder-processor": (
        *_COMMON, "binary_to_text_encoding", "input_representation", "source", "target",
    ),
    "exclude-attribute": (*_COMMON, "attribute_to_exclude"),
    "geo-ip-parser": (*_COMMON, "sources", "target"),
    "grok-parser": (*_COMMON, "grok", "samples", "source"),
    "lookup-processor": (
        *_COMMON, "default_lookup", "lookup_enrichment_table", "lookup_table", "source", "target",
    ),
    "message-remapper": (*_COMMON, "sources"),
    "pipeline": (*_COMMON, "description", "filter", "processors", "tags"),
    "schema-processor": (*_COMMON, "mappers", "schema"),
    "service-remapper": (*_COMMON, "sources"),
    "span-id-remapper": (*_COMMON, "sources"),
    "status-remapper": (*_COMMON, "sources"),
    "string-builder-processor": (*_COMMON, "is_replace_missing", "target", "template"),
    "trace-id-remapper": (*_COMMON, "sources"),
    "url-parser": (*_COMMON, "normalize_ending_slashes", "sources", "target"),
    "user-agent-parser": (*_COMMON, "is_encoded", "sources", "target"),
}  # fmt: skip
_RESERVED = ("host", "message", "service", "status", "date", "trace_id", "span_id")
_GUIDE_FACET = re.compile(r"@(event\.(?:type|id|createdAt|data)\b[\w.]*)")
_MOST_SAMPLES = 5
_LONGEST_SAMPLE = 5000
_LARGEST_TABLE = 100 * 1024


def unknown_keys(reader: Reader, known: tuple[str, ...]) -> Iterator[Problem]:
    """Advice for each key that Datadog does not know: a misspelt option has no effect."""
    for key in reader.obj:
        if key not in known:
            fix = nearest(key, known) or f"remove it; known are {', '.join(known)}"
            message = f"{reader.what} has no key {key!r}"
            yield reader_advice(reader, "unknown-key", key, message, fix=fix, rule=API)


def disabled(reader: Reader, what: str) -> Problem:
    """Advice: ``is_enabled`` is false when it is missing."""
    missing = "is_enabled" not in reader.obj
    return Problem(
        "advice",
        "disabled",
        f"{what} is disabled" + (": is_enabled is missing, and its default is false" * missing),
        reader.at("is_enabled"),
        f"{PROCESSORS}: is_enabled, default false",
        'add "is_enabled": true, or remove what is not meant to act',
    )


def check_filter_text(query: str, where: str) -> Iterator[Problem]:
    """What a pipeline's or a category's search can't do, or was hardly meant to."""
    for message in check_scope(_tree(query), "pipeline"):
        yield Problem(
            "error",
            "full-text-filter",
            message,
            where,
            f"{_SEARCH}: full-text search is not supported in pipeline filters",
            "name the attributes: @path:value",
        )
    for match in _GUIDE_FACET.finditer(query):
        yield _guide_prefix(match[1], where)


def _tree(query: str) -> Node:
    try:
        return parse(query)
    except SearchError:  # an error already
        return parse("*")


def processor_advice(processor: Processor, reader: Reader) -> Iterator[Problem]:
    """The problems of one processor that can be read."""
    if not processor.is_enabled:
        name = f"processor {processor.name!r}" if processor.name else "the processor"
        yield disabled(reader, name)
    yield from guide_paths(reader)
    match processor:
        case AttributeRemapper():
            yield from _remapper(processor, reader)
        case CategoryProcessor():
            yield from _categories(processor, reader)
        case GrokParser():
            yield from _grok(processor, reader)
        case LookupProcessor():
            yield from _lookup(processor, reader)
        case Unmodelled():
            yield reader_advice(
                reader,
                "not-evaluated-locally",
                "type",
                f"{processor.type} is not evaluated here; logs pass it unchanged",
                fix="expect results that need it to differ from Datadog's",
            )
        case _:
            pass


def reader_advice(
    reader: Reader, code: str, key: str, message: str, *, fix: str, rule: str = PROCESSORS
) -> Problem:
    """One piece of advice about a key of the object that is being read."""
    return Problem("advice", code, message, reader.at(key), rule, fix)


def guide_paths(reader: Reader) -> Iterator[Problem]:
    """Advice for each source path that follows the Grantex guide instead of the event's JSON."""
    sources = reader.obj.get("sources")
    paths = (
        [(f"sources[{index}]", path) for index, path in enumerate(sources)]
        if isinstance(sources, list)
        else []
    )
    for key, path in [*paths, ("source", reader.obj.get("source"))]:
        if isinstance(path, str) and real_path(path):
            yield _guide_prefix(path, reader.at(key))


def _guide_prefix(path: str, where: str) -> Problem:
    return Problem(
        "advice",
        "guide-event-prefix",
        f"no Grantex log has {path!r}: the message is the event itself, without an 'event' around it",
        where,
        "Datadog: logs/log_configuration/parsing: the keys of the JSON message are the attributes",
        f"use {real_path(path)!r}",
    )


def _remapper(processor: AttributeRemapper, reader: Reader) -> Iterator[Problem]:
    if {":", ","} & set(processor.target):
        message = f"target {processor.target!r} holds ':' or ','"
        rule = f"{PROCESSORS}/remapper: ':' and ',' are not allowed in the target"
        yield reader.problem("invalid-target", "target", message, rule=rule, fix="use '.' or '_'")
    if processor.target_type == "tag" and processor.target_format != "auto":
        message = "target_format has no effect on a tag"
        yield reader_advice(
            reader, "target-format-of-tag", "target_format", message, fix="remove target_format"
        )
    paths = [(f"sources[{index}]", path) for index, path in enumerate(processor.sources)]
    for key, path in [*paths, ("target", processor.target)]:
        kind = processor.target_type if key == "target" else processor.source_type
        if path in _RESERVED and kind == "attribute":
            yield reader.problem(
                "reserved-attribute",
                key,
                f"{path!r} is a reserved attribute, which a remapper can't read or set",
                rule=f"{PROCESSORS}/remapper, Reserved attributes",
                fix=_dedicated(path),
            )


def _dedicated(path: str) -> str:
    if path == "host":
        return "set it where the log is sent"
    return f"use the {path.replace('_', '-')}-remapper"


def _categories(processor: CategoryProcessor, reader: Reader) -> Iterator[Problem]:
    counts = Counter(category.name for category in processor.categories)
    catch_all = False
    for index, category in enumerate(processor.categories):
        key = f"categories[{index}]"
        yield from check_filter_text(category.filter.text, reader.at(f"{key}.filter.query"))
        if counts[category.name] > 1:
            counts[category.name] = 1  # said once
            message = f"category {category.name!r} is there more than once"
            rule = f"{PROCESSORS}/category_processor: names must be unique"
            yield reader.problem(
                "duplicate-category", f"{key}.name", message, rule=rule, fix="join them with OR"
            )
        if catch_all:
            message = f"category {category.name!r} can never be reached: one before it takes all"
            yield reader_advice(
                reader, "category-never-used", key, message, fix="put the catch-all last"
            )
        catch_all = catch_all or category.filter.text in ("", "*", "*:*")


def _grok(processor: GrokParser, reader: Reader) -> Iterator[Problem]:
    if len(processor.samples) > _MOST_SAMPLES:
        message = f"{len(processor.samples)} samples; at most {_MOST_SAMPLES} are kept"
        yield reader.problem(
            "too-many-samples", "samples", message, rule=PROCESSORS, fix="keep the telling ones"
        )
    for rule in processor.rules:
        for note in rule.approximations:
            message = f"rule {rule.name}: {note}"
            yield reader_advice(
                reader,
                "grok-not-evaluated",
                "grok.match_rules",
                message,
                rule=_PARSING,
                fix="write it without, to see its results here",
            )
    for index, sample in enumerate(processor.samples):
        yield from _sample(processor, reader, index, sample)


def _sample(processor: GrokParser, reader: Reader, index: int, sample: str) -> Iterator[Problem]:
    key = f"samples[{index}]"
    if len(sample) > _LONGEST_SAMPLE:
        message = f"the sample has {len(sample)} characters; at most {_LONGEST_SAMPLE} are kept"
        yield reader.problem("sample-too-long", key, message, rule=PROCESSORS, fix="shorten it")
    elif all(rule.extract(sample, now=0) is None for rule in processor.rules):
        message = "no rule matches this sample (a rule must match the whole text)"
        yield reader_advice(
            reader, "sample-without-match", key, message, rule=_PARSING, fix="end rules with .*"
        )


def _lookup(processor: LookupProcessor, reader: Reader) -> Iterator[Problem]:
    size = sum(len(key) + len(value) + 1 for key, value in processor.table.items())
    if size > _LARGEST_TABLE:
        yield reader_advice(
            reader,
            "lookup-table-too-large",
            "lookup_table",
            f"about {size // 1024} KB; the limit over all lookup processors is 100 KB",
            fix="use a reference table",
        )
