from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.pipeline.attributes import (
    merge,
    overlap,
    put,
    read,
    reader,
    remove,
    writer,
)
from tests.support.attributes import target_is_free


KEYS = st.sampled_from(["a", "b", "c", "a.b"])
PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(".".join)
TREES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, TREES, max_size=4)


@pytest.mark.parametrize(
    ("attributes", "path", "value"),
    [
        ({"a": 1}, "a", 1),
        ({"a": {"b": {"c": 1}}}, "a.b.c", 1),
        ({"a": {"b": 1}}, "a.b.c", None),
        ({"a": [{"b": 1}]}, "a.b", None),
        ({"a.b": 1}, "a.b", 1),
        ({"a": {"b": 2}, "a.b": 1}, "a.b", 2),
        ({"a": {"c": 2}, "a.b": 1}, "a.b", 1),
        ({"a": "text", "a.b": 1}, "a.b", 1),
        ({"a": {"b": None}}, "a.b", None),
        ({}, "a.b", None),
        ({"a": {"b": False}}, "a.b", False),
    ],
)
def test_reads_nested_objects_first_and_dotted_keys_second(attributes, path, value):
    assert read(attributes, path) is value or read(attributes, path) == value


@given(OBJECTS, PATHS)
def test_a_prepared_reader_reads_what_read_reads(attributes, path):
    assert reader(path)(attributes) == read(attributes, path)


@pytest.mark.parametrize(
    ("attributes", "path", "after"),
    [
        ({}, "a", {"a": 9}),
        ({}, "a.b.c", {"a": {"b": {"c": 9}}}),
        ({"a": {"x": 1}}, "a.b", {"a": {"x": 1, "b": 9}}),
        ({"a": None}, "a.b", {"a": {"b": 9}}),
        ({"a": 1}, "a", {"a": 9}),
        ({"a": 1}, "a.b", {"a": 1}),
        ({"a": [1]}, "a.b", {"a": [1]}),
    ],
)
def test_sets_a_value_and_never_replaces_a_value_by_an_object(attributes, path, after):
    assert put(attributes, path, 9) == after


@given(OBJECTS, PATHS)
def test_a_prepared_writer_sets_what_put_sets(attributes, path):
    assert writer(path)(attributes, 1) == put(attributes, path, 1)


@pytest.mark.parametrize(
    ("attributes", "path", "after"),
    [
        ({"a": 1, "b": 2}, "a", {"b": 2}),
        ({"a": {"b": 1, "c": 2}}, "a.b", {"a": {"c": 2}}),
        ({"a": {"b": {"c": 1}}, "d": 1}, "a.b.c", {"d": 1}),
        ({"a": {"b": 1}}, "a.x", {"a": {"b": 1}}),
        ({"a": 1}, "a.b", {"a": 1}),
        ({"a.b": 1, "a": {"b": 2}}, "a.b", {}),
        ({"a": {}}, "a.b", {"a": {}}),
    ],
)
def test_removes_a_value_and_the_objects_it_leaves_empty(attributes, path, after):
    assert remove(attributes, path) == after


@given(OBJECTS, PATHS, st.integers())
def test_what_was_set_is_read_and_what_was_removed_is_not(attributes, path, value):
    changed = put(attributes, path, value)
    assert read(changed, path) == value if changed is not attributes else True
    assert read(remove(attributes, path), path) is None


@given(OBJECTS, PATHS, OBJECTS)
def test_nothing_changes_what_it_is_given(attributes, path, other):
    before = copy.deepcopy((attributes, other))
    put(attributes, path, 1)
    remove(attributes, path)
    merge(attributes, other)
    assert (attributes, other) == before


@given(OBJECTS, PATHS, PATHS)
def test_a_change_at_a_path_that_does_not_overlap_leaves_the_other_value(attributes, path, other):
    if not overlap(path, other):
        assert read(put(attributes, path, 1), other) == read(attributes, other)
        assert read(remove(attributes, path), other) == read(attributes, other)


@given(OBJECTS, PATHS)
def test_a_free_target_is_absent_and_can_be_set(attributes, path):
    if target_is_free(attributes, path):
        assert read(attributes, path) is None
        assert read(put(attributes, path, 1), path) == 1


def test_untouched_objects_are_shared_with_the_original():
    attributes: dict[str, object] = {"a": {"b": 1}, "big": {"c": 2}}
    assert put(attributes, "a.x", 1)["big"] is attributes["big"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "a", True),
        ("a", "a.b", True),
        ("a.b", "a", True),
        ("a", "ab", False),
        ("a.b", "a.c", False),
    ],
)
def test_paths_overlap_along_keys_not_characters(one, other, expected):
    assert overlap(one, other) is expected


def test_merging_goes_into_objects_and_the_newer_value_wins():
    assert merge({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}, "d": {"e": 1}}) == {
        "a": {"b": 9, "c": 2},
        "d": {"e": 1},
    }
