"""Where Datadog's limits lie, to the last number that is taken and the first that is not."""

from __future__ import annotations

import json
import math
import operator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.guide import correct_guide_monitor, read_guide_monitors
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.monitor.model import Options, Thresholds
from grantex_tui.datadog.monitor.schedule import period_of
from grantex_tui.datadog.monitor.silence import Delivery, silence_advice
from grantex_tui.datadog.monitor.validate import validate_monitor
from grantex_tui.errors import InvalidFileError


def errors(obj):
    return [problem.where for problem in validate_monitor(obj) if problem.severity == "error"]


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [
        ("no_data_timeframe", 1, None),
        ("evaluation_delay", 0, 86_400),
        ("new_group_delay", 0, None),
        ("new_host_delay", 0, None),
        ("renotify_interval", 0, None),
        ("renotify_occurrences", 0, None),
        ("timeout_h", 0, 24),
        ("min_failure_duration", 0, 7200),
        ("min_location_failed", 0, None),
    ],
)
def test_an_option_takes_whole_numbers_from_the_least_to_the_most(monitor, key, least, most):
    other = {"renotify_interval": 60, "renotify_occurrences": None, "renotify_statuses": None}
    where = [f"options.{key}"]
    assert errors(monitor({**other, key: least - 1})) == where
    assert errors(monitor({**other, key: least})) == []
    assert errors(monitor({**other, key: True})) == where
    if most is not None:
        assert errors(monitor({**other, key: most})) == []
        assert errors(monitor({**other, key: most + 1})) == where


@pytest.mark.parametrize(("key", "least", "most"), [("priority", 0, 5), ("id", 0, None)])
def test_a_monitors_own_numbers_have_their_limits_too(monitor, key, least, most):
    assert errors(monitor(**{key: least - 1})) == [key]
    assert errors(monitor(**{key: least})) == []
    if most is not None:
        assert errors(monitor(**{key: most})) == []
        assert errors(monitor(**{key: most + 1})) == [key]


@pytest.mark.parametrize(
    ("length", "fine"),
    [("59m", False), ("60m", True), ("1h", True), ("72h", True), ("73h", False), (24, False)],
)
def test_groups_are_kept_from_an_hour_to_three_days(monitor, length, fine):
    where = "options.group_retention_duration"
    assert errors(monitor({"group_retention_duration": length})) == ([] if fine else [where])


@pytest.mark.parametrize("one", [1, {}, None])
def test_each_of_a_list_of_texts_is_a_text(monitor, one):
    assert errors(monitor(tags=["a:b", one])) == ["tags"]
    assert errors(monitor(tags=["a:b", "c"])) == []
    assert "options.notify_by" in errors(monitor({"notify_by": ["@a", one]}))


@pytest.mark.parametrize("one", [1, "x", None, ["alert"]])
def test_each_of_a_list_of_objects_is_an_object(monitor, one):
    assert errors(monitor({"variables": [{}, one]}))[0] == "options.variables"


def test_an_anomaly_monitors_thresholds_are_fractions(anomaly):
    for fraction, fine in ((0, True), (1, True), (-0.01, False), (1.01, False), (True, None)):
        problems = validate_monitor(anomaly({"thresholds": {"critical": fraction}}))
        told = "not-a-fraction" in {problem.code for problem in problems}
        assert told == (fine is False)


@pytest.mark.parametrize(("facets", "most"), [(1, 1000), (2, 30), (3, 10), (4, 5)], ids=str)
def test_a_variables_groups_are_limited_by_how_many_facets_there_are(payloads, facets, most):
    def limited(limit):
        obj = json.loads(json.dumps(payloads["monitor_two_queries"]))
        for variable in obj["options"]["variables"]:
            variable["group_by"] = [
                {"facet": f"@f{number}", "limit": limit if number == facets - 1 else 1}
                for number in range(facets)
            ]
        return errors(obj)

    where = [f"options.variables[{v}].group_by[{facets - 1}].limit" for v in (0, 1)]
    assert limited(0) == where
    assert limited(1) == []
    assert limited(most) == []
    assert limited(most + 1) == where


@pytest.mark.parametrize(
    ("window", "period"),
    [(60, 60), (86_399, 60), (86_400, 600), (172_799, 600), (172_800, 1800), (604_800, 1800)],
)
def test_the_longer_a_window_the_rarer_an_evaluation(window, period):
    assert period_of(window) == period


@pytest.mark.parametrize(
    ("key", "fix"), [("messsage", "did you mean 'message'?"), ("zzz", "remove it")]
)
def test_an_unknown_key_is_told_with_the_nearest_there_is(monitor, key, fix):
    [told] = [p for p in validate_monitor(monitor(**{key: "x"})) if p.code == "unknown-key"]
    assert (told.where, told.fix) == (key, fix)


def test_without_groups_there_is_none_to_notify_by(monitor):
    obj = monitor({"notify_by": ["host"]})
    [told] = [p for p in validate_monitor(obj) if p.code == "invalid-notify-by"]
    assert "the query's groups (nothing)" in told.message


COMPARE = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq,
    "!=": operator.ne,
}  # fmt: skip


@given(st.sampled_from(list(COMPARE)), st.integers(-2, 2), st.integers(-2, 2))
def test_a_comparison_is_what_its_sign_says(sign, value, threshold):
    assert Comparator(sign).crosses(value, threshold) == COMPARE[sign](value, threshold)


def test_without_options_datadogs_defaults_hold(monitor):
    obj = monitor()
    obj["options"] = {}
    [read] = load_monitors(json.dumps(obj), path="m.json")
    assert replace(read.options, thresholds=Thresholds()) == Options(
        on_missing_data="default",
        evaluation_delay=0,
        new_group_delay=60,
        group_retention_hours=24.0,
        renotify_interval=None,
        renotify_statuses=("alert", "no data"),
        renotify_occurrences=None,
        timeout_h=0,
        notify_by=(),
        include_tags=True,
        unmodelled=(),
    )
    assert Options() == replace(read.options, thresholds=Thresholds())


@pytest.mark.parametrize("before", [0, 1])
def test_an_error_in_a_list_of_monitors_is_told_at_its_line(monitor, before):
    text = "[\n" + ",\n".join(
        [json.dumps(monitor())] * before
        + [json.dumps(monitor({"timeout_h": 25}), indent=1)]
    ) + "\n]\n"  # fmt: skip
    [line] = [n for n, each in enumerate(text.splitlines(), 1) if "timeout_h" in each]
    with pytest.raises(InvalidFileError, match="timeout_h") as raised:
        load_monitors(text, path="m.json")
    assert raised.value.line == line


@pytest.mark.parametrize(
    ("flush_interval", "delay", "told"),
    [(50.0, 0, False), (math.inf, 0, True), (math.inf, 86_400, True), (None, 0, False)],
)
def test_a_window_is_at_least_as_long_as_a_logs_way(monitor, flush_interval, delay, told):
    [read] = load_monitors(json.dumps(monitor({"evaluation_delay": delay})), path="m.json")
    codes = [p.code for p in silence_advice(read, Delivery(flush_interval=flush_interval))]
    assert ("window-shorter-than-delay" in codes) == told


def test_in_the_guides_prose_lines_belong_to_the_key_above_them():
    text = """### A name

```

  before any key
Monitor type: Log Count
Query: source:grantex
Alert conditions:
  Critical: > 7 in 5 minutes

  Warning: > 3 in 5 minutes
Message:
  First.

  Second.
```
"""
    [monitor] = read_guide_monitors(text)
    assert monitor.message == "First.\nSecond."
    assert (monitor.critical, monitor.warning) == ((">", 7.0), 3.0)
    assert str(correct_guide_monitor(monitor)["query"]).endswith('.last("5m") > 7')
