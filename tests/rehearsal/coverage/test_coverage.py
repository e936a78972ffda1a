from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.events.event import decode_event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.rehearsal.coverage.coverage import cover
from grantex_tui.rehearsal.coverage.facts import merged
from grantex_tui.rehearsal.coverage.mutate import Mutant, mutants_of, mutated
from grantex_tui.rehearsal.engine.model import WATCH
from grantex_tui.rehearsal.engine.run import run_pass
from grantex_tui.rehearsal.engine.simulated import simulate
from grantex_tui.rehearsal.spec.read import load_spec
from grantex_tui.report.coverage import coverage_report
from grantex_tui.words.display import cell_width
from tests.support.keys import shallow
from tests.support.keys import told as documented
from tests.support.plans import load_plan
from tests.support.written import data, written


START = 1_780_000_020.0
END = START + 7200
PLAN = load_plan()
COUNT = 'logs("source:grantex @grantex.event_type:grant.revoked").index("*").rollup("count")'


def monitor(query: str, **options):
    critical = float(query.rsplit(" ", 1)[1])
    options["thresholds"] = {"critical": critical, **options.get("thresholds", {})}
    value = {"name": "tried", "type": "log alert", "query": query,
             "message": "{{#is_alert}}{{value}} of {{threshold}} @team{{/is_alert}}",
             "options": options}  # fmt: skip
    (found,) = load_monitors(json.dumps(value), path="m.json")
    return found


def payload(at: float, number: int, agent: str = "a") -> str:
    value = {"id": f"evt_{number}", "type": "grant.revoked", "createdAt": rfc3339(at)}
    return json.dumps(value | {"data": {"agentId": agent}})


def storm(seed: int) -> list[Arrival]:
    events: list[Arrival] = []
    dice, at = random.Random(seed), START
    while at < END:
        for _ in range(dice.randrange(5, 20) if dice.random() < 0.05 else 1):
            text = payload(at, len(events), dice.choice("ab"))
            events.append(Arrival(at, decode_event(text.encode())))
            at = round(at + dice.random() * 3, 3)
        at = round(at + dice.choice((20.0, 60.0, 700.0 if dice.random() < 0.2 else 30.0)), 3)
    return events


SIMPLE = monitor(f'{COUNT}.last("5m") > 10', thresholds={"warning": 4, "critical_recovery": 6})
GROUPED = monitor(
    f'{COUNT}.by("@grantex.agent_id").last("5m") >= 6', on_missing_data="show_and_notify_no_data"
)
BELOW = monitor(f'{COUNT}.last("10m") < 2', renotify_interval=10, renotify_statuses=["alert"])


def passed(events, monitors, **options):
    return run_pass(
        events, replace(PLAN, monitors=monitors), source="a test", delivery=WATCH, start=START,
        end=END, **options,
    )  # fmt: skip


@pytest.mark.parametrize("own", [SIMPLE, GROUPED, BELOW])
def test_every_mutant_is_what_a_pass_of_its_own_finds(own):
    events = storm(len(own.query_text))
    mutants = [Mutant("nothing", "", "", own), *mutants_of(own)]
    assert len(mutants) > 4
    wide = passed(events, [BELOW, own, *(m.monitor for m in mutants)], with_tracks=True)
    found = passed(events, [BELOW, own], with_tracks=True)
    plan = replace(PLAN, monitors=[BELOW, own])
    different = 0
    for number, mutant in enumerate(mutants):
        place = number + 2 if mutant.needs_counting else 1
        tracks = [track for track in wide.tracks if track.monitor == place]
        made = mutated(found, 1, mutant, tracks, plan)
        real = passed(events, [BELOW, mutant.monitor], with_tracks=True)
        assert made.transitions == real.transitions, str(mutant)
        assert made.spans == real.spans
        assert made.extremes == real.extremes
        assert list(made.notifications) == list(real.notifications)
        assert [list(track.outcomes) for track in made.tracks] == [
            list(track.outcomes) for track in real.tracks
        ]
        different += made.transitions != found.transitions
    assert different


def changes_of(own) -> list[str]:
    return [str(mutant) for mutant in mutants_of(own)]


def test_mutants_are_what_datadog_would_take():
    assert changes_of(SIMPLE) == [
        "critical 10 → 9",
        "critical 10 → 11",
        "warning 4 → 3",
        "warning 4 → 5",
        "comparator > → >=",
        "window 5m → 1m",
        "window 5m → 10m",
        "on_missing_data default → show_and_notify_no_data",
    ]
    # beside a warning that is lower a recovery threshold holds nothing, so no event could tell
    alone = monitor(f'{COUNT}.last("5m") > 10', thresholds={"critical_recovery": 6})
    assert {"critical_recovery 6 → 5", "critical_recovery 6 → 7"} <= set(changes_of(alone))
    close = monitor(f'{COUNT}.last("1m") > 5', thresholds={"warning": 4})
    assert changes_of(close) == [
        "critical 5 → 6", "warning 4 → 3", "comparator > → >=", "window 1m → 5m",
        "on_missing_data default → show_and_notify_no_data",
    ]  # fmt: skip
    fraction = monitor(f'{COUNT}.last("1m") > 2.5')
    assert changes_of(fraction)[:3] == [
        "critical 2.5 → 1.5", "critical 2.5 → 3.5", "window 1m → 5m",  # >= 2.5 is > 2.5
    ]  # fmt: skip
    assert changes_of(GROUPED)[-2:] == [
        "group by @grantex.agent_id → -", "on_missing_data show_and_notify_no_data → default",
    ]  # fmt: skip


def test_an_anomaly_monitors_fractions_stay_fractions():
    anomaly = next(each for each in PLAN.monitors if each.type == "query alert")
    assert changes_of(anomaly)[0] == "critical 1 → 0.9"
    assert "critical 1 → 1.1" not in changes_of(anomaly)


@pytest.fixture
def spec(tmp_path):
    """A file with 12 revocations in a minute, then nothing, and a monitor that alerts over 10."""
    value = {
        "name": "revoked", "type": "log alert", "query": f'{COUNT}.last("5m") > 10',
        "message": "", "options": {"thresholds": {"critical": 10, "warning": 4}},
    }  # fmt: skip
    (tmp_path / "revoked.json").write_text(json.dumps(value))

    def write(expect: str, name: str = "a", count: int = 12) -> str:
        lines = [payload(START + 5 + n, n) for n in range(count)]
        (tmp_path / f"{name}.ndjson").write_text("\n".join(lines))
        path = tmp_path / f"{name}.rehearsal.yaml"
        path.write_text(
            "version: 1\n"
            "monitors: [revoked.json]\n"
            "rehearsals:\n"
            f"  - name: {name}\n"
            f"    events: {{recording: {name}.ndjson, start: '{rfc3339(START)}', duration: 15m}}\n"
            "    delivery: instant\n"
            f"    expect: {expect}\n"
        )
        return str(path)

    return write


EXACT = (
    "{transitions: [{monitor: revoked, to: alert, at: +1m}, {monitor: revoked, to: ok, at: +6m}]}"
)


def covered(*paths: str):
    return merged([cover(each, simulate) for path in paths for each in load_spec(path)])


def test_an_exact_expectation_notices_what_the_events_tell_apart(spec):
    told = covered(spec(EXACT))
    (found,) = told.monitors
    by_change = {mutant.what: mutant for mutant in found.mutants}
    assert by_change["window 5m → 1m"].noticed
    assert by_change["window 5m → 10m"].noticed
    assert not by_change["critical 10 → 11"].noticed
    assert by_change["critical 10 → 11"].difference == ""
    assert (told.mutants, told.noticed) == (8, 3)  # missing data, too


def test_events_at_the_threshold_make_a_step_noticed(spec):
    quiet = "{never: [{monitor: revoked, state: alert}]}"
    told = covered(spec(EXACT, "eleven", 11), spec(quiet, "ten", 10))
    (found,) = told.monitors
    noticed = {mutant.what for mutant in found.mutants if mutant.noticed}
    assert {"critical 10 → 9", "critical 10 → 11", "comparator > → >="} <= noticed
    assert found.reached == {"alert", "warn", "recovery"}
    assert found.missing == ()


def test_a_difference_that_nobody_looks_at_names_the_lines_that_could(spec):
    path = spec("{at_most: {monitor: revoked, alerts: 3}}")
    told = covered(path)
    (found,) = told.monitors
    window = next(mutant for mutant in found.mutants if mutant.what == "window 5m → 10m")
    assert not window.noticed
    assert window.looked == ((path, 7),)
    assert window.difference.startswith("loses ")
    assert "Alert → OK" in window.difference
    text = written(coverage_report(told), width=200)
    assert f"window 5m → 10m: {window.difference}; {path}:7 could have noticed" in text
    assert (
        "critical 10 → 11: equivalent on these events, no evaluation finds 11, "
        "the nearest are 0 and 12" in text
    )


def test_an_expectation_that_fails_already_notices_nothing(spec):
    path = spec("{never: [{monitor: revoked, state: alert}]}")
    told = covered(path)
    assert (told.noticed, told.failing) == (0, ((path, 7),))
    assert "does not hold as it is" in written(coverage_report(told))


def test_a_monitor_that_never_fires_is_named(spec):
    told = covered(spec("none-fires", count=2))
    (found,) = told.monitors
    assert found.missing == ("alert", "warn", "recovery")
    assert "No rehearsal makes these fire: revoked." in written(coverage_report(told))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_it_fits_the_terminal_and_is_complete_as_json(spec, width):
    told = covered(spec("{at_most: {monitor: revoked, alerts: 3}}"))
    evil = replace(told, monitors=(replace(told.monitors[0], name="re\x1b[31mvoked\u202e" * 9),))
    text = written(coverage_report(evil), width=width)
    assert "\x1b" not in text
    assert "\u202e" not in text
    long = [line for line in text.splitlines() if ".rehearsal.yaml" not in line]
    assert max(map(cell_width, long)) <= max(width, 44)
    value = data(coverage_report(told))
    assert shallow(value) == documented("### coverage")
    assert (value["mutants"], value["noticed"], value["percent"]) == (8, 0, 0)
    assert value["monitors"][0]["states"] == {"alert": True, "warn": False, "recovery": True}


def test_what_only_a_value_or_a_text_tells_is_noticed_though_every_transition_is_the_same(
    spec, tmp_path
):
    monitor = tmp_path / "revoked.json"
    value = json.loads(monitor.read_text()) | {"message": "over {{threshold}} @team"}
    monitor.write_text(json.dumps(value))
    few = spec("{value: {monitor: revoked, at: +7m, is: 0}}", "value", 3)
    text = spec('{notifications: {monitor: revoked, body_contains: "over 10"}}', "text")
    noticed = {}
    for path in (few, text):
        (found,) = covered(path).monitors
        noticed[path] = {
            mutant.what for mutant in found.mutants if mutant.noticed and not mutant.difference
        }
    assert noticed == {few: {"window 5m → 10m"}, text: {"critical 10 → 9", "critical 10 → 11"}}
