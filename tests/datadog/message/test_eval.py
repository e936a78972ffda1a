from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.expression import ExpressionError
from grantex_tui.datadog.message.arithmetic import parse_arithmetic


if TYPE_CHECKING:
    from grantex_tui.datadog.message.functions import Value


VALUES: dict[tuple[str, ...], Value] = {
    ("value",): 12.345,
    ("last_triggered_at_epoch",): 1_600_000_240_000,
    ("env", "name"): "Prod",
    ("@a.b", "name"): "7",
    ("zero",): 0,
}


def evaluate(text):
    return parse_arithmetic(text).evaluate(VALUES.get)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("10 / 4", 2.5), ("7 % 4", 3), ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0), ("2 ^ -1", 0.5), ("2 - -3", 5), ("1-2-3", -4),
        ("last_triggered_at_epoch-15*60*1000", 1_599_999_340_000),
        ("int(last_triggered_at_epoch / 3600000 % 24)", 12),
        ("int(value)", 12), ("trunc(value)", 12), ("dec(value)", 0.345), ("float(3)", 3.0),
        ("int(-1.5)", -2), ("round(12.376, 2)", 12.38), ("round(value)", 12), ("round(2.5)", 3),
        ("ceil(value)", 13), ("floor(value)", 12), ("abs(-3)", 3), ("sgn(-3)", -1), ("sgn(zero)", 0),
        ("to_bool(1)", True), ("to_bool(zero)", False), ("exp(0)", 1.0), ("log10(1000)", 3.0),
        ("atan2(1, 1)", math.atan2(1, 1)), ("cos(zero)", 1.0),
        ("humanize_bytes(1536)", "1.5KiB"), ("humanize_bytes(3)", "3B"), ("humanize_bits(2048)", "2Kib"),
        ("upper(env.name)", "PROD"), ("lower(env.name)", "prod"), ("substring('host:D', 5)", "D"),
        ("substring('host:D', 0, 4)", "host"), ("strip(' host:E ')", "host:E"),
        ("strip('abchost:Eabc', 'abc')", "host:E"), ("[@a.b].name * 2", 14),
    ],
)  # fmt: skip
def test_what_datadogs_page_lists(text, result):
    assert evaluate(text) == result


@pytest.mark.parametrize(
    "text",
    ["1 / zero", "1 % zero", "missing + 1", "int(missing)", "env.name + 1", "9 ^ 9 ^ 9 ^ 9",
     "log10(zero)", "(0 - 8) ^ 0.5", "asin(2)", "exp(10000)", "round('x')"],
)  # fmt: skip
def test_what_has_no_answer_is_nothing(text):
    assert evaluate(text) is None


@pytest.mark.parametrize(
    ("text", "position"),
    [("", 0), ("1 +", 3), ("(1", 0), ("1 2", 2), ("nope(1)", 0), ("round(1, 2, 3)", 0), ("int()", 4),
     ("1 $ 2", 2), ("__import__('os')", 0), ("value.real()", 0), ("f'{value}'", 1)],
)  # fmt: skip
def test_errors_have_positions(text, position):
    with pytest.raises(ExpressionError) as caught:
        evaluate(text)
    assert caught.value.position == position


@pytest.mark.parametrize("text", ["(" * 9999, "2^" * 9999 + "2", "int(" * 9999])
def test_endless_nesting_is_refused(text):
    with pytest.raises(ExpressionError, match="more than 50 levels"):
        evaluate(text)


def test_long_chains_are_no_nesting():
    assert evaluate("+".join("1" * 300)) == 300
    assert evaluate("-" * 999 + "1") == -1


NUMBERS = st.integers(0, 99).map(str)
SUMS = st.recursive(
    NUMBERS,
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
        lambda t: f"({t[0]}{t[1]}{t[2]})"
    ),
    max_leaves=8,
)


@given(SUMS)
def test_whole_numbers_as_python_computes_them(text):
    assert evaluate(text) == eval(text)
