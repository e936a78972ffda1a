from __future__ import annotations

import json

import pytest

from grantex_sim.faults import parse_faults
from grantex_sim.scenario import Incident, ScenarioError, read_scenario
from grantex_sim.scenario.advice import advice
from grantex_sim.scenario.bundled import bundled_names, load_scenario
from grantex_sim.scenario.keys import TOP
from grantex_sim.scenario.model import Constant, Curve, Ramp
from grantex_sim.scenario.schema import scenario_schema
from grantex_sim.scenario.summary import spell, summarise
from grantex_tui.datadog.document import read_document
from grantex_tui.errors import InvalidFileError
from tests.support.scenario_keys import key_tables


PHASES = "phases: [{for: 1h, rate: 1}]\n"
TWICE = """\
description: x
phases: [{for: 1h, rate: 1}]
incidents:
  - {label: x, from: 0s, for: 1m, silence: true}
  - {label: x, from: 9m, for: 1m, silence: true}
"""
MONDAY = 1_767_571_200.0


def read(text):
    return read_scenario(text, path="my.yaml", name="my")


def mistakes(text):
    with pytest.raises(ScenarioError) as raised:
        read(text)
    assert raised.value.exit_code == 3
    return raised.value.message.splitlines()


def phase(text):
    (only,) = read(f"phases: [{{for: 1h, {text}}}]").phases
    return only


def test_what_is_left_out_has_a_default():
    scenario = read(PHASES)
    assert (scenario.name, scenario.seed, scenario.start) == ("my", 1, MONDAY)
    assert (scenario.duration, scenario.incidents, scenario.faults) == (3_600.0, (), ())


def test_the_keys_of_the_file_are_read():
    scenario = read(
        "name: mine\ndescription: what it is\nseed: 5\nstart: 2026-03-01T10:00:00Z\nduration: 2h\n"
        "populations: {agents: 3, principals: 4, grants: 5, scopes: [a, b], hostile: 1}\n"
        "story: {delegated: 0.5, depth: 3, cascades: 1, exhausted: 0, token_first: 0.1}\n"
        "incidents:\n"
        "  - {label: one, from: 10m, to: +20m}\n"
        "  - {label: two, from: 2026-03-01T11:00:00Z, for: 90}\n" + PHASES
    )
    start = 1_772_359_200.0
    assert (scenario.name, scenario.description, scenario.seed) == ("mine", "what it is", 5)
    assert (scenario.start, scenario.duration) == (start, 7_200.0)
    assert (scenario.populations.agents, scenario.populations.scopes) == (3, ("a", "b"))
    assert (scenario.habits.depth, scenario.habits.cascades) == (3, 1.0)
    assert scenario.incidents == (
        Incident("one", start + 600, start + 1_200),
        Incident("two", start + 3_600, start + 3_690),
    )


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("rate: 2.5", Constant(2.5)),
        ("rate: 0", Constant(0.0)),
        ("rate: {ramp: {from: 1, to: 9}}", Ramp(1.0, 9.0)),
        ("rate: {mean: 3}", Curve(3.0)),
        (
            "rate: {mean: 3, weekly: [1, 1, 1, 1, 1, 0, 0]}",
            Curve(3.0, weekly=(*(1.0,) * 5, 0.0, 0.0)),
        ),
        ("silence: true", Constant(0.0)),
    ],
)
def test_rates(text, rate):
    assert phase(text).rate == rate


def test_named_curves_and_mixes():
    got = phase(
        "rate: {mean: 3, daily: office, weekly: office}, mix: {token.issued: 2, sso.login: 0}"
    )
    assert isinstance(got.rate, Curve)
    assert (len(got.rate.daily), len(got.rate.weekly)) == (24, 7)
    assert got.mix == {"token.issued": 2.0}


def test_faults_are_read_by_their_own_rules():
    fault = {"on": "intake", "first": 2, "do": {"status": 503}}
    text = PHASES + 'faults: [{"on": intake, first: 2, do: {status: 503}}]'
    assert read(text).faults == parse_faults([fault])


def test_json_is_read_as_well():
    text = json.dumps({"phases": [{"for": "1h", "rate": 1}]})
    assert read_scenario(text, path="my.json", name="my").duration == 3_600


def test_every_mistake_is_told_on_its_line():
    found = mistakes(
        "nmae: x\n"
        "seed: -1\n"
        "start: yesterday\n"
        "populations:\n"
        "  agents: none\n"
        "phases:\n"
        "  - for: 1h\n"
        "    rate: fast\n"
        "  - rates: 3\n"
        "    for: 1 hour\n"
    )
    assert [line.split(": ")[0].removeprefix("my.yaml:") for line in found] == [
        "1:1", "2:1", "3:1", "5:3", "8:5", "9:5", "10:5",
    ]  # fmt: skip
    assert found[0] == "my.yaml:1:1: nmae: unknown key 'nmae'; did you mean 'name'?"
    assert "'rates'; did you mean 'rate'?" in found[5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 3\n", "the key 'phases' is missing"),
        ("phases: []\n", "phases: [] is not a list"),
        ("phases: {rate: 1}\n", "phases: {'rate': 1} is not a list"),
        ("- 1\n", "my.yaml:1:1: [1] is no mapping; it has keys such as phases"),
        ("", "my.yaml:1:1: there is nothing in it; it has keys such as phases"),
        (PHASES + "---\n" + PHASES, "my.yaml:1:1: several documents; a file is one scenario"),
        (PHASES + "name: no\n", 'name: False is not a text; in quotes it is one: "false"'),
        ("phases: [{for: 1h}]\n", "phases[0]: a phase needs a rate, or silence: true"),
        ("phases: [{rate: 1}]\n", "without a duration each phase needs `for`"),
        ("duration: 1h\nphases: [{rate: 1}, {rate: 2}]\n", "only the last phase may go without"),
        ("phases: [{for: 0s, rate: 1}]\n", "phases[0].for: '0s' is not a duration"),
        ("phases: [{for: 1h, rate: -1}]\n", "phases[0].rate: -1 is not a number from 0"),
        ("phases: [{for: 1h, rate: .nan}]\n", "phases[0].rate: nan is not a number from 0"),
        ("phases: [{for: 1h, rate: yes}]\n", "phases[0].rate: True is not a number"),
        ("phases: [{for: 1h, rate: fast}]\n", "events a second, {ramp: {from: 1, to: 9}}, or {mean"),
        ("phases: [{for: 1h, rate: {}}]\n", "phases[0].rate: a rate is a number, a ramp"),
        ("phases: [{for: 1h, rate: {ramp: {from: 1}}}]\n", "the key 'to' is missing"),
        ("phases: [{for: 1h, rate: {mean: 1, daily: [1, 2]}}]\n", "is not a list of 24"),
        ("phases: [{for: 1h, rate: {mean: 1, daily: lazy}}]\n", "'lazy' is not flat or office"),
        ("phases: [{for: 1h, rate: 1, mix: {grant.revokd: 1}}]\n", "did you mean grant.revoked?"),
        ("phases: [{for: 1h, rate: 1, mix: {token.issued: 0}}]\n", "one is over 0"),
        ("phases: [{for: 1h, rate: 1, mix: []}]\n", "weights by event type"),
        ("phases: [{for: 1h, rate: 1, burst: {over: 1m, type: sso.login}}]\n", "either a count or a rate"),
        ("phases: [{for: 1h, rate: 1, burst: {over: 1m, count: 3}}]\n", "either a type or a mix"),
        ("phases: [{for: 1h, rate: 1, burst: {over: 1m, every: 30s, count: 3, type: sso.login}}]\n", "shorter than over"),
        ("phases: [{for: 1h, rate: 1, silence: {for: 1m, after: 2026-01-05T00:00:00Z}}]\n", "it is a duration"),
        (PHASES + "incidents: [{from: 1m, for: 1m}]\n", "incidents[0]: the key 'label' is missing"),
        (PHASES + "incidents: [{label: x, from: 1m}]\n", "either `to` or `for`"),
        (PHASES + "incidents: [{label: x, from: 5m, to: 1m}]\n", "ends before it begins"),
        (PHASES + "incidents: [{label: x, from: 5m, for: 1h}]\n", "beyond the scenario's end"),
        (PHASES + "incidents: [{label: x, from: 2025-01-01T00:00:00Z, for: 1m}]\n", "begins before the start"),
        (PHASES + "incidents: [{label: x, from: soon, for: 1m}]\n", "'soon' is not an instant"),
        (PHASES + "seed: x\nincidents: [{label: x, from: 5m, to: 1m}]\n", "ends before it begins"),
        (PHASES + "activity: [{from: 1m, for: 5m, every: 1m}]\n", "shorter than what is to be repeated"),
        (PHASES + "faults: [{on: intake, do: {statsu: 503}}]\n", "faults[0].do.statsu: unknown key `statsu`"),
        (PHASES + "faults: [5]\n", "faults[0]: 5 is not a fault"),
        (PHASES + 'description: "\\e[31m"\nseeed: 1\n', "did you mean 'seed'?"),
        (PHASES + 'name: "a\\nb"\n', "name: 'a\\nb' is not a text of one line"),
        (PHASES + '"\\e[31mx": 1\n', "unknown key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(text, said):
    found = "\n".join(mistakes(text))
    assert said in found
    assert "\x1b" not in found


def test_what_is_no_yaml_is_told_with_its_line():
    with pytest.raises(InvalidFileError, match=r"^my\.yaml:3: "):
        read("seed: 1\nphases: [\n")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("phases: [{for: 1h, rate: 1}]", 1, "no description"),
        ("description: x\nphases:\n  - {for: 1h, rate: 0}", 2, "no event is to be expected"),
        ("description: x\nphases:\n  - {for: 1h, rate: 9999}", 2, "it comes to 35,996,400 events"),
        ("description: x\nduration: 1h\nphases:\n  - {for: 1h, rate: 1}\n  - {for: 1h, rate: 1}", 5, "never reached"),
        ("description: x\nphases: [{for: 1h, rate: 1}]\nincidents:\n  - {label: x, from: 0s, for: 1m}", 4, "nothing happens"),
        (
            TWICE, 4, "labels several incidents",
        ),
    ],
)  # fmt: skip
def test_what_is_hardly_meant_is_advice(text, line, said):
    first = advice(read(text), path="my.yaml")[0]
    assert first[0] == line
    assert said in first[2]


def test_in_a_line_of_many_keys_the_column_tells_which():
    text = "phases: [{for: 1h, rate: 1, mix: {token.isued: 1}}]\n"
    [found] = mistakes(text)
    column = text.index("token.isued") + 1
    assert found.startswith(f"my.yaml:1:{column}: phases[0].mix.token.isued: ")


def test_when_the_start_is_wrong_dates_are_not_held_against_it():
    text = (
        PHASES + "start: 2026-01-0\nincidents: [{label: x, from: 2025-01-01T00:00:00Z, for: 1m}]\n"
    )
    assert len(mistakes(text)) == 1


@pytest.mark.parametrize("name", bundled_names())
def test_there_is_nothing_to_say_about_the_bundled_ones(name):
    assert advice(load_scenario(name), path=name) == []


def test_the_schema_knows_every_key_and_forbids_others():
    schema = scenario_schema()
    assert schema["properties"].keys() == TOP.keys()  # type: ignore[attr-defined]  # a mapping
    assert schema["required"] == ["phases"]
    assert schema["additionalProperties"] is False
    json.dumps(schema)


def test_the_documentation_has_the_table_of_keys(documentation):
    assert key_tables() in (documentation / "scenarios.md").read_text("utf-8")


def test_the_examples_in_the_documentation_are_scenarios(documentation):
    text = (documentation / "scenarios.md").read_text("utf-8")
    blocks = [block.split("```")[0] for block in text.split("```yaml\n")[1:]]
    assert blocks
    for block in blocks:
        read_document(block, path="docs")
        if "phases:" in block:
            read(block)


@pytest.mark.parametrize("name", bundled_names())
def test_the_documentation_lists_every_bundled_scenario(documentation, name):
    scenario = load_scenario(name)
    line = f"| `{name}` | {spell(scenario.duration)} | {summarise(scenario).events:,} |"
    assert line in (documentation / "scenarios.md").read_text("utf-8")
