from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from grantex_tui.errors import ExitCode, InvalidFileError
from grantex_tui.pack import MONITORS
from grantex_tui.rehearsal.engine.model import DeliveryModel
from grantex_tui.rehearsal.spec.check import mistakes
from grantex_tui.rehearsal.spec.read import load_spec, read_spec
from grantex_tui.rehearsal.spec.rehearsal import SpecError
from grantex_tui.rehearsal.spec.schema import spec_schema
from grantex_tui.words.durations import Moment


DOCS = Path(__file__).parents[3] / "docs" / "rehearsal-spec.md"
START = 'start: "2026-01-05T09:00:00Z"'


@pytest.fixture
def read(tmp_path):
    (tmp_path / "a.ndjson").write_text("")
    (tmp_path / "b.ndjson").write_text("")

    def read(text: str, name: str = "x.rehearsal.yaml"):
        return read_spec(text, path=str(tmp_path / name))

    return read


def rehearsal(
    *lines: str, events: str = "{recording: a.ndjson}", expect: str = "none-fires"
) -> str:
    head = ["version: 1", "rehearsals:", "  - name: one", f"    events: {events}"]
    return "\n".join([*head, *(f"    {line}" for line in lines), f"    expect: {expect}"])


def expecting(entry: str) -> str:
    return rehearsal(expect=f"{{{entry}}}")


# What is wrong, on which line, and what is said.
MISTAKES = [
    # The file
    ("[]", 1, "the file: [] is not made of keys and values; write keys such as"),
    ("version: 1", 1, "rehearsals is missing"),
    ("rehearsals: []\nversion: 1", 1, "rehearsals is an empty list; write a list of them, each"),
    (rehearsal().replace("version: 1", "version: 2"), 1, "version: 2 is not a version"),
    (rehearsal().replace("version: 1", 'version: "1"'), 1, "write version: 1"),
    (rehearsal() + "\nmonitor: [pack]", 6, "unknown key 'monitor'; did you mean monitors?"),
    (rehearsal() + "\nmonitors: []", 6, "monitors is an empty list"),
    (rehearsal() + "\nmonitors: [pack/hartbeat]", 6, "did you mean pack/heartbeat?"),
    (rehearsal() + "\nmonitors: [no.json]", 6, "there is no 'no.json'; paths are relative to"),
    (rehearsal() + "\nmonitors: ['no/*.json']", 6, "no file matches 'no/*.json'"),
    (rehearsal() + "\nmonitors: pack", 6, "monitors: 'pack' is not a list; write a list"),
    (rehearsal() + "\npipelines: [no.json]", 6, "there is no 'no.json'"),
    (rehearsal() + "\ndefaults: {fase: 1}", 6, "unknown key 'fase'; did you mean phase?"),
    # A rehearsal
    (rehearsal("evnts: 1"), 5, "unknown key 'evnts'; did you mean events?"),
    (rehearsal().replace("name: one", "name:"), 3, "name has no value; write some text"),
    (rehearsal().replace("name: one", "name: ''"), 3, "name: '' is not a text"),
    (rehearsal().replace("- name: one\n   ", "-"), 3, "name is missing in rehearsals[0]"),
    (rehearsal() + "\n  - {name: one, events: {recording: a.ndjson}, expect: none-fires}", 6,
     "the name 'one' is taken already, at line 3; give each rehearsal its own"),
    (rehearsal("phase: 60"), 5, "phase: 60 is not a phase; write sweep, seconds from 0 to 59"),
    (rehearsal("phase: [0, x]"), 5, "phase[1]: 'x' is not a second of a minute"),
    (rehearsal("phase: sweeping"), 5, "phase: 'sweeping' is not a phase"),
    (rehearsal("delivery: slow"), 5, "delivery: 'slow' is not a delivery; write guide, watch"),
    (rehearsal("delivery: {batch: 1}"), 5, "unknown key 'batch'; did you mean batch_size?"),
    (rehearsal("delivery: {batch_size: 0}"), 5, "batch_size: 0 is out of range; write a whole"),
    (rehearsal("delivery: {latency: soon}"), 5, "latency: 'soon' is not a duration; write seconds"),
    (rehearsal('delivery: {outages: [{from: "+2m", to: "+1m"}]}'), 5, "to +1m is not after from"),
    (rehearsal("allow_approximate: 1"), 5, "allow_approximate: 1 is not true or false"),
    (rehearsal("ingest_lag: -5"), 5, "ingest_lag: -5 is not a duration"),
    (rehearsal("monitors: [pack/x]"), 5, "there is no 'pack/x'; there are revocations,"),
    # Events
    (rehearsal(events="{}"), 4, "events says not which; give one of recording, recordings"),
    (rehearsal(events="{recording: a.ndjson, scenario: quiet}"), 4, "recording and scenario"),
    (rehearsal(events="{recordin: a.ndjson}"), 4, "unknown key 'recordin'; did you mean recording"),
    (rehearsal(events="{recording: c.ndjson}"), 4, "there is no 'c.ndjson'"),
    (rehearsal(events="{recordings: [a.ndjson, c.ndjson]}"), 4, "there is no 'c.ndjson'"),
    (rehearsal(events="{recording: a.ndjson, seed: 4}"), 4, "seed without a scenario"),
    (rehearsal(events="{scenario: quiet, seed: x}"), 4, "seed: 'x' is not a whole number"),
    (rehearsal(events="{recording: a.ndjson, duration: 1h, end: +2h}"), 4, "duration and end"),
    (rehearsal(events="{recording: a.ndjson, start: +1h}"), 4, "start: '+1h' is not a date with"),
    (rehearsal(events='{recording: a.ndjson, start: "2026-02-30T09:00:00Z"}'), 4,
     "'2026-02-30T09:00:00Z' is no date from 1970 to 2999"),
    (rehearsal(events='{scenario: quiet, start: "9999-12-31T23:30:00Z"}'), 4, "is no date from 1970"),
    (rehearsal(events='{scenario: quiet, start: "0001-01-01T00:00:00Z"}'), 4, "is no date from 1970"),
    (rehearsal("incidents: [{label: a, from: +1h, to: +4000d}]"), 5,
     "'+4000d' is more than ten years; write such as +2h10m"),
    (rehearsal(events=f'{{recording: a.ndjson, {START}, end: "2026-01-04T09:00:00Z"}}'), 4,
     "the end 2026-01-04T09:00:00Z is not after the start 2026-01-05T09:00:00Z"),
    (rehearsal(events="{scenario: quiet, duration: 9999999d}"), 4,
     "duration: 9999999d is more than ten years; write such as 6h or 14d"),
    ("version: 1\nrehearsals: []", 2,
     "rehearsals is an empty list; write a list of them, each with name, events and expect"),
    # Incidents
    (rehearsal("incidents: [{label: a, from: +1h}]"), 5, "to is missing in incidents[0]"),
    (rehearsal("incidents: [{label: a, from: +1h, to: 2x}]"), 5, "to: '2x' is not an instant"),
    (rehearsal("incidents: [{label: a, from: +1h, to: +1m}]"), 5, "to +1m is not after from +1h"),
    (rehearsal("incidents: no.json"), 5, "there is no 'no.json'"),
    # Expectations
    (rehearsal(expect="{}"), 5, "expect is empty; write none-fires, or give at least one of"),
    (rehearsal(expect=""), 5, "expect has no value; write none-fires, or keys such as"),
    (rehearsal(expect="nothing"), 5, "expect: 'nothing' is not what can be expected"),
    (rehearsal(expect="[none-fires]"), 5, 'expect: ["none-fires"] is not what can be expected'),
    (rehearsal().rpartition("\n")[0], 3, "expect is missing in rehearsals[0]; write none-fires"),
    (expecting("transition: []"), 5, "unknown key 'transition'; did you mean transitions?"),
    (expecting("transitions: []"), 5, "transitions is an empty list"),
    (expecting("transitions: [{to: ok}]"), 5, "monitor is missing in transitions[0]"),
    (expecting("transitions: [{monitor: heartbeat, to: no}]"), 5, "to: false is not a state"),
    (expecting("transitions: [{monitor: heartbeat, to: Alert}]"), 5, "to: 'Alert' is not a state"),
    (expecting("transitions: [{monitor: heartbeat, to: ok, within: 2m}]"), 5,
     "within without at; give at too"),
    (expecting("transitions: [{monitor: heartbeat, to: ok, after: +2h, before: +1h}]"), 5,
     "before +1h comes before after +2h; swap them"),
    (expecting("transitions: [{monitor: heartbeat, to: ok, at: 2026-13-01}]"), 5, "is no date"),
    (expecting("transitions: [{monitor: heartbeat, to: ok, at: -90}]"), 5, "at: -90 is not an instan"),
    (expecting("transitions: [{monitor: heartbeat, to: ok, value: {}}]"), 5, "value is empty"),
    (expecting("transitions: [{monitor: heartbeat, to: ok, value: {min: 2, max: 1}}]"), 5,
     "min 2 is more than max 1; swap them"),
    (expecting("transitions: [{monitor: heartbeat, to: ok, group: g1}]"), 5,
     "heartbeat has no groups; leave group out"),
    (expecting("transitions: [{monitor: budget-exhausted, to: ok, group: {agent: g1}}]"), 5,
     "there is no facet 'agent'; the groups are by @grantex.grant_id"),
    (expecting("never: {monitor: hartbeat}"), 5, "no monitor 'hartbeat'; did you mean heartbeat?"),
    (expecting("never: {monitor: 7}"), 5, "there is no monitor 7; there are revocations, budget-"),
    (expecting("never: {monitor: heartbeat, state: []}"), 5, "state is an empty list"),
    (expecting("never: []"), 5, "never is an empty list"),
    (expecting("never: {group: g1}"), 5, "a group without a monitor; give monitor"),
    (expecting("at_most: {monitor: heartbeat}"), 5, "at_most says not how many of what; give one"),
    (expecting("at_least: {alerts: -1}"), 5, "alerts: -1 is out of range; write a whole number, 0"),
    (expecting("at_most: {alerts: 1.5}"), 5, "alerts: 1.5 is not a whole number"),
    (expecting("at_most: {alert_minutes: .inf}"), 5, "alert_minutes: Infinity is not a number"),
    (expecting("time_to_detect: {monitor: heartbeat}"), 5, "time_to_detect says not how long"),
    (expecting("time_to_detect: {p50: 2m, p100: 1m}"), 5, "p50 2m is more than p100 1m"),
    (rehearsal("incidents: [{label: storm, from: +1h, to: +2h}]",
               expect="{time_to_detect: {incident: strom, p100: 1m}}"), 6,
     "there is no incident 'strom'; there are storm"),
    (expecting("detects_all_incidents: false"), 5, "false is not true or a monitor; write true"),
    (expecting("no_false_alerts: {monitors: x}"), 5, "unknown key 'monitors'; did you mean monitor?"),
    (expecting("notifications: {count: many}"), 5, "count: 'many' is not a count; write a whole"),
    (expecting('notifications: {to: "@slack-x", count: 0}'), 5,
     "no message names '@slack-x'; none names anybody"),
    (expecting("notifications: {about: ill}"), 5, "about: 'ill' is not a state"),
    (expecting("state: {monitor: heartbeat, at: +1h}"), 5, "is is missing in state; write ok, warn"),
    (expecting("value: {monitor: budget-exhausted, at: +1h, is: 1}"), 5,
     "value is of one group, and it isn't said which; give group: {'@grantex.grant_id': …}"),
    (expecting("value: {monitor: heartbeat, at: +1h, is: lots}"), 5, "is: 'lots' is not a value"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "said"), MISTAKES, ids=[row[2][:50] for row in MISTAKES])
def test_each_mistake_is_one_clear_line(read, text, line, said):
    with pytest.raises(SpecError) as caught:
        read(text)
    (told,) = caught.value.lines
    assert re.match(rf".*/x\.rehearsal\.yaml:{line}: ", told), told
    assert said in told
    assert caught.value.exit_code is ExitCode.INVALID_FILE


INCIDENT = "expect: {time_to_detect: {incident: storm, p100: 1m}}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rehearsal(events="{recording: c.ndjson}"), "there is no 'c.ndjson'"),
        (rehearsal(events="{recordings: [a.ndjson, c.ndjson]}"), "there is no 'c.ndjson'"),
        (rehearsal(events="{scenario: 5}"), "scenario: 5 is not a text"),
        (rehearsal(events="{}"), "events says not which"),
        (rehearsal("incidents: [{label: storm, from: +2h, to: +1h}]"), "to +1h is not after"),
        (rehearsal("incidents: [{label: storm, from: +2h}]"), "to is missing"),
        (rehearsal("incidents: no.json"), "there is no 'no.json'"),
        (rehearsal("incidents: 5"), "incidents: 5 is not a list of incidents"),
    ],
)
def test_what_is_only_missing_for_another_mistake_is_none(read, text, said):
    with pytest.raises(SpecError) as caught:
        read(text.replace("expect: none-fires", INCIDENT))
    (told,) = caught.value.lines
    assert said in told


@pytest.mark.parametrize("wrong", ["monitors: [pack/x]", "monitors: [no.json]", "monitors: 5"])
def test_expectations_name_no_unknown_monitor_where_none_can_be_read(read, wrong):
    with pytest.raises(SpecError) as caught:
        read(rehearsal(wrong, expect="{never: {monitor: mine, group: g1}, at_most: {alerts: 1}}"))
    assert len(caught.value.lines) == 1


def test_all_mistakes_of_a_file_are_told_at_once_by_line(read):
    text = """\
version: 1
rehearsals:
  - name: one
    events: {recordings: [a.ndjson, c.ndjson]}
    phase: 99
    expect: {never: {monitor: hartbeat}}
  - name: two
    events: {recording: c.ndjson}
    expect: {never: {monitor: hartbeat}, at_most: {}}
  - 7
"""
    with pytest.raises(SpecError) as caught:
        read(text)
    numbers = [
        int(line.rpartition(".rehearsal.yaml:")[2].partition(":")[0]) for line in caught.value.lines
    ]
    assert numbers == [4, 5, 6, 8, 9, 9, 10]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("x.rehearsal.yaml", "version: 1\nrehearsals: [\n", 3),
        ("x.rehearsal.yaml", "version: 1\nversion: 1\n", 2),
        ("x.rehearsal.toml", "version = 1\nrehearsals = = 2\n", 2),
        ("x.rehearsal.json", '{"version": 1,\n "version": 1}', 2),
    ],
)
def test_what_is_no_yaml_toml_or_json_is_told_with_its_line(read, name, text, line):
    with pytest.raises(InvalidFileError) as caught:
        read(text, name)
    assert (caught.value.line, caught.value.path.endswith(name)) == (line, True)


def test_a_mistake_in_a_monitor_file_is_told_with_both_places(read, tmp_path):
    (tmp_path / "m.json").write_text('{"name": "x",\n "type": "log alert", "query": "oops"}')
    with pytest.raises(SpecError) as caught:
        read(rehearsal("monitors: [m.json]"))
    assert "x.rehearsal.yaml:5: " in caught.value.lines[0]
    assert "m.json:2: " in caught.value.lines[0]


FULL = """\
version: 1
monitors: [pack/heartbeat, pack/revocations]
defaults: {delivery: guide, phase: sweep, ingest_lag: 5s, evaluation_delay: 1m}
rehearsals:
  - name: one
    events: {recordings: ["*.ndjson"], start: 2026-01-05T09:00:00Z, duration: 6h}
    incidents: [{label: burst, from: "+2h", to: "+2h10m"}]
    allow_phase_sensitive: true
    expect:
      never: {monitor: heartbeat}
  - name: two
    events: {simulate: quiet, seed: 4, end: "+1d"}
    delivery:
      batch_size: 10
      flush_interval: 1m30s
      latency: 250ms
      outages: [{from: "+1h", to: 2026-01-05T10:30:00+01:00}]
    phase: [0, 30, 30]
    monitors: [pack]
    allow_approximate: true
    expect: none-fires
"""
FULL_TOML = """\
version = 1
monitors = ["pack/heartbeat", "pack/revocations"]

[defaults]
delivery = "guide"
phase = "sweep"
ingest_lag = "5s"
evaluation_delay = "1m"

[[rehearsals]]
name = "one"
events = {recordings = ["*.ndjson"], start = 2026-01-05T09:00:00Z, duration = "6h"}
incidents = [{label = "burst", from = "+2h", to = "+2h10m"}]
allow_phase_sensitive = true
[rehearsals.expect]
never = {monitor = "heartbeat"}

[[rehearsals]]
name = "two"
events = {simulate = "quiet", seed = 4, end = "+1d"}
phase = [0, 30, 30]
monitors = ["pack"]
allow_approximate = true
expect = "none-fires"
[rehearsals.delivery]
batch_size = 10
flush_interval = "1m30s"
latency = "250ms"
outages = [{from = "+1h", to = 2026-01-05T10:30:00+01:00}]
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.rehearsal.yaml", FULL),
        ("x.rehearsal.toml", FULL_TOML),
        ("x.rehearsal.json", json.dumps(yaml.load(FULL, Loader=yaml.BaseLoader))),
    ],
)
def test_yaml_toml_and_json_say_the_same(read, tmp_path, name, text):
    if name.endswith("json"):  # the loader for the test's sake knows texts only
        text = text.replace('"1"', "1").replace('"4"', "4").replace('"10"', "10")
        text = text.replace('"0", "30", "30"', "0, 30, 30").replace('"true"', "true")
    one, two = read(text, name)
    begin = 1_767_603_600.0
    assert one.source.recordings == (str(tmp_path / "a.ndjson"), str(tmp_path / "b.ndjson"))
    assert (one.source.start, one.source.end) == (begin, Moment(6 * 3600, relative=True))
    assert one.delivery == DeliveryModel("guide", 100, 0.0, latency=5.0)
    assert one.phases == (0, 10, 20, 30, 40, 50)
    assert [monitor.options.evaluation_delay for monitor in one.plan.monitors] == [60, 60]
    assert isinstance(one.incidents, tuple)
    (burst,) = one.incidents
    assert (burst.label, str(burst.since), str(burst.until)) == ("burst", "+2h", "+2h10m")
    assert (one.allow_phase_sensitive, one.allow_approximate) == (True, False)
    assert (two.source.scenario, two.source.seed, str(two.source.end)) == ("quiet", 4, "+1d")
    assert two.delivery == DeliveryModel("custom", 10, 90.0, latency=5.25)
    (outage,) = two.outages
    assert (outage.since.on(begin), outage.until.on(begin)) == (begin + 3600, begin + 1800)
    assert (two.phases, len(two.plan.monitors)) == ((0, 30), 9)
    assert (two.allow_approximate, two.incidents) == (True, None)
    assert [one.name, two.name] == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "text"), [("x.rehearsal.yaml", "FULL"), ("x.rehearsal.toml", "TOML")]
)
def test_a_byte_order_mark_is_no_mistake(read, name, text):
    assert len(read("\ufeff" + {"FULL": FULL, "TOML": FULL_TOML}[text], name)) == 2


def test_toml_mistakes_are_told_with_their_line(read):
    text = FULL_TOML.replace('monitor = "heartbeat"', 'monitor = "hartbeat"')
    text = text.replace("batch_size = 10", "batch_size = 0").replace('"6h"', '"six"')
    with pytest.raises(SpecError) as caught:
        read(text, "x.rehearsal.toml")
    lines = text.split("\n")
    wrong = ("six", "hartbeat", "batch_size = 0")
    places = [1 + next(n for n, line in enumerate(lines) if each in line) for each in wrong]
    said = ("duration: 'six' is not", "there is no monitor", "batch_size: 0 is out")
    for place, what, told in zip(places, said, caught.value.lines, strict=True):
        assert f"toml:{place}: {what}" in told


def test_an_expectation_knows_its_line(read):
    text = rehearsal(
        expect="\n      never:\n        - {monitor: heartbeat}\n        - monitor: revocations"
        "\n      transitions:\n        - {monitor: heartbeat, to: ok}"
        "\n        - {monitor: revocations, to: ok}\n        - {monitor: heartbeat, to: warn}"
    )
    (one,) = read(text)
    assert [(each.line, each.claim.text) for each in one.expectations] == [
        (7, "heartbeat is never Alert"),
        (8, "revocations is never Alert"),
        (10, "heartbeat goes → OK, → Warn, and nothing else"),
        (11, "revocations goes → OK, and nothing else"),
    ]


def test_monitors_are_named_by_name_file_or_id(read, tmp_path):
    monitor = {
        "name": "Mine", "id": 42, "type": "log alert",
        "query": 'logs("*").index("*").rollup("count").last("5m") > 1',
    }  # fmt: skip
    (tmp_path / "my.json").write_text(json.dumps(monitor))
    text = rehearsal("monitors: [pack/heartbeat, my.json]", expect="{never: [%s]}")
    for name in ("Mine", "mine", "my", "42"):
        (one,) = read(text % f"{{monitor: {name}}}")
        assert list(one.expectations[0].claim.monitors) == [1]


@pytest.mark.parametrize(
    ("monitors", "short"),
    [
        ("['m/*.json', m/a.json, m/../m/b.json]", ["a", "b"]),
        ("[m/b.json, m/b.json, m/a.json]", ["b", "a"]),
        ("[pack/heartbeat, pack/heartbeat]", ["heartbeat"]),
        ("[pack/heartbeat, m/a.json, pack]", ["a", *MONITORS]),
    ],
)
def test_a_monitor_that_is_named_twice_is_evaluated_once(read, tmp_path, monitors, short):
    query = 'logs("*").index("*").rollup("count").last("5m") > 1'
    (tmp_path / "m").mkdir()
    for name in ("a", "b"):
        monitor = {"name": name, "type": "log alert", "query": query}
        (tmp_path / "m" / f"{name}.json").write_text(json.dumps(monitor))
    (one,) = read(rehearsal(f"monitors: {monitors}"))
    everything = one.expectations[0].claim.about.meant
    assert [each.name for each in everything] == short


@pytest.mark.parametrize(
    ("to", "todo"),
    [
        ("slack-ops", None),
        ("'@slack-ops'", None),
        ("pagerduty-prod", None),
        ("pagerduty-later", None),
        ("team-blue", None),
        ("slack-opps", "did you mean @slack-ops?"),
        ("me@example.org", "there are @slack-ops, @pagerduty-prod, @pagerduty-later"),
    ],
)
def test_a_handle_that_no_message_names_is_a_mistake(read, tmp_path, to, todo):
    message = "{{#is_alert}}@slack-ops @team-{{team.name}}{{/is_alert}} @pagerduty-prod"
    query = 'logs("*").index("*").rollup("count").by("team").last("5m") > 1'
    options = {"escalation_message": "again @pagerduty-later", "renotify_interval": 60}
    monitor = {"name": "m", "type": "log alert", "query": query, "message": message}
    (tmp_path / "my.json").write_text(json.dumps({**monitor, "options": options}))
    text = rehearsal("monitors: [my.json]", expect=f"{{notifications: {{to: {to}, count: 0}}}}")
    if todo is None:
        assert read(text)
        return
    with pytest.raises(SpecError, match=re.escape(f"; {todo}")):
        read(text)


def test_two_monitors_of_one_name_must_be_told_apart(read, tmp_path):
    monitor = {"type": "log alert", "query": 'logs("*").index("*").rollup("count").last("5m") > 1'}
    (tmp_path / "my.json").write_text(json.dumps([{**monitor, "name": "M"}] * 2))
    with pytest.raises(SpecError, match="2 monitors are called 'M'; name it by its file or its id"):
        read(rehearsal("monitors: [my.json]", expect="{never: {monitor: M}}"))


@pytest.mark.parametrize(
    ("group", "pairs"),
    [
        ("did:web:a.example", (("@grantex.grant_id", "did:web:a.example"),)),
        ("grant_id:a:b", (("@grantex.grant_id", "a:b"),)),
        ("'@grantex.grant_id:a'", (("@grantex.grant_id", "a"),)),
        ("{grantex.grant_id: 'a,b'}", (("@grantex.grant_id", "a,b"),)),
        ("'grant:a'", (("@grantex.grant_id", "a"),)),
    ],
)
def test_a_group_is_a_facet_and_a_value_or_the_value_of_the_only_facet(read, group, pairs):
    (one,) = read(expecting(f"never: {{monitor: budget-exhausted, group: {group}}}"))
    assert one.expectations[0].claim.about.meant[0].pairs == pairs


def test_the_schema_is_of_the_draft_and_resolves(tmp_path):
    schema = json.loads(json.dumps(spec_schema()))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    refs = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))
    assert refs == set(schema["$defs"])
    assert schema == spec_schema()
    assert "null" not in json.dumps(schema)


def test_every_key_says_what_it_means_or_what_it_takes():
    parts = json.loads(json.dumps(spec_schema()))["$defs"]
    for name, part in parts.items():
        for key, value in part["properties"].items():
            about = parts[value["$ref"].rpartition("/")[2]] if "$ref" in value else value
            said = {"description", "title", "$comment"} & set(about)
            nested = "anyOf" in about or about.get("type") in ("array", "number", "integer")
            assert said or nested, f"{name}.{key}"


EXAMPLES = re.findall(
    r"```yaml\n(version: 1\n.*?)```", DOCS.read_text("utf-8") if DOCS.exists() else "", re.DOTALL
)


def test_there_are_examples_in_the_documentation():
    assert len(EXAMPLES) >= 2


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_fit_the_schema(text):
    schema = spec_schema()
    value = yaml.safe_load(re.sub(r"(\d{4}-\d\d-\d\dT[\d:]+Z)", r"'\1'", text))
    assert list(mistakes(value, schema, schema)) == []


def test_every_key_is_documented():
    text = DOCS.read_text("utf-8")
    for part in json.loads(json.dumps(spec_schema()))["$defs"].values():
        for key in part["properties"]:
            assert f"`{key}`" in text, key


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InvalidFileError, match=r"no\.rehearsal\.yaml: can't be read"):
        load_spec(str(tmp_path / "no.rehearsal.yaml"))
    (tmp_path / "latin.rehearsal.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidFileError, match="not UTF-8"):
        load_spec(str(tmp_path / "latin.rehearsal.yaml"))
