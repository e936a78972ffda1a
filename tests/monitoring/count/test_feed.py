from __future__ import annotations

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.monitoring.count.counters import Counters
from grantex_tui.monitoring.count.facets import facet_reader, measure_reader
from grantex_tui.monitoring.count.question import Question
from tests.support.feed import LogFeed


LOG = Log(
    attributes={"a": {"b": "x"}, "list": ["y", "x", "y"], "n": 7.0, "yes": True, "none": None},
    tags=("env:prod", "env:eu", "team:a:b", "flag"),
    timestamp=30_000,
    host="h1",
    service="auth",
    source="grantex",
    status="warn",
    message="hello",
)


@pytest.mark.parametrize(
    ("facet", "texts"),
    [
        ("@a.b", ("x",)),
        ("@list", ("y", "x")),
        ("@n", ("7",)),
        ("@yes", ("true",)),
        ("@none", ()),
        ("@missing", ()),
        ("host", ("h1",)),
        ("service", ("auth",)),
        ("source", ("grantex",)),
        ("status", ("warn",)),
        ("trace_id", ()),
        ("env", ("prod", "eu")),
        ("team", ("a:b",)),
        ("flag", ()),
    ],
)
def test_facets(facet, texts):
    assert facet_reader(facet)(LOG) == texts


def test_a_reserved_name_that_is_empty_may_be_a_tag():
    assert facet_reader("host")(Log(tags=("host:h2",))) == ("h2",)


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (3, (3.0,)),
        (0.5, (0.5,)),
        ([1, 2.5, "3"], (1.0, 2.5)),
        ("7", ()),
        (True, ()),
        (float("nan"), ()),
        (float("inf"), ()),
        (10**400, ()),
        ({"x": 1}, ()),
    ],
)
def test_measures_are_finite_numbers(value, numbers):
    assert measure_reader("@n")(Log(attributes={"n": value})) == numbers


def counted(question, *logs, matcher=None):
    counters = Counters()
    window = counters.window(question, 60, 0, 0)
    feed = LogFeed(counters, matcher)
    for log in logs:
        feed.observe(log)
    window.move_to(60)
    return dict(window.values())


def test_only_matching_logs_count():
    assert counted(Question("status:warn"), LOG, LOG) == {(): 2}
    assert counted(Question("status:error"), LOG) == {}


def test_a_matcher_can_be_given():
    assert counted(Question("anything"), LOG, matcher=lambda text: lambda log: text == "anything")


def test_a_log_counts_in_the_group_of_every_value_of_its_facets():
    question = Question("*", group_by=("@list", "env"))
    assert counted(question, LOG) == {
        ("y", "prod"): 1, ("y", "eu"): 1, ("x", "prod"): 1, ("x", "eu"): 1,
    }  # fmt: skip


def test_a_log_without_a_facet_is_in_no_group():
    assert counted(Question("*", group_by=("@list", "@missing")), LOG) == {}


def test_measured_methods_take_the_measure():
    assert counted(Question("*", "sum", "@n"), LOG, LOG) == {(): 14.0}
    assert counted(Question("*", "cardinality", "@list"), LOG, LOG) == {(): 2}
    assert counted(Question("*", "avg", "@missing"), LOG) == {}


def test_every_question_is_asked():
    counters = Counters()
    windows = [counters.window(Question(q), 60, 0, 0) for q in ("*", "status:warn", "host:h9")]
    LogFeed(counters).observe(LOG)
    for window in windows:
        window.move_to(60)
    assert [window.values().get((), 0) for window in windows] == [1, 1, 0]
