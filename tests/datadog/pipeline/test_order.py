"""The order in which pipelines and processors act, and who wins where two want the same."""

from __future__ import annotations

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.pipeline import compile_pipelines, parse_pipeline


def text(target, template, **more):
    return {"type": "string-builder-processor", "target": target, "template": template, **more}


@pytest.fixture
def through(pipeline, now):
    """Sends a log through pipeline objects."""

    def send(attributes, *pipelines, **fields):
        compiled = compile_pipelines([parse_pipeline(obj) for obj in pipelines])
        return compiled(Log(attributes=attributes, **fields), received_at=now)

    return send


def test_processors_see_what_the_ones_before_them_did(pipeline, through):
    log = through({"a": 1}, pipeline(text("b", "%{a}!"), text("c", "%{b}?")))
    assert log.attributes == {"a": 1, "b": "1!", "c": "1!?"}


def test_a_filter_is_tested_before_any_processor_of_its_pipeline(pipeline, through):
    sets_then_wants = pipeline(text("b", "x"), query="@b:x")
    assert through({}, sets_then_wants).attributes == {}


def test_a_later_pipeline_sees_what_an_earlier_one_did(pipeline, through):
    first = pipeline(text("b", "x"))
    assert through({}, first, pipeline(text("c", "y"), query="@b:x")).attributes == {
        "b": "x",
        "c": "y",
    }


def test_a_log_goes_through_every_pipeline_that_takes_it(pipeline, through):
    log = through(
        {"a": "1"},
        pipeline(text("b", "x"), query="@a:1"),
        pipeline(text("c", "y"), query="@a:2"),
        pipeline(text("d", "z")),
    )
    assert log.attributes == {"a": "1", "b": "x", "d": "z"}


def test_a_log_that_no_pipeline_takes_comes_back_itself(pipeline, now):
    log = Log(attributes={"a": "1"})
    process = compile_pipelines([parse_pipeline(pipeline(text("b", "x"), query="@a:2"))])
    assert process(log, received_at=now) is log


REMAPPERS = [
    ("status-remapper", "status", "error", "warn"),
    ("service-remapper", "service", "error", "warn"),
    ("message-remapper", "message", "error", "warn"),
    ("trace-id-remapper", "trace_id", "error", "warn"),
]


@pytest.mark.parametrize(("kind", "field", "first", "second"), REMAPPERS)
@pytest.mark.parametrize("apart", [False, True])
def test_only_the_first_remapper_of_a_field_counts(
    pipeline, through, kind, field, first, second, apart
):
    one, two = ({"type": kind, "sources": [source]} for source in "ab")
    pipelines = [pipeline(one), pipeline(two)] if apart else [pipeline(one, two)]
    assert getattr(through({"a": first, "b": second}, *pipelines), field) == first


@pytest.mark.parametrize("apart", [False, True])
def test_only_the_first_date_remapper_counts(pipeline, through, now, apart):
    one, two = ({"type": "date-remapper", "sources": [source]} for source in "ab")
    pipelines = [pipeline(one), pipeline(two)] if apart else [pipeline(one, two)]
    assert through({"a": now - 1, "b": now - 2}, *pipelines).timestamp == now - 1


def test_the_first_remapper_counts_even_without_its_sources(pipeline, through):
    one, two = ({"type": "status-remapper", "sources": [source]} for source in "ab")
    assert through({"b": "error"}, pipeline(one, two)).status == "info"


def test_a_remapper_that_the_log_does_not_meet_takes_nothing_away(pipeline, through):
    one, two = ({"type": "status-remapper", "sources": [source]} for source in "ab")
    attributes = {"a": "error", "b": "warn"}
    assert through(attributes, pipeline(one, query="@x:1"), pipeline(two)).status == "warn"
    assert through(attributes, pipeline({**one, "is_enabled": False}, two)).status == "warn"


def test_every_log_starts_anew(pipeline, now):
    process = compile_pipelines(
        [parse_pipeline(pipeline({"type": "status-remapper", "sources": ["a"]}))]
    )
    for status in ("error", "warn", "error"):
        assert process(Log(attributes={"a": status}), received_at=now).status == status


@pytest.mark.parametrize("missing", [True, False])
def test_disabled_means_missing_or_false_for_pipelines_and_processors(pipeline, through, missing):
    off = {} if missing else {"is_enabled": False}
    asleep = {key: value for key, value in text("b", "x").items() if key != "is_enabled"} | {
        "name": "n"
    }
    obj = pipeline()
    obj["processors"] = [{**asleep, **off}]
    assert through({}, obj).attributes == {}
    whole = pipeline(text("b", "x"))
    whole.pop("is_enabled")
    assert through({}, {**whole, **off}).attributes == {}
