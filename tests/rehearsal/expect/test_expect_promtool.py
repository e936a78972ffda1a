"""What promtool's documentation shows of expectations, each with its counterpart here.

Prometheus: docs/configuration/unit_testing_rules, "Example". There an instance that is `up == 0`
for five minutes fires InstanceDown; here a stream that is silent for fifteen fires the heartbeat,
and budgets that are exhausted fire by grant.
"""

from __future__ import annotations

import json

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.rehearsal.engine.simulated import simulate
from grantex_tui.rehearsal.spec.read import read_spec
from grantex_tui.rehearsal.spec.rehearsal import SpecError
from grantex_tui.rehearsal.suite.run import run_rehearsal


START = 1_780_000_020.0
HEARTBEAT = {
    "name": "Instance down",
    "type": "log alert",
    "query": 'logs("source:grantex").index("*").rollup("count").last("5m") < 1',
    "message": "{{#is_alert}}No event for 5 minutes: Instance down. @pagerduty-prod{{/is_alert}}",
    "options": {"thresholds": {"critical": 1}},
}


@pytest.fixture
def judged(tmp_path):
    kinds: list[tuple[str, int, dict[str, str]]] = [
        ("token.issued", 60 * minute, {}) for minute in range(3)
    ]
    kinds += [("budget.exhausted", 130, {"grantId": grant}) for grant in ("g1", "g2")]
    lines = [
        json.dumps({"id": f"evt_{n}", "type": kind, "createdAt": rfc3339(START + at), "data": data})
        for n, (kind, at, data) in enumerate(sorted(kinds, key=lambda row: row[1]))
    ]
    (tmp_path / "r.ndjson").write_text("\n".join(lines))
    (tmp_path / "InstanceDown.json").write_text(json.dumps(HEARTBEAT))

    def judged(expect: str):
        text = f"""
version: 1
monitors: [InstanceDown.json, pack/budget-exhausted]
rehearsals:
  - name: x
    events: {{recording: r.ndjson, start: "{rfc3339(START)}", duration: 20m}}
    delivery: instant
    expect: {expect}
"""
        (rehearsal,) = read_spec(text, path=str(tmp_path / "a.rehearsal.yaml"))
        return run_rehearsal(rehearsal, simulate).verdicts

    return judged


@pytest.mark.parametrize(
    ("promtool", "here"),
    [
        (
            "alert_rule_test: eval_time 10m, alertname InstanceDown, exp_alerts with a firing one",
            '{state: {monitor: InstanceDown, at: "+10m", is: alert}}',
        ),
        (
            "exp_labels: instance, job, severity of each alert that fires",
            """{state: [{monitor: budget-exhausted, group: g1, at: "+4m", is: alert},
                {monitor: budget-exhausted, group: {grant_id: g2}, at: "+4m", is: alert}]}""",
        ),
        (
            "exp_annotations: summary and description",
            """{notifications: {monitor: InstanceDown, about: alert, to: "@pagerduty-prod", count: 1,
                title_contains: Instance down, body_contains: No event for 5 minutes}}""",
        ),
        (
            "several alert_rule_test of one alert at several eval_time",
            """{state: [{monitor: InstanceDown, at: "+5m", is: ok},
                {monitor: InstanceDown, at: "+8m", is: alert}]}""",
        ),
        (
            "an alert that doesn't fire yet: eval_time 5m without exp_alerts",
            '{never: {monitor: InstanceDown, to: "+5m"}}',
        ),
        (
            "promql_expr_test: eval_time 4m, exp_samples with labels and value 1",
            '{value: {monitor: budget-exhausted, group: g1, at: "+4m", is: 1}}',
        ),
        (
            "exp_samples of a count: go_goroutines at 4m is 50",
            '{value: {monitor: InstanceDown, at: "+5m", is: 4}}',
        ),
        (
            "exp_samples with fuzzy_compare",
            '{value: {monitor: InstanceDown, at: "+5m", is: {min: 3.9, max: 4.1}}}',
        ),
        (
            "exp_samples: nothing",
            '{value: {monitor: budget-exhausted, group: g1, at: "+1m", is: none}}',
        ),
        (
            "what promtool has no word for: that it fires once, and when",
            """{transitions: [{monitor: InstanceDown, to: alert, at: "+8m"}],
                at_most: {monitor: InstanceDown, alerts: 1, flaps: 0}}""",
        ),
    ],
)
def test_promtools_examples_have_a_counterpart(judged, promtool, here):
    verdicts = judged(here)
    assert verdicts, promtool
    assert [v.reason for v in verdicts if not v.passed] == []


@pytest.mark.parametrize(
    "here",
    [
        '{state: {monitor: InstanceDown, at: "+10m", is: ok}}',
        '{state: {monitor: budget-exhausted, group: g3, at: "+4m", is: alert}}',
        "{notifications: {monitor: InstanceDown, body_contains: No event for 6 minutes}}",
        '{never: {monitor: InstanceDown, to: "+10m"}}',
        '{value: {monitor: InstanceDown, at: "+3m", is: 50}}',
        "none-fires",
    ],
)
def test_and_they_can_fail(judged, here):
    assert not any(verdict.passed for verdict in judged(here))


def test_an_expectation_of_nothing_is_a_mistake_where_promtool_passes(judged):
    with pytest.raises(SpecError, match="expect is empty"):
        judged("{}")
