"""A log is anybody's: none may stop the pipelines that it goes through."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.datadog.entry import take_entry
from grantex_tui.datadog.log import Log
from grantex_tui.datadog.pipeline import compile_pipelines, parse_pipeline
from grantex_tui.datadog.pipeline.attributes import overlap
from grantex_tui.datadog.pipeline.grok import parse_grok
from grantex_tui.datadog.pipeline.grok.engines import _backtracking, _linear, _re2
from grantex_tui.datadog.pipeline.grok.regex import Translation
from grantex_tui.datadog.pipeline.processor import ANYWHERE


NOW = 1_795_490_000_000
FILTERS = [
    "json",
    "keyvalue",
    "querystring",
    "rubyhash",
    'csv("a.b,c")',
    "array",
    "url",
    "integer",
    "xml",
]


def nested(kind, depth):
    opening, closing = {"list": ("[", "]"), "object": ('{"a":', "}"), "hash": ("{:a=>", "}")}[kind]
    return opening * depth + "1" + closing * depth


@pytest.mark.parametrize("filter_", FILTERS)
@pytest.mark.parametrize(
    "text",
    [
        "a" + ".b" * 30_000 + "=1",
        nested("object", 900),
        nested("list", 900),
        nested("hash", 900),
        "<a>" * 900 + "</a>" * 900,
        json.dumps({"a" + ".b" * 30_000: 1}),
        "{" + '"a":1,' * 10_000 + '"b":2}',
        "9" * 5_000,
        "\ud800 \x00",
    ],
    ids=range(9),
)
def test_grok_takes_any_text(filter_, text):
    (rule,) = parse_grok(f"r %{{data::{filter_}}}")
    rule.extract(text, now=NOW)


KEYS = ["a", "b", "a.b", "message", "tags", "service", "0", "$sourceElem", ""]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([10**400, "2026-11-24T03:00:00Z", "10.0.0.1", "http://[::1", "%zz", "/w==", "9" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
PATHS = st.sampled_from(["a", "b", "a.b", "a.0", "a.b.0.a", "message", "service", "custom.a", "0"])


def of(kind, **settings):
    return st.fixed_dictionaries(
        {"type": st.just(kind), "is_enabled": st.just(True), **settings}
    )  # fmt: skip


SOURCES = st.lists(PATHS, min_size=1, max_size=3)
PROCESSORS = st.one_of(
    of("attribute-remapper", sources=SOURCES, target=PATHS, preserve_source=st.booleans(),
       override_on_conflict=st.booleans(), source_type=st.sampled_from(["attribute", "tag"]),
       target_type=st.sampled_from(["attribute", "tag"]), target_format=st.sampled_from(["auto", "string", "integer", "double"])),
    *(of(kind, sources=SOURCES) for kind in ("status-remapper", "service-remapper", "date-remapper",
                                            "message-remapper", "trace-id-remapper", "span-id-remapper")),
    of("string-builder-processor", template=PATHS.map("x %{{{}}}".format), target=PATHS, is_replace_missing=st.booleans()),
    of("arithmetic-processor", expression=PATHS.map("{} * 2 / b".format), target=PATHS),
    of("url-parser", sources=SOURCES, target=PATHS),
    of("user-agent-parser", sources=SOURCES, target=PATHS, is_encoded=st.booleans()),
    of("exclude-attribute", attribute_to_exclude=PATHS),
    of("lookup-processor", source=PATHS, target=PATHS, lookup_table=st.just(["1,one"]), default_lookup=st.just("none")),
    of("decoder-processor", source=PATHS, target=PATHS, binary_to_text_encoding=st.sampled_from(["base64", "base16"]),
       input_representation=st.sampled_from(["utf_8", "integer"])),
    of("array-processor", operation=st.one_of(
        st.fixed_dictionaries({"type": st.sampled_from(["length", "append"]), "source": PATHS, "target": PATHS}),
        st.fixed_dictionaries({"type": st.just("select"), "source": PATHS, "target": PATHS, "filter": st.just("a:1"), "value_to_extract": PATHS}),
        st.fixed_dictionaries({"type": st.just("extract-key-value"), "source": PATHS, "key_to_extract": PATHS, "value_to_extract": PATHS}),
    )),
    of("array-map-processor", source=PATHS, target=PATHS, processors=st.just(
        [{"type": "attribute-remapper", "sources": ["$sourceElem.a", "$sourceElem"], "target": "$targetElem.b"}])),
    of("grok-parser", source=PATHS, grok=st.sampled_from([{"match_rules": f"r %{{data::{name}}}"} for name in FILTERS])),
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(PROCESSORS, max_size=6), st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_any_log_goes_through_any_pipeline(processors, attributes):
    obj = {"name": "p", "is_enabled": True, "processors": processors}
    process = compile_pipelines([parse_pipeline(obj)])
    log = Log("m", attributes, ("a:1", "b"), NOW, "info", "h", "s")
    done = process(log, received_at=NOW)
    assert isinstance(done.attributes, dict)
    assert all(
        isinstance(text, str) for text in (done.message, done.status, done.service, *done.tags)
    )
    assert isinstance(done.timestamp, int)


def leaves(value, path=""):
    """Every path of nested objects, with its value."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif path:
        yield path, repr(value)


@settings(max_examples=400)
@given(PROCESSORS, st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_a_processor_changes_only_what_it_says(processor, attributes):
    obj = {"name": "p", "is_enabled": True, "processors": [processor]}
    parsed = parse_pipeline(obj)
    effects = parsed.processors[0].effects()
    log = Log("m", attributes, ("a:1", "b"), NOW - 1, "ok", "h", "s")
    done = compile_pipelines([parsed])(log, received_at=NOW)
    before, after = dict(leaves(log.attributes)), dict(leaves(done.attributes))
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    unsaid = {
        path
        for path in changed
        if not any(at == ANYWHERE or overlap(at, path) for at in effects.writes)
    }
    assert not unsaid
    fields = {"message", "tags", "timestamp", "status", "host", "service", "source", "trace_id"}
    assert {name for name in fields if getattr(log, name) != getattr(done, name)} <= effects.fields


@pytest.mark.parametrize("kind", ["list", "object"])
def test_a_deep_log_goes_through_as_well(kind):
    log = take_entry({"message": '{"a":' + nested(kind, 900) + "}"}, received_at=NOW).log
    steps: list[dict[str, object]] = [
        {"type": "string-builder-processor", "template": "%{a}%{a.a}", "target": "t"},
        {"type": "attribute-remapper", "sources": ["a"], "target": "t.u"},
        {"type": "attribute-remapper", "sources": ["a" + ".a" * 5000], "target": "t" + ".u" * 5000},
    ]
    obj = {
        "name": "p",
        "is_enabled": True,
        "processors": [{**step, "is_enabled": True} for step in steps],
    }
    compile_pipelines([parse_pipeline(obj)])(log, received_at=NOW)


PIECES = [
    "%{word:x}",
    "%{data:y}",
    "%{integer:n}",
    "%{notSpace:s}",
    "%{ip:i}",
    " ",
    "a",
    ".*",
    r"\s+",
    "(",
    ")",
    "|",
    "?",
    "[[:alpha:]]",
    r"\.",
    "(?i)",
    ":",
]


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.text("aB1 .:\né", max_size=12)
)
def test_both_engines_say_the_same(pattern, text):
    """What RE2 takes matches in the other engine alike, group by group."""
    from grantex_tui.datadog.pipeline.grok.errors import GrokError
    from grantex_tui.datadog.pipeline.grok.rules import _Builder

    re2 = _re2()
    assert re2 is not None
    builder = _Builder({})
    builder.add(pattern)
    translated = "(?s)" + Translation("".join(builder.regex)).text
    linear = _linear(re2, translated)
    try:
        backtracking = _backtracking(translated)
    except GrokError:  # such as ``.*(?i)?``, which only RE2 reads
        return
    if linear is not None:
        assert linear(text) == backtracking(text)
