from __future__ import annotations

import copy
import pickle

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.pipeline import (
    PipelineError,
    compile_pipelines,
    parse_pipeline,
    parse_pipelines,
)


REMAPPER = {"type": "attribute-remapper", "sources": ["a"], "target": "b"}
DATE = {"type": "date-remapper", "sources": ["a"]}


def refusal(obj, **options):
    with pytest.raises(PipelineError) as caught:
        parse_pipelines(obj, **options)
    return caught.value


@pytest.mark.parametrize(
    ("processor", "code", "where", "message"),
    [
        ({}, "missing-key", "processors[0].type", "type is required"),
        ({"type": 3}, "wrong-type", "processors[0].type", "type must be a text, not a number"),
        ({"type": "date-remaper"}, "unknown-processor", "processors[0].type", "no processor type 'date-remaper'"),
        ({"type": "date-remapper"}, "missing-key", "processors[0].sources", "sources is required"),
        ({**DATE, "sources": "a"}, "wrong-type", "processors[0].sources", "must be a list of texts, not a text"),
        ({**DATE, "sources": []}, "empty-value", "processors[0].sources", "is an empty list"),
        ({**DATE, "sources": ["a", 1]}, "wrong-type", "processors[0].sources[1]", "must be a text, not a number"),
        ({**DATE, "is_enabled": "yes"}, "wrong-type", "processors[0].is_enabled", "must be true or false"),
        ({**REMAPPER, "target": ""}, "empty-value", "processors[0].target", "target is empty"),
        ({**REMAPPER, "target": None}, "missing-key", "processors[0].target", "target is required"),
        ({**REMAPPER, "source_type": "tags"}, "invalid-value", "processors[0].source_type", "not one of attribute, tag"),
        ({**REMAPPER, "target_format": "int"}, "invalid-value", "processors[0].target_format", "'int'"),
        ({"type": "category-processor", "target": "t"}, "missing-key", "processors[0].categories", "is required"),
        ({"type": "category-processor", "target": "t", "categories": [{"filter": {"query": "*"}}]},
         "missing-key", "processors[0].categories[0].name", "category 0: name is required"),
        ({"type": "category-processor", "target": "t", "categories": [{"name": "n", "filter": {"query": "(a"}}]},
         "invalid-query", "processors[0].categories[0].filter.query", "category 0"),
        ({"type": "arithmetic-processor", "target": "t", "expression": "a +"},
         "invalid-expression", "processors[0].expression", "found the end at character 4"),
        ({"type": "lookup-processor", "source": "s", "target": "t", "lookup_table": ["a,b", "c"]},
         "invalid-lookup-row", "processors[0].lookup_table[1]", "'c' is not 'key,value'"),
        ({"type": "grok-parser", "grok": {"match_rules": "r %{wrod}"}},
         "invalid-grok", "processors[0].grok.match_rules", "unknown matcher or rule 'wrod'"),
        ({"type": "grok-parser"}, "not-an-object", "processors[0].grok", "must be an object, not null"),
        ({"type": "pipeline", "filter": {"query": "*"}, "processors": [{"type": "pipeline"}]},
         "nested-too-deeply", "processors[0].processors[0].type", "can only contain processors"),
        ({"type": "pipeline", "processors": [{"type": "x"}]},
         "unknown-processor", "processors[0].processors[0].type", "no processor type 'x'"),
        ("text", "not-an-object", "processors[0]", "must be an object, not a text"),
    ],
)  # fmt: skip
def test_errors_name_the_processor_and_the_key(pipeline, processor, code, where, message):
    obj = pipeline()
    obj["processors"] = [processor]
    error = refusal(obj)
    assert (error.problem.severity, error.problem.code, error.problem.where) == (
        "error",
        code,
        where,
    )
    assert message in str(error)
    assert where in str(error)


def test_a_processor_is_named_where_it_has_a_name(pipeline):
    error = refusal(pipeline({"type": "date-remapper", "name": "official date"}))
    assert "processor 0 ('official date'): sources is required" in str(error)


def test_an_unknown_type_is_answered_with_the_list_and_the_nearest(pipeline):
    error = refusal(pipeline({"type": "string-builder"}))
    assert "string-builder-processor, trace-id-remapper" in error.message
    assert error.hint == "did you mean 'string-builder-processor'?"


@pytest.mark.parametrize(
    ("obj", "code", "where"),
    [
        ("text", "not-an-object", ""),
        ({}, "missing-key", "name"),
        ({"name": "n", "filter": []}, "ok", ""),
        ({"name": "n", "filter": "*"}, "not-an-object", "filter"),
        ({"name": "n", "filter": {"query": "(a"}}, "invalid-query", "filter.query"),
        ({"name": "n", "processors": {}}, "wrong-type", "processors"),
        ({"name": "n", "is_enabled": 1}, "wrong-type", "is_enabled"),
        ([{"name": "n"}, {"name": 1}], "wrong-type", "[1].name"),
    ],
)
def test_errors_of_the_pipeline_itself(obj, code, where):
    if code == "ok":
        assert parse_pipelines(obj)
        return
    error = refusal(obj)
    assert (error.problem.code, error.problem.where) == (code, where)


def test_the_file_is_named(pipeline):
    assert refusal({"name": "n", "processors": {}}, path="p.json").message.startswith(
        "p.json: processors: "
    )


@pytest.mark.parametrize(
    "kind", ["json-mapper", "JSON Mapper", "json_mapper", "json-mapper-processor"]
)
def test_the_guides_json_mapper_is_explained(pipeline, kind):
    mapping = {"event.type": "grantex.event_type", "event.data.grantId": "grantex.grant_id"}
    error = refusal(pipeline({"type": kind, "mapping": mapping}))
    assert error.problem.code == "guide-json-mapper"
    assert "type -> grantex.event_type, data.grantId -> grantex.grant_id" in error.hint


def test_the_guides_mapping_may_be_written_with_arrows(pipeline):
    error = refusal(
        pipeline({"type": "json-mapper", "mappings": ["event.type -> grantex.event_type"]})
    )
    assert "type -> grantex.event_type" in error.hint


def test_a_pipeline_goes_back_as_it_came(pipeline):
    obj = pipeline(
        REMAPPER,
        DATE,
        id="x",
        is_read_only=False,
        tags=["team:a"],
        description="d",
        type="pipeline",
    )
    before = copy.deepcopy(obj)
    parsed = parse_pipeline(obj)
    assert parsed.source == before
    assert parse_pipeline(parsed.source) == parsed


def test_one_a_list_and_nothing_are_all_files(pipeline):
    assert [parsed.name for parsed in parse_pipelines(pipeline(name="a"))] == ["a"]
    assert [
        parsed.name for parsed in parse_pipelines([pipeline(name="a"), pipeline(name="b")])
    ] == ["a", "b"]
    assert parse_pipelines([]) == []


@pytest.mark.parametrize(
    "kind",
    ["schema-processor"],
)
def test_types_that_are_not_modelled_parse_and_are_owned_up_to(pipeline, kind):
    assert parse_pipeline(pipeline({"type": kind})).approximations == (
        f"{kind} is not evaluated locally",
    )
    assert parse_pipeline(pipeline({"type": kind, "is_enabled": False})).approximations == ()


def test_a_reference_table_is_not_evaluated(pipeline):
    lookup = {
        "type": "lookup-processor",
        "source": "a",
        "target": "b",
        "lookup_enrichment_table": "t",
    }
    assert "reference table" in parse_pipeline(pipeline(lookup)).approximations[0]


EVERY_KIND = [
    {"type": "arithmetic-processor", "expression": "a + 1", "target": "t"},
    {"type": "attribute-remapper", "sources": ["a"], "target": "t"},
    {"type": "category-processor", "target": "t", "categories": [{"name": "x", "filter": {"query": "@a:1"}}]},
    {"type": "date-remapper", "sources": ["d"]},
    {"type": "grok-parser", "source": "a", "grok": {"match_rules": "r %{data:g:lowercase}"}},
    {"type": "lookup-processor", "source": "a", "target": "t", "lookup_table": ["1,2"]},
    {"type": "status-remapper", "sources": ["a"]},
    {"type": "string-builder-processor", "template": "%{a}", "target": "t"},
    {"type": "url-parser"},
]  # fmt: skip


def test_a_pipeline_goes_to_another_process(pipeline):
    nested = {"type": "pipeline", "processors": EVERY_KIND}
    parsed = parse_pipeline(pipeline(*EVERY_KIND, nested))
    there = pickle.loads(pickle.dumps(parsed))
    assert there == parsed
    log = Log(attributes={"a": "Error", "http": {"url": "/a"}})
    run, run_there = (compile_pipelines([each]) for each in (parsed, there))
    assert run(log, received_at=0) == run_there(log, received_at=0)
