from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.formula import parse_formula
from grantex_tui.datadog.monitor.scanner import NotEvaluatedError, QueryError


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a", 6.0),
        ("a / b * 100", 300.0),
        ("a + b * 2", 10.0),
        ("(a + b) * 2", 16.0),
        ("a - b - 1", 3.0),
        ("12 / a / b", 1.0),
        ("-a + b", -4.0),
        ("a * -b", -12.0),
        ("--a", 6.0),
        ("a-1.5", 4.5),
        (".5*a", 3.0),
        ("1e2 - a", 94.0),
        ("abs(b - a)", 4.0),
        ("default_zero(missing) + b", 2.0),
        ("log2(a + b)", 3.0),
        ("a / (b - 2)", None),
        ("a / missing", None),
        ("missing", None),
        ("unheard_of", None),
        ("0 * missing", None),
        ("log10(b - 2)", None),
        ("a * 1e308 * 1e308", None),
    ],
)
def test_results(text, result):
    assert parse_formula(text).evaluate({"a": 6.0, "b": 2.0, "missing": None}) == result


def test_names_are_listed_once_in_their_order():
    assert parse_formula("b / (a + b) - default_zero(c)").names == ("b", "a", "c")


@pytest.mark.parametrize(
    ("text", "position"),
    [("", 0), ("a +", 3), ("a b", 2), ("(a", 0), ("a)", 1), ("a ** b", 3), ("a % b", 2), ("1x", 0)],
)
def test_errors_have_positions(text, position):
    with pytest.raises(QueryError) as caught:
        parse_formula(text)
    assert caught.value.position == position


def test_functions_that_are_not_evaluated_are_named():
    with pytest.raises(NotEvaluatedError, match=r"cumsum\(\)"):
        parse_formula("cumsum(a)")


def test_endless_parentheses_are_refused_not_overflowing_the_stack():
    with pytest.raises(QueryError, match="more than 50"):
        parse_formula("(" * 10_000)


def expressions():
    leaves = st.integers(0, 9).map(str) | st.sampled_from(["a", "b"])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(
                lambda t: f"({t[0]} {t[1]} {t[2]})"
            ),
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"{t[0]}{t[1]} {t[2]}"),
            inner.map(lambda t: f"-{t}"),
        ),
        max_leaves=12,
    )


@given(expressions(), st.integers(-5, 5), st.integers(-5, 5))
def test_the_same_as_pythons_own_arithmetic(text, a, b):
    try:
        expected = float(eval(text, {"a": float(a), "b": float(b)}))
    except ZeroDivisionError:
        expected = None
    result = parse_formula(text).evaluate({"a": float(a), "b": float(b)})
    if expected is None or not math.isfinite(expected):
        assert result is None
    else:
        assert result == expected
