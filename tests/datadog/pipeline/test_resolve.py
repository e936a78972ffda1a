from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.paths import values_at
from grantex_tui.datadog.pipeline import (
    Copy,
    Derived,
    FirstOf,
    Untouched,
    compile_pipelines,
    parse_pipeline,
    resolve,
)
from grantex_tui.datadog.pipeline.attributes import read
from tests.support.attributes import target_is_free


NOW = 1_795_490_000_000


def remapper(source, target, **settings):
    sources = source if isinstance(source, list) else [source]
    return {
        "type": "attribute-remapper",
        "sources": sources,
        "target": target,
        "preserve_source": True,
        "is_enabled": True,
        **settings,
    }


def origin(pipelines, path):
    """What `resolve` says, without the filter's function."""
    found = resolve([parse_pipeline(obj) for obj in pipelines], path)
    if isinstance(found, Copy):
        return found.source_path
    return list(found.source_paths) if isinstance(found, FirstOf) else type(found)


@pytest.mark.parametrize(
    ("processors", "path", "expected"),
    [
        ([remapper("a", "t")], "t", "a"),
        ([remapper("a", "t")], "a", Untouched),
        ([remapper("a", "t")], "tt", Untouched),
        ([remapper("a", "t.u")], "t", Derived),
        ([remapper("a", "t")], "t.u", Derived),
        ([remapper(["a", "b"], "t")], "t", ["a", "b"]),
        ([remapper("a", "t"), remapper("b", "t")], "t", ["a", "b"]),
        ([remapper("a", "t"), remapper("b", "u")], "u", "b"),
        ([remapper("a", "t", preserve_source=False)], "t", Derived),
        ([remapper("a", "t", preserve_source=False)], "a", Derived),
        ([remapper("a", "t", override_on_conflict=True)], "t", Derived),
        ([remapper("a", "t", target_format="integer")], "t", Derived),
        ([remapper("a", "t", source_type="tag")], "t", Derived),
        ([remapper("a", "t", target_type="tag")], "t", Untouched),
        ([remapper("a", "a.b")], "a.b", Derived),
        ([remapper("x", "a"), remapper("a", "t")], "t", Derived),
        ([remapper("x", "a.b"), remapper("a", "t")], "t", Derived),
        ([remapper("a", "t"), remapper("x", "a")], "t", "a"),
        ([remapper("a", "t", is_enabled=False)], "t", Untouched),
        ([{"type": "string-builder-processor", "template": "x", "target": "t"}], "t", Derived),
        ([{"type": "grok-parser", "grok": {"match_rules": "r %{data::json}"}}], "t", Derived),
        ([{"type": "grok-parser", "grok": {"match_rules": "r %{data:x}"}}], "t", Untouched),
        ([{"type": "pipeline", "processors": [remapper("a", "t")]}], "t", Derived),
        ([{"type": "status-remapper", "sources": ["t"]}], "t", Untouched),
        ([{"type": "geo-ip-parser", "target": "t"}], "t", Untouched),
    ],
)
def test_origins(pipeline, processors, path, expected):
    assert origin([pipeline(*processors)], path) == expected


def test_of_several_pipelines_only_a_copy_in_the_first_is_certain(pipeline):
    copying, other = pipeline(remapper("a", "t")), pipeline(remapper("b", "u"))
    assert origin([copying, other], "t") == "a"
    assert origin([other, copying], "t") is Derived
    assert origin([copying, copying], "t") is Derived
    assert origin([{**other, "is_enabled": False}, copying], "t") == "a"


def test_a_quoted_key_is_touched_by_what_moves_the_key_itself(pipeline):
    moves = pipeline(remapper("a.b", "t", preserve_source=False))
    assert origin([moves], '"a.b"') is Derived
    assert origin([moves], '"a.c"') is Untouched


def test_no_pipeline_touches_nothing():
    assert resolve([], "a") == Untouched()


def test_writes_lists_targets_and_moved_sources(pipeline):
    parsed = parse_pipeline(
        pipeline(
            remapper("a", "t"),
            remapper("b", "u", preserve_source=False),
            remapper("c", "v", is_enabled=False),
            remapper("d", "w", target_type="tag"),
            {"type": "url-parser"},
            {"type": "pipeline", "processors": [remapper("e", "x")]},
        )
    )
    assert parsed.writes() == {"t", "b", "u", "http.url_details", "x"}


def test_the_filter_comes_along(pipeline):
    found = resolve([parse_pipeline(pipeline(remapper("a", "t"), query="source:grantex"))], "t")
    assert isinstance(found, Copy)
    assert found.matches(Log(source="grantex"))
    assert not found.matches(Log(source="other"))


NAMES = st.lists(st.sampled_from("abct"), min_size=1, max_size=3).map(".".join)
COPIES = st.builds(
    remapper,
    st.lists(NAMES, min_size=1, max_size=2),
    NAMES,
    preserve_source=st.booleans() | st.just(True),
    override_on_conflict=st.just(False) | st.booleans(),
    target_format=st.sampled_from(["auto", "auto", "string"]),
    is_enabled=st.booleans() | st.just(True),
)
OTHERS = st.builds(
    lambda target: {
        "type": "string-builder-processor",
        "template": "x",
        "target": target,
        "is_enabled": True,
    },
    NAMES,
)
VALUES = st.recursive(
    st.none() | st.integers(0, 3) | st.sampled_from(["x", "y"]),
    lambda inner: st.dictionaries(st.sampled_from(["a", "b", "c", "t", "a.b"]), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c", "t", "a.b", "t.a"]), VALUES, max_size=4)
PIPELINES = st.lists(
    st.builds(
        lambda processors, enabled: {
            "name": "p",
            "is_enabled": enabled,
            "processors": processors,
        },
        st.lists(COPIES | COPIES | OTHERS, max_size=5),
        st.booleans() | st.just(True),
    ),
    max_size=2,
)


@settings(max_examples=400)
@given(PIPELINES, OBJECTS, NAMES)
def test_whatever_is_said_of_a_path_agrees_with_processing_the_log(objects, attributes, path):
    pipelines = [parse_pipeline(obj) for obj in objects]
    found = resolve(pipelines, path)
    log = Log(attributes=attributes)
    value = read(compile_pipelines(pipelines)(log, received_at=NOW).attributes, path)
    if isinstance(found, Untouched):
        assert value == read(attributes, path)
        after = compile_pipelines(pipelines)(log, received_at=NOW).attributes
        assert values_at(after, path) == values_at(attributes, path)
    elif target_is_free(attributes, path):
        if isinstance(found, Copy):
            assert value == read(attributes, found.source_path)
        elif isinstance(found, FirstOf):
            values = (read(attributes, source) for source in found.source_paths)
            assert value == next((value for value in values if value is not None), None)
