from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from itertools import pairwise

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.errors import UsageError
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.model import GUIDE, INSTANT, WATCH
from grantex_tui.rehearsal.engine.run import run_pass, run_phases
from grantex_tui.rehearsal.explain.explain import explain
from grantex_tui.rehearsal.explain.phases import explain_worst
from grantex_tui.rehearsal.explain.places import with_offsets
from grantex_tui.rehearsal.sweep.variants import setting_of, with_setting
from grantex_tui.report.explanation import explanation_report
from grantex_tui.words.display import cell_width
from tests.support.delivery import deliveries
from tests.support.keys import shallow
from tests.support.keys import told as documented
from tests.support.plans import load_plan
from tests.support.written import data, written


START = 1_780_000_020.0  # a full minute
END = START + 120 * 60
PLAN = load_plan()
REVOKED = 'logs("source:grantex @grantex.event_type:grant.revoked").index("*").rollup("count")'
SIMPLE = f'{REVOKED}.last("5m") > 10'
GROUPED = f'{REVOKED}.by("@grantex.agent_id").last("10m") > 6'
AGENTS = (
    'logs("source:grantex @grantex.event_type:grant.revoked").index("*")'
    '.rollup("cardinality", "@grantex.grant_id").last("5m") >= 8'
)
QUIET = f'{REVOKED}.last("5m") < 2'


def monitor(query: str, **options):
    critical = float(query.rsplit(" ", 1)[1])
    options["thresholds"] = {"critical": critical, **options.get("thresholds", {})}
    value = {
        "name": "tried",
        "type": "log alert",
        "query": query,
        "message": "",
        "options": options,
    }
    (found,) = load_monitors(json.dumps(value), path="m.json")
    return found


def part(name: str, search: str) -> dict[str, object]:
    """A count, as a variable of a formula."""
    return {
        "name": name, "data_source": "logs", "search": {"query": search}, "indexes": ["*"],
        "compute": {"aggregation": "count"}, "group_by": [],
    }  # fmt: skip


def revoked(at: float, number: int, kind: str = "grant.revoked", agent: str = "ag_1") -> Arrival:
    value = {
        "id": f"evt_{number}",
        "type": kind,
        "createdAt": rfc3339(at),
        "data": {"agentId": agent, "grantId": f"grnt_{number % 11}"},
    }
    return Arrival(at, decode_event(json.dumps(value).encode()))


def storm(seed: int) -> list[Arrival]:
    dice = random.Random(seed)
    at, number, events = START, 0, []
    while at < END:
        for _ in range(dice.randrange(4, 25) if dice.random() < 0.03 else 1):
            kind = dice.choice(("grant.revoked", "grant.revoked", "token.issued"))
            events.append(revoked(at, number := number + 1, kind, f"ag_{dice.randrange(3)}"))
            at = round(at + dice.random() * 5, 3)
        at = round(at + dice.choice((20, 40, 400 if dice.random() < 0.2 else 60)), 3)
    return events


def rehearsed(events, query: str, *, delivery=WATCH, **options):
    plan = replace(PLAN, monitors=[monitor(query, **options)])
    found = run_pass(
        events, plan, source="a test", delivery=delivery, start=START, end=END, with_tracks=True,
        with_notifications=False,
    )  # fmt: skip
    return found, plan


def explained(events, query: str, at: float, *, delivery=WATCH, group=(), **options):
    found, plan = rehearsed(events, query, delivery=delivery, **options)
    return explain(found, plan, lambda: events, monitor=0, at=at, group=group)


def arrived_by(events, delivery):
    """(event, arrival) of every event, infinite for what never arrives: the plain way."""
    arrivals = {
        id(event): at
        for at, batch in deliveries(((each.received_at, each.event) for each in events), delivery)
        for event in batch
    }
    return [(each, arrivals.get(id(each.event), float("inf"))) for each in events]


@pytest.mark.parametrize("delivery", [INSTANT, WATCH, GUIDE])
@pytest.mark.parametrize("query", [SIMPLE, GROUPED, AGENTS, QUIET])
def test_it_counts_what_anybody_would_count_by_hand(query, delivery):
    events = storm(len(query))
    found, plan = rehearsed(events, query, delivery=delivery)
    dice = random.Random(7)
    seen = 0
    for at in dice.sample(range(int(START) + 60, int(END), 60), 12):
        try:
            told = explain(found, plan, lambda: events, monitor=0, at=at + dice.randrange(60))
        except UsageError:
            continue  # a group that is not there yet
        seen += 1
        after, until = told.window
        agent = dict(told.group).get("@grantex.agent_id")
        mine = [
            (event, arrival)
            for event, arrival in arrived_by(events, delivery)
            if event.event.type == "grant.revoked"
            and after < event.received_at <= until
            and event.received_at <= told.at
            and agent in (None, event.event.agent_id)
        ]
        there = [event for event, arrival in mine if arrival <= told.at]
        assert (told.at, until) == (at, at)
        assert (told.counted, told.late) == (len(there), len(mine) - len(there))
        if query is AGENTS:
            assert (told.value or 0) == len({event.event.grant_id for event in there})
        else:
            assert told.value == len(there)
            assert told.value_with_late == (len(mine) if told.late else None)
        if len(there) <= 10:
            assert {place.id for place in told.events} == {event.event.id for event in there}
    assert seen > 3


@pytest.mark.parametrize("query", [SIMPLE, GROUPED, AGENTS])
@pytest.mark.parametrize("recovery", [None, 3])
def test_it_ends_when_a_pass_over_nothing_more_says_so(query, recovery):
    events = storm(11)
    thresholds = {} if recovery is None else {"critical_recovery": recovery}
    found, plan = rehearsed(events, query, delivery=INSTANT, thresholds=thresholds)
    alerts = [span for span in found.spans if span.state is State.ALERT]
    assert alerts
    for span in alerts[:6]:
        told = explain(found, plan, lambda: events, monitor=0, at=span.start, group=span.group)
        before = [each for each in events if (each.received_at or 0) <= told.at]
        alone = run_pass(
            before, plan, source="a test", delivery=INSTANT, start=START, end=END + 3600
        )
        changes = (t for t in alone.transitions if t.at > told.at and t.group == span.group)
        following = next((t for t in changes if t.source is not t.destination), None)
        if following is None:  # a cardinality without data keeps its state
            assert (query, told.end) == (AGENTS, None)
            continue
        assert told.end is not None
        assert (told.end.at, told.end.state) == (following.at, following.destination)
        assert told.end.value == following.value
        assert told.end.leaving is not None
        assert told.end.leaving.dated <= told.end.at - (told.window[1] - told.window[0])


def test_the_event_that_tipped_it_is_the_one_that_crossed_the_threshold():
    events = [revoked(START + 5 * n, n) for n in range(30)]
    told = explained(events, SIMPLE, START + 120, delivery=INSTANT)
    assert (told.state, told.since, told.value) == (State.ALERT, START + 60, 25)
    assert told.tipped is not None
    assert told.tipped.id == "evt_10"
    warned = explained(events[:6], SIMPLE, START + 119, thresholds={"warning": 3})
    assert (warned.state, warned.at, warned.value) == (State.WARN, START + 60, 6)
    assert warned.tipped is not None
    assert warned.tipped.id == "evt_3"


def test_a_late_event_can_tip_it_although_it_happened_first():
    early = [revoked(START + n, n) for n in range(11)]
    late = revoked(START + 2.5, 99)
    events = [*early, Arrival(START + 50, late.event)]
    told = explained(events, f'{REVOKED}.last("5m") > 11', START + 60, delivery=INSTANT)
    assert told.tipped is not None
    assert (told.tipped.id, told.tipped.received) == ("evt_99", START + 50)


@pytest.mark.parametrize("query", [SIMPLE, GROUPED, QUIET, AGENTS])
def test_what_would_have_fired_does_fire_and_a_smaller_change_does_not(query):
    events = storm(len(query) + 3)
    found, plan = rehearsed(events, query, delivery=INSTANT)
    own = plan.monitors[0]
    rule, tried = rule_of(own), 0
    for at in range(int(START) + 600, int(END), 540):
        told = explain(found, plan, lambda: events, monitor=0, at=at)
        if told.state is State.ALERT:
            assert told.changes == []
            continue
        for change in told.changes:
            tried += 1
            above = rule.comparator in (">", ">=")
            if change.setting == "critical":
                nearer = change.after + (1 if above else -1)
                assert crosses(events, own, told, critical=change.after)
                assert not crosses(events, own, told, critical=nearer)
            else:
                nearer = int(change.after) + (-60 if above else 60)
                assert crosses(events, own, told, window=int(change.after))
                assert not crosses(events, own, told, window=nearer)
    assert tried > 3


def crosses(events, own, told, *, critical: float | None = None, window: int | None = None) -> bool:
    """Whether an evaluation of the changed monitor finds a value beyond its threshold."""
    setting = setting_of(own)
    if critical is not None:
        setting = replace(setting, thresholds=replace(setting.thresholds, critical=critical))
    if window is not None:
        setting = replace(setting, window=window)
    changed = with_setting(own, setting)
    found = run_pass(
        events, replace(PLAN, monitors=[changed]), source="a test", delivery=INSTANT, start=START,
        end=END, with_tracks=True,
    )  # fmt: skip
    rule = rule_of(changed)
    return any(
        rule.crosses(value, rule.thresholds.critical or 0)
        for track in found.tracks
        if track.group == told.group
        for at, value in zip(track.instants, track.outcomes, strict=True)
        if at == told.at and isinstance(value, float | int)
    )


def test_the_nearest_miss_is_the_highest_value_that_did_not_alert():
    events = storm(5)
    found, plan = rehearsed(events, SIMPLE, delivery=INSTANT)
    at = next(t.at for t in found.transitions if t.destination is State.OK) + 1800
    told = explain(found, plan, lambda: events, monitor=0, at=at)
    (track,) = found.tracks
    quiet = [
        value
        for instant, value in zip(track.instants, track.outcomes, strict=True)
        if instant <= told.at and value <= 10
    ]
    assert told.miss is not None
    assert (told.miss.value, told.miss.distance) == (max(quiet), 10 - max(quiet))


def test_silence_names_the_last_event_and_the_gap():
    events = [revoked(START + 10 * n, n) for n in range(30)] + [
        revoked(START + 5000 + n, n) for n in (98, 99)
    ]
    told = explained(events, QUIET, START + 1500)
    assert (told.state, told.value, told.counted) == (State.ALERT, 0, 0)
    assert told.silence is not None
    assert told.silence.last is not None
    assert (told.silence.last.id, told.silence.gap) == ("evt_29", 1500 - 290)
    assert told.tipped is None
    assert told.next is not None
    assert (told.next.at, told.next.destination) == (START + 5160, State.OK)
    never = explained([revoked(START + 5000, 99, "token.issued")], QUIET, START + 1500)
    assert never.silence is not None
    assert (never.silence.last, never.silence.gap) == (None, 1500)


def test_what_waits_in_a_batch_without_a_timer_is_told_of():
    events = [revoked(START + 1 + 30 * n, n) for n in range(60)]
    told = explained(events, QUIET, START + 1200, delivery=GUIDE)
    assert (told.state, told.value, told.counted, told.late) == (State.ALERT, 0, 0, 10)
    assert told.value_with_late == 10
    assert {place.arrived for place in told.late_events} == {None}
    assert "10 events of this window had happened, but not arrived" in written(
        explanation_report(told), width=200
    )
    assert "batches of 100, no timer" in written(explanation_report(told), width=200)


def test_of_several_groups_the_worst_is_explained_and_the_others_are_listed():
    events = [revoked(START + n, n, agent=f"ag_{min(n % 5, 2)}") for n in range(40)]
    told = explained(events, GROUPED, START + 240, delivery=INSTANT, new_group_delay=0)
    assert told.group == (("@grantex.agent_id", "ag_2"),)
    assert (told.value, told.group_count) == (24, 3)
    assert [(dict(g)["@grantex.agent_id"], v) for g, _, v in told.groups] == [
        ("ag_0", 8),
        ("ag_1", 8),
    ]
    other = explained(
        events, GROUPED, START + 240, delivery=INSTANT, new_group_delay=0,
        group=(("@grantex.agent_id", "ag_1"),),
    )  # fmt: skip
    assert (other.value, other.group_count) == (8, 1)
    with pytest.raises(UsageError, match="no group"):
        explained(events, GROUPED, START + 240, group=(("@grantex.agent_id", "ag_9"),))


def test_before_the_first_evaluation_there_is_nothing_to_explain():
    with pytest.raises(UsageError, match="had not been evaluated by"):
        explained(storm(1), SIMPLE, START + 59)


def test_it_says_when_people_will_be_told_again():
    options = {"renotify_interval": 10, "renotify_occurrences": 2, "renotify_statuses": ["alert"]}
    events = [revoked(START + 5 * n, n) for n in range(700)]
    found, plan = rehearsed(events, SIMPLE, delivery=INSTANT, **options)
    told = [t.at for t in found.transitions if t.notify and t.at <= START + 3000]
    assert len(told) == 3
    for place, (before, after) in enumerate(pairwise([*told, None])):
        assert before is not None
        again = explain(found, plan, lambda: events, monitor=0, at=before + 60).renotify
        assert again is not None
        assert (again.told_at, again.next_at, again.times, again.most) == (before, after, place, 2)


def test_events_are_found_in_their_files(tmp_path):
    events = [revoked(START + 2 * n, n) for n in range(3000)]
    lines = ["not a line"]
    for each in events:
        assert isinstance(each.event, Event)
        raw = each.event.raw.decode()
        lines.append(f'{{"receivedAt":"{rfc3339(each.received_at or 0)}","event":{raw}}}')
    first, second = tmp_path / "a.ndjson", tmp_path / "b.ndjson.gz"
    first.write_text("\n".join(lines[:1001]) + "\n")
    second.write_bytes(gzip.compress("\n".join(lines[1001:]).encode()))
    for at, path, before in ((600, first, -2), (5400, second, 999)):
        told = explained(events, SIMPLE, START + at)
        placed = with_offsets(told, [Recording(first), Recording(second)])
        assert placed.tipped is not None
        for place in (*placed.events, placed.tipped):
            number = int(place.id.removeprefix("evt_"))
            assert place.offset == f"{path}:{number - before}"


def test_bare_events_are_found_too(tmp_path):
    events = [revoked(START + 5 * n, n) for n in range(100)]
    path = tmp_path / "bare.ndjson"
    path.write_text("\n".join(each.event.raw.decode() for each in events))
    placed = with_offsets(explained(events, SIMPLE, START + 120), [Recording(path)])
    assert placed.tipped is not None
    assert placed.tipped.offset == f"{path}:11"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_it_fits_the_terminal_and_neutralises_what_events_say(width):
    events = [revoked(START + 5 * n, n, agent="ag\x1b[31m\u202e") for n in range(60)]
    told = explained(events, SIMPLE, START + 240)
    text = written(explanation_report(told), width=width)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert max(map(cell_width, text.splitlines())) <= max(width, 45)
    assert "grant.revoked" in text
    value = data(explanation_report(told))
    assert {key for key in shallow(value) if "[]" not in key} == documented("### explanation")
    assert json.loads(json.dumps(value))["value"] == told.value
    assert value["tipped_by"] is not None


def test_an_anomaly_monitor_is_explained_by_the_events_of_its_metric():
    anomaly = next(m for m in PLAN.monitors if m.type == "query alert")
    plan = replace(PLAN, monitors=[anomaly])
    events = [revoked(START + 20 * n, n, "token.issued") for n in range(1000)]
    found = run_pass(events, plan, source="a test", delivery=INSTANT, start=START, with_tracks=True)
    told = explain(found, plan, lambda: events, monitor=0, at=START + 7200)
    assert (told.counted, told.tipped, list(told.changes)) == (45, None, [])
    assert "approximate" in written(explanation_report(told))


def test_an_event_that_two_queries_of_a_formula_count_is_one_event():
    variables = [part("a", "@grantex.event_type:grant.revoked"), part("b", "source:grantex")]
    events = [
        revoked(START + 1 + 5 * n, n, "grant.revoked" if n % 4 else "token.issued")
        for n in range(24)
    ]
    query = 'formula("a / b * 100").last("5m") > 50'
    told = explained(events, query, START + 300, delivery=INSTANT, variables=variables)
    assert (told.state, told.value, told.counted) == (State.ALERT, 75, 24)
    assert list(told.by_query) == [("a", 18), ("b", 24)]
    assert "24 events: a 18, b 24" in written(explanation_report(told))
    assert len({place.id for place in told.events}) == len(told.events) == 10
    assert told.tipped is not None
    assert (told.tipped.id, told.tipped_from) == ("evt_2", 50)
    assert told.tipped_to == pytest.approx(200 / 3)
    assert "50 → 66.6666667" in written(explanation_report(told))


def test_a_state_that_only_a_recovery_threshold_keeps_is_called_held():
    events = [*(revoked(START + 1 + n, n) for n in range(20)), *(revoked(START + 310 + n, 50 + n) for n in range(7))]  # fmt: skip
    options = {"thresholds": {"critical_recovery": 5}, "delivery": INSTANT}
    told = explained(events, SIMPLE, START + 360, **options)
    assert (told.state, told.value, told.held) == (State.ALERT, 7, True)
    assert "in Alert by a recovery threshold" in written(explanation_report(told))
    assert not explained(events, SIMPLE, START + 60, **options).held


def test_of_silence_the_event_that_left_the_window_is_what_tipped_it():
    events = [revoked(START + 10 * n, n) for n in range(30)]
    found, _ = rehearsed(events, QUIET, delivery=INSTANT)
    alert = next(each for each in found.transitions if each.destination is State.ALERT)
    told = explained(events, QUIET, alert.at, delivery=INSTANT)
    assert told.tipped is not None
    assert told.tipped_by_leaving
    # two are enough: of the last two the elder has left
    assert (told.tipped.id, told.tipped_from, told.tipped_to) == ("evt_28", 2, 1)
    assert "leaving the window, 2 → 1" in " ".join(written(explanation_report(told)).split())
    later = explained(events, QUIET, alert.at + 60, delivery=INSTANT)
    assert later.tipped is None


def test_a_share_that_rises_because_others_leave_is_tipped_by_the_last_of_them():
    variables = [part("a", "@grantex.event_type:grant.revoked"), part("b", "source:grantex")]
    events = [revoked(START + 1 + n, n, "token.issued") for n in range(6)]
    events += [revoked(START + 61 + n, 10 + n, "grant.revoked") for n in range(4)]
    query = 'formula("a / b * 100").last("5m") > 50'
    told = explained(events, query, START + 360, delivery=INSTANT, variables=variables)
    assert (told.state, told.value) == (State.ALERT, 100)
    assert told.tipped is not None
    assert told.tipped_by_leaving
    # 4 of 8 are not more than half, 4 of 7 are
    assert (told.tipped.id, told.tipped_from) == ("evt_2", 50)
    assert (told.end, told.endless) == (None, True)  # without logs there is no share
    assert "not by itself: should nothing more come there is no value" in " ".join(
        written(explanation_report(told)).split()
    )
    shown = {"on_missing_data": "show_no_data", "variables": variables}
    ending = explained(events, query, START + 360, delivery=INSTANT, **shown)
    assert ending.end is not None
    assert (ending.end.at, ending.end.state) == (START + 420, State.NO_DATA)
    assert not ending.endless


def test_a_share_of_nothing_would_not_have_fired_in_any_window():
    variables = [part("a", "@grantex.event_type:grant.revoked"), part("b", "source:nobody")]
    events = [revoked(START + 1 + 10 * n, n) for n in range(60)]
    told = explained(
        events, 'formula("a / b").last("15m") < 1', START + 900, delivery=INSTANT,
        variables=variables,
    )  # fmt: skip
    assert told.value is None
    assert list(told.changes) == []


def at_phases(events, query: str, at: float, phases):
    plan = replace(PLAN, monitors=[monitor(query)])
    passes = run_phases(
        lambda: events, plan, source="a test", delivery=INSTANT, phases=phases, start=START,
        end=END, with_tracks=True, with_notifications=False,
    )  # fmt: skip
    return explain_worst(passes, plan, lambda: events, monitor=0, at=at)


def test_of_several_phases_the_worst_is_explained():
    """Twelve within twenty seconds, from five past the minute on: at 0 none, at 20 eleven."""
    events = [revoked(START + 65 + n * 1.5, n) for n in range(12)]
    told = at_phases(events, SIMPLE, START + 90, (0, 10, 20))
    assert [(each.phase, each.state, each.value) for each in told.phases] == [
        (0, State.OK, 0),
        (10, State.OK, 4),
        (20, State.ALERT, 11),
    ]
    assert (told.phase, told.value) == (20, 11)
    later = at_phases(events, SIMPLE, START + 140, (0, 10, 20))
    assert {each.state for each in later.phases} == {State.ALERT}
    assert "Alert at all 3; 0 s past the full minute is explained" in " ".join(
        written(explanation_report(later), width=80).split()
    )
    split = at_phases(events, SIMPLE, START + 119, (0, 50))
    assert (split.phase, split.state) == (50, State.ALERT)
    assert "OK at 0 s; Alert at 50 s past the full minute; 50 s is explained" in " ".join(
        written(explanation_report(split), width=100).split()
    )
    assert data(explanation_report(split))["phases"] == [
        {"phase": 0, "state": "OK", "value": 0.0},
        {"phase": 50, "state": "Alert", "value": 12.0},
    ]


def test_what_is_asked_about_after_the_end_is_the_last_evaluation_and_says_so():
    events = [revoked(START + n, n) for n in range(100)]
    told = explained(events, SIMPLE, END + 86400)
    assert (told.at, told.after_end) == (END, True)
    assert "which is after the end; this is the last evaluation" in " ".join(
        written(explanation_report(told)).split()
    )
    assert not explained(events, SIMPLE, END).after_end


def test_a_phase_that_has_not_evaluated_yet_is_left_out():
    events = [revoked(START + n, n) for n in range(100)]
    told = at_phases(events, SIMPLE, START + 30, (20, 50))
    assert [each.phase for each in told.phases] == [20]
    with pytest.raises(UsageError, match="had not been evaluated"):
        at_phases(events, SIMPLE, START + 5, (20, 50))
