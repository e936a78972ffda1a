"""Each processor as a step: a function that changes one log, which nobody else has seen yet.

A step gets a private copy of the log and assigns to it; ``attributes`` is replaced, never changed in
place, so the objects of the original stay as they are.
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from grantex_tui.datadog.pipeline.arithmetic import as_number
from grantex_tui.datadog.pipeline.attributes import merge, read, reader, writer
from grantex_tui.datadog.pipeline.copies import copy_runs, copy_step
from grantex_tui.datadog.pipeline.dates import in_window, parse_date
from grantex_tui.datadog.pipeline.model import (
    ArithmeticProcessor,
    AttributeRemapper,
    CategoryProcessor,
    DateRemapper,
    GrokParser,
    LookupProcessor,
    NestedPipeline,
    OfficialRemapper,
    Processor,
    StringBuilder,
    Unmodelled,
    UrlParser,
)
from grantex_tui.datadog.pipeline.remap import remap_step
from grantex_tui.datadog.pipeline.run import Run, Step, assign
from grantex_tui.datadog.pipeline.urls import parse_url
from grantex_tui.datadog.pipeline.values import as_text, joined
from grantex_tui.datadog.status import normalise_status


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.datadog.log import Log


_BLOCK = re.compile(r"%\{([^}]*)\}")
_LONGEST_RESULT = 256
_RESERVED = ("status", "service", "source", "host", "trace_id")


def compile_steps(processors: Sequence[Processor]) -> list[Step]:
    """The steps of the enabled processors, in order."""
    steps: list[Step] = []
    for run in copy_runs([processor for processor in processors if processor.is_enabled]):
        singly = [
            _FACTORIES[type(processor)](processor)
            for processor in run
            if not isinstance(processor, Unmodelled)
        ]
        steps += [copy_step(run, singly)] if len(run) > 1 else singly
    return steps


def source(path: str) -> Callable[[Log], object]:
    """Reads a processor's source: an attribute, else the log's own field of that name.

    The message is always the log's own: an attribute of the name has become it at the intake.
    """
    if path == "message":
        return lambda log: log.message or None
    read_attribute = reader(path)
    if path not in _RESERVED:
        return lambda log: read_attribute(log.attributes)
    read_field = attrgetter(path)

    def read_either(log: Log) -> object:
        value = read_attribute(log.attributes)
        return (read_field(log) or None) if value is None else value

    return read_either


def first_source(paths: tuple[str, ...]) -> Callable[[Log], object]:
    """Reads the first of several sources that is there."""
    readers = [source(path) for path in paths]
    if len(readers) == 1:
        return readers[0]
    return lambda log: next((found for read in readers if (found := read(log)) is not None), None)


def _target(path: str) -> Callable[[Log, object], None]:
    write = writer(path)
    return lambda log, value: assign(log, "attributes", write(log.attributes, value))


def _category(processor: CategoryProcessor) -> Step:
    rows = [(category.filter.matches, category.name) for category in processor.categories]
    set_target = _target(processor.target)

    def step(log: Log, _run: Run) -> None:
        for matches, name in rows:
            if matches(log):
                set_target(log, name)
                return

    return step


def _official(processor: OfficialRemapper) -> Step:
    official, read_first = processor.official, first_source(processor.sources)
    convert = normalise_status if official == "status" else as_text

    def step(log: Log, run: Run) -> None:
        # "Only the first one (according to the pipelines order) is taken into account": the first
        # that is reached, whether or not its sources are there.
        if run.claim(official) and (value := read_first(log)) is not None:
            text = convert(value)
            if text is not None:
                assign(log, official, text)

    return step


def _date(processor: DateRemapper) -> Step:
    read_first = first_source(processor.sources)

    def step(log: Log, run: Run) -> None:
        if run.claim("date") and (value := read_first(log)) is not None:
            date = parse_date(value, received_at=run.received_at)
            if date is not None and in_window(date, received_at=run.received_at):
                assign(log, "timestamp", date)

    return step


def _string_builder(processor: StringBuilder) -> Step:
    pieces = _BLOCK.split(processor.template)  # raw text and paths in turn
    set_target, replace_missing = _target(processor.target), processor.is_replace_missing
    blocks = [(_block(path), raw) for path, raw in zip(pieces[1::2], pieces[2::2], strict=True)]

    def step(log: Log, _run: Run) -> None:
        built = pieces[:1]
        for text_of, raw in blocks:
            text = text_of(log)
            if not text and not replace_missing:
                return
            built += [text, raw]
        set_target(log, "".join(built)[:_LONGEST_RESULT])

    return step


def _block(path: str) -> Callable[[Log], str]:
    if path != "message" and path not in _RESERVED:
        return lambda log: joined(log.attributes, path)
    read_source = source(path)
    return lambda log: as_text(read_source(log)) or ""


def _arithmetic(processor: ArithmeticProcessor) -> Step:
    expression, set_target = processor.expression, _target(processor.target)
    missing = 0.0 if processor.is_replace_missing else None

    def step(log: Log, _run: Run) -> None:
        def lookup(path: str) -> float | None:
            number = as_number(read(log.attributes, path))
            return missing if number is None else number

        value = expression.value(lookup)
        if value is not None:
            set_target(log, value)

    return step


def _lookup(processor: LookupProcessor) -> Step:
    read_source, set_target = source(processor.source), _target(processor.target)
    table, default = processor.table, processor.default

    def step(log: Log, _run: Run) -> None:
        key = as_text(read_source(log))
        found = None if key is None else table.get(key, default)
        if found is not None:
            set_target(log, found)

    return step


def _url(processor: UrlParser) -> Step:
    read_first, set_target = first_source(processor.sources), _target(processor.target)
    normalize = processor.normalize_ending_slashes

    def step(log: Log, _run: Run) -> None:
        value = read_first(log)
        if isinstance(value, str):
            parts = parse_url(value, normalize_ending_slashes=normalize)
            if parts:
                set_target(log, parts)

    return step


def _grok(processor: GrokParser) -> Step:
    read_source, rules = source(processor.source), processor.rules

    def step(log: Log, run: Run) -> None:
        text = read_source(log)
        if not isinstance(text, str):
            return
        for rule in rules:
            found = rule.extract(text, now=run.received_at)
            if found is not None:
                assign(log, "attributes", merge(log.attributes, found))
                return

    return step


def _nested(processor: NestedPipeline) -> Step:
    matches = processor.filter.matches
    steps = compile_steps(processor.processors)

    def step(log: Log, run: Run) -> None:
        if matches(log):
            for inner in steps:
                inner(log, run)

    return step


_FACTORIES: dict[type[Processor], Callable[[Any], Step]] = {  # each type's own factory
    ArithmeticProcessor: _arithmetic,
    AttributeRemapper: remap_step,
    CategoryProcessor: _category,
    DateRemapper: _date,
    GrokParser: _grok,
    LookupProcessor: _lookup,
    NestedPipeline: _nested,
    OfficialRemapper: _official,
    StringBuilder: _string_builder,
    UrlParser: _url,
}
