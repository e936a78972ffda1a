"""Processing never changes the log it is given, and doing copies together changes no result."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.pipeline import compile_pipelines, parse_pipeline
from grantex_tui.datadog.pipeline.run import Run, assign, private_copy
from grantex_tui.datadog.pipeline.steps import compile_steps


NOW = 1_795_490_000_000
KEYS = ["a", "b", "t", "data", "t.a"]
PATHS = st.sampled_from(
    ["a", "b", "t", "data.a", "data.b", "t.a", "t.b", "t.a.b", "data", "data.a.b"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["error", "1", "2026-11-24T03:00:00Z"])
    | st.lists(st.integers(0, 2), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
OBJECTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
COPIES = st.builds(
    lambda sources, target: {
        "type": "attribute-remapper",
        "sources": sources,
        "target": target,
        "preserve_source": True,
    },
    st.lists(PATHS, min_size=1, max_size=2),
    PATHS,
)
PROCESSORS = COPIES | st.one_of(
    st.builds(
        lambda copy, keep, override, kind: {
            **copy, "preserve_source": keep, "override_on_conflict": override, "target_type": kind,
        },
        COPIES, st.booleans(), st.booleans(), st.sampled_from(["attribute", "tag"]),
    ),
    st.builds(lambda path: {"type": "status-remapper", "sources": [path]}, PATHS),
    st.builds(lambda path: {"type": "date-remapper", "sources": [path]}, PATHS),
    st.builds(lambda path: {"type": "string-builder-processor", "template": "%{a}", "target": path}, PATHS),
    st.builds(lambda path: {"type": "arithmetic-processor", "expression": "a + 1", "target": path}, PATHS),
    st.builds(lambda path: {"type": "grok-parser", "source": path,
                            "grok": {"match_rules": "r %{data:t.a}"}}, PATHS),
    st.builds(lambda path: {"type": "category-processor", "target": path,
                            "categories": [{"name": "x", "filter": {"query": "@a:1"}}]}, PATHS),
)  # fmt: skip


def enabled(processors):
    return [{**processor, "is_enabled": True} for processor in processors]


@settings(max_examples=300)
@given(st.lists(PROCESSORS, max_size=8), OBJECTS)
def test_the_log_that_was_given_stays_as_it_was(processors, attributes):
    process = compile_pipelines(
        [parse_pipeline({"name": "p", "is_enabled": True, "processors": enabled(processors)})]
    )
    log = Log(attributes=attributes, tags=("t:x",), message="m", timestamp=1)
    before = copy.deepcopy(log)
    first = process(log, received_at=NOW)
    assert log == before
    kept = copy.deepcopy(first)
    assert process(log, received_at=NOW) == first
    process(first, received_at=NOW)
    assert first == kept


@settings(max_examples=300)
@given(st.lists(COPIES, max_size=8), OBJECTS)
def test_copies_done_together_give_what_they_give_one_by_one(processors, attributes):
    obj = {"name": "p", "is_enabled": True, "processors": enabled(processors)}
    parsed = parse_pipeline(obj)
    log = Log(attributes=attributes)
    one_by_one = private_copy(log)
    for processor in parsed.processors:
        for step in compile_steps([processor]):
            step(one_by_one, Run(NOW))
    assert compile_pipelines([parsed])(log, received_at=NOW) == one_by_one


def test_a_private_copy_has_every_field_and_is_not_the_log():
    log = Log("m", {"a": 1}, ("t",), 5, "warn", "h", "s", "src", "tr")
    draft = private_copy(log)
    assert draft == log
    assign(draft, "status", "error")
    assert (draft.status, log.status) == ("error", "warn")


def test_logs_stay_frozen_for_everybody_else():
    with pytest.raises(AttributeError):
        Log().status = "x"  # type: ignore[misc]  # what is tested
