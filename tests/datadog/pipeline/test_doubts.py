"""What is not evaluated leaves everything in doubt that follows from it, and nothing else."""

from __future__ import annotations

import pytest

from grantex_tui.datadog.pipeline import Doubts, parse_pipeline
from grantex_tui.datadog.search import Field


UNKNOWN = {
    "type": "lookup-processor",
    "source": "a",
    "target": "u.v",
    "lookup_enrichment_table": "t",
}


def copy(source, target, **more):
    return {
        "type": "attribute-remapper",
        "sources": [source],
        "target": target,
        "preserve_source": True,
        **more,
    }


def category(query, target="c"):
    return {
        "type": "category-processor",
        "target": target,
        "categories": [{"name": "x", "filter": {"query": query}}],
    }


@pytest.fixture
def doubted(pipeline):
    """Whether a field, as a search writes it, is in doubt after one or more pipelines."""

    def ask(field, *pipelines):
        doubts = Doubts([parse_pipeline(pipeline(*processors)) for processors in pipelines])
        return bool(doubts.of(Field.of(field)))

    return ask


@pytest.mark.parametrize(
    ("field", "processors", "expected"),
    [
        ("@u.v", [UNKNOWN], True),
        ("@u", [UNKNOWN], True),
        ("@u.v.w", [UNKNOWN], True),
        ("@u.w", [UNKNOWN], False),
        ("@a", [UNKNOWN], False),
        ("*", [UNKNOWN], True),
        ("*", [copy("a", "b")], False),
        ("status", [UNKNOWN], False),
        ("@u.v", [{**UNKNOWN, "is_enabled": False}], False),
        # what goes by it
        ("@t", [UNKNOWN, copy("u.v", "t")], True),
        ("@t", [copy("u.v", "t"), UNKNOWN], False),
        ("@c", [UNKNOWN, category("@u.v:1")], True),
        ("@c", [UNKNOWN, category("@a:1")], False),
        ("@d", [UNKNOWN, category("@u.v:1"), copy("c", "d")], True),
        ("status", [UNKNOWN, {"type": "status-remapper", "sources": ["u.v"]}], True),
        ("service", [UNKNOWN, {"type": "service-remapper", "sources": ["a"]}], False),
        ("env", [UNKNOWN, copy("u.v", "env", target_type="tag")], True),
        ("timestamp", [UNKNOWN, {"type": "date-remapper", "sources": ["u.v"]}], True),
        ("message", [UNKNOWN, {"type": "message-remapper", "sources": ["u.v"]}], True),
        ("@s", [UNKNOWN, {"type": "string-builder-processor", "template": "x %{u.v}", "target": "s"}], True),
        ("@n", [UNKNOWN, {"type": "arithmetic-processor", "expression": "u.v + 1", "target": "n"}], True),
        ("@t", [UNKNOWN, {"type": "pipeline", "filter": {"query": "@u.v:1"}, "processors": [{**copy("a", "t"), "is_enabled": True}]}], True),
        # a schema that names no targets may set anything, but no field of the log's own
        ("@x", [{"type": "schema-processor"}], True),
        ("@x", [{"type": "schema-processor", "mappers": [{"target": "ocsf.x"}]}], False),
        ("@ocsf.x", [{"type": "schema-processor", "mappers": [{"targets": {"id": "ocsf.x"}}]}], True),
        ("service", [{"type": "schema-processor"}], False),
    ],
)  # fmt: skip
def test_what_is_in_doubt(doubted, field, processors, expected):
    assert doubted(field, processors) is expected


def test_a_pipeline_whose_filter_is_in_doubt_leaves_all_it_writes_in_doubt(pipeline):
    behind = parse_pipeline(pipeline(copy("a", "t"), query="@u.v:1"))
    doubts = Doubts([parse_pipeline(pipeline(UNKNOWN)), behind])
    assert "reference table is not evaluated" in doubts.about("t")
    assert not Doubts([behind])
