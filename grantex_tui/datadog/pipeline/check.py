"""Everything wrong with a pipeline at once: what Datadog refuses, and what it takes in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grantex_tui.datadog.pipeline.advice import PIPELINE_KEYS, disabled, unknown_keys
from grantex_tui.datadog.pipeline.errors import PipelineError
from grantex_tui.datadog.pipeline.filters import EVERYTHING, check_filter_text, read_filter
from grantex_tui.datadog.pipeline.guide import guide_paths
from grantex_tui.datadog.pipeline.parse import DETAILS, KINDS, parse_processor
from grantex_tui.datadog.pipeline.processor import ALWAYS
from grantex_tui.datadog.pipeline.processors.nested_pipeline import TYPE as NESTED
from grantex_tui.datadog.pipeline.reader import PROCESSORS, Reader
from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


_PIPELINES = "Datadog: logs/log_configuration/pipelines"
_MOST_PROCESSORS = 20


def check_pipeline(obj: object) -> list[Problem]:
    """The errors and advice for a pipeline object or a list of them.

    Never raises: what can't be read is an error in the list. ``where`` is a path inside *obj*.
    """
    if not isinstance(obj, list):
        return list(_pipeline(obj, ""))
    places = [(item, f"[{index}]") for index, item in enumerate(obj)]
    problems = [problem for item, where in places for problem in _pipeline(item, where)]
    return [*problems, *_beaten_by_another([_reach(item, where) for item, where in places])]


def _pipeline(obj: object, where: str) -> Iterator[Problem]:
    reader = _reader(obj, where, "the pipeline")
    if isinstance(reader, Problem):
        yield reader
        return
    yield from _errors(reader, lambda reader: reader.text("name"))
    yield from _frame(reader, PIPELINE_KEYS)
    items = _items(reader)
    if len(items) > _MOST_PROCESSORS:
        yield Problem(
            "advice",
            "too-many-processors",
            f"{len(items)} processors; Datadog advises at most {_MOST_PROCESSORS} a pipeline",
            reader.at("processors"),
            _PIPELINES,
            "split the pipeline, or give one remapper several sources",
        )
    for index, item in enumerate(items):
        yield from _processor(item, f"{reader.at('processors')}[{index}]")
    reach = _reach(obj, where)
    yield from _beaten_in_its_pipeline(reach)
    yield from _date_of_grantex(reach, reader)


def _frame(reader: Reader, keys: tuple[str, ...]) -> Iterator[Problem]:
    """What pipelines and nested ones have in common, apart from their processors."""
    yield from _errors(reader, *DETAILS, read_filter, lambda reader: reader.objects("processors"))
    if query := _query(reader):
        yield from check_filter_text(query, f"{reader.at('filter')}.query")
    yield from unknown_keys(reader, keys)
    if reader.obj.get("is_enabled") is not True:
        yield disabled(reader, reader.what)


def _processor(obj: object, where: str) -> Iterator[Problem]:
    if isinstance(obj, Mapping) and obj.get("type") == NESTED:
        reader = Reader(obj, where, "the nested pipeline")
        yield from _errors(reader, lambda reader: reader.text("name", ""))
        yield from _frame(reader, _keys(NESTED))
        for index, item in enumerate(_items(reader)):
            yield from _plain_processor(item, f"{reader.at('processors')}[{index}]", nested=True)
    else:
        yield from _plain_processor(obj, where)


def _plain_processor(obj: object, where: str, *, nested: bool = False) -> Iterator[Problem]:
    try:
        processor = parse_processor(obj, where, nested=nested)
    except PipelineError as error:
        yield error.problem
        return
    reader = Reader(obj, where, "the processor")
    yield from unknown_keys(reader, _keys(reader.text("type")))
    if not processor.is_enabled:
        name = f"processor {processor.name!r}" if processor.name else "the processor"
        yield disabled(reader, name)
    yield from guide_paths(reader)
    yield from processor.advice(reader)


def _keys(kind: str) -> tuple[str, ...]:
    return tuple(sorted((*ALWAYS, *KINDS[kind].keys)))


def _reader(obj: object, where: str, what: str) -> Reader | Problem:
    try:
        return Reader(obj, where, what)
    except PipelineError as error:
        return error.problem


def _errors(reader: Reader, *reads: Callable[[Reader], object]) -> Iterator[Problem]:
    for read in reads:
        try:
            read(reader)
        except PipelineError as error:
            yield error.problem


def _items(reader: Reader) -> list[object]:
    items = reader.obj.get("processors")
    return items if isinstance(items, list) else []


def _query(reader: Reader) -> str:
    inner = reader.obj.get("filter")
    query = inner.get("query") if isinstance(inner, Mapping) else None
    return query if isinstance(query, str) else ""


@dataclass(frozen=True, slots=True)
class _Remapper:
    """An enabled remapper of one of the log's own fields."""

    field: str
    where: str
    sources: tuple[str, ...]
    always: bool
    """Whether every log of its pipeline meets it."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """The remappers of a pipeline, and the logs it takes."""

    query: str
    remappers: tuple[_Remapper, ...]

    def first(self, field: str) -> str:
        """Where the first remapper of a field is that every log meets, or an empty text."""
        sure = (mapper for mapper in self.remappers if mapper.field == field and mapper.always)
        return next((mapper.where for mapper in sure), "")


def _reach(obj: object, where: str) -> _Reach:
    reader = _reader(obj, where, "the pipeline")
    if isinstance(reader, Problem):
        return _Reach("", ())
    return _Reach(_query(reader), tuple(_remappers(reader, always=True)))


def _remappers(reader: Reader, *, always: bool) -> Iterator[_Remapper]:
    for index, item in enumerate(_items(reader)):
        where = f"{reader.at('processors')}[{index}]"
        if isinstance(item, Mapping) and item.get("type") == NESTED and always:
            inner = Reader(item, where, "the nested pipeline")
            if item.get("is_enabled") is True:
                for_all = _query(inner) in EVERYTHING
                found = _remappers(inner, always=False)
                yield from (replace(mapper, always=for_all) for mapper in found)
            continue
        try:
            processor = parse_processor(item, where)
        except PipelineError:
            continue  # among the errors already
        effects = processor.effects()
        if processor.is_enabled and effects.claims:
            yield _Remapper(effects.claims, where, effects.reads, always)


def _beaten_in_its_pipeline(reach: _Reach) -> Iterator[Problem]:
    for index, mapper in enumerate(reach.remappers):
        first = replace(reach, remappers=reach.remappers[:index]).first(mapper.field)
        if first:
            yield _never_used(mapper, f"{first} comes first")


def _beaten_by_another(reaches: Sequence[_Reach]) -> Iterator[Problem]:
    for index, reach in enumerate(reaches):
        for mapper in reach.remappers:
            same = (
                before
                for before in reaches[:index]
                if before.query == reach.query or before.query in EVERYTHING
            )
            first = next((at for before in same if (at := before.first(mapper.field))), "")
            if first:
                yield _never_used(mapper, f"{first} takes the same logs first")


def _never_used(mapper: _Remapper, why: str) -> Problem:
    return Problem(
        "advice",
        "remapper-never-used",
        f"this {mapper.field} remapper can never win: {why}",
        mapper.where,
        f"{PROCESSORS}: only the first {mapper.field} remapper, by the order of pipelines, counts",
        "remove it, or give the first one its sources",
    )


def _date_of_grantex(reach: _Reach, reader: Reader) -> Iterator[Problem]:
    dates = (mapper for mapper in reach.remappers if mapper.field == "date")
    if "source:grantex" not in reach.query or any("createdAt" in date.sources for date in dates):
        return
    yield Problem(
        "advice",
        "grantex-no-date-remapper",
        "no enabled date-remapper reads createdAt, so logs are dated by their arrival",
        reader.at("processors"),
        f"{PROCESSORS}/log_date_remapper: createdAt is no default date attribute",
        'add {"type": "date-remapper", "sources": ["createdAt"], "is_enabled": true}',
    )
