from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grantex_tui.clock import rfc3339


# pytester forgets the modules that a run imported, and PyYAML's C part does not survive that.
pytest.importorskip("yaml.cyaml")
pytest_plugins = ("pytester",)
PLUGIN = ("-p", "no:randomly")
START = 1_780_000_020.0
SPEC = f"""\
version: 1
monitors: [pack/revocations, pack/heartbeat]
rehearsals:
  - name: a burst
    events: {{recording: r.ndjson, start: "{rfc3339(START)}", duration: 10m}}
    expect:
      never:
        - {{monitor: heartbeat}}
        - {{monitor: revocations}}
  - name: a scenario
    events: {{scenario: quiet, seed: 3, duration: 10m}}
    expect: {{at_most: {{monitor: revocations, alerts: 0}}}}
"""


@pytest.fixture
def rehearsals(pytester):
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    event = {"type": "grant.revoked", "createdAt": rfc3339(START + 30), "data": {}}
    lines = [json.dumps({"id": f"evt_{number}", **event}) for number in range(51)]
    (pytester.path / "r.ndjson").write_text("\n".join(lines))
    (pytester.path / "a.rehearsal.yaml").write_text(SPEC)
    return pytester


def test_each_expectation_is_a_test(rehearsals):
    result = rehearsals.runpytest(*PLUGIN)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "a.rehearsal.yaml:9: a burst: revocations is never Alert",
            "it was Alert from +1m (2026-05-28T20:28:00Z) for 5m",
            "Grantex: many grants revoked*Alert*",
            "FAILED a.rehearsal.yaml::a burst::revocations is never Alert*",
        ]
    )


def test_the_names_are_listed_without_running_anything(rehearsals):
    (rehearsals.path / "r.ndjson").write_text("")
    result = rehearsals.runpytest(*PLUGIN, "--collect-only", "-q")
    result.stdout.fnmatch_lines(
        [
            "a.rehearsal.yaml::a burst::heartbeat is never Alert",
            "a.rehearsal.yaml::a burst::revocations is never Alert",
            "a.rehearsal.yaml::a scenario::revocations has at most 0 alerts",
        ]
    )


def test_rehearsals_are_chosen_by_name(rehearsals):
    rehearsals.runpytest(*PLUGIN, "--rehearsal-run", "^a sc").assert_outcomes(passed=1)
    rehearsals.runpytest(*PLUGIN, "-k", "heartbeat").assert_outcomes(passed=1, deselected=2)


def test_whatever_its_name_a_rehearsal_can_be_selected_by_its_id(rehearsals):
    names = ["a [burst] of", "one::two", r"b\e[31m\nred"]
    rows = [
        f'  - {{name: "{name}", events: {{scenario: quiet, duration: 5m}}, expect: none-fires}}'
        for name in names
    ]
    head = "version: 1\nmonitors: [pack/heartbeat]\nrehearsals:\n"
    (rehearsals.path / "a.rehearsal.yaml").write_text(head + "\n".join(rows))
    listed = rehearsals.runpytest(*PLUGIN, "--collect-only", "-q").outlines
    ids = [line for line in listed if line.endswith("no monitor fires")]
    assert len(ids) == len(names)
    rehearsals.runpytest(*PLUGIN, *ids).assert_outcomes(passed=len(names))


def test_a_wrong_option_is_a_usage_error(rehearsals):
    result = rehearsals.runpytest(*PLUGIN, "--rehearsal-run", "(")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--rehearsal-run '(' is no regular expression*"])


def test_mistakes_of_a_file_are_collection_errors_without_a_traceback(rehearsals):
    (rehearsals.path / "b.rehearsal.yaml").write_text("version: 2\nrehearsals: []\n")
    result = rehearsals.runpytest(*PLUGIN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["b.rehearsal.yaml:1: version: 2 is not*", "*:2: rehearsals is*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_rehearsal_that_cannot_be_run_fails_each_of_its_tests(rehearsals):
    (rehearsals.path / "r.ndjson").write_text("oops\n")
    result = rehearsals.runpytest(*PLUGIN)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*r.ndjson: nothing in it is an event*"])


def test_nothing_heavy_is_imported_before_there_is_a_file():
    probe = (
        "import sys, grantex_tui.pytest_plugin as _\n"
        "print(*(m for m in ('msgspec', 'yaml', 'httpx', 'rich', 'simulator', 'asyncio',"
        " 'grantex_tui.monitoring') if m in sys.modules and m != 'asyncio'))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
