from __future__ import annotations

import json
from random import Random

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.errors import ExitCode, InvalidFileError
from grantex_tui.events.arrived import Arrived
from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.monitoring.count.metrics import MetricError
from grantex_tui.pack import monitor_texts, pipeline_text
from grantex_tui.settings import Settings
from grantex_tui.watch.headless import notification_lines
from grantex_tui.watch.monitor_files import plan_monitors


START = 1_780_000_020.0  # a full minute


def revoked(count: int, at: float) -> list[Event]:
    events = []
    for number in range(count):
        value = {
            "id": f"evt_{at}_{number}",
            "type": "grant.revoked",
            "createdAt": rfc3339(at),
            "data": {"grantId": "grnt_1", "cascade": False},
        }
        event = decode_event(json.dumps(value, separators=(",", ":")).encode())
        assert isinstance(event, Event)
        events.append(event)
    return events


class Live:
    """The bundled monitors from START on, and what they said."""

    def __init__(self, **settings) -> None:
        self.told: list = []
        self.monitors = plan_monitors(Settings(**settings)).start(START, self.told.append)

    def state(self, name: str) -> str:
        return next(view.state for view in self.monitors.views() if name in view.name)


def test_the_guides_revocation_monitor_warns_alerts_and_recovers():
    live = Live()
    live.monitors.on_read(revoked(12, START + 30), START + 30)
    live.monitors.advance(START + 60)
    assert live.state("many grants revoked") == "Warn"
    live.monitors.on_read(revoked(39, START + 90), START + 90)
    live.monitors.advance(START + 120)
    assert live.state("many grants revoked") == "Alert"
    assert live.monitors.alerted
    live.monitors.advance(START + 600)
    assert live.state("many grants revoked") == "OK"
    said = [n for n in live.told if "many grants revoked" in n.title]
    assert [n.title.partition("]")[0] for n in said] == [
        "[Warn", "[Triggered", "[Warn", "[Recovered",
    ]  # fmt: skip
    assert [n.transition.at for n in said] == [START + t for t in (60, 120, 360, 420)]
    assert [n.transition.value for n in said] == [12, 51, 39, 0]


def test_a_read_is_unknown_to_the_ticks_before_it():
    live = Live()
    live.monitors.on_read(revoked(60, START + 59), START + 60.5)
    assert live.state("many grants revoked") == "OK"
    live.monitors.advance(START + 120)
    assert live.state("many grants revoked") == "Alert"


def at_once(events: list[Event], live: Live) -> Arrived:
    payloads = [event.raw for event in events]
    arrived = Arrived(payloads, live.monitors.envelopes(payloads))
    assert arrived.envelopes is not None
    return arrived


def test_reads_opened_at_once_are_counted_as_their_events_are():
    one_by_one, together = Live(), Live()
    random = Random(3)
    now = START
    for number in range(120):
        now += random.choice((0.5, 7.0, 60.0))
        events = [
            *revoked(random.choice((0, 1, 30)), now - random.choice((0, 1, 90, 90_000))),
            *(
                made(number, kind, now)
                for kind in random.choices(KINDS, k=random.choice((1, 9, 60)))
            ),
        ]
        one_by_one.monitors.on_read(events, now)
        together.monitors.on_read(at_once(events, together), now)
        for live in (one_by_one, together):
            live.monitors.advance(now + 0.25)
    assert together.monitors.views() == one_by_one.monitors.views()
    assert together.told == one_by_one.told
    assert len({told.transition.index for told in together.told}) > 1


KINDS = ("token.issued", "budget.exhausted", "anomaly.auto_revoked", "vault.credential.exchanged")


def made(number: int, kind: str, at: float) -> Event:
    event = decode_event(
        b'{"id":"evt_%d_%b","type":"%b","createdAt":"%b","data":{"agentId":"ag_%d","reason":"%d"}}'
        % (number, kind.encode(), kind.encode(), rfc3339(at).encode(), number % 3, number)
    )
    assert isinstance(event, Event)
    return event


@pytest.mark.parametrize(("dated", "state"), [(False, "Alert"), (True, "OK")])
def test_a_late_event_counts_when_it_comes_unless_its_log_says_its_date(dated, state, tmp_path):
    """Where the date remapper isn't installed at Datadog, old revocations page as a storm."""
    pipeline = json.loads(pipeline_text())
    without = [each for each in pipeline["processors"] if each["type"] != "date-remapper"]
    assert len(without) == len(pipeline["processors"]) - 1
    (tmp_path / "pipeline.json").write_text(json.dumps({**pipeline, "processors": without}))
    live = Live(entry_date=dated, pipelines=(str(tmp_path / "pipeline.json"),))
    live.monitors.on_read(revoked(60, START - 7200), START + 30)
    live.monitors.advance(START + 60)
    assert live.state("many grants revoked") == state


def test_malformed_payloads_are_no_logs():
    live = Live()
    live.monitors.on_read([Malformed(b"x", "not JSON")] * 60, START + 30)
    live.monitors.advance(START + 60)
    assert not live.monitors.alerted


def pipeline_file(tmp_path, *processors):
    path = tmp_path / "pipeline.json"
    enabled = [{"is_enabled": True, **processor} for processor in processors]
    path.write_text(json.dumps({"name": "p", "is_enabled": True, "processors": enabled}))
    return str(path)


def log_monitor(tmp_path, search):
    path = tmp_path / "monitor.json"
    query = f'logs("{search}").index("*").rollup("count").last("5m") > 5'
    path.write_text(
        json.dumps({"name": "m", "type": "log alert", "query": query, "message": "x",
                    "options": {"thresholds": {"critical": 5}}})
    )  # fmt: skip
    return str(path)


def test_a_monitor_that_depends_on_what_is_not_evaluated_says_so(tmp_path):
    schema = {"type": "schema-processor", "mappers": [{"target": "ocsf.x"}]}
    pipelines = (pipeline_file(tmp_path, schema),)
    for search, said in (("@ocsf.x:1", True), ("@type:x", False)):
        live = Live(pipelines=pipelines, monitors=(log_monitor(tmp_path, search),))
        live.monitors.advance(START + 60)
        (view,) = live.monitors.views()
        assert view.note.startswith("not evaluated: @ocsf.x depends on it") is said


def test_a_grok_rule_that_runs_out_of_time_is_told_once(tmp_path):
    slow = {"type": "grok-parser", "grok": {"match_rules": r"slow (?=\{)(.|..)+[xy]%{data:grok}"}}
    pipelines = (pipeline_file(tmp_path, slow),)
    live = Live(pipelines=pipelines, monitors=(log_monitor(tmp_path, "@grok:1"),))
    assert live.monitors.warnings() == []
    live.monitors.on_read(revoked(1, START + 30), START + 30)
    (warning,) = live.monitors.warnings()
    assert "grok rule slow ran out of time" in warning
    live.monitors.on_read(revoked(1, START + 40), START + 40)
    assert live.monitors.warnings() == []
    (view,) = live.monitors.views()
    assert view.note.startswith("not evaluated: @grok depends on it")


def test_the_heartbeat_waits_until_its_whole_window_is_known():
    live = Live()
    live.monitors.advance(START + 14 * 60)
    assert live.state("no events") == "No Data"
    live.monitors.advance(START + 15 * 60)
    assert live.state("no events") == "Alert"


def test_the_views_name_thresholds_and_what_is_approximate():
    views = {view.name: view for view in Live().monitors.views()}
    assert len(views) == 9
    revocations = next(v for name, v in views.items() if "many grants revoked" in name)
    assert (revocations.critical, revocations.warning, revocations.comparator) == (50, 10, ">")
    anomaly = next(v for name, v in views.items() if "unusual token issuance" in name)
    assert anomaly.note.startswith("approximate")


def test_no_monitors_are_evaluated_when_none_are_wanted():
    assert plan_monitors(Settings(evaluate=False)).monitors == []


def test_the_users_own_monitors_are_read_from_files(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: any revocation\n"
        "type: log alert\n"
        'query: logs("source:grantex type:grant.revoked").index("*").rollup("count").last("1m") > 0\n'
        'message: "{{#is_alert}}{{value}} gone @slack-x{{/is_alert}}"\n'
        "options: {thresholds: {critical: 0}}\n"
    )
    live = Live(monitors=(str(path),))
    live.monitors.on_read(revoked(2, START + 5), START + 5)
    live.monitors.advance(START + 60)
    (told,) = live.told
    assert told.recipients == ("@slack-x",)
    lines = notification_lines(told)
    assert lines.startswith("monitor [Triggered] any revocation to @slack-x\n")
    assert "2.0 gone" in lines


def test_a_message_can_quote_the_newest_log_that_was_counted(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: quoting\n"
        "type: log alert\n"
        'query: logs("type:grant.revoked").index("*").rollup("count").last("1m") > 0\n'
        'message: "{{#is_alert}}{{log.attributes.[data.grantId]}} {{log.source}}{{/is_alert}}"\n'
        "options: {thresholds: {critical: 0}}\n"
    )
    live = Live(monitors=(str(path),))
    live.monitors.on_read(revoked(2, START + 5), START + 5)
    live.monitors.advance(START + 60)
    assert [told.body for told in live.told] == ["grnt_1 grantex"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "mine.json:1"), ('{"name": "x", "type": "log alert"}', "query"), ("[]x", "mine.json")],
)
def test_a_monitor_file_that_datadog_would_refuse_is_named(tmp_path, text, said):
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(InvalidFileError, match=said):
        plan_monitors(Settings(monitors=(str(path),)))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {},
            "no log has env:prod, which the query `env:prod @grantex.event_type:grant.*` asks for",
        ),
        ({"tags": ("env:prod",)}, ""),
        ({"tags": ("env:prod",), "source": "mine"}, "no log has @grantex.event_type:grant.*"),
    ],
)
def test_a_condition_that_no_log_of_the_run_can_fulfil_is_said_at_the_start(
    tmp_path, settings, said
):
    monitor = json.loads(dict(monitor_texts())["revocations"])
    monitor["query"] = monitor["query"].replace(
        monitor["query"].split('"')[1], "env:prod @grantex.event_type:grant.*"
    )
    path = tmp_path / "m.json"
    path.write_text(json.dumps(monitor))
    notes = plan_monitors(Settings(monitors=(str(path),), **settings)).notes
    told = [note for note in notes if "can't fire here" in note]
    assert len(told) == bool(said)
    assert all(note.startswith(said) for note in told)


def test_a_monitor_of_another_kind_is_left_out_with_a_line(tmp_path):
    revocations = json.loads(dict(monitor_texts())["revocations"])
    other = {"name": "Load", "type": "query alert", "query": "max(last_30m):avg:load{*} > 4"}
    path = tmp_path / "mine.json"
    path.write_text(json.dumps([other, revocations]))
    plan = plan_monitors(Settings(monitors=(str(path),)))
    assert [each.name for each in plan.monitors] == [revocations["name"]]
    assert f"left out: Load ({path}:1): a metric query without anomalies()" in plan.notes[0]


def test_an_option_that_is_not_modelled_is_said_in_the_view_and_the_notes(tmp_path):
    scheduled = json.loads(dict(monitor_texts())["revocations"])
    scheduled["options"]["scheduling_options"] = {"evaluation_window": {"hour_starts": 0}}
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(scheduled))
    settings = Settings(monitors=(str(path),))
    said = "options.scheduling_options is not modelled here"
    assert any(said in note for note in plan_monitors(settings).notes)
    [view] = Live(monitors=(str(path),)).monitors.views()
    assert said in view.note


def test_a_metric_that_no_file_defines_is_a_mistake_in_a_file(tmp_path):
    anomaly = next(text for name, text in monitor_texts() if name == "token-anomaly")
    path = tmp_path / "mine.json"
    path.write_text(anomaly.replace("sum:grantex.events", "sum:other.metric"))
    with pytest.raises(MetricError, match=r"other\.metric") as raised:
        Live(monitors=(str(path),))
    assert raised.value.exit_code == ExitCode.INVALID_FILE


def test_a_monitor_file_that_is_not_there_is_named():
    with pytest.raises(InvalidFileError, match=r"nowhere\.json"):
        plan_monitors(Settings(monitors=("nowhere.json",)))


def test_hostile_text_in_a_notification_stays_in_its_line():
    live = Live()
    event = revoked(1, START + 5)[0]
    value = json.loads(event.raw) | {
        "type": "budget.exhausted",
        "data": {"grantId": "\x1b[31m\u202e[bold]", "remaining": "0"},
    }
    hostile = decode_event(json.dumps(value).encode())
    live.monitors.on_read([hostile], START + 5)
    live.monitors.advance(START + 120)
    lines = "\n".join(notification_lines(told) for told in live.told)
    assert "budget exhausted" in lines
    assert not set("\x1b\u202e") & set(lines)
