"""Every kind of mistake in rehearsal files, through the command: one clear line each, exit code 3."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from grantex_tui.cli.main import main


HEAD = "version: 1\nrehearsals:\n  - name: one\n    events: {scenario: quiet}\n"
STORM = HEAD.replace("quiet", "revocation-storm")
EXPECT = "    expect: none-fires\n"


def expecting(entry: str, head: str = HEAD) -> str:
    return f"{head}    expect:\n      {entry}\n"


# kind -> the file, the line of the mistake in it, and what is said.
KINDS: dict[str, tuple[str, int, str]] = {
    "unknown key": (HEAD + "    fase: 3\n" + EXPECT, 5, "unknown key 'fase'; did you mean phase?"),
    "unknown key at the top": (HEAD + EXPECT + "monitor: [pack]\n", 6, "did you mean monitors?"),
    "unknown key of an expectation": (
        expecting("never: {monitor: heartbeat, stat: warn}"), 6, "'stat'; did you mean state?"),
    "wrong type": (HEAD + "    allow_approximate: sure\n" + EXPECT, 5, "not true or false"),
    "list where a text is due": (HEAD.replace("one", "[one]") + EXPECT, 3, "is not a text"),
    "bad time": (expecting("state: {monitor: heartbeat, at: 9am, is: ok}"), 6,
                 "at: '9am' is not an instant; write +2h10m"),
    "no such date": (expecting("state: {monitor: heartbeat, at: 2026-02-30T01:00:00Z, is: ok}"), 6,
                     "'2026-02-30T01:00:00Z' is no date from 1970 to 2999"),
    "bad duration": (HEAD.replace("quiet", "quiet, duration: 6 hours") + EXPECT, 4,
                     "duration: '6 hours' is not a duration; write seconds, or such as 90s"),
    "negative tolerance": (
        expecting("transitions: [{monitor: heartbeat, to: ok, at: +1m, within: -5}]"), 6,
        "within: -5 is not a duration"),
    "not a number": (expecting("at_most: {alert_minutes: .nan}"), 6, "NaN is not a number"),
    "infinite": (expecting("at_most: {alert_minutes: .inf}"), 6, "Infinity is not a number"),
    "infinite tolerance": (
        expecting("transitions: [{monitor: heartbeat, to: ok, at: +1m, within: .inf}]"), 6,
        "within: Infinity is not a duration"),
    "bad phase": (HEAD + "    phase: 60\n" + EXPECT, 5, "phase: 60 is not a phase; write sweep"),
    "bad delivery": (HEAD + "    delivery: gide\n" + EXPECT, 5, "'gide' is not a delivery; write"),
    "bad delivery option": (HEAD + "    delivery: {batch_size: 0}\n" + EXPECT, 5,
                            "batch_size: 0 is out of range; write a whole number from 1 to 1000"),
    "wrong version": ((HEAD + EXPECT).replace("version: 1", "version: 2"), 1, "write version: 1"),
    "no version": ((HEAD + EXPECT).replace("version: 1", ""), 2, "version is missing"),
    "empty file": ("", 1, "the file has no value; write keys such as version, rehearsals"),
    "nothing but a comment": ("# todo\n", 1, "the file has no value"),
    "several documents": (HEAD + EXPECT + "---\n" + HEAD + EXPECT, 1, "is not made of keys"),
    "empty expect": (HEAD + "    expect: {}\n", 5, "expect is empty; write none-fires, or give"),
    "no expect": (HEAD, 3, "expect is missing in rehearsals[0]; write none-fires, or keys"),
    "empty list": (expecting("never: []"), 6, "never is an empty list; give at least one"),
    "no rehearsals": ("version: 1\nrehearsals: []\n", 2, "rehearsals is an empty list"),
    "both recording and scenario": (HEAD.replace("quiet", "quiet, recording: r.ndjson") + EXPECT, 4,
                                    "recording and scenario together; give one of recording"),
    "neither": (HEAD.replace("scenario: quiet", "seed: 3") + EXPECT, 4, "events says not which"),
    "unknown scenario": (HEAD.replace("quiet", "qiet") + EXPECT, 4,
                         "there is no scenario 'qiet'; did you mean quiet?"),
    "a scenario file with a mistake": (HEAD.replace("quiet", "bad-scenario.yaml") + EXPECT, 4,
                                       "bad-scenario.yaml:2: not valid YAML"),
    "no recording": (HEAD.replace("scenario: quiet", "recording: gone.ndjson") + EXPECT, 4,
                     "there is no 'gone.ndjson'; paths are relative to this file"),
    "no recording matches": (HEAD.replace("scenario: quiet", "recording: '*.gz'") + EXPECT, 4,
                             "no file matches '*.gz'"),
    "seed of a recording": (HEAD.replace("scenario: quiet", "recording: r.ndjson, seed: 4")
                            + EXPECT, 4, "seed without a scenario"),
    "duration and end": (HEAD.replace("quiet", "quiet, duration: 1h, end: +2h") + EXPECT, 4,
                         "duration and end together; give one of them"),
    "unknown monitor": (expecting("never: {monitor: hartbeat}"), 6,
                        "there is no monitor 'hartbeat'; did you mean heartbeat?"),
    "unknown monitor of the pack": (HEAD + "    monitors: [pack/hartbeat]\n" + EXPECT, 5,
                                    "there is no 'pack/hartbeat'; did you mean pack/heartbeat?"),
    "no monitor file": (HEAD + "    monitors: [gone.json]\n" + EXPECT, 5, "there is no 'gone.json'"),
    "bad query": (HEAD + "    monitors: [bad-query.json]\n" + EXPECT, 5, "bad-query.json:2: "),
    "bad pipeline": (HEAD + "    pipelines: [bad-pipeline.json]\n" + EXPECT, 5, "bad-pipeline.json: "),
    "group of a monitor without groups": (expecting("never: {monitor: heartbeat, group: g1}"), 6,
                                          "heartbeat has no groups; leave group out"),
    "unknown group key": (expecting("never: {monitor: budget-exhausted, group: {agent: a}}"), 6,
                          "there is no facet 'agent'; the groups are by @grantex.grant_id"),
    "group that may be absent, but is not named": (
        expecting("never: {monitor: budget-exhausted, allow_absent: true}"), 6,
        "allow_absent without group; give group too"),
    "unknown incident": (
        expecting("time_to_detect: {incident: strom, p100: 1m}", STORM), 6,
        "there is no incident 'strom'; there are"),
    "incident of a scenario without any": (
        expecting("time_to_detect: {incident: storm, p100: 1m}"), 6,
        "there is no incident 'storm'; give it under incidents"),
    "incident that ends before it begins": (
        HEAD + '    incidents: [{label: a, from: "+2h", to: "+1h"}]\n' + EXPECT, 5,
        "to +1h is not after from +2h; swap them"),
    "a file of incidents with a mistake": (HEAD + "    incidents: r.ndjson\n" + EXPECT, 5, "r.ndj"),
    "limits the wrong way round": (expecting("time_to_detect: {p50: 2m, p100: 1m}"), 6, "p50 2m is"),
    "count of nothing": (expecting("at_most: {monitor: heartbeat}"), 6, "says not how many"),
    "what holds whatever happens": (expecting("at_least: {alerts: 0}"), 6,
                                    "at_least 0 alerts holds whatever happens; write 1 or more"),
    "count that holds whatever happens": (expecting("notifications: {count: {min: 0}}"), 6,
                                          "at least 0 notifications are sent whatever happens"),
    "name taken": (HEAD + EXPECT + "  - {name: one, events: {scenario: quiet}, expect: none-fires}\n",
                   6, "the name 'one' is taken already, at line 3"),
    "key twice": (HEAD + EXPECT + EXPECT, 6, "the key 'expect' is given twice in one object"),
    "YAML syntax": (HEAD + "    expect: {never: [}\n", 5, "not valid YAML: "),
    "never closed": (HEAD + "    expect: {never: [\n", 6, "not valid YAML: "),
    "tabs": (HEAD + "\texpect: none-fires\n", 5, "not valid YAML: "),
    "unknown anchor": (HEAD + "    expect: *what\n", 5, "not valid YAML: found undefined alias"),
    "an anchor inside itself": (HEAD + "    expect: &a {never: *a}\n", 5, "not valid YAML: "),
    "a tag": (HEAD + "    expect: !!python/name:os.system x\n", 5, "not valid YAML: "),
    "unquoted colon": (HEAD.replace("one", "what: is this") + EXPECT, 3, "not valid YAML: mapping"),
    "control character": (HEAD.replace("one", "o\x00ne") + EXPECT, 3, "U+0000 is not allowed"),
}  # fmt: skip


class Told(NamedTuple):
    """What was said of the files of a folder."""

    folder: Path
    lines: list[str]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What one process says of all files, by the file's name."""
    folder = tmp_path_factory.mktemp("mistakes")
    (folder / "r.ndjson").write_text("{}\n")
    (folder / "bad-scenario.yaml").write_text("name: [\n")
    query = {"name": "x", "type": "log alert"}
    (folder / "bad-pipeline.json").write_text("[7]")
    (folder / "bad-query.json").write_text(json.dumps(query)[:-1] + ',\n "query": "oops"}')
    for number, (text, _, _) in enumerate(KINDS.values()):
        (folder / f"{number:02}.rehearsal.yaml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "grantex_tui", "rehearse"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "")
    lines = done.stderr.splitlines()
    assert lines.pop() == f"{len(lines)} mistakes; nothing was rehearsed"
    return Told(folder, lines)


def test_nothing_else_is_said(told):
    assert [
        line for line in told.lines if not re.match(r"\d\d\.rehearsal\.yaml:\d+: \S", line)
    ] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_mistake_of_each_kind_is_one_clear_line_at_its_place(told, kind):
    number = list(KINDS).index(kind)
    _, line, said = KINDS[kind]
    own = [each for each in told.lines if each.startswith(f"{number:02}.rehearsal.yaml:")]
    assert len(own) == 1, own
    assert own[0].startswith(f"{number:02}.rehearsal.yaml:{line}: "), own[0]
    assert said in own[0]


def test_mistakes_of_all_kinds_in_one_file_are_told_at_once(told, tmp_path, capsys):
    """In one run, whatever else is wrong in the same file; by line."""
    alone = {
        "unknown key at the top",
        "control character",
        "name taken",
        "key twice",
        "several documents",
        "no version",
    }
    text, wanted = HEAD.rpartition("  - name")[0], []
    for number, (kind, (own, line, said)) in enumerate(KINDS.items()):
        if (
            own.startswith("version: 1\nrehearsals:\n ")
            and "YAML" not in said
            and kind not in alone
        ):
            wanted.append((text.count("\n") + line - 2, said))
            text += own.split("\n", 2)[2].replace("name: one", f"name: n{number}")
    (tmp_path / "all.rehearsal.yaml").write_text(text)
    for name in ("bad-scenario.yaml", "bad-query.json", "bad-pipeline.json", "r.ndjson"):
        (tmp_path / name).write_text(told.folder.joinpath(name).read_text())
    assert main(("rehearse", str(tmp_path / "all.rehearsal.yaml"))) == 3
    lines = capsys.readouterr().err.splitlines()[:-1]
    places = [int(line.partition(".rehearsal.yaml:")[2].partition(":")[0]) for line in lines]
    assert places == [place for place, _ in wanted]
    assert [s for line, (_, s) in zip(lines, wanted, strict=True) if _general(s) not in line] == []


def _general(said: str) -> str:
    """What is said of a rehearsal, wherever in its file it stands."""
    return said.partition(" in rehearsals[0]")[0]
