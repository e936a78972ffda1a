from __future__ import annotations

from types import SimpleNamespace

import pytest
from msgspec import UNSET

from grantex_tui.monitoring.count.buckets import Target, no_key, reader_of, texts_reader


def data(**values: object) -> SimpleNamespace:
    return SimpleNamespace(**values)


@pytest.mark.parametrize(
    ("values", "group"),
    [
        ({"a": "1", "b": "2", "c": "3"}, ("1", "3")),
        ({"a": UNSET, "b": "2", "c": "3"}, ("2", "3")),
        ({"a": None, "b": "2", "c": "3"}, ("2", "3")),
        ({"a": "", "b": "2", "c": "3"}, None),
        ({"a": 1, "b": "2", "c": "3"}, None),
        ({"a": "1", "b": "2", "c": UNSET}, None),
        ({"a": UNSET, "b": "2", "c": UNSET}, None),
    ],
)
def test_a_group_is_read_where_each_facet_has_a_text(values, group) -> None:
    read = texts_reader([(7, [["a", "b"], ["c"]])])
    assert read(data(**values)) == (None if group is None else [Target(7, group, None)])


def test_a_question_without_facets_has_one_group() -> None:
    assert texts_reader([(7, []), (8, [["a"]])])(data(a="1")) == [
        Target(7, (), None),
        Target(8, ("1",), None),
    ]


@pytest.mark.parametrize("names", [["a"], ["a", "b"]])
def test_values_that_are_equal_and_of_other_types_are_other_keys(names) -> None:
    key = reader_of(names)
    alike = [data(a=value, b=None) for value in (1, 1.0, True, "1", None)]
    assert len({key(each) for each in alike}) == 5
    assert key(data(a=1, b=None)) == key(data(a=1, b=None))
    assert key(None) is None


def test_without_any_value_there_is_only_whether_there_is_data() -> None:
    assert (no_key(None), no_key(data())) == (True, False)
