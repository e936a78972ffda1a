"""Expectations over one history: revocations warn, alert and recover; two budgets; then silence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.rehearsal.engine.simulated import simulate
from grantex_tui.rehearsal.spec.read import read_spec
from grantex_tui.rehearsal.suite.run import run_rehearsal


START = 1_780_000_020.0  # a full minute
PAGER = {
    "name": "Pager",
    "type": "log alert",
    "query": 'logs("source:grantex @grantex.event_type:grant.revoked").index("*").rollup("count")'
    '.last("5m") > 50',
    "message": "{{#is_alert}}{{value}} revoked @pagerduty-x{{/is_alert}} @slack-all",
    "options": {"thresholds": {"critical": 50}},
}
# What happens, with the bundled monitors and every event delivered at once:
#   revocations       +1m Warn (12), +2m Alert (51), +6m Warn (39), +7m OK (0)
#   budget-exhausted  g1 +3m Alert, +8m OK; g2 +4m Alert, +9m OK
#   heartbeat         +19m Alert, until the end at +20m
INCIDENTS = '[{label: storm, from: "+90s", to: "+100s"}]'


def event(kind: str, at: float, number: int = 0, **data: object) -> str:
    return json.dumps(
        {
            "id": f"evt_{kind}_{at}_{number}",
            "type": kind,
            "createdAt": rfc3339(START + at),
            "data": data,
        }
    )


HISTORY = [
    *(event("grant.revoked", 30, number, cascade=False) for number in range(12)),
    *(event("grant.revoked", 90, number, cascade=False) for number in range(39)),
    event("budget.exhausted", 150, grantId="g1"),
    event("budget.exhausted", 200, grantId="g2"),
]


@pytest.fixture
def judged(tmp_path):
    (tmp_path / "history.ndjson").write_text("\n".join(HISTORY))
    (tmp_path / "pager.json").write_text(json.dumps(PAGER))

    def judged(expect: str, **said: str):
        more = "".join(f"\n    {key}: {value}" for key, value in said.items())
        text = f"""
version: 1
monitors: [pack/revocations, pack/heartbeat, pack/budget-exhausted, pager.json]
rehearsals:
  - name: history
    events: {{recording: history.ndjson, start: "{rfc3339(START)}", duration: 20m}}
    delivery: instant{more}
    expect: {expect}
"""
        (rehearsal,) = read_spec(text, path=str(tmp_path / "a.rehearsal.yaml"))
        outcome = run_rehearsal(rehearsal, simulate)
        assert outcome.error is None
        return outcome

    return judged


@pytest.mark.parametrize(
    "expect",
    [
        """{transitions: [{monitor: revocations, to: warn, at: "+1m"},
            {monitor: revocations, from: warn, to: alert, at: "+2m", within: 0, value: 51},
            {monitor: revocations, from: alert, to: warn, after: "+5m", before: "+6m"},
            {monitor: revocations, to: ok, value: 0}]}""",
        """{transitions: [{monitor: budget-exhausted, group: g1, to: alert, at: "+3m"},
            {monitor: budget-exhausted, group: "grant_id:g1", to: ok},
            {monitor: budget-exhausted, group: {"@grantex.grant_id": g2}, to: alert, at: "+4m"},
            {monitor: budget-exhausted, group: g2, to: ok, at: "+9m"}]}""",
        # Without a group: the groups that are not named.
        """{transitions: [{monitor: budget-exhausted, group: g2, to: alert},
            {monitor: budget-exhausted, group: g2, to: ok},
            {monitor: budget-exhausted, to: alert, at: "+3m"},
            {monitor: budget-exhausted, to: ok}]}""",
        """{transitions_include: [{monitor: revocations, to: alert},
            {monitor: revocations, to: ok}]}""",
        """{transitions: [{monitor: "Grantex: no events", to: alert, at: "2026-05-28T20:46:00Z"}]}""",
        "{never: {monitor: heartbeat, state: [warn, no_data]}}",
        '{never: [{monitor: revocations, from: "+6m1s"}, {monitor: heartbeat, to: "+18m"}]}',
        "{never: {monitor: budget-exhausted, group: g3, allow_absent: true}}",
        "{at_most: {monitor: revocations, alerts: 1, warnings: 2, flaps: 0, alert_minutes: 4}}",
        "{at_least: {monitor: budget-exhausted, alerts: 2, recoveries: 2, alert_minutes: 10}}",
        "{at_most: {alerts: 5}, at_least: {alerts: 5, notifications: 11}}",
        "{time_to_detect: {monitor: revocations, incident: storm, p100: 30s, p50: 30}}",
        "{detects_all_incidents: true}",
        "{detects_all_incidents: {monitor: [heartbeat, revocations]}}",
        "{no_false_alerts: {monitor: revocations}}",
        """{notifications: [{to: "@pagerduty-x", count: 1, body_contains: 51.0 revoked,
            title_contains: Triggered}, {to: slack-all, count: {min: 2, max: 2}},
            {monitor: pager, about: ok}, {monitor: heartbeat, to: "@slack-all", count: 0}]}""",
        """{state: [{monitor: revocations, at: "+2m", is: alert},
            {monitor: revocations, at: "+1m59s", is: warn},
            {monitor: budget-exhausted, at: "+10s", is: ok},
            {monitor: budget-exhausted, at: "+4m", is: alert, group: g2},
            {monitor: heartbeat, at: "+20m", is: alert}]}""",
        """{value: [{monitor: revocations, at: "+2m30s", is: 51},
            {monitor: revocations, at: "+20m", is: {max: 0}},
            {monitor: budget-exhausted, group: g1, at: "+2m", is: none},
            {monitor: revocations, at: "+30s", is: none}]}""",
    ],
)
def test_what_happened_is_met(judged, expect):
    outcome = judged(expect, incidents=INCIDENTS)
    assert [v.reason for v in outcome.verdicts if not v.passed] == []
    assert outcome.verdicts
    assert outcome.passed


@pytest.mark.parametrize(
    ("expect", "reasons", "at"),
    [
        (
            """{transitions: [{monitor: revocations, to: warn, at: "+1m"},
               {monitor: revocations, to: alert, at: "+5m", within: 2m}]}""",
            [
                "expected as the 2nd → Alert at +5m ± 2m, but it came 1m too early",
                "+2m (2026-05-28T20:29:00Z): Warn → Alert, value 51, threshold 50",
                "what happened:\n  +1m (2026-05-28T20:28:00Z): No Data → Warn, value 12",
            ],
            120,
        ),
        (
            '{transitions: [{monitor: revocations, to: alert, before: "+30s", value: {max: 9}}]}',
            ["to Warn instead of Alert and 30s too late and with 12 instead of at most 9"],
            60,
        ),
        (
            "{transitions: [{monitor: heartbeat, to: alert}, {monitor: heartbeat, to: ok}]}",
            ["expected as the 2nd → OK, but it never came"],
            None,
        ),
        (
            "{transitions: [{monitor: budget-exhausted, group: g1, to: alert}]}",
            ["budget-exhausted @grantex.grant_id:g1: nobody expected +8m"],
            480,
        ),
        (
            '{transitions: [{monitor: budget-exhausted, group: g9, to: alert, at: "+3m"}]}',
            ["never came", "nothing at all: there was no group @grantex.grant_id:g9; there were "],
            180,
        ),
        (
            """{transitions_include: [{monitor: revocations, to: ok},
               {monitor: revocations, to: alert}]}""",
            ["expected as the 2nd → Alert, but it never came"],
            None,
        ),
        (
            """{transitions_include: [{monitor: revocations, to: alert, at: "+9m"}]}""",
            ["the nearest came 6m too early: +2m"],
            120,
        ),
        (
            "{never: {monitor: revocations, state: [alert, ok]}}",
            [
                "it was Alert or OK 2 times:\n  Alert from +2m (2026-05-28T20:29:00Z) for 4m",
                "\n  OK from +7m (2026-05-28T20:34:00Z) for 13m until the end",
            ],
            120,
        ),
        (
            "{never: {state: warn}}",
            ["it was Warn 2 times:\n  Warn from +1m", "\n  Warn from +6m"],
            60,
        ),
        (
            "{at_most: {monitor: budget-exhausted, alerts: 1}}",
            ["2 alerts:\n  +3m (2026-05-28T20:30:00Z) @grantex.grant_id:g1\n  +4m"],
            240,
        ),
        (
            "{at_least: {monitor: pager, alerts: 2, flaps: 1}}",
            ["1 alert: +2m", "\n0 flaps", "the highest value was 51"],
            120,
        ),
        ("{at_most: {monitor: revocations, alert_minutes: 3.5}}", ["4 minutes in alert: 4"], 120),
        (
            "{time_to_detect: {monitor: revocations, p100: 20s}}",
            ["storm was noticed after 30s, at +2m (2026-05-28T20:29:00Z)"],
            120,
        ),
        (
            "{time_to_detect: {monitor: heartbeat, p50: 20s}}",
            ["infinite", "storm, from +1m30s", "was not noticed", "alerts at < 1"],
            100,
        ),
        (
            "{detects_all_incidents: {monitor: heartbeat}}",
            ["1 of 1 not detected: storm", "the lowest value was 0, it alerts at < 1"],
            90,
        ),
        (
            "{no_false_alerts: true}",
            ["1 false alert: Grantex: no events at +19m (2026-05-28T20:46:00Z) for 1m"],
            1140,
        ),
        (
            '{notifications: {to: "@pagerduty-x", count: 2}}',
            ["1 was sent:\n  +2m", "the nearest other goes to"],
            60,
        ),
        (
            "{notifications: {monitor: pager, about: alert, body_contains: 99 revoked}}",
            ["0 were sent", "the nearest other says '51.0 revoked"],
            120,
        ),
        ("{notifications: {to: slack-all, count: {max: 1}}}", ["2 were sent:"], 360),
        (
            '{state: {monitor: budget-exhausted, at: "+4m", is: ok}}',
            ["it was Alert (@grantex.grant_id:g1), since +3m (2026-05-28T20:30:00Z)"],
            240,
        ),
        ('{state: {monitor: heartbeat, at: "+2h", is: ok}}', ["nothing to say about it"], 7200),
        (
            '{never: {monitor: revocations, from: "+20m", to: "+2h"}}',
            ["nothing to say about it: it runs from its start, 2026-05-28T20:27:00Z, to +20m"],
            1200,
        ),
        (
            '{state: {monitor: budget-exhausted, group: g9, at: "+2m", is: ok}}',
            ["there was no group @grantex.grant_id:g9; there were @grantex.grant_id:g1, @gra"],
            None,
        ),
        ("{never: {to: 2020-01-01T00:00:00Z}}", ["nothing to say about it"], 0),
        (
            "{at_most: {alerts: 0}}",
            [
                "+2m (2026-05-28T20:29:00Z) Grantex: many grants revoked\n",
                "+3m (2026-05-28T20:30:00Z) @grantex.grant_id:g1 Grantex: budget",
            ],
            120,
        ),
        (
            "{at_most: {monitor: [revocations, heartbeat], alert_minutes: 1}}",
            ["4 from +2m (2026-05-28T20:29:00Z) Grantex: many grants revoked\n  1 from"],
            120,
        ),
        (
            '{value: {monitor: revocations, at: "+2m30s", is: {min: 60, max: 70}}}',
            ["it found 51 at +2m (2026-05-28T20:29:00Z)"],
            120,
        ),
        (
            '{value: {monitor: budget-exhausted, group: g1, at: "+2m", is: 1}}',
            ["it had not been evaluated yet"],
            120,
        ),
        ("none-fires", ["what fired:\n  Grantex: many grants revoked: +1m", "and 2 more"], 60),
    ],
)
def test_what_happened_instead_is_told_with_when_and_where_to_look(judged, expect, reasons, at):
    outcome = judged(expect, incidents=INCIDENTS)
    (verdict,) = [v for v in outcome.verdicts if not v.passed]
    for reason in reasons:
        assert reason in verdict.reason
    assert verdict.at == (None if at is None else START + at)
    assert verdict.where == (outcome.path, 9)
    assert not verdict.phase_sensitive


def test_what_is_about_a_single_monitor_names_it(judged):
    outcome = judged("{never: [{monitor: heartbeat}, {state: warn}], no_false_alerts: true}")
    assert [v.monitor for v in outcome.verdicts] == ["Grantex: no events", None, None]
    assert [v.expectation for v in outcome.verdicts] == [
        "heartbeat is never Alert",
        "every monitor is never Warn",
        "every monitor alerts only about incidents",
    ]


def test_one_message_is_one_notification(judged):
    told = "{notifications: [{monitor: pager}, {to: slack-all, count: {max: 9}}]}"
    assert [v.expectation for v in judged(told).verdicts] == [
        "pager sends at least 1 notification",
        "every monitor sends at most 9 notifications to @slack-all",
    ]


def test_incidents_are_missing_from_expectations_about_them(judged):
    outcome = judged("{detects_all_incidents: true}", incidents="[]")
    assert "there are no incidents" in outcome.verdicts[0].reason


def test_what_holds_at_some_phases_only_is_phase_sensitive(judged):
    expect = '{state: {monitor: revocations, at: "+1m45s", is: alert}}'
    (verdict,) = judged(expect, phase="sweep").verdicts
    assert (verdict.phase_sensitive, verdict.passed) == (True, False)
    assert verdict.phases_failed == (0, 10, 20, 50)
    assert "holds at 30, 40 s, but not at 0, 10, 20, 50 s" in verdict.reason
    assert "At 0 s: it was Warn, since +1m" in verdict.reason
    by_phase = "0 s Warn, 10 s Warn, 20 s Warn, 30 s holds, 40 s holds, 50 s Warn"
    assert verdict.reason.endswith(f"\nby phase: {by_phase}")


def test_phase_sensitive_may_be_allowed(judged):
    expect = '{state: {monitor: revocations, at: "+1m45s", is: alert}}'
    (verdict,) = judged(expect, phase="[0, 30]", allow_phase_sensitive="true").verdicts
    assert (verdict.phase_sensitive, verdict.passed, verdict.reason) == (True, True, "")
    assert verdict.phases_failed == (0,)


def test_what_fails_at_every_phase_is_not_phase_sensitive(judged):
    expect = "{at_most: {monitor: revocations, alerts: 0}}"
    (verdict,) = judged(expect, phase="sweep", allow_phase_sensitive="true").verdicts
    assert (verdict.phase_sensitive, verdict.passed) == (False, False)
    assert verdict.reason.startswith("at every phase; at 0 s: 1 alert: +2m")
    assert "by phase" not in verdict.reason  # they all say the same


@pytest.mark.parametrize(
    ("expect", "phase", "by_phase"),
    [
        (
            "{time_to_detect: {monitor: revocations, incident: storm, p100: 10s}}",
            20,
            "0 s 30s, 10 s 40s, 20 s 50s",
        ),
        (
            "{at_most: {monitor: heartbeat, alert_minutes: 0.5}}",
            20,
            "0 s 1 minute in alert, 10 s 0.833333 minutes in alert, 20 s 1.66667 minutes in alert",
        ),
        ("{never: {monitor: heartbeat}}", 20, "0 s 1m, 10 s 50s, 20 s 1m40s"),
        (
            '{transitions_include: [{monitor: revocations, to: alert, at: "+1m", within: 0}]}',
            20,
            "0 s 1m too late, 10 s 1m10s too late, 20 s 1m20s too late",
        ),
    ],
)
def test_what_fails_at_every_phase_is_told_for_the_worst(judged, expect, phase, by_phase):
    (verdict,) = judged(expect, phase="[0, 10, 20]", incidents=INCIDENTS).verdicts
    assert verdict.reason.startswith(f"at every phase; at {phase} s, where it is worst: ")
    assert verdict.phase == phase
    assert verdict.reason.endswith(f"\nby phase: {by_phase}")


@pytest.mark.parametrize(
    ("expect", "allowed", "passed"),
    [
        ("{never: {monitor: token-anomaly}}", "false", False),
        ("{never: {monitor: token-anomaly}}", "true", True),
        ("{never: {monitor: heartbeat, state: warn}}", "false", True),
    ],
)
def test_what_rests_on_an_anomaly_monitor_must_be_allowed(judged, expect, allowed, passed):
    outcome = judged(expect, monitors="[pack]", allow_approximate=allowed)
    (verdict,) = outcome.verdicts
    assert verdict.passed is passed
    assert passed or "allow_approximate: true" in verdict.reason


UNEVALUATED = {
    "name": "p",
    "is_enabled": True,
    "processors": [
        {
            "type": "schema-processor",
            "is_enabled": True,
            "mappers": [{"target": "grantex.grant_id"}],
        }
    ],
}


@pytest.mark.parametrize(
    ("monitor", "allowed", "passed"),
    [
        ("budget-exhausted", "false", False),
        ("budget-exhausted", "true", True),
        ("revocations", "false", True),
    ],
)
def test_what_rests_on_a_processor_that_is_not_evaluated_must_be_allowed(
    judged, tmp_path, monitor, allowed, passed
):
    (tmp_path / "p.json").write_text(json.dumps(UNEVALUATED))
    outcome = judged(
        f"{{never: {{monitor: {monitor}, state: no_data}}}}",
        pipelines="[p.json]",
        allow_approximate=allowed,
    )
    (verdict,) = outcome.verdicts
    assert verdict.passed is passed
    assert passed or "depends on it: schema-processor is not evaluated" in verdict.reason
    notes = outcome.passes[0].approximations
    assert any(
        "monitor" in note and "is not evaluated: @grantex.grant_id" in note for note in notes
    )


SCHEDULED = {
    "name": "by the day",
    "type": "log alert",
    "query": 'logs("*").index("*").rollup("count").last("5m") > 100000',
    "message": "",
    "options": {
        "thresholds": {"critical": 100_000},
        "scheduling_options": {"evaluation_window": {"day_starts": "04:00"}},
    },
}


@pytest.mark.parametrize("allowed", [False, True])
def test_what_rests_on_an_option_that_is_not_modelled_must_be_allowed(judged, tmp_path, allowed):
    (tmp_path / "m.json").write_text(json.dumps(SCHEDULED))
    outcome = judged(
        "{never: {monitor: by the day, state: alert}}",
        monitors="[m.json]",
        allow_approximate=str(allowed).lower(),
    )
    (verdict,) = outcome.verdicts
    assert verdict.passed is allowed
    assert allowed or "options.scheduling_options is not modelled here" in verdict.reason


def test_an_expectation_that_an_anomaly_monitor_breaks_says_what_happened(judged):
    (verdict,) = judged(
        "{at_least: {monitor: token-anomaly, alerts: 1}}", monitors="[pack]"
    ).verdicts
    assert "0 alerts" in verdict.reason


def test_a_verdict_does_not_depend_on_order_of_unrelated_monitors(judged):
    both = judged("{never: {monitor: revocations}}")
    alone = judged("{never: {monitor: revocations}}", monitors="[pack/heartbeat, pack/revocations]")
    assert [replace(v, where=("", 0)) for v in both.verdicts] == [
        replace(v, where=("", 0)) for v in alone.verdicts
    ]


def test_foreign_text_in_a_reason_cannot_act_on_a_terminal(judged, tmp_path):
    wild = event("budget.exhausted", 250, grantId="g\x1b[31m\u202e")
    hostile = [*HISTORY, wild]
    (tmp_path / "hostile.ndjson").write_text("\n".join(hostile))
    events = f'{{recording: hostile.ndjson, start: "{rfc3339(START)}", duration: 20m}}'
    text = f"""
version: 1
rehearsals:
  - {{name: x, events: {events}, monitors: [pack/budget-exhausted], expect: none-fires}}
"""
    (rehearsal,) = read_spec(text, path=str(tmp_path / "b.rehearsal.yaml"))
    (verdict,) = run_rehearsal(rehearsal, simulate).verdicts
    assert "g␛[31m" in verdict.reason
    assert "\x1b" not in verdict.reason
    assert "\u202e" not in verdict.reason


GROUP = "monitor: budget-exhausted, group: g3"
NOT_THERE = (
    "there was no group @grantex.grant_id:g3; there were @grantex.grant_id:g1, "
    "@grantex.grant_id:g2\nallow_absent: true lets it pass without one"
)


@pytest.mark.parametrize(
    "expect",
    [
        "{never: {%s}}",
        "{at_most: {%s, alerts: 0}}",
        "{notifications: {%s, count: 0}}",
        "{state: {%s, at: +5m, is: no_data}}",
        "{value: {%s, at: +5m, is: none}}",
        '{never: {monitor: [budget-exhausted, budget-exhausted], group: "grant_id:g3"}}',
    ],
)
def test_what_is_said_of_a_group_that_never_was_does_not_pass_in_silence(judged, expect):
    (verdict,) = judged(expect.replace("%s", GROUP)).verdicts
    assert (verdict.passed, verdict.reason) == (False, NOT_THERE)
    if "%s" in expect:
        allowed = expect.replace("%s", f"{GROUP}, allow_absent: true")
        assert judged(allowed).passed


def test_a_group_that_is_nearly_there_is_asked_for(judged, tmp_path):
    history = [event("budget.exhausted", 100, grantId=f"grnt_alpha{n}") for n in (1, 2)]
    (tmp_path / "other.ndjson").write_text("\n".join(history))
    text = (
        f"version: 1\nrehearsals:\n- name: x\n  events: {{recording: other.ndjson, "
        f'start: "{rfc3339(START)}", duration: 5m}}\n'
        "  expect: {never: {monitor: budget-exhausted, group: grnt_alhpa2}}"
    )
    (rehearsal,) = read_spec(text, path=str(tmp_path / "b.rehearsal.yaml"))
    (verdict,) = run_rehearsal(rehearsal, simulate).verdicts
    assert "alhpa2; did you mean @grantex.grant_id:grnt_alpha2?" in verdict.reason


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ('{never: {monitor: heartbeat, to: "+30m"}}', "nothing to say about it"),
        ('{never: {monitor: heartbeat, to: "+10m", from: 2020-01-01T00:00:00Z}}', "nothing to say"),
        ('{transitions: [{monitor: revocations, to: alert, at: "+2h"}]}', "what happened"),
        ('{transitions_include: [{monitor: pager, to: warn, at: "+2h"}]}', "too early"),
        (
            "{transitions: [{monitor: budget-exhausted, group: g3, to: alert, at: +2h}]}",
            "it never came; the rehearsal has nothing to say about it: it runs from its start",
        ),
    ],
)
def test_what_lies_outside_the_rehearsal_is_told_of_as_such(judged, expect, said):
    (verdict,) = judged(expect).verdicts
    assert not verdict.passed
    assert said in verdict.reason


def test_a_stretch_may_end_with_the_last_evaluation(judged):
    assert judged('{never: {monitor: revocations, from: "+10m", to: "+20m59s"}}').passed


def test_an_incident_outside_the_rehearsal_is_not_merely_missed(judged):
    outcome = judged(
        "{detects_all_incidents: true, time_to_detect: {incident: late, p100: 1m}}",
        incidents='[{label: late, from: "+30m", to: "+40m"}]',
    )
    said = "late, from +30m (2026-05-28T20:57:00Z) for 10m, lies outside it; the rehearsal has"
    assert [said in verdict.reason for verdict in outcome.verdicts] == [True, True]
