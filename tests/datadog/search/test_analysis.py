"""Fields, required conditions and possible values: never a value too few."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.paths import facet_text
from grantex_tui.datadog.search import (
    Field,
    check_scope,
    compile_node,
    fields,
    parse,
    possible,
    possible_values,
    required_terms,
    to_text,
)


TYPE = Field.of("@type")
UNIVERSE = {"grant.created", "grant.revoked", "token.issued", "budget.exhausted"}


def kinds(query, field="@type"):
    return possible(parse(query), Field.of(field), UNIVERSE)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("*", UNIVERSE),
        ("service:x", UNIVERSE),
        ("@type:grant.revoked", {"grant.revoked"}),
        ("@type:grant.*", {"grant.created", "grant.revoked"}),
        ("@type:(grant.revoked OR token.issued) service:x", {"grant.revoked", "token.issued"}),
        ("-@type:grant.*", {"token.issued", "budget.exhausted"}),
        ("@type:grant.* -@type:*.created", {"grant.revoked"}),
        ("@type:grant.revoked OR service:x", UNIVERSE),
        (
            "@type:grant.revoked service:x OR @type:budget.* hello",
            {"grant.revoked", "budget.exhausted"},
        ),
        ("@type:nothing", set()),
        ("_missing_:@type", set()),
        ("_exists_:@type", UNIVERSE),
        ("*:grant", UNIVERSE),
        ("-(@type:grant.* OR service:x)", {"token.issued", "budget.exhausted"}),
        ("@type:>h", {"token.issued"}),
        ("type:grant.revoked", UNIVERSE),
    ],
)
def test_event_types_that_a_search_can_match(query, left):
    assert kinds(query) == left


def test_tags_and_own_fields_are_told_apart_from_attributes():
    assert kinds("type:grant.* @type:x", "type") == {"grant.created", "grant.revoked"}
    assert kinds("service:token.issued", "service") == {"token.issued"}
    assert kinds("hello", "message") == UNIVERSE


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("@type:a", {"a"}),
        ("@type:(a OR b) x", {"a", "b"}),
        ("@type:(a OR b) @type:(b OR c)", {"b"}),
        ("@type:a OR x", None),
        ("@type:a*", None),
        ("-@type:a", None),
        ("--@type:a", {"a"}),
        ("@type:7.0", {"7", "7.0"}),
        ("x", None),
    ],
)
def test_exact_values_without_a_universe(query, values):
    assert possible_values(parse(query), TYPE) == values


@pytest.mark.parametrize("query", ["status:warning", "STATUS:x", "hello", "*:x"])
def test_fields_of_several_names_are_never_narrowed(query):
    for field in ("status", "message", "*"):
        assert possible_values(parse(query), Field.of(field)) is None


TEXTS = st.sampled_from(["a", "b", "ab", "1", "1.0", "true", ""])
NAMES = st.sampled_from(["@x", "@x.y", "@z", "x", "service", "status", "tags", "message"])
VALUES = st.sampled_from(["a", "b", "ab", "ba", "true", "1", True, 1, 1.0, 0.5, "a b"])


@given(st.data(), st.sampled_from(["@x", "x", "service", "@x.y", "@z"]))
def test_a_value_left_out_never_matches(nodes, data, name):
    """Brute force: whatever else a log holds, if it matches, its value was possible."""
    node = data.draw(nodes(TEXTS, NAMES))
    value = data.draw(VALUES)
    z = data.draw(VALUES | st.none())
    message = data.draw(TEXTS)
    field = Field.of(name)
    text = facet_text(value)
    attributes = {"z": z}
    own = ""
    tags: tuple[str, ...] = ()
    match name:
        case "@x" | "@z":
            attributes[name[1:]] = value
        case "@x.y":
            attributes.update(data.draw(st.sampled_from([{"x": {"y": value}}, {"x.y": value}])))
        case "x":
            tags = (f"x:{text}", "other:1")
        case _:
            own = text
    log = Log(message=message, attributes=attributes, tags=tags, status="a", service=own)
    if compile_node(node)(log):
        assert text in possible(node, field, {text, "zzz"})
        values = possible_values(node, field)
        assert values is None or text in values
        assert all(compile_node(term)(log) for term in required_terms(node))


def test_required_conditions_are_those_of_every_match():
    node = parse("source:grantex -env:dev (a OR b) (c d)")
    assert [to_text(term) for term in required_terms(node)] == [
        "source:grantex",
        "-env:dev",
        "c",
        "d",
    ]
    assert required_terms(parse("a OR b")) == ()


def test_fields_are_all_that_a_search_reads():
    node = parse("source:grantex -(@a.b:1 OR env:x) hello *:y tags:z")
    assert {str(field) for field in fields(node)} == {
        "source", "@a.b", "env", "message", "*", "tags",
    }  # fmt: skip
    assert fields(parse("*")) == frozenset()


def test_full_text_is_reported_where_datadog_has_none():
    node = parse("source:x (*:hello OR -*:hello)")
    assert check_scope(node, "pipeline") == (
        "full-text search does not work in a pipeline filter: *:hello",
    )
    assert check_scope(node, "monitor") == ()
    assert check_scope(parse("hello"), "index") == ()
