"""A whole pass against a twin that keeps every event and recounts each evaluation.

The twin knows the rules by their definitions only: when a batch leaves and arrives, which window
an evaluation looks at, what a value means for a state. It shares no code with the engine.
"""

from __future__ import annotations

import json
import operator
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.pipeline import parse_pipelines
from grantex_tui.events.event import decode_event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines
from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.rehearsal.engine.model import DeliveryModel
from grantex_tui.rehearsal.engine.plan import RehearsalPlan
from grantex_tui.rehearsal.engine.run import run_pass
from tests.support.tracks import scan_track


START = 1_780_000_020
OPS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
KINDS = ["grant.revoked", "token.issued"]


def arrivals_of(instants, model):
    """When each event reaches Datadog, None if it never does: batch by batch."""
    found: list = []
    while len(found) < len(instants):
        first = len(found)
        batch = [first]
        due = instants[first] + model.flush_interval if model.flush_interval else None
        for number in range(first + 1, len(instants)):
            if len(batch) == model.batch_size or (due is not None and instants[number] >= due):
                break
            batch.append(number)
        if len(batch) == model.batch_size:
            leaves = instants[batch[-1]]
        elif due is None:
            found += [None] * len(batch)
            continue
        else:
            leaves = due
        at = leaves + model.latency
        while any(a <= at < b for a, b in model.outages):
            at = max(b for a, b in model.outages if a <= at < b)
        found += [at] * len(batch)
    return found


def state_after(case, state, value):
    crosses = OPS[case["op"]]
    if crosses(value, case["critical"]):
        return "Alert"
    if case["warning"] is not None and crosses(value, case["warning"]):
        return "Warn"
    if state in ("Alert", "Warn"):
        kept = {">": lambda v, r: v > r, ">=": lambda v, r: v >= r,
                "<": lambda v, r: v < r, "<=": lambda v, r: v <= r}[case["op"]]  # fmt: skip
        held = case["recovery"]
        if state == "Alert" and held is not None and kept(value, held):
            return "Alert"
        held = case["warning_recovery"]
        if held is not None and kept(value, held):
            return "Warn"
    return "OK"


def outcome_of(case, value, others):
    """What an evaluation finds: a number, or what missing data means."""
    if value is not None:
        return value
    if case["missing"] != "default":
        return case["missing"]
    return "resolve" if others and case["op"] in ("<", "<=") else 0


def twin(case, events, model):
    """(group, at, from, to) of every transition, and every (group, state, start, end)."""
    known = []
    instants = [at for at, *_ in events]
    for (at, kind, who, age), arrives in zip(events, arrivals_of(instants, model), strict=True):
        if arrives is not None and arrives <= case["end"]:
            date = at - age if case["dated"] else arrives
            known.append((arrives, date, kind, who))
    begins = min([case["start"], *instants])
    lead = 0 if case["op"] in (">", ">=") else case["window"]
    ready = begins + lead + case["delay"]
    states: dict = {}
    seen: dict = {}
    transitions, spans = [], []
    if not case["by"]:
        seen[()] = case["start"] - 1e9
    ticks = [t for t in range(case["start"] + 1, case["end"] + 1) if t % 60 == case["phase"]]
    for at in ticks:
        if at < ready:
            continue
        last = at - case["delay"]
        counts: dict = {}
        for arrives, date, kind, who in known:
            if arrives <= at and last - case["window"] < date <= last and kind == KINDS[0]:
                group = (who,) if case["by"] else ()
                counts[group] = counts.get(group, 0) + 1
        for group in counts:
            seen.setdefault(group, at)
        for group in sorted(seen):
            if case["by"] and at - seen[group] < case["new"]:
                continue
            found = outcome_of(case, counts.get(group), bool(counts) and case["by"])
            before: list = states.get(group, [])
            state = before[-1][1] if before else "No Data"
            had_data = bool(before and before[0][2])
            if isinstance(found, str):
                after = {
                    "resolve": "OK",
                    "show_no_data": "No Data" if had_data else state,
                    "show_and_notify_no_data": "No Data" if had_data else state,
                }[found]
            else:
                after = state_after(case, state, found)
                had_data = True
            if not before:
                states[group] = [[at, after, had_data]]
            else:
                before[0][2] = had_data
                if after != state:
                    before.append([at, after, had_data])
            if after != state and not (after == "OK" and not any(
                s != "No Data" for _, s, _ in before[:-1])):  # fmt: skip
                transitions.append((group, at, state, after))
    for group in sorted(states):
        own = states[group]
        ends = [at for at, *_ in own[1:]] + [case["end"]]
        spans += [(group, s, at, end) for (at, s, _), end in zip(own, ends, strict=True)]
    return transitions, spans


@st.composite
def cases(draw):
    level = st.sampled_from([0, 1, 2, 3, 5])
    some = st.none() | level
    op = draw(st.sampled_from(sorted(OPS)))
    length = draw(st.integers(1, 40)) * 60 + draw(st.sampled_from([0, 0, 17]))
    case = {
        "op": op, "window": draw(st.sampled_from([60, 120, 300, 900])),
        "by": draw(st.booleans()), "delay": draw(st.sampled_from([0, 0, 30, 60])),
        "new": draw(st.sampled_from([0, 60, 120])), "dated": draw(st.booleans()),
        "missing": draw(st.sampled_from(
            ["default", "default", "resolve", "show_no_data", "show_and_notify_no_data"])),
        "phase": draw(st.sampled_from([0, 0, 10, 37])), "start": START, "end": START + length,
    }  # fmt: skip
    # As Datadog wants them: critical beyond warning, a recovery on the good side of each.
    bad, worse, worst, beyond = sorted(draw(st.sets(st.integers(0, 6), min_size=4, max_size=4)))
    if op in ("<", "<="):
        bad, worse, worst, beyond = beyond, worst, worse, bad
    case |= {"critical": beyond, "warning": draw(st.sampled_from([None, worse])),
             "recovery": draw(st.sampled_from([None, worst])),
             "warning_recovery": None}  # fmt: skip
    if case["warning"] is not None and draw(st.booleans()):
        case["warning_recovery"] = bad
    del some
    events = draw(
        st.lists(
            st.tuples(
                st.integers(0, length * 2 + 60).map(lambda n: START + n / 2)
                | st.integers(0, length // 60).map(lambda n: float(START + 60 * n)),
                st.sampled_from([*KINDS, KINDS[0]]),
                st.sampled_from("abc"),
                st.sampled_from([0, 0, 0, 0.5, 45, 400]),
            ),
            max_size=50,
        )
    )
    return case, sorted(events, key=lambda event: event[0])


MODELS = st.builds(
    DeliveryModel,
    st.just("any"),
    st.sampled_from([1, 1, 2, 5, 100]),
    st.sampled_from([0.0, 5.0, 90.0]),
    st.sampled_from([0.0, 0.0, 10.0]),
    st.sampled_from([(), ((START + 100.0, START + 400.0),), ((START + 60.0, START + 61.0),)]),
)


def monitor_of(case):
    thresholds = {
        "critical": case["critical"], "warning": case["warning"],
        "critical_recovery": case["recovery"], "warning_recovery": case["warning_recovery"],
    }  # fmt: skip
    by = '.by("@data.principalId")' if case["by"] else ""
    minutes = case["window"] // 60
    value = {
        "name": "m",
        "type": "log alert",
        "query": f'logs("@type:{KINDS[0]}").index("*").rollup("count"){by}.last("{minutes}m")'
        f" {case['op']} {case['critical']}",
        "message": "",
        "options": {
            "thresholds": {key: level for key, level in thresholds.items() if level is not None},
            "on_missing_data": case["missing"],
            "evaluation_delay": case["delay"],
            "new_group_delay": case["new"],
        },
    }
    return load_monitors(json.dumps(value), path="m")[0]


def event_of(number, at, kind, who, age):
    value = {
        "id": f"evt_{number}", "type": kind, "createdAt": rfc3339(at - age),
        "data": {"principalId": who},
    }  # fmt: skip
    return Arrival(at, decode_event(json.dumps(value).encode()))


@settings(max_examples=250, deadline=None)
@given(cases(), MODELS)
def test_transitions_and_spans_are_those_of_the_definitions(drawn, model):
    case, events = drawn
    events = [event for event in events if event[0] <= case["end"]]
    pipelines = bundled_pipelines() if case["dated"] else parse_pipelines([])
    plan = RehearsalPlan([monitor_of(case)], pipelines, (), EventLogs(pipelines))
    result = run_pass(
        [event_of(number, *event) for number, event in enumerate(events)], plan, source="x",
        delivery=model, phase=case["phase"], start=case["start"], end=case["end"],
        with_tracks=True,
    )  # fmt: skip
    transitions, spans = twin(case, events, model)
    found = [
        (tuple(v for _, v in t.group), t.at, t.source.value, t.destination.value)
        for t in result.transitions
    ]
    assert found == transitions
    by_group = [(tuple(v for _, v in s.group), s.state.value, s.start, s.end) for s in result.spans]
    assert by_group == spans
    again = [
        t for track in result.tracks for t in scan_track(track, rule_of(plan.monitors[0]), "m")
    ]
    assert sorted(again, key=lambda t: (t.at, t.group)) == list(result.transitions)


def test_the_twins_batches_are_what_a_reader_expects():
    model = DeliveryModel("x", 3, 5.0, 1.0)
    assert arrivals_of([0, 1, 2, 3, 20], model) == [3, 3, 3, 9, 26]
    assert arrivals_of([0, 1], DeliveryModel("x", 3, 0.0)) == [None, None]
    assert [k for k, _ in groupby(arrivals_of([0] * 6, model))] == [1]
