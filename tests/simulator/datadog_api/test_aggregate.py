"""Aggregation against a plain count of the same logs, in itself and by the official client."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.model.http_log import HTTPLog
from datadog_api_client.v2.model.http_log_item import HTTPLogItem
from datadog_api_client.v2.model.logs_aggregate_request import LogsAggregateRequest
from datadog_api_client.v2.model.logs_aggregate_sort import LogsAggregateSort
from datadog_api_client.v2.model.logs_aggregate_sort_type import LogsAggregateSortType
from datadog_api_client.v2.model.logs_aggregation_function import LogsAggregationFunction
from datadog_api_client.v2.model.logs_compute import LogsCompute
from datadog_api_client.v2.model.logs_compute_type import LogsComputeType
from datadog_api_client.v2.model.logs_group_by import LogsGroupBy
from datadog_api_client.v2.model.logs_query_filter import LogsQueryFilter
from datadog_api_client.v2.model.logs_sort_order import LogsSortOrder
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.datadog_api.bodies import Reader
from grantex_sim.datadog_api.logs.aggregate import buckets
from grantex_sim.datadog_api.logs.aggregate_request import read_aggregation
from grantex_sim.datadog_api.replies import RefusedError
from grantex_sim.datadog_api.store import Stored
from grantex_tui.datadog.log import Log


NOW = 1_000_000_000_000
MINUTE = 60_000


def stored(number, at=0, tags=(), **attributes):
    log = Log(attributes=attributes, tags=tags, timestamp=NOW - at)
    return Stored(log.timestamp, number, log, touched=True)


def counted(logs, **asked):
    ordered = sorted(logs, key=lambda stored: stored[:2])
    return buckets(ordered, read_aggregation(Reader(asked), NOW))


def refusal(**asked):
    with pytest.raises(RefusedError) as refused:
        read_aggregation(Reader(asked), NOW)
    assert refused.value.response.status == 400
    return json.loads(refused.value.response.body)["errors"][0]


AGENTS = [
    stored(number, number * 1000, agent=name, ms=float(number))
    for number, name in enumerate("abacabadacaba")
]


def test_without_anything_asked_logs_are_counted():
    assert counted(AGENTS) == [{"by": {}, "computes": {"c0": 13}}]
    assert counted([]) == [{"by": {}, "computes": {"c0": 0}}]


def test_computes_are_named_in_their_order():
    numbers = [float(number) for number in range(13)]
    computes = [
        {"aggregation": "count"},
        {"aggregation": "sum", "metric": "@ms"},
        {"aggregation": "avg", "metric": "@ms"},
        {"aggregation": "min", "metric": "@ms"},
        {"aggregation": "max", "metric": "@ms"},
        {"aggregation": "median", "metric": "@ms"},
        {"aggregation": "cardinality", "metric": "@agent"},
        {"aggregation": "pc75", "metric": "@ms"},
        {"aggregation": "sum", "metric": "@none"},
    ]
    (bucket,) = counted(AGENTS, compute=computes)
    assert bucket["computes"] == {
        "c0": 13,
        "c1": sum(numbers),
        "c2": 6.0,
        "c3": 0.0,
        "c4": 12.0,
        "c5": 6.0,
        "c6": 4,
        "c7": 9.0,
    }


def test_groups_come_by_the_first_measure_and_the_limit_keeps_the_greatest():
    found = counted(AGENTS, group_by=[{"facet": "@agent", "limit": 2}])
    assert [(each["by"]["@agent"], each["computes"]["c0"]) for each in found] == [
        ("a", 7),
        ("b", 3),
    ]


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ({"type": "alphabetical"}, "abcd"),
        ({"order": "desc"}, "dcba"),
        ({"type": "measure", "aggregation": "count", "order": "asc"}, "dcba"),
        ({"type": "measure", "aggregation": "max", "metric": "@ms"}, "abcd"),
        ({"type": "measure", "aggregation": "min", "metric": "@ms", "order": "desc"}, "dcba"),
    ],
)
def test_groups_are_sorted_as_asked(sort, wanted):
    found = counted(AGENTS, group_by=[{"facet": "@agent", "sort": sort}])
    assert "".join(each["by"]["@agent"] for each in found) == wanted


def test_two_facets_make_nested_groups_and_their_totals():
    logs = [stored(1, a="x", b="1"), stored(2, a="x", b="2"), stored(3, a="y", b="1"), stored(4)]
    groups = [{"facet": "@a", "missing": "none"}, {"facet": "@b", "total": True}]
    found = {
        tuple(each["by"].values()): each["computes"]["c0"]
        for each in counted(logs, group_by=groups)
    }
    assert found == {
        ("x", "1"): 1,
        ("x", "2"): 1,
        ("x", "@b_total"): 2,
        ("y", "1"): 1,
        ("y", "@b_total"): 1,
        ("none", "@b_total"): 1,
    }


def test_a_log_with_several_values_counts_in_each_group():
    logs = [stored(1, tags=("team:a", "team:b")), stored(2, tags=("team:b",))]
    found = counted(logs, group_by=[{"facet": "team"}])
    assert [(each["by"]["team"], each["computes"]["c0"]) for each in found] == [("b", 2), ("a", 1)]


def test_a_measure_is_cut_into_ranges():
    histogram = {"interval": 5, "min": 0, "max": 10}
    groups = [{"facet": "@ms", "histogram": histogram, "sort": {"order": "asc"}}]
    found = counted(AGENTS, group_by=groups)
    assert [(each["by"]["@ms"], each["computes"]["c0"]) for each in found] == [(0.0, 5), (5.0, 5)]


@given(
    st.lists(st.tuples(st.integers(0, 14 * MINUTE), st.sampled_from("xyz"))),
    st.sampled_from(["1m", "5m", "90s", "1h"]),
)
def test_a_series_is_what_a_plain_count_by_step_gives(rows, interval):
    logs = [stored(number, at, agent=name) for number, (at, name) in enumerate(rows)]
    step = {"1m": MINUTE, "5m": 5 * MINUTE, "90s": 90_000, "1h": 60 * MINUTE}[interval]
    compute = [{"aggregation": "count", "type": "timeseries", "interval": interval}]
    found = counted(logs, compute=compute, group_by=[{"facet": "@agent"}])
    for each in found:
        mine = [NOW - at for at, name in rows if name == each["by"]["@agent"]]
        plain = Counter(when // step for when in mine)
        points = each["computes"]["c0"]
        assert [point["value"] for point in points] == [plain[at] for at in sorted(plain)]
        assert [point["time"] for point in points] == sorted(point["time"] for point in points)
    assert {each["by"]["@agent"] for each in found} == {name for _, name in rows}


def test_an_interval_is_chosen_where_none_is_given():
    (bucket,) = counted(
        [stored(1), stored(2, 10_000), stored(3, 20_000), stored(4, 30_000)],
        compute=[{"aggregation": "count", "type": "timeseries"}],
        filter={"from": "now-15m"},
    )
    assert [point["value"] for point in bucket["computes"]["c0"]] == [1, 1, 1, 1]
    (bucket,) = counted(
        [stored(1), stored(2, 86_400_000)],
        compute=[{"aggregation": "count", "type": "timeseries"}],
        filter={"from": "now-10y"},
    )
    assert len(bucket["computes"]["c0"]) == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"compute": [{}]}, "compute.0.aggregation"),
        ({"compute": [{"aggregation": "mode"}]}, "compute.0.aggregation"),
        ({"compute": [{"aggregation": "avg"}]}, "compute.0.metric"),
        ({"compute": [{"aggregation": "count", "interval": "often"}]}, "compute.0.interval"),
        ({"compute": [{"aggregation": "count", "interval": "1ms"}]}, "compute.0.interval"),
        ({"compute": {"aggregation": "count"}}, "compute"),
        ({"compute": ["count"]}, "compute.0"),
        ({"group_by": [{}]}, "group_by.0.facet"),
        ({"group_by": [{"facet": "@a", "limit": "10"}]}, "group_by.0.limit"),
        ({"group_by": [{"facet": "@a", "limit": 200}, {"facet": "@b", "limit": 51}]}, "group_by"),
        ({"group_by": [{"facet": "@a", "sort": {"type": "size"}}]}, "group_by.0.sort.type"),
        ({"group_by": [{"facet": "@a", "sort": {"aggregation": "count"}}]}, "aggregation"),
        ({"group_by": [{"facet": "@a", "missing": []}]}, "group_by.0.missing"),
        (
            {"group_by": [{"facet": "@a", "histogram": {"interval": 1, "min": 0, "max": 101}}]},
            "group_by.0.histogram.interval",
        ),
        ({"page": {"cursor": "x"}}, "page.cursor"),
        ({"filter": {"query": "("}}, "filter.query"),
        ({"filter": []}, "filter"),
    ],
)
def test_what_cannot_be_aggregated_is_refused_naming_the_field(asked, field):
    assert f"Field '{field}' is invalid" in refusal(**asked)


def test_the_official_client_aggregates(client):
    kinds = ["token.issued"] * 5 + ["grant.revoked"] * 3 + ["grant.created"]
    items = [
        HTTPLogItem(
            message=json.dumps({"id": f"evt_{number}", "type": kind, "data": {"ms": number}}),
            ddsource="grantex",
        )
        for number, kind in enumerate(kinds)
    ]
    LogsApi(client).submit_log(HTTPLog(items))
    answer = LogsApi(client).aggregate_logs(
        LogsAggregateRequest(
            compute=[
                LogsCompute(aggregation=LogsAggregationFunction.COUNT),
                LogsCompute(aggregation=LogsAggregationFunction.MAX, metric="@data.ms"),
                LogsCompute(
                    aggregation=LogsAggregationFunction.COUNT,
                    type=LogsComputeType.TIMESERIES,
                    interval="5m",
                ),
            ],
            filter=LogsQueryFilter(query="source:grantex", _from="now-1h", to="now"),
            group_by=[
                LogsGroupBy(
                    facet="@grantex.event_type",
                    limit=2,
                    sort=LogsAggregateSort(
                        type=LogsAggregateSortType.MEASURE,
                        aggregation=LogsAggregationFunction.COUNT,
                        order=LogsSortOrder.DESCENDING,
                    ),
                )
            ],
        )
    )
    found = [
        (bucket.by["@grantex.event_type"], bucket.computes["c0"], bucket.computes["c1"])
        for bucket in answer.data.buckets
    ]
    assert found == [("token.issued", 5.0, 4.0), ("grant.revoked", 3.0, 7.0)]
    points = answer.data.buckets[0].computes["c2"].value
    assert [(point["time"], point["value"]) for point in points] == [
        ("2026-03-02T12:00:00.000Z", 5.0)
    ]
    assert answer.meta.status.value == "done"


def test_the_official_client_hears_of_a_bad_aggregation(client):
    request = LogsAggregateRequest(filter=LogsQueryFilter(_from="then"))
    with pytest.raises(ApiException) as refused:
        LogsApi(client).aggregate_logs(request)
    assert (refused.value.status, len(refused.value.body["errors"])) == (400, 1)
