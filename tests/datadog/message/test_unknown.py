from __future__ import annotations

import pytest

from grantex_tui.datadog.message import text_outside, unknown_blocks, unknown_variables
from grantex_tui.datadog.monitor.query import parse_query


GROUPED = parse_query(
    'logs("a").index("*").rollup("count").by("env,host,@facet,@a.b").last("5m") > 1',
    type="log alert",
)
SIMPLE = parse_query('logs("a").index("*").rollup("count").last("5m") > 1', type="log alert")
METRIC = parse_query(
    "avg(last_4h):anomalies(sum:m{*} by {env}.as_count(), 'agile', 3) >= 1", type="query alert"
)


@pytest.mark.parametrize(
    "template",
    [
        "{{value}} {{threshold}} {{comparator}} {{last_triggered_at_epoch}} {{ok_threshold}}",
        "{{env.name}} {{@facet.name}} {{[@a.b].name}} {{host.name}} {{host.ip}}",
        "{{log.attributes.x.y}} {{log.tags.t}} {{log.message}} {{log.link}} {{log.trace_id}}",
        '{{eval "int(value) + 1"}} {{local_time "last_triggered_at" "UTC"}} {{override_priority "P1"}}',
        '{{#is_match "env.name" "x"}}{{/is_match}}{{#is_match "env" "x"}}{{/is_match}}',
        '{{#is_match "@a.b.name" "x"}}{{/is_match}}{{#is_exact_match "[@a.b].name" "x"}}{{/is_exact_match}}',
        "{{#is_priority 'P1'}}{{/is_priority}}",
        "no variables",
    ],
)  # fmt: skip
def test_what_datadog_fills(template):
    assert unknown_variables(template, GROUPED) == []
    assert unknown_blocks(template) == []


@pytest.mark.parametrize(
    ("template", "name", "fix"),
    [
        ("{{valu}}", "valu", "{{value}}"),
        ("{{last_triggered}}", "last_triggered", "{{last_triggered_at}}"),
        ("{{@a.b.name}}", "@a.b.name", "{{[@a.b].name}}"),
        ("{{[@a.b]}}", "[@a.b]", "{{[@a.b].name}}"),
        ("{{env}}", "env", "{{env.name}}"),
        ("{{facet.name}}", "facet.name", "{{@facet.name}}"),
        ("{{team.name}}", "team.name", '.by("team")'),
        ("{{event_type}}", "event_type", "{{log.attributes.event_type}}"),
        ("{{log.mesage}}", "log.mesage", "{{log.message}}"),
        ("{{log.grantId}}", "log.grantId", "{{log.attributes.grantId}}"),
        ('{{eval "valu + 1"}}', "valu", "{{value}}"),
        ("{{local_time 'value' 'UTC'}}", "value", "last_triggered_at"),
        ("{{lokal_time 'value' 'UTC'}}", "lokal_time", "local_time"),
        ('{{#is_match "team.name" "x"}}{{/is_match}}', "team.name", '.by("team")'),
        ("{{#is_alert}}{{#is_renotify}}{{else}}{{valu}}{{/is_renotify}}{{/is_alert}}", "valu", "{{value}}"),
    ],
)  # fmt: skip
def test_what_stays_empty_and_what_to_write(template, name, fix):
    [unknown] = unknown_variables(template, GROUPED)
    assert unknown.name == name
    assert fix in unknown.fix
    assert unknown.reason


def test_a_metric_monitor_has_no_logs():
    names = [
        unknown.name
        for unknown in unknown_variables("{{log.message}} {{log.link}} {{env.name}}", METRIC)
    ]
    assert names == ["log.message", "log.link"]


def test_a_simple_alert_has_no_groups():
    [unknown] = unknown_variables("{{env.name}} {{env.name}}", SIMPLE)
    assert "groups by nothing" in unknown.reason


@pytest.mark.parametrize(
    ("template", "name", "fix"),
    [
        ("{{#is_warning_to_alert}}x{{/is_warning_to_alert}}", "is_warning_to_alert", "use {{#is_alert}}"),
        ("{{#is_alrt}}x{{/is_alrt}}", "is_alrt", "{{#is_alert}}"),
        ("{{^is_ok}}x{{/is_ok}}", "is_ok", ""),
    ],
)  # fmt: skip
def test_blocks_that_do_not_exist(template, name, fix):
    [unknown] = unknown_blocks(template)
    assert unknown.name == name
    assert fix in unknown.fix


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("hello {{#is_alert}}x{{/is_alert}}", "hello"),
        ("{{#is_alert}}x{{/is_alert}}\n\n@slack-x", "@slack-x"),
        ("{{#is_alert}}x{{else}}y{{/is_alert}}\n - \n{{! note }}{{value}}", None),
        ("", None),
    ],
)
def test_text_outside_of_blocks(template, text):
    found = text_outside(template)
    assert (found and found[0]) == text
