from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.check import check_texts
from grantex_tui.datadog.monitor.guide import (
    correct_guide_monitor,
    correct_guide_query,
    read_guide_monitors,
)
from grantex_tui.datadog.monitor.query import parse_query
from grantex_tui.datadog.monitor.validate import validate_monitor
from grantex_tui.events.types import EVENT_TYPES
from tests.support.monitors import check_text


def check(text, path="f.json"):
    return check_text(text, path=path, known_types=EVENT_TYPES)


def errors_of(text):
    return [located for located in check(text) if located.problem.severity == "error"]


def found(text):
    return [(located.line, located.problem.code) for located in check(text)]


def test_lines_in_json_and_yaml(monitor):
    obj = monitor({"thresholds": {"critical": 5}}, name="Mine")
    text = json.dumps(obj, indent=1)
    [located] = errors_of(text)
    assert text.splitlines()[located.line - 1].strip().startswith('"critical"')
    assert (located.path, located.subject) == ("f.json", "Mine")
    assert located.problem.where == "options.thresholds.critical"
    text = yaml.safe_dump(obj)
    [located] = errors_of(text)
    assert text.splitlines()[located.line - 1].strip() == "critical: 5"


def test_each_monitor_of_a_list_is_checked_at_its_place(monitor):
    good, bad = monitor(), monitor({"thresholds": {"critical": 5}})
    for value, where in (([good, bad], "[1]"), ({"monitors": [good, bad]}, "monitors[1]")):
        errors = [x.problem for x in check(json.dumps(value)) if x.problem.severity == "error"]
        assert [error.where for error in errors] == [f"{where}.options.thresholds.critical"]


def test_pipelines_go_to_their_own_check(payloads):
    pipeline = json.loads(json.dumps(payloads["pipeline"]))
    assert check(json.dumps(pipeline)) == []
    pipeline["processors"][0]["type"] = "json-mapper"
    text = json.dumps(pipeline, indent=1)
    [first, *_] = check(text)
    assert first.problem.code == "guide-json-mapper"
    assert first.problem.where == "processors[0]" or first.problem.where.startswith(
        "processors[0]."
    )
    assert "processors" in "\n".join(text.splitlines()[: first.line])


def test_log_based_metrics(payloads):
    metric = payloads["logs_metric_for_anomaly"]
    assert check(json.dumps(metric)) == []
    broken = {
        "data": {"type": "logs_metrics", "attributes": {"compute": {"aggregation_type": "sum"}}}
    }
    assert [x.problem.where for x in check(json.dumps(broken))] == [
        "data.id",
        "data.attributes.compute.aggregation_type",
    ]


def test_other_objects_are_named_not_guessed(payloads):
    [located] = check(json.dumps(payloads["aggregate_request"]))
    assert located.problem.code == "unrecognised"


def test_dashboards_are_checked(payloads):
    dashboard = payloads["dashboard"]
    assert check(json.dumps(dashboard)) == []
    [located] = check(json.dumps(dashboard | {"layout_type": "loose"}))
    assert located.problem.code == "invalid-dashboard"
    assert "'layout_type' must be one of ordered, free" in located.problem.message


@pytest.mark.parametrize(
    ("attributes", "where"),
    [
        ({"compute": {"aggregation_type": "count", "path": "@a"}}, "compute.path"),
        ({"compute": {"aggregation_type": "distribution"}}, "compute.path"),
        ({"compute": {"aggregation_type": "count"}, "filter": {"query": "(a"}}, "filter.query"),
        ({"compute": {"aggregation_type": "count"}, "group_by": [{}]}, "group_by[0].path"),
    ],
)
def test_what_datadog_refuses_in_a_metric_is_an_error(attributes, where):
    metric = {"data": {"type": "logs_metrics", "id": "a.b", "attributes": attributes}}
    [located] = check(json.dumps(metric))
    assert located.problem.where == f"data.attributes.{where}"


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ('{\n"a": }', 2, "unreadable"),
        ("a: [\nb", 2, "unreadable"),
        ("a: 1\na: 2", 2, "unreadable"),
        ("", 1, "unrecognised"),
        ("42", 1, "unrecognised"),
        ('{"x": 1}', 1, "unrecognised"),
    ],
)
def test_files_that_can_not_be_read_are_problems_too(text, line, code):
    assert found(text) == [(line, code)]
    assert "f.json" not in check(text)[0].problem.message


def test_several_files_keep_their_order_and_share_a_heartbeat(monitor):
    bad = monitor({"thresholds": {"critical": 5}})
    files = [("z", json.dumps(bad)), ("a", "{"), ("m", json.dumps(monitor()))]
    located = check_texts(files, known_types=EVENT_TYPES)
    assert [x.path for x in located if x.problem.severity == "error"] == ["z", "a"]
    assert {x.problem.code for x in located if x.path == "m"} == {"missing-data-hides-silence"}


GUIDE = """\
## Example Monitors

### High Grant Revocation Rate

```
Monitor type: Log Count
Query: source:grantex type:grant.revoked
Threshold:
  Warning:  > 10 in 5 minutes
  Critical: > 50 in 5 minutes
Message:
  High grant revocation rate detected.
  {{#is_alert}}More than 50 grants revoked.{{/is_alert}}
```

### No Events Received (Heartbeat)

```
Monitor type: Log Count
Query: source:grantex
Threshold:
  Critical: < 1 in 15 minutes
Message:
  No Grantex events received.
```

### Anomalous Token Issuance

```
Monitor type: Anomaly Detection
Query: count:source:grantex type:token.issued
Algorithm: robust
Deviation: 2
Message:
  Anomalous spike.
```

## Datadog Dashboard
"""


def test_the_guides_prose_is_recognised_with_its_lines():
    lines = [n for n, line in enumerate(GUIDE.splitlines(), 1) if line.startswith("Monitor type")]
    assert len(lines) == 3
    assert found(GUIDE) == [
        (lines[0], "guide-monitor"),
        (lines[1], "guide-monitor"),
        (lines[2], "guide-anomaly-query"),
    ]


def test_the_guides_prose_becomes_monitors_that_datadog_takes():
    corrected = [correct_guide_monitor(monitor) for monitor in read_guide_monitors(GUIDE)]
    assert [obj["name"] for obj in corrected] == [
        "High Grant Revocation Rate",
        "No Events Received (Heartbeat)",
        "Anomalous Token Issuance",
    ]
    assert [obj["query"] for obj in corrected] == [
        'logs("source:grantex @grantex.event_type:grant.revoked").index("*").rollup("count").last("5m") > 50',
        'logs("source:grantex").index("*").rollup("count").last("15m") < 1',
        "avg(last_4h):anomalies(sum:grantex.events{event_type:token.issued}.as_count(), 'robust', 2, direction='above', alert_window='last_15m', interval=60, count_default_zero='true', seasonality='weekly') >= 1",
    ]
    assert corrected[0]["message"] == (
        "High grant revocation rate detected.\n{{#is_alert}}More than 50 grants revoked.{{/is_alert}}"
    )
    assert [validate_monitor(obj) for obj in corrected] == [[], [], []]


def test_the_fix_of_a_guide_monitor_is_the_monitor_itself():
    [first, *_] = check(GUIDE)
    obj = json.loads(first.problem.fix.removeprefix("write "))
    assert obj == correct_guide_monitor(read_guide_monitors(GUIDE)[0])


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("count:source:grantex type:token.issued", "sum:grantex.events{event_type:token.issued}.as_count()"),
        ("count:source:grantex", "sum:grantex.events{*}.as_count()"),
        ("count:source:grantex @grantex.event_type:grant.*", "sum:grantex.events{event_type:grant.*}.as_count()"),
        ("count:grantex.events{*}", None),
        ("sum:grantex.events{*}.as_count()", None),
        ('logs("count:source:grantex")', None),
        ("", None),
    ],
)  # fmt: skip
def test_the_guides_bare_query(text, corrected):
    assert correct_guide_query(text) == corrected


@pytest.mark.parametrize(
    "text",
    [
        "anomalies(count:source:grantex type:token.issued)",
        "anomalies(count:source:grantex type:token.issued, 'basic', 2)",
        "avg(last_1d):anomalies(count:source:grantex type:token.issued, 'agile', 3, direction='above') >= 0.8",
    ],
)
def test_the_guides_query_inside_anomalies_becomes_one_that_parses(text):
    corrected = correct_guide_query(text)
    assert corrected is not None
    query = parse_query(corrected, type="query alert")
    assert query_scope(query) == "event_type:token.issued"


def query_scope(query):
    return query.band.metric.scope


def test_a_file_with_nothing_but_the_guides_query():
    assert found("count:source:grantex type:token.issued\n") == [(1, "guide-anomaly-query")]


@given(st.text('{}[]":,-\n abtyp#1.', max_size=40))
def test_no_text_makes_it_raise(text):
    for located in check(text):
        assert located.line >= 1
