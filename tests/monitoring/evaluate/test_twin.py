"""The evaluator against a twin that keeps every log and recounts each tick from the definition."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.kinds.formula import FormulaQuery
from grantex_tui.datadog.monitor.kinds.log import LogAlertQuery
from grantex_tui.datadog.monitor.model import LogQuery, Monitor, Options, Thresholds
from grantex_tui.monitoring.count.windows import second_of
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.evaluate.missing import Absent


PERCENTILES = ["min", "median", "pc75", "pc90", "pc95", "pc98", "pc99"]
METHODS = ["count", "count", "cardinality", "sum", "avg", "max", *PERCENTILES]
COMPARATORS = [">", ">=", "<", "<=", "==", "!="]
START = 1_000_000


@st.composite
def thresholds(draw, op):
    level = st.sampled_from([0, 1, 2, 3, 5, 8]).map(float)
    some = st.none() | level
    return Thresholds(draw(level), draw(some), draw(some), draw(some)), op


@st.composite
def monitors(draw):
    op = draw(st.sampled_from(COMPARATORS))
    limits, _ = draw(thresholds(op))
    window = draw(st.sampled_from([7, 60, 90, 120, 300, 900, 86400, 86460, 172800]))
    by = ("@a", "@b")[: draw(st.integers(0, 2))]
    top = draw(st.sampled_from([(), (1, 2), (2, 1), (3, 3)]))
    kind = draw(st.sampled_from(["single", "single", "single", "a / b * 100", "a + b"]))
    options = Options(
        thresholds=limits,
        on_missing_data=draw(
            st.sampled_from(
                ["default", "default", "show_no_data", "show_and_notify_no_data", "resolve"]
            )
        ),
        notify_no_data=draw(st.booleans()),
        no_data_timeframe=draw(st.sampled_from([None, 2, 5])),
        evaluation_delay=draw(st.sampled_from([0, 0, 30, 60, 900])),
        new_group_delay=draw(st.sampled_from([0, 60, 180])),
        group_retention_hours=draw(st.sampled_from([0.1, 1, 24, 72])),
        renotify_interval=draw(st.sampled_from([None, 1, 3])),
        renotify_statuses=tuple(draw(st.sets(st.sampled_from(["alert", "warn", "no data"])))),
        renotify_occurrences=draw(st.sampled_from([None, 1, 2])),
        timeout_h=draw(st.sampled_from([0, 1])),
    )

    def part(search, facets):
        method = draw(st.sampled_from(METHODS))
        measure = "" if method == "count" else "@n"
        return LogQuery(search, method, measure, facets, group_limits=top[: len(facets)])

    query: LogAlertQuery | FormulaQuery
    if kind == "single":
        query = LogAlertQuery(part("a", by), window, Comparator(op), limits.critical)
    else:
        parts = {"a": part("a", by), "b": part("b", draw(st.sampled_from([by, ()])))}
        query = FormulaQuery(kind, parts, window, Comparator(op), limits.critical)
    return Monitor("m", "log alert", "", query, options=options)


@st.composite
def cases(draw):
    monitor = draw(monitors())
    window = monitor.query.window
    period = 60 if window < 86400 else 600 if window < 172800 else 1800
    length = period * draw(st.integers(1, 40))
    span = min(window, length)
    instants = st.integers(-10, length).map(lambda s: s * 1000)
    near_the_end = st.integers(-2, 2).map(lambda slots: (slots * 60 - window) * 1000)
    some = [0, 0, 0, -1, 1, 999, -span * 500, -span * 2000, 90_000, 600_000]
    offsets = st.sampled_from(some) | near_the_end
    logs = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "arrived": instants.map(lambda ms: START + ms / 1000),
                    "late": offsets,
                    "groups": st.tuples(st.sampled_from("xyz"), st.sampled_from("pqr")),
                    "value": st.sampled_from([0, 1, 2, 3, 10, 0.1, 0.2, -7, 1e300]),
                    "kind": st.sampled_from("aab"),
                }
            ),
            max_size=40,
        )
    )
    for log in logs:
        log["date"] = int(log["arrived"] * 1000) + log.pop("late")
    phase = draw(st.sampled_from([0, 1, 30, 59]))
    return monitor, sorted(logs, key=lambda log: log["arrived"]), START, START + length, phase


def questions_of(query):
    if isinstance(query, LogAlertQuery):
        return {"a": query.query}
    return query.variables


def evaluate(monitor, logs, start, end, phase, *, watched):
    evaluations: list = []
    evaluator = Evaluator(
        [monitor],
        start=start,
        phase=phase,
        on_evaluation=evaluations.append if watched else None,
    )
    numbers = {(q.search, len(q.group_by)): i for i, q in enumerate(evaluator.counters.questions)}
    transitions = []
    for log in logs:
        transitions += evaluator.advance_before(log["arrived"])
        part = questions_of(monitor.query).get(log["kind"])
        if part is not None:
            groups = log["groups"][: len(part.group_by)]
            value = {"count": None, "cardinality": str(log["value"])}.get(part.method, log["value"])
            number = numbers[part.search, len(part.group_by)]
            evaluator.counters.add(number, second_of(log["date"]), groups, value)
    transitions += evaluator.advance(end)
    return evaluations, transitions


def as_tuple(t):
    group = tuple(value for _, value in t.group)
    return (
        group,
        t.at,
        t.source,
        t.destination,
        t.kind,
        t.notify,
        t.first_triggered_at,
        t.last_triggered_at,
    )


@settings(max_examples=500)
@given(cases())
def test_values_and_transitions_are_those_of_the_definition(twin, case):
    evaluations, transitions = twin(*case)
    found, watched = evaluate(*case, watched=True)
    values = sorted((e.at, tuple(v for _, v in e.group), e.outcome) for e in found)
    assert [v[:2] for v in values] == [e[:2] for e in evaluations]
    for (at, group, value), (*_, expected) in zip(values, evaluations, strict=True):
        exact = isinstance(expected, Absent) or isinstance(value, Absent)
        assert value == expected if exact else value == pytest.approx(expected, rel=1e-15), (
            at,
            group,
        )
    assert [as_tuple(t) for t in watched] == transitions
    _, unwatched = evaluate(*case, watched=False)
    assert unwatched == watched
