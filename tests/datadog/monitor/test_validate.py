from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.shapes import TYPES
from grantex_tui.datadog.monitor.validate import validate_monitor


def found(obj, severity="error"):
    return [(p.code, p.where) for p in validate_monitor(obj) if p.severity == severity]


def messages(obj):
    return [problem.message for problem in validate_monitor(obj)]


def query(tail, head='logs("a").index("*").rollup("count").last("5m")'):
    return f"{head} {tail}"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"thresholds": {"critical": 90}}, "Alert threshold (90.0) does not match that used in the query (50.0)."),
        ({"thresholds": {"warning": 10}}, "Alert status is required."),
        ({"thresholds": {"critical": "fifty"}}, "Non-numeric threshold value."),
        ({"thresholds": {"critical": True}}, "Non-numeric threshold value."),
        ({"thresholds": {"critical": 50, "critcal_recovery": 1}}, "Invalid threshold statuses found: critcal_recovery."),
        ({"on_missing_data": "ignore"}, "Invalid on_missing_data value: ignore; valid values are: default, show_no_data, show_and_notify_no_data, resolve"),
        ({"renotify_interval": None}, "The renotify_occurrences option can only be used if renotify_interval is set"),
        ({"thresholds": {"critical": 50, "critical_recovery": 60}}, "alert and alert recovery criteria are such that the monitor can be simultaneously in alert and alert recovery states"),
    ],
)  # fmt: skip
def test_datadogs_own_words(monitor, options, says):
    assert says in messages(monitor(options))


@pytest.mark.parametrize(
    ("options", "code", "where"),
    [
        ({"thresholds": {"critical": 50, "warning": 50}}, "warning-after-critical", "thresholds.warning"),
        ({"thresholds": {"critical": 50, "warning": 60}}, "warning-after-critical", "thresholds.warning"),
        ({"thresholds": {"critical": 50, "warning": 10, "warning_recovery": 11}}, "recovery-inside-alert", "thresholds.warning_recovery"),
        ({"thresholds": {"critical": 50, "warning_recovery": 1}}, "recovery-without-threshold", "thresholds.warning_recovery"),
        ({"thresholds": [50]}, "invalid-value", "thresholds"),
        ({"timeout_h": 25}, "invalid-value", "timeout_h"),
        ({"timeout_h": -1}, "invalid-value", "timeout_h"),
        ({"evaluation_delay": 86_401}, "invalid-value", "evaluation_delay"),
        ({"evaluation_delay": 1.5}, "invalid-value", "evaluation_delay"),
        ({"new_group_delay": "60"}, "invalid-value", "new_group_delay"),
        ({"include_tags": "yes"}, "invalid-value", "include_tags"),
        ({"renotify_statuses": ["warning"]}, "invalid-value", "renotify_statuses"),
        ({"group_retention_duration": "59m"}, "invalid-value", "group_retention_duration"),
        ({"group_retention_duration": "73h"}, "invalid-value", "group_retention_duration"),
        ({"group_retention_duration": "a day"}, "invalid-value", "group_retention_duration"),
        ({"notification_preset_name": "show_some"}, "invalid-value", "notification_preset_name"),
        ({"notify_by": ["host"]}, "invalid-notify-by", "notify_by"),
        ({"escalation_message": "{{#is_alert}}"}, "message-syntax", "escalation_message"),
    ],
)  # fmt: skip
def test_options_that_are_refused(monitor, options, code, where):
    assert found(monitor(options)) == [(code, f"options.{where}")]


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"name": ""}, "missing-key", "name"),
        ({"query": None}, "missing-key", "query"),
        ({"type": "log alerts"}, "invalid-value", "type"),
        ({"priority": 6}, "invalid-value", "priority"),
        ({"tags": "app:grantex"}, "invalid-value", "tags"),
        ({"message": 3}, "invalid-value", "message"),
        ({"query": query("=> 50")}, "invalid-query", "query"),
        ({"query": query("> 50", "logs('a').rollup(\"count\").last(\"5m\")")}, "invalid-query", "query"),
        ({"query": query("> 50", 'logs("a AND (").rollup("count").last("5m")')}, "invalid-search", "query"),
        ({"message": "{{#is_alert}}x"}, "message-syntax", "message"),
        ({"name": "{{value"}, "message-syntax", "name"),
    ],
)  # fmt: skip
def test_fields_that_are_refused(monitor, changes, code, where):
    assert found(monitor(**changes)) == [(code, where)]


def test_options_are_an_object(monitor):
    assert found(monitor() | {"options": [1]}) == [("invalid-value", "options")]


@pytest.mark.parametrize(
    ("comparator", "critical", "warning", "fine"),
    [
        (">", 50, 10, True), (">", 50, 60, False), (">=", 50, 50, False), (">=", 50, 49, True),
        ("<", 1, 2, True), ("<", 2, 1, False), ("<=", 2, 2, False), ("==", 2, 5, True),
        ("!=", 2, 2, True),
    ],
)  # fmt: skip
def test_the_warning_comes_before_the_alert(monitor, comparator, critical, warning, fine):
    obj = monitor(
        {"thresholds": {"critical": critical, "warning": warning}},
        query=query(f"{comparator} {critical}"),
    )
    assert found(obj) == (
        [] if fine else [("warning-after-critical", "options.thresholds.warning")]
    )


@pytest.mark.parametrize(
    ("comparator", "recovery", "verdict"),
    [
        (">", 49, "fine"), (">", 50, "idle"), (">", 51, "refused"),
        (">=", 49, "fine"), (">=", 50, "idle"), (">=", 51, "refused"),
        ("<", 51, "fine"), ("<", 50, "idle"), ("<", 49, "refused"),
        ("<=", 51, "fine"), ("<=", 50, "idle"), ("<=", 49, "refused"),
        ("==", 51, "fine"),
    ],
)  # fmt: skip
def test_the_recovery_lies_on_the_healthy_side(monitor, comparator, recovery, verdict):
    obj = monitor(
        {"thresholds": {"critical": 50, "critical_recovery": recovery}},
        query=query(f"{comparator} 50"),
    )
    where = "options.thresholds.critical_recovery"
    assert found(obj) == ([("recovery-inside-alert", where)] if verdict == "refused" else [])
    idle = [("recovery-without-effect", where)] if verdict == "idle" else []
    assert found(obj, "advice") == idle


def test_thresholds_may_be_left_out_altogether(monitor):
    obj = monitor()
    del obj["options"]["thresholds"]
    assert found(obj) == []


@pytest.mark.parametrize(
    ("options", "changes", "code", "where"),
    [
        ({"renotify_interval": 0, "renotify_occurrences": 0, "renotify_statuses": ["alert"]}, {}, "renotify-unused", "options.renotify_statuses"),
        ({"on_missing_dta": "resolve"}, {}, "unknown-key", "options.on_missing_dta"),
        ({}, {"mesage": "x"}, "unknown-key", "mesage"),
        ({"threshold_windows": {"trigger_window": "last_5m"}}, {}, "threshold-windows-unused", "options.threshold_windows"),
        ({"variables": [{"data_source": "logs", "name": "a", "search": {"query": "x"}, "compute": {"aggregation": "count"}}]}, {}, "variables-unused", "options.variables"),
        ({"scheduling_options": {"evaluation_window": {"hour_starts": 0}}}, {}, "not-evaluated-locally", "options.scheduling_options"),
        ({}, {"type": "metric alert", "query": "avg(last_5m):avg:system.load.1{*} > 4"}, "not-evaluated-locally", "query"),
    ],
)  # fmt: skip
def test_what_is_taken_without_effect_is_advice(monitor, options, changes, code, where):
    obj = monitor(options, **changes)
    assert found(obj) == []
    assert (code, where) in found(obj, "advice")


def test_every_type_of_the_api_is_known(monitor):
    for kind in TYPES:
        assert ("invalid-value", "type") not in found(monitor(type=kind))


@pytest.mark.parametrize(
    ("notify_by", "fine"),
    [(["*"], True), (["a"], True), ([], True), (["a", "b"], False), (["c"], False)],
)
def test_notify_by_is_a_proper_subset_of_the_groups(monitor, notify_by, fine):
    grouped = 'logs("x").index("*").rollup("count").by("a,b").last("5m")'
    obj = monitor({"notify_by": notify_by}, query=query("> 50", grouped))
    assert found(obj) == ([] if fine else [("invalid-notify-by", "options.notify_by")])


def variable(name="a", **changes):
    return {
        "data_source": "logs",
        "name": name,
        "indexes": ["*"],
        "search": {"query": "service:a"},
        "compute": {"aggregation": "count"},
    } | changes


GROUP = {"group_by": [{"facet": "service", "limit": 10}]}


@pytest.mark.parametrize(
    ("variables", "code", "where"),
    [
        ([variable(data_source=None)], "invalid-variable", "[0].data_source"),
        ([variable(compute={"aggregation": "sum"})], "invalid-variable", "[0].compute.metric"),
        ([variable(), variable()], "duplicate-variable", "[1].name"),
        ([variable(), variable("b", **GROUP)], "different-groups", ""),
        ([variable(group_by=[{"facet": "x", "limit": 1001}])], "too-many-groups", "[0].group_by[0].limit"),
        ([variable(group_by=[{"facet": "x", "limit": 31}, {"facet": "y"}])], "too-many-groups", "[0].group_by[0].limit"),
        ([variable(group_by=[{"facet": f} for f in "vwxyz"])], "too-many-groups", "[0].group_by"),
        ([variable(search={"query": "("})], "invalid-search", "[0].search.query"),
    ],
)  # fmt: skip
def test_variables_that_are_refused(monitor, variables, code, where):
    obj = monitor({"variables": variables}, query='formula("a").last("5m") > 50')
    assert found(obj) == [(code, f"options.variables{where}")]


def test_a_formula_needs_its_variables(monitor):
    obj = monitor({"variables": [variable("b")]}, query='formula("a + b").last("5m") > 50')
    assert "the formula names 'a', but options.variables defines b" in messages(obj)[0]


ANOMALY = "avg(last_4h):anomalies(sum:m{*}.as_count(), 'agile', 3, direction='both', alert_window='last_15m', interval=60, count_default_zero='true') >= 1"


def windows(trigger="last_15m", recovery="last_15m"):
    return {"threshold_windows": {"trigger_window": trigger, "recovery_window": recovery}}


@pytest.mark.parametrize(
    ("changed", "options", "code", "where"),
    [
        (("interval=60", "interval=181"), {}, "interval-too-long", "query"),
        (("last_4h", "last_10m"), {}, "alert-window-too-long", "query"),
        ((">= 1", ">= 2"), {"thresholds": {}}, "not-a-fraction", "query"),
        ((">= 1", ">= 0"), {"thresholds": {}}, "not-a-fraction", "query"),
        (("", ""), {"thresholds": {"critical": 1, "critical_recovery": -1}}, "not-a-fraction", "options.thresholds.critical_recovery"),
        (("", ""), {"thresholds": {"critical": 1, "critical_recovery": 1}}, "recovery-inside-alert", "options.thresholds.critical_recovery"),
        (("", ""), {"threshold_windows": {"trigger_window": "last_15m"}}, "window-missing", "options.threshold_windows.recovery_window"),
        (("", ""), windows(trigger="last_30m"), "trigger-window", "options.threshold_windows.trigger_window"),
        (("", ""), windows(recovery="15m"), "invalid-window", "options.threshold_windows.recovery_window"),
        (("", ""), windows(recovery="last_30m"), "recovery-inside-alert", "options.threshold_windows.recovery_window"),
        (("", ""), {"on_missing_data": "resolve"}, "invalid-on-missing-data", "options.on_missing_data"),
    ],
)  # fmt: skip
def test_anomaly_monitors_that_are_refused(anomaly, changed, options, code, where):
    obj = anomaly(options, query=ANOMALY.replace(*changed) if changed[0] else ANOMALY)
    assert (code, where) in found(obj)
    assert {found_code for found_code, _ in found(obj)} == {code}


@pytest.mark.parametrize(
    ("threshold", "recovery", "fine"),
    [(0.5, "121m", True), (0.5, "120m", False), (0.8, "49m", True), (0.8, "48m", False),
     (1, "1m", True), (0.5, "240m", True), (0.5, "241m", False)],
)  # fmt: skip
def test_the_recovery_window_of_four_hours_as_datadog_computes_it(
    anomaly, threshold, recovery, fine
):
    text = ANOMALY.replace("last_4h", "last_1d").replace("last_15m", "last_4h")
    obj = anomaly(
        {"thresholds": {"critical": threshold}, **windows("last_4h", f"last_{recovery}")},
        query=text.replace(">= 1", f">= {threshold}"),
    )
    refused = [("recovery-inside-alert", "options.threshold_windows.recovery_window")]
    assert found(obj) == ([] if fine else refused)


def test_its_own_rollup_overrides_the_interval(anomaly):
    text = ANOMALY.replace("interval=60", "interval=900").replace(
        "as_count()", "as_count().rollup(sum, 60)"
    )
    assert found(anomaly(query=text)) == []


def test_basic_has_no_season(anomaly):
    text = ANOMALY.replace("agile", "basic").replace("'true'", "'true', seasonality='weekly'")
    assert found(anomaly(query=text), "advice") == [("seasonality-of-basic", "query")]


def test_the_guides_query_is_corrected(anomaly):
    text = "avg(last_4h):anomalies(count:source:grantex type:token.issued, 'agile', 3) >= 1"
    for kind in ("query alert", "log alert"):
        [problem] = validate_monitor(anomaly({"thresholds": {}}, query=text, type=kind))[:1]
        assert problem.code == "guide-anomaly-query"
        assert "sum:grantex.events{event_type:token.issued}.as_count()" in problem.fix


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
OPTIONS = ("thresholds", "variables", "threshold_windows", "on_missing_data", "renotify_interval",
           "renotify_occurrences", "group_retention_duration", "notify_by", "escalation_message")  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["name", "type", "query", "message", "tags", "priority", "id"]), ANYTHING),
    st.dictionaries(st.sampled_from(OPTIONS), ANYTHING),
    st.sampled_from([None, query("> 50"), ANOMALY, 'formula("a").last("5m") > 1']),
    st.sampled_from(["log alert", "query alert"]),
)  # fmt: skip
def test_no_object_makes_it_raise(changes, options, text, kind):
    obj = {"name": "x", "type": kind, "options": options} | changes
    for problem in validate_monitor(obj if text is None else obj | {"query": text, "type": kind}):
        assert problem.message
        assert problem.rule
