from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.pipeline.formula import FormulaError, as_number, parse_expression


def value(text, **numbers):
    return parse_expression(text).value(
        lambda path: numbers.get(path.replace(".", "_").replace("-", "_"))
    )


@pytest.mark.parametrize(
    ("text", "numbers", "expected"),
    [
        ("duration_ns / 1000000", {"duration_ns": 25000000}, 25),
        ("(end-time - start-time) / 1000", {"end_time": 5000, "start_time": 2000}, 3),
        ("a + b * 2", {"a": 1, "b": 3}, 7),
        ("(a + b) * 2", {"a": 1, "b": 3}, 8),
        ("a - b - c", {"a": 10, "b": 3, "c": 2}, 5),
        ("a / b / c", {"a": 12, "b": 3, "c": 2}, 2),
        ("a*b+c", {"a": 2, "b": 3, "c": 4}, 10),
        ("1.5e3 + a", {"a": 1}, 1501),
        ("- a", {"a": 2}, -2),
        ("2 * - a", {"a": 2}, -4),
        ("x", {"x": 0.1234567891}, 0.123456789),
        ("http.ms / 1000", {"http_ms": 500}, 0.5),
        ("((((a))))", {"a": 1}, 1),
    ],
)
def test_computes_formulas(text, numbers, expected):
    result = value(text, **numbers)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("a + b", {"a": 1}), ("a / b", {"a": 1, "b": 0}), ("a * a", {"a": 1e200})],
)
def test_has_no_value_when_an_attribute_is_missing_or_the_maths_fails(text, numbers):
    assert value(text, **numbers) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found the end at character 1"),
        ("a +", "found the end at character 4"),
        ("a b", "expected an operator, found 'b'"),
        ("(a", "'(' is never closed at character 1"),
        ("a)", "expected an operator, found ')'"),
        ("* a", "found '*' at character 1"),
        ("a ** b", "found '*' at character 4"),
        ("(" * 60 + "a" + ")" * 60, "more than 50 levels"),
    ],
)
def test_says_where_a_text_stops_being_a_formula(text, message):
    with pytest.raises(FormulaError) as caught:
        parse_expression(text)
    assert message in str(caught.value)


def test_a_minus_without_blanks_is_part_of_a_name():
    assert parse_expression("end-start").paths == ("end-start",)
    assert parse_expression("end - start").paths == ("end", "start")


def test_lists_each_path_once_and_no_numbers():
    assert parse_expression("a.b + a.b * 2 + c").paths == ("a.b", "c")


@given(st.text(alphabet="ab.+-*/() 12e", max_size=20))
def test_any_text_is_a_formula_or_a_clear_refusal(text):
    try:
        expression = parse_expression(text)
    except FormulaError as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017 - either outcome is fine
    else:
        expression.value(lambda _path: 1.0)


@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(1, 99))
def test_agrees_with_python(a, b, c):
    assert value("(a + b) * c - a / c", a=a, b=b, c=c) == pytest.approx(
        (a + b) * c - a / c, abs=1e-9
    )


@pytest.mark.parametrize(
    ("attribute", "number"),
    [
        (1, 1),
        (1.5, 1.5),
        ("2.5", 2.5),
        (" 3 ", 3),
        ("x", None),
        (True, None),
        (None, None),
        ([1], None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_numbers_and_texts_that_spell_one_count_as_numbers(attribute, number):
    assert as_number(attribute) == number


def test_fifty_parentheses_are_not_too_many():
    assert parse_expression("(" * 50 + "a" + ")" * 50).value({"a": 1.0}.get) == 1
    with pytest.raises(FormulaError, match="more than 50 levels"):
        parse_expression("(" * 51 + "a" + ")" * 51)
