"""Processors over arrays, decoders, and what is taken out."""

from __future__ import annotations

import pytest

from grantex_tui.datadog.pipeline import PipelineError, parse_pipeline


HEADERS = {
    "http": {
        "headers": [
            1,
            {"name": "Accept", "value": "json"},
            {"name": "Referrer", "value": "https://x"},
        ]
    }
}


def array(kind, **more):
    return {"type": "array-processor", "operation": {"type": kind, **more}}


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        (array("length", source="a", target="n"), {"a": [1, 2]}, {"a": [1, 2], "n": 2}),
        (array("length", source="a", target="n"), {"a": "x"}, {"a": "x"}),
        (array("append", source="v", target="a"), {"a": [1], "v": 2}, {"a": [1, 2], "v": 2}),
        (array("append", source="v", target="a", preserve_source=False), {"a": [1], "v": 2}, {"a": [1, 2]}),
        (array("append", source="v", target="a.b"), {"v": 2}, {"v": 2, "a": {"b": [2]}}),
        (array("append", source="v", target="a"), {"a": "x", "v": 2}, {"a": "x", "v": 2}),
        (array("append", source="v", target="a"), {"a": [1]}, {"a": [1]}),
        (array("select", source="l", target="t", filter="name:b", value_to_extract="v"),
         {"l": [{"name": "a", "v": 1}, {"name": "b", "v": 2}]}, {"l": [{"name": "a", "v": 1}, {"name": "b", "v": 2}], "t": 2}),
        (array("select", source="l", target="t", filter="name:b", value_to_extract="v"), {"l": [{"name": "c"}]}, {"l": [{"name": "c"}]}),
        (array("extract-key-value", source="l", target="t", key_to_extract="k", value_to_extract="v"),
         {"l": [{"k": "a", "v": 1}, {"k": "b"}, 5]}, {"l": [{"k": "a", "v": 1}, {"k": "b"}, 5], "t": {"a": 1}}),
        (array("extract-key-value", source="l", key_to_extract="k", value_to_extract="v"),
         {"l": [{"k": "a", "v": 1}], "a": 0}, {"l": [{"k": "a", "v": 1}], "a": 0}),
        (array("extract-key-value", source="l", key_to_extract="k", value_to_extract="v", override_on_conflict=True),
         {"l": [{"k": "a", "v": 1}], "a": 0}, {"l": [{"k": "a", "v": 1}], "a": 1}),
    ],
)  # fmt: skip
def test_arrays(attributes_after, operation, before, after):
    assert attributes_after(before, operation) == after


def test_select_as_on_datadogs_page(attributes_after):
    select = array(
        "select", source="http.headers", target="referrer", filter="name:Referrer", value_to_extract="value"
    )  # fmt: skip
    assert attributes_after(HEADERS, select)["referrer"] == "https://x"


@pytest.mark.parametrize(
    ("processor", "code", "where"),
    [
        ({"type": "array-processor"}, "not-an-object", "operation"),
        (array("lenght", source="a", target="b"), "invalid-value", "operation.type"),
        (array("select", source="a", target="b", filter="(", value_to_extract="c"), "invalid-query", "operation.filter"),
        (array("append", source="a"), "missing-key", "operation.target"),
        ({"type": "decoder-processor", "source": "a", "target": "b"}, "missing-key", "binary_to_text_encoding"),
        ({"type": "array-map-processor", "source": "a", "target": "a", "preserve_source": False, "processors": []},
         "invalid-value", "preserve_source"),
        ({"type": "array-map-processor", "source": "a", "target": "b", "processors": [{"type": "url-parser"}]},
         "not-within-array-map", "processors[0].type"),
        ({"type": "exclude-attribute"}, "missing-key", "attribute_to_exclude"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(pipeline, processor, code, where):
    with pytest.raises(PipelineError) as caught:
        parse_pipeline(pipeline(processor))
    problem = caught.value.problem
    assert (problem.code, problem.where) == (code, f"processors[0].{where}")


def mapping(*processors, **more):
    return {
        "type": "array-map-processor",
        "source": "a",
        "target": "t",
        "processors": list(processors),
        **more,
    }


BUILD = {
    "type": "string-builder-processor",
    "template": "%{$sourceElem.x}-%{all}",
    "target": "$targetElem.y",
}
DOUBLE = {"type": "arithmetic-processor", "expression": "$sourceElem * 2", "target": "$targetElem"}
MOVE = {"type": "attribute-remapper", "sources": ["$sourceElem.x"], "target": "$targetElem.z"}
SIZE = {
    "type": "category-processor",
    "target": "$targetElem.size",
    "categories": [{"name": "big", "filter": {"query": "@$sourceElem.x:>1"}}],
}


@pytest.mark.parametrize(
    ("processor", "before", "target"),
    [
        (mapping(BUILD), {"a": [{"x": 1}, {"x": 2}], "all": "q"}, [{"y": "1-q"}, {"y": "2-q"}]),
        (mapping(DOUBLE), {"a": [1, 2.5]}, [2, 5]),
        (mapping(MOVE, SIZE), {"a": [{"x": 1}, {"x": 2}]}, [{"z": 1}, {"z": 2, "size": "big"}]),
        (mapping(MOVE), {"a": [{"x": 1}, {"o": 2}]}, [{"z": 1}]),
        (mapping(MOVE, target="a"), {"a": [{"x": 1}]}, None),
        (mapping(MOVE), {"a": "no array"}, None),
    ],
)
def test_an_array_is_mapped(attributes_after, processor, before, target):
    after = attributes_after(before, processor)
    assert after.get("t") == target
    if processor["target"] == "t":
        assert after["a"] == before["a"]
        assert not [key for key in after if key.startswith("$")]


def test_an_array_is_mapped_where_it_stands_and_taken_away(attributes_after):
    assert attributes_after({"a": [{"x": 1}]}, mapping(MOVE, target="a")) == {
        "a": [{"x": 1, "z": 1}]
    }
    assert attributes_after({"a": [{"x": 1}]}, mapping(MOVE, preserve_source=False)) == {
        "t": [{"z": 1}]
    }


def decoder(encoding, representation="utf_8"):
    return {"type": "decoder-processor", "source": "a", "target": "t",
            "binary_to_text_encoding": encoding, "input_representation": representation}  # fmt: skip


@pytest.mark.parametrize(
    ("processor", "value", "decoded"),
    [
        (decoder("base64"), "aGVsbG8=", "hello"),
        (decoder("base16"), "68656c6C6F", "hello"),
        (decoder("base64"), "no base64", None),
        (decoder("base64"), "/w==", None),
        (decoder("base16"), "6", None),
        (decoder("base16", "integer"), "0100", 256),
        (decoder("base16", "integer"), "ff" * 8, None),
        (decoder("base64"), 5, None),
    ],
)
def test_decoders(attributes_after, processor, value, decoded):
    assert attributes_after({"a": value}, processor).get("t") == decoded


def test_an_excluded_attribute_goes(attributes_after):
    exclude = {"type": "exclude-attribute", "attribute_to_exclude": "a.b"}
    assert attributes_after({"a": {"b": 1, "c": 2}, "d": 3}, exclude) == {"a": {"c": 2}, "d": 3}
