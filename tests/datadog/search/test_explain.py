"""Why a log matches: each clause with what it saw."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.search import (
    And,
    Field,
    Not,
    Or,
    compile_node,
    count_by,
    explain,
    facet_reader,
    parse,
    render_explanation,
)


def test_every_clause_says_what_it_saw(make_log):
    log = make_log(
        {"source": "grantex", "type": "grant.created", "n": [1, 2.0], "tags": ["env:dev", "env:qa"]}
    )
    query = "source:grantex (@type:grant.revoked OR @data.n:>5) -env:dev @n:2 hello *:x"
    assert render_explanation(explain(parse(query), log)).split("\n") == [
        "✗ all of",
        '  ✓ source:grantex   (source is "grantex")',
        "  ✗ any of",
        '    ✗ @type:grant.revoked   (@type is "grant.created")',
        "    ✗ @data.n:>5   (@data.n is absent)",
        "  ✗ not",
        '    ✓ env:dev   (env is "dev", "qa")',
        '  ✓ @n:2   (@n is "1", "2")',
        "  ✗ hello   (message is absent)",
        "  ✗ *:x   (looked at 5 values)",
    ]


def test_everything_is_said_so(make_log):
    assert render_explanation(explain(parse(""), make_log({}))) == "✓ everything"


def test_what_a_log_holds_is_data_and_is_cut(make_log):
    log = make_log({"a": ["\x1b]0;pwned\x07", "x" * 5000, *range(20)]})
    shown = render_explanation(explain(parse("@a:*"), log))
    assert "\x1b" not in shown
    assert "\n" not in shown
    assert len(shown) < 400
    assert shown.endswith("and 17 more)")


TEXTS = st.sampled_from(["a", "b", "1", "a b"])
NAMES = st.sampled_from(["@x", "@x.y", "tag", "service", "tags", "message", "status"])


@given(st.data())
def test_explanations_agree_with_matching_and_add_up(nodes, make_log, data):
    node = data.draw(nodes(TEXTS, NAMES))
    log = make_log(
        data.draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "x": st.recursive(
                        TEXTS | st.integers(0, 2) | st.booleans() | st.none(),
                        lambda inner: (
                            st.lists(inner, max_size=2)
                            | st.dictionaries(st.just("y"), inner, max_size=1)
                        ),
                        max_leaves=4,
                    ),
                    "tags": st.lists(st.sampled_from(["tag", "tag:a", "tag:1", "b"]), max_size=2),
                    "service": TEXTS,
                    "message": TEXTS,
                },
            )
        )
    )
    _check(explain(node, log), log)


def _check(explanation, log):
    assert explanation.matched is compile_node(explanation.node)(log)
    parts = [child.matched for child in explanation.children]
    match explanation.node:
        case And():
            assert explanation.matched is all(parts)
        case Or():
            assert explanation.matched is any(parts)
        case Not():
            assert parts == [not explanation.matched]
    for child in explanation.children:
        _check(child, log)


def test_facets_are_read_as_datadog_shows_them(make_log):
    log = make_log(
        {
            "a": {"b": [1, 1.0, "x", None, True]},
            "tags": ["env:prod", "env:prod", "env", "team:x:y"],
            "service": "s",
        }
    )
    read = {name: facet_reader(Field.of(name))(log) for name in ("@a.b", "env", "team", "service")}
    assert read == {
        "@a.b": ("1", "x", "true"),
        "env": ("prod", ""),
        "team": ("x:y",),
        "service": ("s",),
    }
    assert facet_reader(Field.of("host"))(log) == ()
    assert facet_reader(Field.of("tags"))(log)[0] == "env:prod"


def test_counts_are_by_value_the_most_frequent_first(make_log):
    logs = [make_log({"a": value}) for value in ("x", "y", ["y", "z"], None)]
    assert count_by(logs, Field.of("@a")) == [("y", 2), ("x", 1), ("z", 1)]
