from __future__ import annotations

import json

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.datadog.monitor.model import MetricQuery
from grantex_tui.datadog.search import compile_query
from grantex_tui.monitoring.count.metrics import (
    LogMetric,
    MetricError,
    log_query_of,
    read_log_metric,
)
from grantex_tui.pack import metric_text


METRIC = LogMetric("m", "source:grantex OR source:other", {"type": "@t", "env": "env"})


def query_of(scope="*", by=(), name="m", aggregator="sum"):
    return log_query_of(MetricQuery(aggregator, name, scope, by), [METRIC])


def test_the_packs_metric_counts_events_by_type():
    metric = read_log_metric(json.loads(metric_text()))
    assert metric == LogMetric(
        "grantex.events", "source:grantex", {"event_type": "@grantex.event_type"}
    )
    query = MetricQuery("sum", "grantex.events", "event_type:token.issued", ("event_type",))
    found = log_query_of(query, [metric])
    assert found.search == "(source:grantex) (@grantex.event_type:token.issued)"
    assert (found.method, found.group_by) == ("count", ("@grantex.event_type",))


@pytest.mark.parametrize("scope", ["*", "", " "])
def test_an_open_scope_is_the_metrics_own_search(scope):
    assert query_of(scope).search == METRIC.search


@pytest.mark.parametrize(
    ("scope", "matching"),
    [
        ("type:a", {"a prod", "a dev"}),
        ("type:a,env:prod", {"a prod"}),
        ("type:a AND env:prod", {"a prod"}),
        ("type:a OR env:prod", {"a prod", "a dev", "b prod"}),
        ("!type:a", {"b prod", "b dev"}),
        ("NOT type:a,env:dev", {"b dev"}),
        ("type IN (a,b) AND env:dev", {"a dev", "b dev"}),
        ("type NOT IN (a)", {"b prod", "b dev"}),
        ("(type:a OR type:b) AND !env:dev", {"a prod", "b prod"}),
        ("type:*", {"a prod", "a dev", "b prod", "b dev"}),
    ],
)
def test_a_scope_becomes_a_log_search(scope, matching):
    matches = compile_query(query_of(scope).search)
    logs = {
        f"{kind} {env}": Log(attributes={"t": kind}, tags=(f"env:{env}",), source="grantex")
        for kind in "ab"
        for env in ("prod", "dev")
    }
    assert {name for name, log in logs.items() if matches(log)} == matching
    foreign = Log(attributes={"t": "a"}, tags=("env:prod",), source="elsewhere")
    assert not matches(foreign)


def test_a_distribution_is_measured():
    metric = read_log_metric(
        {
            "data": {
                "id": "d",
                "attributes": {
                    "compute": {"aggregation_type": "distribution", "path": "@duration"},
                    "filter": {"query": "*"},
                    "group_by": [{"path": "@a.b"}],
                },
            }
        }
    )
    found = log_query_of(MetricQuery("avg", "d", "*", ("a.b",)), [metric])
    assert (found.method, found.measure, found.group_by) == ("avg", "@duration", ("@a.b",))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "other"}, "the log-based metric other is not defined (known: m)"),
        ({"scope": "host:x"}, "the log-based metric m has no tag host (it has: type, env)"),
        ({"by": ("host",)}, "has no tag host"),
        ({"scope": "type:a, =b"}, "can't read the scope {type:a, =b} of m at '=b'"),
    ],
)
def test_what_cannot_come_from_logs_is_said(arguments, words):
    with pytest.raises(MetricError) as caught:
        query_of(**arguments)
    assert words in caught.value.message
    assert caught.value.hint
