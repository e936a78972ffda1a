"""Trees, canonical text, and errors that point at the fault."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grantex_tui.datadog.search import (
    And,
    Cidr,
    Compare,
    Everything,
    Exists,
    Field,
    Glob,
    Literal,
    Not,
    Or,
    Range,
    SearchError,
    Term,
    Wild,
    parse,
    to_text,
    tree_text,
)
from grantex_tui.datadog.search.parser import MAX_DEPTH
from grantex_tui.errors import ExitCode, GrantexTuiError


def free(text):
    return Term(Field("message"), Literal(text))


def at(path, matcher):
    return Term(Field("attribute", path), matcher)


def tag(key, text):
    return Term(Field("tag", key), Literal(text))


TREES = [
    ("", Everything()),
    ("foo bar", And((free("foo"), free("bar")))),
    ('"foo bar"', free("foo bar")),
    ("a OR b c", Or((free("a"), And((free("b"), free("c")))))),
    ("a b OR c", Or((And((free("a"), free("b"))), free("c")))),
    ("(a OR b) c", And((Or((free("a"), free("b"))), free("c")))),
    ("a (b c)", And((free("a"), And((free("b"), free("c")))))),
    ("((a))", free("a")),
    ("a:1 AND b:2 && c:3", And((tag("a", "1"), tag("b", "2"), tag("c", "3")))),
    ("a:1 || b:2", Or((tag("a", "1"), tag("b", "2")))),
    ("-a b", And((Not(free("a")), free("b")))),
    ("NOT a b", And((Not(free("a")), free("b")))),
    ("NOT(a b)", Not(And((free("a"), free("b"))))),
    ("+a +b", And((free("a"), free("b")))),
    ("--a", Not(Not(free("a")))),
    ("foo or bar", And((free("foo"), free("or"), free("bar")))),
    ("foo-bar", free("foo-bar")),
    ("f\\oo\\:bar", free("foo:bar")),
    ("fo\\o:bar\\:baz", tag("foo", "bar:baz")),
    ("@a.b:x", at("a.b", Literal("x"))),
    ("@a:*", at("a", Exists())),
    ("@a:**", at("a", Exists())),
    ("@a:[* TO *]", at("a", Exists())),
    ("_exists_:@a", at("a", Exists())),
    ("_exists_:(@a OR @b)", Or((at("a", Exists()), at("b", Exists())))),
    ('_missing_:"@a"', Not(at("a", Exists()))),
    ("_exists_:foo\\ bar", Term(Field("tag", "foo bar"), Exists())),
    ("@a:x*y?", at("a", Glob(("x", Wild.RUN, "y", Wild.ONE)))),
    ("@a:x**", at("a", Glob(("x", Wild.RUN)))),
    ("@a:x\\*", at("a", Literal("x*"))),
    ('@a:"x*"', at("a", Literal("x*"))),
    ("@a:>=10", at("a", Compare(">=", "10"))),
    ("@a:> 10", at("a", Compare(">", "10"))),
    ("@a:<-4.5E-4", at("a", Compare("<", "-4.5E-4"))),
    ("@a:[10 TO 20]", at("a", Range("10", "20"))),
    ("@a:{bar TO baz}", at("a", Range("bar", "baz", includes_low=False, includes_high=False))),
    ("@a:[1 TO *}", at("a", Range("1", None, includes_high=False))),
    ('@a:["x y" TO "*"]', at("a", Range("x y", "*"))),
    ("@a:[ba* TO b*z]", at("a", Range("ba*", "b*z"))),
    ("@t:[2026-01-01T00:00:00Z TO *]", at("t", Range("2026-01-01T00:00:00Z", None))),
    ("CIDR(@ip,10.0.0.0/8, ::/0)", at("ip", Cidr(("10.0.0.0/8", "::/0")))),
    ("NOT(CIDR(@ip, 10.0.0.0/8))", Not(at("ip", Cidr(("10.0.0.0/8",))))),
    ("CIDR x", And((free("CIDR"), free("x")))),
    ("host:h", Term(Field("reserved", "host"), Literal("h"))),
    ("message:h", free("h")),
    ("message:*", Term(Field("message"), Exists())),
    ("[* TO *]", Term(Field("message"), Exists())),
    ("tags:env\\:prod", Term(Field("tags"), Literal("env:prod"))),
    ("*:x", Term(Field("any"), Literal("x"))),
    ("*:(x OR y)", Or((Term(Field("any"), Literal("x")), Term(Field("any"), Literal("y"))))),
    ("foo:(*:*)", Everything()),
    ("-*", Not(Everything())),
    ("env:(a OR b -c)", Or((tag("env", "a"), And((tag("env", "b"), Not(tag("env", "c"))))))),
    (
        "env:(a OR @x:(b c))",
        Or((tag("env", "a"), And((at("x", Literal("b")), at("x", Literal("c")))))),
    ),
    ("env: prod", tag("env", "prod")),
    ("AND:x NOT:y", And((tag("AND", "x"), tag("NOT", "y")))),
    ("@state:OR", at("state", Literal("OR"))),
    ('@\\"a.b\\".c:x', at('"a.b".c', Literal("x"))),
    ('@"a.b".c:x', at('"a.b".c', Literal("x"))),
    ('"a.b":x', at('"a.b"', Literal("x"))),
    ("a\u3000b", And((free("a"), free("b")))),
]


@pytest.mark.parametrize(("text", "node"), TREES, ids=[text for text, _ in TREES])
def test_a_search_has_this_tree(text, node):
    assert parse(text) == node


ERRORS = [
    ("a AND", 2, "AND needs a search on its right"),
    ("AND a", 0, "AND needs a search on its left"),
    ("a OR OR b", 5, "OR needs a search on its left"),
    ("a OR AND b", 5, "AND needs a search on its left"),
    ("(a OR )", 3, "OR needs a search on its right"),
    ("NOT", 0, "NOT needs a search after it"),
    ("(- )", 1, "- needs a search after it"),
    ("a (b", 2, "never closed"),
    ("a)", 1, "never opened"),
    ("()", 1, "nothing between"),
    ("@a:()", 4, "nothing between"),
    ('a "b', 2, "quote is never closed"),
    ("a\\", 1, "nothing follows the backslash"),
    ("@a", 0, "needs a value"),
    ("@a:", 2, "value is missing"),
    ("a: AND b", 1, "value is missing"),
    ("(a:)", 2, "value is missing"),
    ("@:x", 0, "no key"),
    ("a*:x", 0, "no key"),
    (":x", 0, "can't stand here"),
    ("foo:a:b", 5, "can't stand inside"),
    ("foo[0]", 3, "can't stand inside"),
    ("@a:x]", 4, "can't stand inside"),
    ("!x", 0, "can't stand here"),
    ("#x:1", 0, "can't stand here"),
    ("@a:=1", 3, "can't stand here"),
    ("@a:[1 2]", 3, "[low TO high]"),
    ("@a:[1 to 2]", 3, "[low TO high]"),
    ("@a:[ TO 2]", 3, "[low TO high]"),
    ("@a:[1 TO 2", 3, "never closed"),
    ("@a:>", 3, "> needs a number"),
    ("@a:>=x*", 3, ">= needs a number"),
    ("CIDR()", 5, "needs a field"),
    ("CIDR(@a)", 4, "needs a block"),
    ("CIDR(@a, 10.0.0.0/33)", 9, "no CIDR block"),
    ("CIDR(@a, 10.0.0.0/8", 4, "never closed"),
    ("_exists_:x*", 9, "name of one field"),
    ("*:>5", 2, "words, phrases and wildcards only"),
    ("@" + "a." * 100 + "a:x", 0, "more than 100 keys"),
]


@pytest.mark.parametrize(("text", "position", "problem"), ERRORS, ids=[e[0] for e in ERRORS])
def test_what_is_no_search_is_refused_at_the_fault(text, position, problem):
    with pytest.raises(SearchError) as caught:
        parse(text)
    assert problem in caught.value.problem
    assert caught.value.position == position


def test_the_error_says_where_and_its_pointer_shows_it():
    with pytest.raises(SearchError) as caught:
        parse("foo:a:b c")
    error = caught.value
    assert isinstance(error, GrantexTuiError)
    assert error.exit_code == ExitCode.USAGE
    assert str(error).startswith("log search, character 6: : can't stand inside a value\n")
    assert error.pointer() == "foo:a:b c\n     ^"


def test_the_pointer_stands_under_wide_characters_and_hides_none():
    with pytest.raises(SearchError) as caught:
        parse("日本\x1b[31m)")
    line, caret = caught.value.pointer().split("\n")
    assert "\x1b" not in line
    assert caret == " " * 5 + "^"


def test_the_pointer_cuts_a_long_search_around_the_fault():
    with pytest.raises(SearchError) as caught:
        parse("x " * 500 + ") " + "y " * 500)
    line, caret = caught.value.pointer().split("\n")
    assert len(line) < 130
    assert line[len(caret) - 1] == ")"


@pytest.mark.parametrize("opening", ["(", "-", "NOT ", "a:("])
def test_nesting_is_refused_before_it_exhausts_the_stack(opening):
    closing = ")" * MAX_DEPTH if "(" in opening else ""
    assert to_text(parse(opening * MAX_DEPTH + "a" + closing))
    with pytest.raises(SearchError, match="nest deeper"):
        parse(opening * 100_000 + "a")


def test_neighbours_do_not_count_as_nesting():
    node = parse(" OR ".join(["(-a -b)"] * 2000))
    assert isinstance(node, Or)
    assert len(node.children) == 2000


WORDS = st.text(max_size=6) | st.sampled_from(
    ["AND", "OR", "NOT", "TO", "CIDR", "*", "", "-", "a b"]
)
NAMES = st.one_of(
    st.text(min_size=1, max_size=5).map("@".__add__),
    st.sampled_from(
        ["env", "host", "status", "tags", "message", "NOT", "CIDR", "a b", "-x", "@a.b"]
    ),
    st.text(min_size=1, max_size=5).filter(lambda name: name not in ("*", "@")),
)


@given(st.data())
def test_canonical_text_reads_back_as_the_same_tree(nodes, data):
    node = data.draw(nodes(WORDS, NAMES))
    assert parse(to_text(node)) == node


@given(st.text(alphabet='aT@:"\\()[]{}*?<>=-+!#~^&|. \n', max_size=25) | st.text(max_size=25))
@example("@a:[1 TO 2] OR NOT b")
def test_any_text_is_read_or_refused_and_what_is_read_survives_printing(text):
    try:
        node = parse(text)
    except SearchError as error:
        refused = error
    else:
        assert parse(to_text(node)) == node
        assert tree_text(node)
        return
    assert 0 <= refused.position <= len(text)
    assert refused.pointer()


def test_the_canonical_text_is_the_documented_style():
    text = 'NOT env:dev AND (@a:"x y" OR @b:"z") AND host:h && *:full AND tags:"env:prod"'
    assert to_text(parse(text)) == '-env:dev (@a:"x y" OR @b:z) host:h *:full tags:"env:prod"'


def test_the_tree_is_told_in_words():
    assert tree_text(parse("@a:x* -(env:p OR hi) @n:[1 TO *] *:f *")).split("\n") == [
        "all of",
        "  attribute @a is like x*",
        "  not",
        "    any of",
        '      tag env is "p"',
        '      message has the words "hi"',
        "  attribute @n is in [1 TO *]",
        '  any attribute or the message has the words "f"',
        "  everything",
    ]


def test_the_tree_is_safe_to_show():
    assert "\x1b" not in tree_text(parse('@a:"\x1b[31m"'))
