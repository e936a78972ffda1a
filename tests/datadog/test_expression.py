"""The three dialects of expressions are one language where they overlap: Python's own arithmetic."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.expression import DEEPEST, ExpressionError
from grantex_tui.datadog.message.arithmetic import parse_arithmetic
from grantex_tui.datadog.monitor.formula import parse_formula
from grantex_tui.datadog.pipeline.formula import parse_expression


VALUES = {"a": 3.0, "b": -0.5, "c": 0.0}
ATOMS = st.sampled_from([*VALUES, "2", "0.25", "7"])
TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("- {}".format),
    ),
    max_leaves=12,
)


def by_python(text: str) -> float | None:
    try:
        return float(eval(text, {"__builtins__": {}}, VALUES))  # our own digits, names and signs
    except ZeroDivisionError:
        return None


@given(TEXTS)
def test_all_three_compute_what_python_computes(text):
    expected = by_python(text)
    monitor = parse_formula(text).evaluate(VALUES)
    pipeline = parse_expression(text).value(VALUES.get)
    message = parse_arithmetic(text).evaluate(lambda parts: VALUES.get(".".join(parts)))
    for found in (monitor, pipeline, message):
        if expected is None:
            assert found is None
        else:
            assert isinstance(found, int | float)
            assert math.isclose(found, expected, abs_tol=1e-8)


@given(TEXTS, st.sampled_from(list(VALUES)))
def test_a_name_without_a_value_leaves_no_result(text, missing):
    known = {name: value for name, value in VALUES.items() if name != missing}
    if missing in text:
        assert parse_formula(text).evaluate(known) is None
        assert parse_expression(text).value(known.get) is None


@given(st.text("ab12.()+-*/^%,' ", max_size=30))
def test_nonsense_is_an_error_inside_the_text(text):
    position = 0
    try:
        parse_arithmetic(text)
    except ExpressionError as error:
        position = error.position
    assert 0 <= position <= len(text)


@pytest.mark.parametrize("opening", ["(", "abs(", "2 ^ ("])
def test_levels_are_limited_before_the_stack_is(opening):
    many = DEEPEST // opening.count("(") // (2 if "^" in opening else 1)
    assert parse_arithmetic(opening * many + "1" + ")" * many).paths == ()
    with pytest.raises(ExpressionError, match="more than 50 levels"):
        parse_arithmetic(opening * 5000 + "1" + ")" * 5000)
