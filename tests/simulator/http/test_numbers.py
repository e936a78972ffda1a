from __future__ import annotations

import pytest

from grantex_sim.http.numbers import whole_number, whole_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("9" * 5_000, None),  # Python refuses to read so many digits
        ("", None),
        ("-1", None),
        ("1.0", None),
        (" 1", None),
        ("1_0", None),
        ("٣", None),
        ("²", None),
    ],
)
def test_whole_numbers_from_0_up_are_read_and_nothing_else(text, number):
    assert whole_number(text) == number


def test_what_is_not_given_has_its_default():
    assert whole_numbers({"limit": "7"}, {"limit": 1, "after": 2}) == {"limit": 7, "after": 2}


@pytest.mark.parametrize(
    ("query", "said"), [({"limit": "x"}, "limit='x'"), ({"most": "1"}, "there are: limit, after")]
)
def test_what_is_no_number_or_no_parameter_is_named(query, said):
    with pytest.raises(ValueError, match=said):
        whole_numbers(query, {"limit": 1, "after": 2})
