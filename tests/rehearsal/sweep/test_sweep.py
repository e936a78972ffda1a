from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.errors import UsageError
from grantex_tui.events.event import decode_event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.model import INSTANT, WATCH, Incident
from grantex_tui.rehearsal.engine.run import run_pass, run_phases
from grantex_tui.rehearsal.measure.stays import grace_of
from grantex_tui.rehearsal.sweep.pareto import advise
from grantex_tui.rehearsal.sweep.sweep import Grid, sweep
from grantex_tui.rehearsal.sweep.table import Table
from grantex_tui.rehearsal.sweep.variants import setting_of, with_setting
from tests.rehearsal.oracles import detected_at, false_alerts, flaps
from tests.support.plans import load_plan


START = 1_780_000_020.0  # a full minute
PLAN = load_plan()
COUNT = 'logs("source:grantex @grantex.event_type:grant.revoked").index("*").rollup("count")'
GROUPED = f'{COUNT}.by("@grantex.agent_id")'
CARDINALITY = 'logs("source:grantex").index("*").rollup("cardinality", "@grantex.agent_id")'


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


def storm(seed: int, minutes: int = 240) -> list[Arrival]:
    """A quiet background, with bursts by one agent or another, and silences."""
    dice = random.Random(seed)
    at, number, events = START, 0, []
    while at < START + 60 * minutes:
        burst = dice.random() < 0.02
        for _ in range(dice.randrange(5, 30) if burst else 1):
            number += 1
            value = {
                "id": f"evt_{number}",
                "type": dice.choice(("grant.revoked", "grant.revoked", "token.issued")),
                "createdAt": rfc3339(at),
                "data": {"agentId": f"ag_{dice.randrange(3)}"},
            }
            events.append(Arrival(at, decode_event(json.dumps(value).encode())))
            at = round(at + dice.random() * 4, 3)
        at = round(
            at + (dice.uniform(300, 2000) if dice.random() < 0.03 else dice.uniform(1, 90)), 3
        )
    return events


INCIDENTS = (
    Incident("first", START + 1000, START + 1600),
    Incident("second", START + 6000, START + 6060),
    Incident("third", START + 6100, START + 9000),
)
END = START + 240 * 60


def swept(tried, grid: Grid, events, *, phases=(0,), incidents=INCIDENTS, **options) -> Table:
    def rehearse(plan):
        return run_phases(
            lambda: events, plan, source="a test", delivery=WATCH, phases=phases, start=START,
            end=END, incidents=incidents, with_tracks=True, with_notifications=False,
        )  # fmt: skip

    return sweep(tried, PLAN, grid, rehearse, **options)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        (f'{COUNT}.last("5m") > 10', {"thresholds": {"warning": 4, "critical_recovery": 6}}),
        (f'{GROUPED}.last("5m") >= 10', {"group_retention_duration": "1h", "new_group_delay": 120}),
        (f'{GROUPED}.last("10m") > 4', {"on_missing_data": "resolve"}),
        (f'{COUNT}.last("5m") < 10', {"on_missing_data": "show_and_notify_no_data"}),
        (f'{GROUPED}.last("5m") < 3', {}),
        (f'{CARDINALITY}.last("5m") > 2', {"timeout_h": 1}),
    ],
)
def test_every_cell_is_what_a_pass_of_its_own_finds(query, options):
    tried = monitor(query, **options)
    events = storm(len(query) + len(options))
    grid = Grid(criticals=(1, 2, 3, 5, 8, 13, 21), windows=(60, 300, 900))
    table = swept(tried, grid, events)
    assert len(table.cells) == 21
    for cell in table.cells:
        variant = with_setting(tried, cell.setting)
        own = run_pass(
            events, replace(PLAN, monitors=[variant]), source="a test", delivery=WATCH,
            start=START, end=END, incidents=INCIDENTS,
        )  # fmt: skip
        alerts = [span for span in own.spans if span.state is State.ALERT]
        changes = [t for t in own.transitions if t.source is not t.destination]
        detected = [detected_at(each, own.spans, own.monitors) for each in INCIDENTS]
        assert (
            cell.trial.alerts,
            cell.trial.alert_seconds,
            cell.trial.warnings,
            cell.trial.flaps,
            cell.trial.false_alerts,
            list(cell.trial.delays),
        ) == (
            len(alerts),
            sum(span.end - span.start for span in alerts),
            sum(t.destination is State.WARN for t in changes),
            flaps(own, 0),
            len(false_alerts(own.spans, INCIDENTS, own.monitors)),
            [
                None if at is None else at - each.start
                for at, each in zip(detected, INCIDENTS, strict=True)
            ],
        ), cell.setting
        assert cell.trial.wrong_seconds == seconds_outside(alerts, grace_of(variant))
    assert len({cell.trial.alerts for cell in table.cells}) > 3


def seconds_outside(alerts, grace: float) -> float:
    """The same by looking at every second."""
    return sum(
        not any(each.start <= second < each.end + grace for each in INCIDENTS)
        for alert in alerts
        for second in range(int(alert.start), int(alert.end))
    )


def test_the_events_are_read_once_whatever_is_tried():
    reads = []

    def rehearse(plan):
        reads.append(len(plan.monitors))
        return run_phases(
            lambda: storm(1), plan, source="a test", delivery=INSTANT, phases=(0,),
            with_tracks=True, with_notifications=False,
        )  # fmt: skip

    grid = Grid(criticals=tuple(range(1, 11)), windows=(60, 300, 900))
    table = sweep(monitor(f'{COUNT}.last("5m") > 5'), PLAN, grid, rehearse)
    assert (reads, len(table.cells)) == ([3], 30)


def test_with_several_phases_a_cell_is_the_worst_of_them():
    tried, events = monitor(f'{COUNT}.last("1m") > 5'), storm(5)
    grid = Grid(criticals=(5, 10), windows=(60,))
    each = [swept(tried, grid, events, phases=(phase,)) for phase in (0, 20, 40)]
    together = swept(tried, grid, events, phases=(0, 20, 40))
    for place, cell in enumerate(together.cells):
        trials = [table.cells[place].trial for table in each]
        assert cell.trial.alerts == max(trial.alerts for trial in trials)
        assert cell.trial.false_alerts == max(trial.false_alerts for trial in trials)
        for number, delay in enumerate(cell.trial.delays):
            delays = [trial.delays[number] for trial in trials]
            known = [each for each in delays if each is not None]
            assert delay == (max(known) if len(known) == len(delays) else None)
    assert together.phases == (0, 20, 40)


def test_without_a_grid_it_tries_round_numbers_around_what_is_rare_and_what_there_is():
    table = swept(monitor(f'{COUNT}.last("5m") > 12'), Grid(), storm(3))
    criticals = sorted({cell.setting.critical for cell in table.cells})
    highest = max(value for value in criticals)
    assert {cell.setting.window for cell in table.cells} == {60, 300, 600}
    assert 12 in criticals
    assert 4 <= len(criticals) <= 13
    assert all(cell.trial.alerts == 0 for cell in table.cells if cell.setting.critical == highest)
    assert table.present is not None
    assert table.present.setting.critical == 12


def test_warnings_that_are_given_are_tried_only_where_they_come_before_the_alert():
    tried = monitor(f'{COUNT}.last("5m") > 12', thresholds={"warning": 4})
    table = swept(tried, Grid(criticals=(5, 10), warnings=(2, 7), windows=(300,)), storm(3))
    found = [(c.setting.critical, c.setting.thresholds.warning) for c in table.cells]
    assert found == [(5, 2), (10, 2), (10, 7)]
    assert table.cells[1].trial.warnings > table.cells[2].trial.warnings > 0


def test_an_incident_that_would_cost_more_than_one_false_alert_is_out_of_reach():
    def burst(at: float, count: int) -> list[Arrival]:
        value = {"type": "grant.revoked", "createdAt": rfc3339(START + at), "data": {}}
        return [
            Arrival(
                START + at,
                decode_event(json.dumps({"id": f"evt_{at}_{n}", **value}).encode()),
            )
            for n in range(count)
        ]

    events = burst(30, 3) + burst(3630, 3) + burst(7230, 40) + burst(10830, 3) + burst(14000, 1)
    incidents = (
        Incident("another kind", START + 3600, START + 3700),
        Incident("ours", START + 7200, START + 7300),
    )
    grid = Grid(criticals=(1, 2, 10, 20, 30), windows=(300,))
    tried = monitor(f'{COUNT}.last("5m") > 5')
    table = swept(tried, grid, events, incidents=incidents)
    assert [table.incidents[number].label for number in table.counted] == ["ours"]
    chosen = swept(tried, grid, events, incidents=incidents, wanted=lambda each: True)
    assert (chosen.counted, chosen.chosen) == ((0, 1), True)


def test_a_monitor_that_is_always_on_detects_nothing_that_counts():
    always = monitor(f'{COUNT}.last("5m") >= 0')
    table = swept(always, Grid((0,), windows=(300,)), storm(3), incidents=INCIDENTS[:1])
    (cell,) = table.cells
    assert (cell.trial.alerts, cell.trial.false_alerts, cell.trial.delays) == (1, 0, (0,))
    assert cell.trial.noise == 3  # hours
    assert table.counted == ()


@pytest.mark.parametrize(
    ("own", "grid", "says"),
    [
        ("anomaly", Grid(deviations=(0.0, 3.0)), "a band of 0 deviations is none"),
        ("anomaly", Grid(deviations=(-1.0,)), "a band of -1 deviations is none"),
        ("anomaly", Grid(criticals=(0.5, 1.5)), "a fraction of points outside, which 1.5 is not"),
        ("anomaly", Grid(criticals=(0.0,)), "which 0 is not"),
        ("count", Grid(deviations=(3.0,)), "has no deviations"),
        ("count", Grid(criticals=(5.0,), warnings=(5.0, 9.0)), "no warning is on the healthy side"),
    ],
)
def test_what_datadog_would_refuse_is_not_tried(own, grid, says):
    anomaly = next(each for each in PLAN.monitors if each.query.band is not None)
    tried = anomaly if own == "anomaly" else monitor(f'{COUNT}.last("5m") > 10')
    with pytest.raises(UsageError, match=says):
        swept(tried, grid, storm(1, 30))


def test_of_what_does_equally_well_the_nearest_to_the_present_setting_is_taken():
    """No tokens at all: nothing is outside any band, so every one is as good."""
    anomaly = next(each for each in PLAN.monitors if each.query.band is not None)
    table = swept(anomaly, Grid((1.0,), None, None, (1.0, 4.0)), storm(1, 30), wanted=bool)
    advice = advise(table)
    assert advice is not None
    assert setting_of(anomaly).deviations == 3
    assert advice.cell.setting.deviations == 4
