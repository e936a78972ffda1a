from __future__ import annotations

import pytest

from grantex_tui.datadog.monitor.model import LogQuery
from grantex_tui.monitoring.count.limits import limits_of, top_groups


@pytest.mark.parametrize(
    ("facets", "limits"), [(1, (1000,)), (2, (30, 30)), (3, (10, 10, 10)), (4, (5, 5, 5, 5))]
)
def test_without_limits_of_its_own_a_query_gets_the_most_that_datadog_allows(facets, limits):
    assert limits_of(LogQuery("*", group_by=("@a", "@b", "@c", "@d")[:facets])) == limits


def test_a_query_may_ask_for_fewer_but_not_for_more():
    query = LogQuery("*", group_by=("@a", "@b", "@c"), group_limits=(3, None, 99))
    assert limits_of(query) == (3, 10, 10)


Values = dict[tuple[str, ...], float]


def unexpected(depth):
    raise AssertionError(depth)


def test_the_greatest_values_are_kept_and_ties_go_by_name():
    values: Values = {("d",): 1, ("c",): 2, ("b",): 2, ("a",): 0, ("e",): 2}
    assert top_groups(values, (3,), unexpected) == {("b",): 2, ("c",): 2, ("e",): 2}


def test_a_thousand_groups_of_one_facet():
    values: Values = {(f"g{number:04}",): float(number) for number in range(1500)}
    kept = top_groups(values, (1000,), unexpected)
    assert set(kept) == {(f"g{number:04}",) for number in range(500, 1500)}


def test_inner_facets_are_ranked_within_the_outer_ones_that_are_kept():
    values: Values = {("x", "a"): 1, ("x", "b"): 2, ("x", "c"): 3, ("y", "a"): 9, ("z", "a"): 5}
    outer: Values = {("x",): 6, ("y",): 9, ("z",): 5}
    kept = top_groups(values, (2, 2), lambda depth: {1: outer}[depth])
    assert kept == {("x", "b"): 2, ("x", "c"): 3, ("y", "a"): 9}


def test_few_groups_are_passed_through_without_ranking():
    values: Values = {("x", "a"): 1, ("y", "a"): 9}
    assert top_groups(values, (2, 2), unexpected) is values
