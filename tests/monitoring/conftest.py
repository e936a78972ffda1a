from __future__ import annotations

import operator
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.kinds.log import LogAlertQuery
from grantex_tui.datadog.monitor.model import LogQuery, Monitor, Options, Thresholds
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.evaluate.missing import Absent


if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def log_alert() -> Callable[..., Monitor]:
    """A log alert, by default ``count of * over 5 minutes > 10``."""

    def make(
        comparator=">",
        critical=10.0,
        *,
        window=300,
        method="count",
        by=(),
        limits=(),
        search="*",
        warning=None,
        critical_recovery=None,
        warning_recovery=None,
        name="monitor",
        message="",
        **options,
    ) -> Monitor:
        query = LogQuery(
            search=search,
            method=method,
            measure="" if method == "count" else "@n",
            group_by=by,
            group_limits=limits,
        )
        thresholds = Thresholds(critical, warning, critical_recovery, warning_recovery)
        return Monitor(
            name=name,
            type="log alert",
            query_text="",
            query=LogAlertQuery(query, window, Comparator(comparator), critical),
            message=message,
            options=Options(thresholds=thresholds, **options),
        )

    return make


@pytest.fixture(scope="session")
def replay() -> Callable[..., list]:
    """Transitions of one monitor over logs ``(second[, group[, value[, n]]])``, up to *until*."""

    def run(monitor, logs, until, *, start=0, **options):
        evaluator = Evaluator([monitor], start=start, **options)
        transitions = []
        for second, *rest in sorted(logs, key=lambda log: log[0]):
            transitions += evaluator.advance_before(second)
            evaluator.counters.add(0, second, *rest)
        return transitions + evaluator.advance(until)

    return run


# --- a twin of the evaluator: plain, slow, written from the definitions --------------------------


@pytest.fixture(scope="session")
def twin() -> Callable[..., tuple[list, list]]:
    """Recounts every tick from a list of all logs: evaluations and transitions of a monitor."""
    return recounted


OPS = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
PERCENT = {"min": 0, "median": 50, "pc75": 75, "pc90": 90, "pc95": 95, "pc98": 98, "pc99": 99}


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


def recounted(monitor, logs, start, end, phase):
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
