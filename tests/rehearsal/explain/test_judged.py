from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import dropwhile

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.kinds.anomaly import AnomalyQuery
from grantex_tui.events.event import decode_event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.model import GUIDE, INSTANT, WATCH
from grantex_tui.rehearsal.engine.run import run_pass
from grantex_tui.rehearsal.explain.band import points_window
from grantex_tui.rehearsal.explain.explain import explain
from grantex_tui.rehearsal.explain.judged import judged
from grantex_tui.report.explanation import explanation_report
from grantex_tui.words.durations import instant_text
from tests.support.plans import load_plan
from tests.support.written import data, written


START = 1_780_000_020.0  # a full minute
BARE = load_plan()
METRICS = [
    replace(each, tags={**each.tags, "agent_id": "@grantex.agent_id"}) for each in BARE.metrics
]
PLAN = replace(BARE, metrics=METRICS)
OWN = next(each for each in PLAN.monitors if each.query.band)


def anomaly(**changes):
    assert isinstance(OWN.query, AnomalyQuery)
    options = changes.pop("options", {})
    query = replace(OWN.query, band=replace(OWN.query.band, **changes))
    return replace(OWN, query=query, options=replace(OWN.options, **options))


assert OWN.query.band is not None
GROUPED = anomaly(metric=replace(OWN.query.band.metric, group_by=("agent_id",)))
SLOW = anomaly(interval=120, alert_window=600, direction="both", options={"evaluation_delay": 45})
SPARSE = anomaly(count_default_zero=False, alert_window=600, options={"recovery_window": 300})


def token(at: float, number: int, agent: str = "a") -> Arrival:
    value = {"id": f"evt_{number}", "type": "token.issued", "createdAt": rfc3339(at), "data": {"agentId": agent}}  # fmt: skip
    return Arrival(at + number % 7, decode_event(json.dumps(value).encode()))


def tenant(minutes: int, *, seed: int = 1, spikes=()) -> list[Arrival]:
    """A few tokens a minute, and many in the minutes of *spikes*."""
    dice = random.Random(seed)
    moments = sorted(
        (START + 60 * minute + dice.random() * 60, dice.choice("aab"))
        for minute in range(minutes)
        for _ in range(30 if any(minute in spike for spike in spikes) else dice.randrange(1, 4))
    )
    events = [token(round(at, 3), number, agent) for number, (at, agent) in enumerate(moments)]
    return sorted(events, key=received)


def received(arrival: Arrival) -> float:
    assert arrival.received_at is not None
    return arrival.received_at


def passed(events, monitor, *, phase=0, delivery=WATCH):
    plan = replace(PLAN, monitors=[monitor])
    found = run_pass(
        events, plan, source="a test", delivery=delivery, phase=phase, start=START, with_tracks=True,
        with_notifications=False,
    )  # fmt: skip
    return found, plan


@pytest.mark.parametrize("own", [OWN, SLOW, SPARSE, GROUPED], ids=["own", "slow", "sparse", "by"])
@pytest.mark.parametrize(("phase", "delivery"), [(0, WATCH), (37, GUIDE), (50, INSTANT)])
def test_the_points_make_the_value_of_every_evaluation(own, phase, delivery):
    events = tenant(150, seed=phase, spikes=(range(60, 85), range(120, 130)))
    found, plan = passed(events, own, phase=phase, delivery=delivery)
    assert {track.group for track in found.tracks} == (
        {(("agent_id", "a"),), (("agent_id", "b"),)} if own is GROUPED else {()}
    )
    seen = set()
    for track in found.tracks:
        group = tuple(value for _, value in track.group)
        told = judged(
            lambda: events, plan, found, 0, group=group, since=0.0, until=track.instants[-1]
        )
        pairs = zip(track.instants, track.outcomes, strict=True)
        # until the first log has arrived there is no series, whatever is known of it later
        for at, outcome in dropwhile(lambda pair: isinstance(pair[1], Absent), pairs):
            after, until = points_window(own, at)
            points = [p for p in told.points if after <= p.start < until]
            known = [point.outside for point in points if point.outside is not None]
            learning = not points or points[-1].lower is None
            fraction = sum(known) / len(known) if known and not learning else None
            assert fraction == (None if isinstance(outcome, Absent) else outcome), rfc3339(at)
            seen.add(fraction)
    assert len(seen) > 4


def test_an_alert_shows_its_points_and_the_one_that_tipped_it():
    events = tenant(150, spikes=[range(60, 85)])
    found, plan = passed(events, OWN)
    alert = next(each for each in found.transitions if each.destination is State.ALERT)
    told = explain(found, plan, lambda: events, monitor=0, at=alert.at + 180)
    assert told.band is not None
    assert (told.band.known, told.band.outside) == (15, 15)
    assert told.window == (alert.at + 180 - 900, alert.at + 180)
    assert sum(point.count or 0 for point in told.band.points) == told.counted - told.band.missed
    assert told.band.missed > 0
    assert all(p.side == "above" for p in told.band.points)
    assert all((p.count or 0) > (p.upper or 0) > 0 for p in told.band.points)
    assert told.band.tipped is not None
    assert told.band.tipped.end == alert.at
    text = written(explanation_report(told), width=80)
    assert "15 of 15 outside the band, each 1m" in text
    assert "tipped by" in text
    assert f"{told.band.missed} events came after their point was judged" in " ".join(text.split())
    assert "should all further points be inside" in " ".join(text.split())
    value = data(explanation_report(told))
    assert value["band"]["outside"] == 15
    assert value["band"]["tipped_by"]["end"] == instant_text(alert.at)


@pytest.mark.parametrize("own", [OWN, SPARSE, anomaly(options={"recovery_window": 300})])
def test_it_ends_when_the_points_of_after_are_inside(own):
    events = tenant(150, spikes=[range(60, 85)])
    found, plan = passed(events, own, delivery=INSTANT)
    alert = next(each for each in found.transitions if each.destination is State.ALERT)
    told = explain(found, plan, lambda: events, monitor=0, at=START + 86 * 60)
    assert told.state is State.ALERT
    assert alert.at <= told.at
    assert told.end is not None
    assert told.next is not None
    assert (told.end.at, told.end.state) == (told.next.at, told.next.destination)


def test_a_group_that_falls_silent_while_it_alerts_recovers_by_its_points_alone():
    events = [
        each for each in tenant(150, spikes=[range(60, 85)]) if received(each) < START + 84 * 60
    ]
    events += [token(START + 84 * 60 + n * 10, 10_000 + n, "c") for n in range(200)]
    quiet = replace(GROUPED, options=replace(GROUPED.options, renotify_interval=0))
    found, _ = passed(events, quiet, delivery=INSTANT)
    own = [each for each in found.transitions if each.group == (("agent_id", "a"),)]
    assert [each.destination for each in own] == [State.ALERT, State.OK]
    # the last of fifteen points outside is that of the minute in which it fell silent
    assert own[1].at == START + 99 * 60


def test_what_is_quiet_says_which_fraction_would_have_alerted_and_nothing_of_silence():
    events = tenant(150, spikes=[range(60, 67)])
    found, plan = passed(events, OWN)
    told = explain(found, plan, lambda: events, monitor=0, at=START + 70 * 60)
    assert told.state is State.OK
    assert [(each.setting, each.after) for each in told.changes] == [("critical", told.value)]
    quiet = explain(found, plan, lambda: events, monitor=0, at=START + 50 * 60)
    assert (quiet.value, quiet.silence, list(quiet.changes)) == (0, None, [])


def test_before_there_is_a_band_it_says_so():
    events = tenant(15)
    found, plan = passed(events, OWN)
    told = explain(found, plan, lambda: events, monitor=0, at=START + 600)
    assert told.band is not None
    assert told.band.points[-1].lower is None
    text = written(explanation_report(told), width=100)
    assert "no band yet" in text
    assert "learning" in text
