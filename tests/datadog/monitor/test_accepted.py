"""What Datadog takes is no error, be it evaluated here or not; and nothing of it is ignored."""

import json

import pytest

from grantex_tui.datadog.document import read_document
from grantex_tui.datadog.monitor.load import load_file, load_monitors, objects_of
from grantex_tui.datadog.monitor.unmodelled import unmodelled
from grantex_tui.datadog.monitor.validate import validate_monitor
from grantex_tui.errors import InvalidFileError


def errors(obj):
    return [p for p in validate_monitor(obj) if p.severity == "error"]


def left_to_datadog(obj):
    """Whether the query is told of as not evaluated here, and as nothing else."""
    about = [p for p in validate_monitor(obj) if p.where == "query"]
    return [(p.severity, p.code) for p in about] == [("advice", "not-evaluated-locally")]


def metric(query, **more):
    return {"name": "n", "type": "query alert", "query": query, "message": "", "options": {}} | more


@pytest.mark.parametrize(
    "query",
    [
        "max(last_30m):avg:jobs.waiting{*} by {host} > 4",
        "avg(current_1mo):sum:invoices.sent{*} > 0.5",
        "min(next_1w):forecast(avg:disk.used{*}, 'linear', 1) >= 90",
        "change(avg(last_5m),last_1h):avg:queue.depth{*} > 20",
        "pct_change(sum(last_5m),last_1d):per_minute(sum:hits{*}) < -50",
        "avg(last_5m):100 * avg:mem.used{*} / avg:mem.total{*} > 90",
        'formula("query1").rollup("sum").last("5m") > 124',
        "avg(last_4h):anomalies(default_zero(sum:hits{*}), 'agile', 3) >= 1",
        "avg(last_4h):anomalies(sum:hits{*} / sum:all{*}, 'agile', 3) >= 1",
        "max(last_4h):anomalies(sum:hits{*}, 'agile', 3) >= 1",
        "avg(current_1h):anomalies(sum:hits{*}, 'agile', 3) >= 1",
        "avg(last_4h):1 - anomalies(sum:hits{*}, 'agile', 3) >= 1",
    ],
)
def test_metric_queries_are_left_to_datadog(query):
    assert errors(metric(query)) == []
    assert left_to_datadog(metric(query))


@pytest.mark.parametrize(
    "query", ["hello", "avg(last_5m):avg:mem.used{*}", "avg(last_5m):avg:mem.used{*} =~ 5", "> x"]
)
def test_whatever_it_asks_a_metric_query_ends_with_a_comparison(query):
    [problem] = errors(metric(query))
    assert problem.code == "invalid-query"
    assert "invalid operator specified" in problem.message


@pytest.mark.parametrize(
    "kind",
    ["rum alert", "cost alert", "ci-tests alert", "data-jobs alert", "new kind"],
)
def test_monitors_of_other_types_are_left_to_datadog_with_their_variables(kind):
    variables = [{"data_source": "rum", "name": "a", "compute": {"aggregation": "p99"}}]
    obj = metric('formula("a").by(x).last(10d) > 1', type=kind, options={"variables": variables})
    assert errors(obj) == []
    assert left_to_datadog(obj)


def test_a_misspelt_type_is_an_error_that_names_the_right_one():
    [problem] = errors(metric("logs", type="log alrt"))
    assert (problem.where, problem.fix) == ("type", "write 'log alert'")


def test_a_formula_of_log_monitors_over_other_data_is_not_taken_for_one_over_logs(monitor):
    variables = [{"data_source": "spans", "name": "a", "compute": {"aggregation": "count"}}]
    options = {"thresholds": {"critical": 20}, "variables": variables}
    obj = monitor(options, query='formula("a").last("15m") > 20')
    assert errors(obj) == []
    assert left_to_datadog(obj)


def test_days_are_windows_up_to_two(monitor):
    def window(text):
        query = f'logs("*").index("*").rollup("count").last("{text}") > 50'
        return monitor({"thresholds": {"critical": 50}}, query=query)

    assert errors(window("1d")) == []
    [read] = load_monitors(json.dumps(window("2d")), path="m")
    assert read.query.window == 48 * 3600
    assert [p.code for p in errors(window("3d"))] == ["invalid-query"]


@pytest.mark.parametrize("key", ["ok", "unknown"])
def test_a_threshold_of_checks_has_no_effect(monitor, key):
    obj = monitor({"thresholds": {"critical": 50, key: 1}})
    assert errors(obj) == []
    assert "threshold-unused" in {p.code for p in validate_monitor(obj)}


def test_the_wrapper_of_shipped_monitors_is_looked_into(monitor):
    shipped = {"version": 2, "title": "t", "definition": monitor(name="inside")}
    for value in (shipped, [shipped]):
        [item] = objects_of(read_document(json.dumps(value), path="m"))
        assert item.where.endswith("definition")
        assert [each.name for each in load_monitors(json.dumps(value), path="m")] == ["inside"]


def test_other_monitors_among_log_monitors_are_left_out_with_a_line_each(monitor):
    others = [
        metric("max(last_30m):avg:jobs{*} > 4", name="Jobs"),
        metric("x", name="\x1b[2JRum", type="rum alert"),
    ]
    text = json.dumps({"monitors": [others[0], monitor(name="Logs"), others[1]]}, indent=1)
    loaded = load_file(text, path="all.json")
    assert [each.name for each in loaded.monitors] == ["Logs"]
    first, second = [each.text for each in loaded.others]
    assert first.startswith("left out: Jobs (all.json:")
    assert first.endswith("a metric query without anomalies() is not evaluated here")
    assert "\x1b" not in second
    assert "a monitor of type 'rum alert' is not evaluated here" in second


def test_a_file_of_others_alone_says_why_instead_of_giving_none(monitor):
    with pytest.raises(InvalidFileError, match=r"without anomalies\(\) is not evaluated here"):
        load_monitors(json.dumps([metric("max(last_30m):avg:jobs{*} > 4")]), path="m")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"scheduling_options": {"evaluation_window": {"day_starts": "04:00"}}}, True),
        ({"silenced": {"*": None}}, True),
        ({"min_failure_duration": 60}, True),
        ({"something_new": "x"}, True),
        ({"silenced": {}, "min_failure_duration": 0, "scheduling_options": None}, False),
        ({"locked": True, "notify_audit": True, "new_host_delay": 300}, False),
        ({"renotify_interval": 60, "thresholds": {"critical": 1}}, False),
    ],
)
def test_an_option_that_is_set_and_not_modelled_is_named(options, named):
    assert bool(list(unmodelled(options))) is named


def test_a_monitor_keeps_what_is_not_modelled_of_it_and_check_tells(monitor):
    obj = monitor({"thresholds": {"critical": 50}, "aggregation": {"method": "sum"}})
    [read] = load_monitors(json.dumps(obj), path="m")
    assert read.options.unmodelled == ("aggregation",)
    [told] = [p for p in validate_monitor(obj) if p.where == "options.aggregation"]
    assert (told.severity, told.code) == ("advice", "not-evaluated-locally")
