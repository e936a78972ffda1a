"""Values at attribute paths, and how they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.paths import (
    facet_text,
    first_at,
    flat,
    join_path,
    leaves,
    split_path,
    values_at,
)


@pytest.mark.parametrize(
    ("attributes", "path", "values"),
    [
        ({"a": 1}, "a", (1,)),
        ({"a": {"b": {"c": "x"}}}, "a.b.c", ("x",)),
        ({"a.b": 1}, "a.b", (1,)),
        ({"a": {"b.c": 1}}, "a.b.c", (1,)),
        ({"a.b": {"c": 1}}, "a.b.c", (1,)),
        ({"a": {"b": 1}, "a.b": 2}, "a.b", (1,)),
        ({"a": {"b": None}, "a.b": 2}, "a.b", (2,)),
        ({"a": {"b": 1}}, '"a.b"', ()),
        ({"a.b": 1}, '"a.b"', (1,)),
        ({"a": [1, [2, None, [3]]]}, "a", (1, 2, 3)),
        ({"a": [{"b": 1}, {"b": [2]}, {"c": 3}, 4]}, "a.b", (1, 2)),
        ({"a": [[{"b": 1}]]}, "a.b", (1,)),
        ({"a": {"b": 1}}, "a", ({"b": 1},)),
        ({"a": False}, "a", (False,)),
        ({"a": ""}, "a", ("",)),
        ({"a": None}, "a", ()),
        ({"a": {}}, "a", ()),
        ({"a": []}, "a", ()),
        ({"a": [{}, None]}, "a", ()),
        ({"a": "x"}, "a.b", ()),
        ({}, "a.b", ()),
        ({"": 1}, "", (1,)),
    ],
)
def test_values_are_found_by_path(attributes, path, values):
    assert values_at(attributes, path) == values
    assert first_at(attributes, path) == (values[0] if values else None)


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ('"a.b".c', ("a.b", "c")),
        ('a."b.c"', ("a", "b.c")),
        ('"a\\"b"', ('a"b',)),
        ('"a', ('"a',)),
        ('a"b.c"', ('a"b', 'c"')),
        ("a..b", ("a", "", "b")),
    ],
)
def test_a_path_is_split_at_its_dots_outside_quotes(path, keys):
    assert split_path(path) == keys


@given(st.lists(st.text(), min_size=1).map(tuple))
def test_joining_is_the_inverse_of_splitting(keys):
    assert split_path(join_path(keys)) == keys


@given(st.text())
def test_any_text_is_a_path(path):
    keys = split_path(path)
    assert split_path(join_path(keys)) == keys


NESTED = st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=10)


@given(st.lists(NESTED))
def test_lists_are_flattened_in_order(values):
    def recursively(items):
        return [
            x for item in items for x in (recursively(item) if isinstance(item, list) else [item])
        ]

    assert list(flat(values)) == recursively(values)


def test_leaves_are_all_scalars():
    assert sorted(map(str, leaves({"a": [1, {"b": "x"}, None], "c": True, "d": {}}))) == [
        "1", "True", "x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (200, "200"),
        (7.0, "7"),
        (-0.0, "0"),
        (0.75, "0.75"),
        (1e300, "1e+300"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ({"a": ["ü", 1]}, '{"a":["ü",1]}'),
        ({1, 2}, "set"),
    ],
)
def test_values_are_shown_as_datadog_does(value, text):
    assert facet_text(value) == text
