from __future__ import annotations

import json

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.errors import RecordingError
from grantex_tui.events.event import Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.monitoring.evaluate.states import State, TransitionKind
from grantex_tui.rehearsal.engine.model import GUIDE, INSTANT, WATCH
from grantex_tui.rehearsal.engine.run import run_pass, run_phases, sweep_phases
from tests.support.plans import load_plan


START = 1_780_000_020.0  # a full minute
PLAN = load_plan()
NAMES = [monitor.name for monitor in PLAN.monitors]
HEARTBEAT = next(i for i, name in enumerate(NAMES) if "no events" in name)
REVOCATIONS = next(i for i, name in enumerate(NAMES) if "many grants revoked" in name)


def happened(kind: str, at: float, *, received_at: float | None = None, **data) -> Arrival:
    value = {
        "id": f"evt_{kind}_{at}_{data}",
        "type": kind,
        "createdAt": rfc3339(at),
        "data": data,
    }
    return Arrival(received_at, decode_event(json.dumps(value).encode()))


def heartbeat_every(seconds: float, until: float) -> list[Arrival]:
    count = int(until // seconds)
    return [happened("token.issued", START + 1 + n * seconds) for n in range(count)]


def rehearse(events, *, delivery=INSTANT, **options):
    return run_pass(events, PLAN, source="a test", delivery=delivery, **options)


def states(result, monitor: int) -> list[tuple[str, float, float]]:
    own = [span for span in result.spans if span.monitor == monitor]
    return [(span.state.value, span.start - START, span.end - START) for span in own]


def test_the_guides_revocation_monitor_warns_alerts_and_recovers():
    burst = [happened("grant.revoked", START + 30, cascade=False) for _ in range(12)]
    burst += [happened("grant.revoked", START + 90, cascade=False) for _ in range(39)]
    result = rehearse(burst, start=START, end=START + 600)
    own = [t for t in result.transitions if t.index == REVOCATIONS]
    assert [(t.at - START, t.destination.value, t.value) for t in own] == [
        (60, "Warn", 12),
        (120, "Alert", 51),
        (360, "Warn", 39),
        (420, "OK", 0),
    ]
    assert states(result, REVOCATIONS) == [
        ("Warn", 60, 120),
        ("Alert", 120, 360),
        ("Warn", 360, 420),
        ("OK", 420, 600),
    ]
    assert result.extremes[REVOCATIONS, ()] == (0, 51)
    assert (result.events, result.ticks, result.start, result.end) == (51, 10, START, START + 600)
    told = [n for n in result.notifications if n.transition.index == REVOCATIONS]
    assert [n.title.partition("]")[0] for n in told] == [
        "[Warn", "[Triggered", "[Warn", "[Recovered",
    ]  # fmt: skip


def test_ticks_run_on_after_the_last_event_when_the_end_says_so():
    events = heartbeat_every(60, 3600)
    assert not rehearse(events, start=START).transitions
    longer = rehearse(events, start=START, end=START + 7200)
    assert [(t.index, t.destination, t.at - START) for t in longer.transitions] == [
        (HEARTBEAT, State.ALERT, 3600 - 60 + 15 * 60 + 60)
    ]


def test_the_guides_batches_make_the_heartbeat_cry_wolf_on_a_quiet_healthy_tenant():
    quiet = heartbeat_every(60, 6 * 3600)  # an event a minute: a batch of 100 takes 100 minutes
    alerts = {
        delivery.name: sum(
            t.index == HEARTBEAT and t.kind is TransitionKind.TRIGGERED
            for t in rehearse(quiet, delivery=delivery, start=START).transitions
        )
        for delivery in (GUIDE, WATCH, INSTANT)
    }
    assert alerts == {"guide": 4, "watch": 0, "instant": 0}


def test_gaps_and_unreadable_payloads_are_kept_and_told():
    events = [
        happened("token.issued", START + 1),
        Gap(START + 2, START + 50, "reset"),
        Arrival(START + 60, Malformed(b"{", "not JSON")),
        Gap(START + 70, None, "away"),
    ]
    result = rehearse(events, start=START)
    assert result.gaps == (events[1], events[3])
    assert (result.events, result.end) == (1, START + 70)


def test_a_gap_that_is_written_when_it_begins_and_when_it_ends_is_one():
    events = [
        Gap(START, None, "no connection yet"),
        Gap(START, START + 3, "no connection yet"),
        happened("token.issued", START + 4),
        Gap(START + 10, START + 12, "reset"),
    ]
    assert rehearse(events, start=START).gaps == (events[1], events[3])


def test_a_gap_that_lasts_beyond_the_end_is_told_and_a_later_one_is_not():
    events = [
        happened("token.issued", START + 1),
        Gap(START + 50, START + 300, "reset"),
        happened("token.issued", START + 301),
        Gap(START + 310, START + 320, "reset"),
    ]
    result = rehearse(events, start=START, end=START + 120)
    assert result.gaps == (events[1],)
    assert (result.events, result.end) == (1, START + 120)


def test_without_a_start_evaluations_begin_after_the_first_event():
    result = rehearse([happened("token.issued", START + 30), happened("token.issued", START + 300)])
    assert (result.start, result.end, result.ticks) == (START + 30, START + 300, 5)


def test_events_before_the_start_are_history():
    burst = [happened("grant.revoked", START - 30, cascade=False) for _ in range(51)]
    result = rehearse(burst, start=START, end=START + 60)
    (alert,) = result.transitions
    assert (alert.at, alert.value) == (START + 60, 51)


def test_nothing_at_all_needs_a_start():
    with pytest.raises(RecordingError, match="a test: there is no event"):
        rehearse([])
    empty = rehearse([], start=START, end=START + 3600)
    assert [t.index for t in empty.transitions] == [HEARTBEAT]


def test_a_date_that_would_take_hours_to_reach_is_an_error_that_names_it():
    events = [happened("token.issued", START), happened("token.issued", START + 9e9)]
    with pytest.raises(RecordingError, match=r"2311-.*a year later"):
        rehearse(events)
    assert rehearse(events, end=START + 60).events == 1


def test_a_pass_at_every_phase_is_the_pass_at_that_phase():
    events = [happened("grant.revoked", START + n * 7 % 400, cascade=False) for n in range(300)]
    together = run_phases(
        lambda: events, PLAN, source="a test", delivery=WATCH, phases=sweep_phases(), start=START,
        end=START + 1200,
    )  # fmt: skip
    assert [each.phase for each in together] == [0, 10, 20, 30, 40, 50]
    for each in together:
        alone = rehearse(events, delivery=WATCH, phase=each.phase, start=START, end=START + 1200)
        assert each == alone
    assert len({each.transitions[0].at for each in together}) > 1
