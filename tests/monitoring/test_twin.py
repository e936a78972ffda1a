"""The evaluator against a twin that keeps every log and recounts each tick from the definition."""

from __future__ import annotations

import operator
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.model import (
    FormulaQuery,
    LogAlertQuery,
    LogQuery,
    Monitor,
    Options,
    Thresholds,
)
from grantex_tui.monitoring.evaluator import Evaluator
from grantex_tui.monitoring.missing import Absent
from grantex_tui.monitoring.windows import second_of


OPS = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
PERCENT = {"min": 0, "median": 50, "pc75": 75, "pc90": 90, "pc95": 95, "pc98": 98, "pc99": 99}
METHODS = ["count", "count", "cardinality", "sum", "avg", "max", *PERCENT]


# --- the twin: plain, slow, written from the definitions ----------------------------------------


def aggregated(method, values):
    if method == "count":
        return len(values)
    if method == "cardinality":
        return len(set(values))
    if method == "max":
        return max(values)
    exact = [Fraction(v) for v in values]
    if method == "sum":
        return float(sum(exact))
    if method == "avg":
        return float(sum(exact) / len(exact))
    exact.sort()
    rank = Fraction(PERCENT[method], 100) * (len(exact) - 1)
    below = int(rank)
    above = min(below + 1, len(exact) - 1)
    return float(exact[below] + (exact[above] - exact[below]) * (rank - below))


def query_result(query, logs):
    """By group: the aggregate of the logs that there are."""
    by_group: dict = {}
    for log in logs:
        key = log["groups"][: len(query.group_by)]
        by_group.setdefault(key, []).append(log["value"])
    result = {group: aggregated(query.method, values) for group, values in by_group.items()}
    for depth, limit in enumerate(query.group_limits, start=1):
        outer = {g[: depth - 1] for g in result}
        for prefix in outer:
            inner: dict = {}
            for log in logs:
                key = log["groups"][:depth]
                kept = any(g[:depth] == key for g in result)
                if kept and key[:-1] == prefix:
                    inner.setdefault(key, []).append(log["value"])
            ranked = sorted(inner, key=lambda k: (-aggregated(query.method, inner[k]), k))
            for gone in ranked[limit:]:
                result = {g: v for g, v in result.items() if g[:depth] != gone}
    return result


def zero_of(query):
    return 0 if query.method in ("count", "sum") else None


def monitor_result(query, logs):
    """By group with logs: the value or None; and what a silent group is evaluated as."""
    if isinstance(query, LogAlertQuery):
        mine = [log for log in logs if log["kind"] == "a"]
        return query_result(query.query, mine), zero_of(query.query)
    a, b = query.variables["a"], query.variables["b"]
    result_a = query_result(a, [log for log in logs if log["kind"] == "a"])
    result_b = query_result(b, [log for log in logs if log["kind"] == "b"])

    def both(x, y):
        if x is None or y is None:
            return None
        if "/" in query.formula:
            return None if y == 0 else x / y * 100
        return x + y

    def in_b(group):
        return result_b.get(group if b.group_by else (), zero_of(b))

    groups = set(result_a) | (set(result_b) if b.group_by or not a.group_by else set())
    result = {g: both(result_a.get(g, zero_of(a)), in_b(g)) for g in groups}
    silent_b = zero_of(b) if b.group_by or not a.group_by else in_b(())
    return result, both(zero_of(a), silent_b)


def state_after(op, limits, state, value):
    if OPS[op](value, limits.critical):
        return "Alert"
    if limits.warning is not None and OPS[op](value, limits.warning):
        return "Warn"
    if op in ("==", "!="):
        return "OK"
    if state == "Alert" and limits.critical_recovery is not None:
        r = limits.critical_recovery
        if not {">": value <= r, ">=": value < r, "<": value >= r, "<=": value > r}[op]:
            return "Alert"
    if state in ("Alert", "Warn") and limits.warning_recovery is not None:
        r = limits.warning_recovery
        if not {">": value <= r, ">=": value < r, "<": value >= r, "<=": value > r}[op]:
            return "Warn"
    return "OK"


KINDS = {"OK": "Recovered", "Warn": "Warn", "Alert": "Triggered", "No Data": "No Data"}
REPEATS = {"Alert": "Re-Triggered", "Warn": "Re-Warn", "No Data": "Re-No Data"}
STATUSES = {"Alert": "alert", "Warn": "warn", "No Data": "no data"}


class GroupTwin:
    """One group's whole past, looked through at each tick."""

    def __init__(self, monitor):
        self.monitor = monitor
        self.state = "No Data"
        self.log = []  # (at, state, kind, notified) of everything reported
        self.outcomes = []  # (at, value or Absent)
        self.started = False

    def tick(self, at, outcome):
        options = self.monitor.options
        self.outcomes.append((at, outcome))
        state = self.target(at, outcome, options)
        if state == self.state:
            return self.repeat(at, options)
        source, self.state = self.state, state
        first, self.started = not self.started, True
        episode = self.episode()
        if state == "OK":
            if first:
                return None
            notify = any(notified for *_, notified in episode)
        else:
            notify = outcome is not Absent.SHOW
        changes = [e for e in episode if not e[2].startswith("Re-")]
        self.log.append((at, state, KINDS[state], notify))
        if state != "OK":
            changes.append(self.log[-1])
        return (at, source, state, KINDS[state], notify, changes[0][0], changes[-1][0])

    def target(self, at, outcome, options):
        if not isinstance(outcome, Absent):
            op, limits = self.monitor.query.comparator, options.thresholds
            return state_after(op, limits, self.state, outcome)
        run = []
        for when, past in reversed(self.outcomes):
            if not isinstance(past, Absent):
                break
            run.append(when)
        timed_out = options.timeout_h and at - run[-1] >= options.timeout_h * 3600
        if self.started and timed_out:
            seen = [s for w, s, *_ in self.log if w >= run[-1]]
            if self.state != "OK" or "OK" in seen:
                return "OK"
        if outcome is Absent.RESOLVE:
            return "OK"
        had_data = any(not isinstance(past, Absent) for _, past in self.outcomes)
        if outcome is Absent.KEEP or not had_data:
            return self.state
        return "No Data"

    def episode(self):
        """What was reported since it last was OK."""
        after = [i for i, e in enumerate(self.log) if e[1] == "OK"]
        return self.log[after[-1] + 1 :] if after else list(self.log)

    def repeat(self, at, options):
        if not options.renotify_interval or self.state == "OK" or not self.log:
            return None
        changed = max(i for i, e in enumerate(self.log) if not e[2].startswith("Re-"))
        told = [e for e in self.log[changed:] if e[3]]
        most = options.renotify_occurrences
        if not told or STATUSES[self.state] not in options.renotify_statuses:
            return None
        if most is not None and len(told) > most:
            return None
        if at - told[-1][0] < options.renotify_interval * 60:
            return None
        self.log.append((at, self.state, REPEATS[self.state], True))
        changes = [e for e in self.episode() if not e[2].startswith("Re-")]
        kind = REPEATS[self.state]
        return (at, self.state, self.state, kind, True, changes[0][0], changes[-1][0])

    def leave(self, at):
        if not self.started or self.state == "OK":
            return None
        changes = [e for e in self.episode() if not e[2].startswith("Re-")]
        return (at, self.state, "OK", "Recovered", False, changes[0][0], changes[-1][0])


def missing_outcome(monitor, zero, *, others, silent_for):
    options, op = monitor.options, monitor.query.comparator
    explicit = {
        "show_no_data": Absent.SHOW,
        "show_and_notify_no_data": Absent.NOTIFY,
        "resolve": Absent.RESOLVE,
    }
    if options.on_missing_data in explicit:
        return explicit[options.on_missing_data]
    if options.notify_no_data and silent_for is not None:
        minutes = options.no_data_timeframe
        if silent_for >= (2 * monitor.query.window if minutes is None else minutes * 60):
            return Absent.NOTIFY
    if zero is None:
        return Absent.KEEP
    return Absent.RESOLVE if others and op in ("<", "<=") else zero


def ticks_of(window, start, end, phase):
    period = 60 if window < 86400 else 600 if window < 172800 else 1800
    return [t for t in range(start + 1, end + 1) if (t - phase) % period == 0]


def twin(monitor, logs, start, end, phase):
    """The evaluations (at, group, value) and the transitions of a monitor."""
    query, options = monitor.query, monitor.options
    retention = options.group_retention_hours * 3600
    results: list = []  # (at, {group: value or None})
    groups = {}
    evaluations, transitions = [], []
    if not monitor.group_by:
        groups[()] = GroupTwin(monitor)
    for at in ticks_of(query.window, start, end, phase):
        last = (at - options.evaluation_delay) * 1000
        first = last - query.window * 1000
        known = [g for g in logs if g["arrived"] <= at and first < g["date"] <= last]
        result, zero = monitor_result(query, known)
        here = []
        if monitor.group_by:
            for group in list(groups):
                if at - max(t for t, r in results if group in r) >= retention:
                    here.append((group, groups.pop(group).leave(at)))
        results.append((at, result))
        for group in result:
            groups.setdefault(group, GroupTwin(monitor))
        for group, machine in groups.items():
            held = [t for t, r in results if group in r]
            if monitor.group_by:
                since = [b for a, b in pairwise(held) if b - a >= 86400]
                if at - max([held[0], *since]) < options.new_group_delay:
                    continue
            value = result.get(group)
            if value is None:
                ours = dict(machine.outcomes)
                with_data = [t for t, r in results if r.get(group) is not None and t in ours]
                silent_for = at - with_data[-1] if with_data else None
                value = missing_outcome(
                    monitor, zero, others=bool(result) and bool(group), silent_for=silent_for
                )
            evaluations.append((at, group, value))
            here.append((group, machine.tick(at, value)))
        transitions += [(group, *t) for group, t in sorted(here, key=lambda x: x[0]) if t]
    return sorted(evaluations, key=lambda e: e[:2]), transitions


# --- random monitors and logs -------------------------------------------------------------------

START = 1_000_000


@st.composite
def thresholds(draw, op):
    level = st.sampled_from([0, 1, 2, 3, 5, 8]).map(float)
    some = st.none() | level
    return Thresholds(draw(level), draw(some), draw(some), draw(some)), op


@st.composite
def monitors(draw):
    op = draw(st.sampled_from(list(OPS)))
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
        query = LogAlertQuery(part("a", by), window, op, limits.critical)
    else:
        parts = {"a": part("a", by), "b": part("b", draw(st.sampled_from([by, ()])))}
        query = FormulaQuery(kind, parts, window, op, limits.critical)
    return Monitor("m", "log alert", "", query, options=options)


@st.composite
def cases(draw):
    monitor = draw(monitors())
    window = monitor.query.window
    period = 60 if window < 86400 else 600 if window < 172800 else 1800
    length = period * draw(st.integers(1, 40))
    span = min(window, length)
    instants = st.integers(-10, length).map(lambda s: s * 1000)
    offsets = st.sampled_from([0, 0, 0, -1, 1, 999, -span * 500, -span * 2000, 90_000, 600_000])
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


@given(cases())
def test_values_and_transitions_are_those_of_the_definition(case):
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
