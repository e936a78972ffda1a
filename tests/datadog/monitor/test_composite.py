"""Composite monitors: their queries are read and checked, and it is said that they stay aside."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.kinds.composite import read_ids
from grantex_tui.datadog.monitor.load import load_file
from grantex_tui.datadog.monitor.query import parse_query
from grantex_tui.datadog.monitor.scanner import NotEvaluatedError, QueryError, Scanner
from grantex_tui.datadog.monitor.validate import validate_monitor


def composite(query: str) -> dict[str, object]:
    return {"name": "both", "type": "composite", "query": query, "message": "look @team"}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("1 && 2", "1 2"),
        ("12345 && !67890", "12345 67890"),
        ("!(1 || 2) && (3 && !!4)", "1 2 3 4"),
        ("7", "7"),
        ("((1)&&(2))||1", "1 2 1"),
    ],
)
def test_a_composite_names_the_monitors_that_it_joins(query, ids):
    assert read_ids(Scanner(query)) == ids.split()


@pytest.mark.parametrize(
    ("query", "at", "says"),
    [
        ("1 &&", 4, "expected the id of a monitor, found the end of the query"),
        ("1 & 2", 2, "unexpected '&'"),
        ("1 && (2 || 3", 5, "a parenthesis is never closed"),
        ("1 && 2)", 6, "unexpected ')'"),
        ("heartbeat && 2", 0, "expected the id of a monitor"),
        ("1 2", 2, "unexpected '2'"),
        ("12a && 3", 0, "expected the id of a monitor"),
        ("!", 1, "expected the id of a monitor"),
    ],
)
def test_what_joins_nothing_is_refused_at_its_character(query, at, says):
    with pytest.raises(QueryError) as caught:
        parse_query(query, type="composite")
    assert not isinstance(caught.value, NotEvaluatedError)
    assert caught.value.position == at
    assert says in caught.value.reason
    assert "invalid-query" in {each.code for each in validate_monitor(composite(query))}


def test_a_composite_is_left_out_and_that_is_said():
    log = {
        "name": "many", "type": "log alert", "message": "",
        "query": 'logs("*").index("*").rollup("count").last("5m") > 1',
        "options": {"thresholds": {"critical": 1}},
    }  # fmt: skip
    loaded = load_file(json.dumps([log, composite("1 && !2")]), path="m.json")
    assert [monitor.name for monitor in loaded.monitors] == ["many"]
    (other,) = loaded.others
    assert "a composite of the monitors 1, 2 is not evaluated here" in other.text
    (problem,) = validate_monitor(composite("1 && !2"))
    assert (problem.code, problem.severity) == ("not-evaluated-locally", "advice")


@given(st.text("12 ()!&|", max_size=20))
def test_no_text_does_more_than_be_refused(text):
    with pytest.raises(QueryError):
        parse_query(text, type="composite")


def test_depth_hurts_nobody():
    deep = "!(" * 50_000 + "1" + ")" * 50_000
    assert read_ids(Scanner(deep)) == ["1"]


EXPRESSIONS = st.recursive(
    st.integers(1, 10**9).map(str),
    lambda inner: st.one_of(
        inner.map("!{}".format),
        inner.map("({})".format),
        st.tuples(inner, st.sampled_from([" && ", "||"]), inner).map("".join),
    ),
)


@given(EXPRESSIONS)
def test_every_expression_of_ids_is_read(expression):
    ids = read_ids(Scanner(expression))
    plain = expression.replace("||", " ").replace("&&", " ")
    assert ids == [part.strip("!() ") for part in plain.split()]
