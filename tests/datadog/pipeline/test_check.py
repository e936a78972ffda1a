from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.pipeline import PipelineError, check_pipeline, parse_pipelines


COPY = {"type": "attribute-remapper", "sources": ["a"], "target": "b", "preserve_source": True}
STATUS = {"type": "status-remapper", "sources": ["a"]}


def found(obj):
    return [(problem.severity, problem.code, problem.where) for problem in check_pipeline(obj)]


def category(*rows):
    categories = [{"name": name, "filter": {"query": query}} for name, query in rows]
    return {"type": "category-processor", "target": "c", "categories": categories}


def grok(rules, *samples):
    return {
        "type": "grok-parser",
        "source": "message",
        "grok": {"match_rules": rules},
        "samples": list(samples),
    }


def test_a_sound_pipeline_has_no_problems(pipeline):
    assert (
        found(
            pipeline(COPY, category(("x", "@a:1"), ("y", "*")), STATUS, grok("r %{word:w}", "abc"))
        )
        == []
    )


@pytest.mark.parametrize(
    ("processor", "severity", "code", "where"),
    [
        ({**COPY, "is_enabled": False}, "advice", "disabled", "is_enabled"),
        ({**COPY, "overide_on_conflict": True}, "advice", "unknown-key", "overide_on_conflict"),
        ({**COPY, "target": "a:b"}, "error", "invalid-target", "target"),
        ({**COPY, "target": "a,b"}, "error", "invalid-target", "target"),
        ({**COPY, "sources": ["a", "message"]}, "advice", "reserved-attribute", "sources[1]"),
        ({**COPY, "target": "service"}, "advice", "reserved-attribute", "target"),
        ({**COPY, "target_type": "tag", "target_format": "string"}, "advice", "target-format-of-tag", "target_format"),
        ({**COPY, "sources": ["event.data.grantId"]}, "advice", "guide-event-prefix", "sources[0]"),
        ({**COPY, "sources": ["event.type"]}, "advice", "guide-event-prefix", "sources[0]"),
        (category(("x", "@event.type:grant.created")), "advice", "guide-event-prefix", "categories[0].filter.query"),
        (category(("x", "a *:b")), "error", "full-text-filter", "categories[0].filter.query"),
        (category(("x", "@a:1"), ("x", "@a:2")), "error", "duplicate-category", "categories[0].name"),
        (category(("x", "*"), ("y", "@a:2")), "advice", "category-never-used", "categories[1]"),
        (grok("r %{data:x}", *"abcdef"), "error", "too-many-samples", "samples"),
        (grok("r %{data:x}", "a" * 5001), "error", "sample-too-long", "samples[0]"),
        (grok("r %{integer:x}", "1", "no"), "advice", "sample-without-match", "samples[1]"),
        ({"type": "schema-processor"}, "advice", "not-evaluated-locally", "type"),
        ({"type": "lookup-processor", "source": "a", "target": "b", "lookup_table": ["k," + "v" * 200_000]},
         "advice", "lookup-table-too-large", "lookup_table"),
        ({"type": "json-mapper"}, "error", "guide-json-mapper", "type"),
        ({"type": "date-remapper"}, "error", "missing-key", "sources"),
    ],
)  # fmt: skip
def test_problems_of_one_processor(pipeline, processor, severity, code, where):
    assert found(pipeline(COPY, processor)) == [(severity, code, f"processors[1].{where}")]


@pytest.mark.parametrize(
    ("changes", "severity", "code", "where"),
    [
        ({"is_enabled": False}, "advice", "disabled", "is_enabled"),
        ({"name": ""}, "error", "empty-value", "name"),
        ({"filter": {"query": "*:hello"}}, "error", "full-text-filter", "filter.query"),
        ({"filter": {"query": "(a"}}, "error", "invalid-query", "filter.query"),
        ({"enabled": True}, "advice", "unknown-key", "enabled"),
        (
            {"processors": [{**COPY, "is_enabled": True}] * 21},
            "advice",
            "too-many-processors",
            "processors",
        ),
        ({"processors": 3}, "error", "wrong-type", "processors"),
    ],
)
def test_problems_of_the_pipeline(pipeline, changes, severity, code, where):
    assert found({**pipeline(COPY), **changes}) == [(severity, code, where)]


def test_a_missing_is_enabled_is_said_to_mean_false(pipeline):
    obj = pipeline()
    del obj["is_enabled"]
    (problem,) = check_pipeline(obj)
    assert "is_enabled is missing, and its default is false" in problem.message


def test_match_all_and_quoted_stars_are_no_full_text_search(pipeline):
    for query in ("*:*", '@a:"x *:y"', "@a:*", "service:*"):
        assert found(pipeline(query=query)) == []


@pytest.mark.parametrize(
    "kind", ["status-remapper", "service-remapper", "message-remapper", "date-remapper"]
)
def test_a_second_remapper_of_a_field_can_never_win(pipeline, kind):
    two = [{"type": kind, "sources": ["a"]}, {"type": kind, "sources": ["b"]}]
    assert found(pipeline(*two)) == [("advice", "remapper-never-used", "processors[1]")]


def test_a_broken_processor_hides_no_remapper_after_it(pipeline):
    broken = {"type": "string-builder-processor"}
    codes = [code for _, code, _ in found(pipeline(STATUS, broken, STATUS))]
    assert codes == ["missing-key", "remapper-never-used"]


def test_a_remapper_behind_a_filter_or_disabled_leaves_the_next_its_chance(pipeline):
    nested = {
        "type": "pipeline",
        "filter": {"query": "@a:1"},
        "processors": [{**STATUS, "is_enabled": True}],
    }
    assert found(pipeline(nested, STATUS)) == []
    assert [code for _, code, _ in found(pipeline({**STATUS, "is_enabled": False}, STATUS))] == [
        "disabled"
    ]


def test_a_nested_remapper_after_one_for_all_can_never_win(pipeline):
    nested = {
        "type": "pipeline",
        "filter": {"query": "@a:1"},
        "processors": [{**STATUS, "is_enabled": True}],
    }
    assert found(pipeline(STATUS, nested)) == [
        ("advice", "remapper-never-used", "processors[1].processors[0]")
    ]


def test_an_earlier_pipeline_over_the_same_logs_takes_the_field(pipeline):
    objs = [pipeline(STATUS, query="service:x"), pipeline(STATUS, query="service:x")]
    assert found(objs) == [("advice", "remapper-never-used", "[1].processors[0]")]
    assert found([objs[0], pipeline(STATUS, query="service:y")]) == []


def test_a_grantex_pipeline_without_its_date_is_told(pipeline):
    created = {"type": "date-remapper", "sources": ["createdAt"]}
    code = ("advice", "grantex-no-date-remapper", "processors")
    assert found(pipeline(COPY, query="source:grantex")) == [code]
    assert found(pipeline(COPY, created, query="source:grantex")) == []
    assert code in found(pipeline({**created, "is_enabled": False}, query="source:grantex"))


def test_all_problems_are_reported_not_the_first(pipeline):
    obj = pipeline(
        {"type": "json-mapper"}, {"type": "date-remapper"}, {**COPY, "is_enabled": False}
    )
    assert [code for _, code, _ in found(obj)] == ["guide-json-mapper", "missing-key", "disabled"]


def test_nested_problems_have_their_own_path(pipeline):
    nested = {
        "type": "pipeline",
        "filter": {"query": "*:x"},
        "processors": [{**COPY, "is_enabled": False}],
    }
    assert found(pipeline(nested)) == [
        ("error", "full-text-filter", "processors[0].filter.query"),
        ("advice", "disabled", "processors[0].processors[0].is_enabled"),
    ]


def test_every_problem_says_the_rule_and_the_fix(pipeline):
    obj = pipeline(
        {**COPY, "target": "a:b", "x": 1}, category(("x", "*"), ("x", "*:a")), STATUS, STATUS,
        {"type": "json-mapper"}, {"type": "nope"}, query="source:grantex",
    )  # fmt: skip
    for problem in check_pipeline(obj):
        assert problem.rule.startswith("Datadog")
        assert problem.fix


ONLY_CHECKED = {
    "duplicate-category", "full-text-filter", "invalid-target", "reserved-attribute",
    "sample-too-long", "too-many-samples",
}  # fmt: skip
"""Rules about content: parsing is about form, so that a pipeline can be tried before it is right."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5)
    | st.sampled_from(["attribute-remapper", "pipeline", "grok-parser", "date-remapper", "*", "a"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["name", "type", "filter", "query", "processors", "sources", "source", "target",
                         "categories", "is_enabled", "grok", "match_rules", "samples"]),
        inner,
        max_size=6,
    ),
    max_leaves=15,
)  # fmt: skip


def place(problem):
    return problem.code, problem.where


@given(JSON)
def test_never_raises_and_agrees_with_parsing(obj):
    errors = [problem for problem in check_pipeline(obj) if problem.severity == "error"]
    try:
        parse_pipelines(obj)
    except PipelineError as error:
        assert place(error.problem) in [place(problem) for problem in errors]  # noqa: PT017 - either outcome is fine
    else:
        assert {problem.code for problem in errors} <= ONLY_CHECKED
    json.dumps([problem.where for problem in errors])
