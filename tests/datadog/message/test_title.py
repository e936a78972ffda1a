from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from grantex_tui.datadog.message import message_context, title
from grantex_tui.datadog.monitor.load import load_monitors


def monitor(name="Name", by="", query=None, **options):
    grouped = f'.by("{by}")' if by else ""
    text = query or f'logs("service:a").index("*").rollup("count"){grouped}.last("5m") > 50'
    obj = {"name": name, "type": "log alert", "query": text, "message": "", "priority": 2}
    [read] = load_monitors(json.dumps(obj | {"options": options}), path="m")
    return read


def context(read, group=(), kind="Triggered", at=600.0, **more):
    return message_context(
        read, source="OK", destination="Alert", kind=kind, at=at, value=51.0, group=group, **more
    )


@pytest.mark.parametrize(
    ("kind", "group", "options", "expected"),
    [
        ("Triggered", (), {}, "[Triggered] Name"),
        ("Triggered", (("host", "h1"),), {}, "[Triggered on {host:h1}] Name"),
        ("Triggered", (("host", "h1"),), {"include_tags": False}, "[Triggered] Name"),
        ("Warn", (("host", "h1"), ("@a.b", "x y")), {}, "[Warn on {host:h1,@a.b:x y}] Name"),
        ("Recovered", (), {}, "[Recovered] Name"),
        ("Re-Triggered", (("host", "h1"),), {}, "[Re-Triggered on {host:h1}] Name"),
        ("No Data", (), {}, "[No Data] Name"),
    ],
)
def test_titles(kind, group, options, expected):
    read = monitor(by=",".join(key for key, _ in group), **options)
    assert title(read, context(read, group, kind)) == expected


def test_the_name_is_a_template():
    read = monitor("{{#is_alert}}Down{{/is_alert}} on {{host.name}}", by="host")
    assert title(read, context(read, (("host", "h1"),))) == "[Triggered on {host:h1}] Down on h1"


def test_a_title_is_one_line_whatever_the_events_say():
    read = monitor("x {{host.name}}", by="host")
    shown = title(read, context(read, (("host", "a\nb\r\n  c"),)))
    assert shown == "[Triggered on {host:a b c}] x a b c"


def test_thresholds_and_priority_come_from_the_monitor():
    read = monitor(
        thresholds={"critical": 50, "warning": 10, "critical_recovery": 40, "warning_recovery": 5}
    )
    made = context(read)
    assert (made.threshold, made.warn_threshold) == (50.0, 10.0)
    assert (made.alert_recovery_threshold, made.warn_recovery_threshold) == (40.0, 5.0)
    assert (made.comparator, made.priority) == (">", 2)


def arguments(link):
    return {key: value[0] for key, value in parse_qs(urlsplit(link).query).items()}


def test_the_link_opens_what_was_counted():
    read = monitor(by="@a.b,env")
    link = context(read, (("@a.b", 'say "hi"'), ("env", "prod"))).log_link
    assert link.startswith("https://app.datadoghq.com/logs?")
    assert arguments(link) == {
        "query": 'service:a @a.b:"say \\"hi\\"" env:prod',
        "from_ts": "300000",
        "to_ts": "600000",
        "live": "false",
    }


def test_a_value_that_is_no_text_breaks_no_link():
    link = context(monitor(by="@a.b"), (("@a.b", "half a pair \ud83d"),)).log_link
    assert arguments(link)["query"] == 'service:a @a.b:"half a pair ?"'


@pytest.mark.parametrize(
    ("site", "host"),
    [("datadoghq.eu", "app.datadoghq.eu"), ("us5.datadoghq.com", "us5.datadoghq.com"), ("ddog-gov.com", "app.ddog-gov.com")],
)  # fmt: skip
def test_the_link_is_the_sites(site, host):
    assert urlsplit(context(monitor(), site=site).log_link).hostname == host
