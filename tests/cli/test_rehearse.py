from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from grantex_tui.cli.main import main
from grantex_tui.clock import rfc3339


START = 1_780_000_020.0
EVENTS = f'{{recording: r.ndjson, start: "{rfc3339(START)}", duration: 10m}}'
HEAVY = ("textual", "rich", "httpx", "asyncio", "msgspec", "yaml", "multiprocessing", "simulator")


@pytest.fixture
def run(capsysbinary):
    def run(*argv: str) -> tuple[int, str, str]:
        try:
            code = main(("rehearse", *argv))
        except SystemExit as left:  # argparse's own way out
            code = int(str(left.code))
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    event = {"type": "grant.revoked", "createdAt": rfc3339(START + 30), "data": {}}
    lines = [json.dumps({"id": f"evt_{number}", **event}) for number in range(51)]
    (tmp_path / "r.ndjson").write_text("\n".join(lines))
    return tmp_path


@pytest.fixture
def write(folder):
    def write(*rehearsals: str, name: str = "a.rehearsal.yaml") -> str:
        (folder / name).parent.mkdir(exist_ok=True)
        head = "version: 1\nmonitors: [pack/revocations, pack/heartbeat]\nrehearsals:\n"
        (folder / name).write_text(head + "".join(f"  - {{{each}}}\n" for each in rehearsals))
        return name

    return write


GOOD = f"name: good, events: {EVENTS}, expect: {{at_most: {{monitor: revocations, alerts: 1}}}}"
BAD = f"name: bad, events: {EVENTS}, expect: {{never: {{monitor: revocations}}}}"


def test_what_holds_exits_0_and_what_does_not_exits_1(run, write):
    assert run(write(GOOD), "--quiet") == (0, "", "")
    code, out, _ = run(write(GOOD, BAD), "--quiet", "--jobs", "1")
    assert code == 1
    assert out == (
        "a.rehearsal.yaml:5: bad: revocations is never Alert\n"
        "    it was Alert from +1m (2026-05-28T20:28:00Z) for 5m\n"
    )


def test_rehearsals_run_in_parallel_with_the_same_result(run, write):
    path = write(GOOD, BAD, GOOD.replace("good", "good, too").replace("good, too", "better"))
    alone = run(path, "--quiet", "--jobs", "1")
    assert run(path, "--quiet", "--jobs", "2") == alone


def test_every_mistake_of_every_file_is_told_and_nothing_runs(run, write):
    write("name: x, events: {recording: nope}, expect: {}")
    write("name: y, evnts: 1", name="b.rehearsal.yaml")
    code, out, err = run()
    assert (code, out) == (3, "")
    assert [line.partition(" ")[0] for line in err.splitlines()] == [
        "a.rehearsal.yaml:4:",
        "a.rehearsal.yaml:4:",
        "b.rehearsal.yaml:4:",
        "b.rehearsal.yaml:4:",
        "4",
    ]
    assert "there is no 'nope'" in err  # although the schema refuses what stands beside it
    assert err.endswith("4 mistakes; nothing was rehearsed\n")


def test_programs_are_told_of_mistakes_in_the_form_that_they_read(run, write, folder):
    path = write("name: x, events: {recording: nope}, phase: 99, expect: none-fires")
    code, out, err = run(path, "--json", "--junit", "j.xml", "--html", "h.html")
    assert (code, err.count("\n")) == (3, 3)
    report = json.loads(out)
    assert (report["passed"], report["errors"], report["outcomes"][0]["exit_code"]) == (False, 1, 3)
    error = ET.parse(folder / "j.xml").find(".//error")
    assert error is not None
    assert error.text == report["outcomes"][0]["error"]
    assert "phase: 99 is not a phase" in (folder / "h.html").read_text()
    code, out, _ = run(path, "--github")
    title = "title=a mistake in a rehearsal file"
    assert (code, [line.partition("::")[2].partition(";")[0] for line in out.splitlines()]) == (3, [
        f"error file={path},line=4,{title}::phase: 99 is not a phase",
        f"error file={path},line=4,{title}::there is no 'nope'",
    ])  # fmt: skip
    assert run(path, "--markdown")[1].startswith("### ❌ Rehearsals")


def test_a_name_does_nothing_to_a_terminal(run, write):
    path = write(BAD.replace("name: bad", r'name: "\e[2J\u202ebad"'))
    for argv in ("--quiet",), ("--list",):
        _, out, _ = run(path, *argv)
        assert not {"\x1b", "\u202e"} & set(out)
        assert "bad" in out


def test_a_recording_that_cannot_be_read_exits_3(run, write, folder):
    (folder / "r.ndjson").write_text("oops")
    code, out, _ = run(write(GOOD), "--quiet")
    assert code == 3
    assert out.startswith("a.rehearsal.yaml:4: good: r.ndjson: nothing in it is an event")
    code, _, err = run("r.ndjson")
    assert (code, "r.ndjson: nothing in it is an event" in err) == (3, True)
    code, _, err = run("nowhere.ndjson")
    assert (code, "nowhere.ndjson: can't be read" in err) == (3, True)


def test_files_are_found_in_folders_by_pattern_and_where_one_is(run, write):
    write(GOOD)
    write(BAD.replace("r.ndjson", "../r.ndjson"), name="deep/b.rehearsal.yaml")
    both = "a.rehearsal.yaml:4: good\ndeep/b.rehearsal.yaml:4: bad\n"
    assert run("--list") == (0, both, "")
    assert run(".", "--list")[1] == both
    assert run("**/b.*.yaml", "--list")[1] == "deep/b.rehearsal.yaml:4: bad\n"
    assert run("deep", "a.rehearsal.yaml", "deep", "--list")[1].count("\n") == 2
    assert run("./a.rehearsal.yaml", "deep/../a.rehearsal.yaml", "--list")[1].count("\n") == 1


def test_rehearsals_are_chosen_by_name(run, write):
    path = write(GOOD, BAD)
    assert run(path, "--run", "^go", "--quiet")[0] == 0
    assert run(path, "--run", "a", "--list")[1] == "a.rehearsal.yaml:5: bad\n"
    code, _, err = run(path, "--run", "xyz")
    assert (code, "There are 'good', 'bad'." in err) == (2, True)
    code, _, err = run(path, "--run", "(")
    assert (code, "no regular expression" in err) == (2, True)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "there is nothing to rehearse: no *.rehearsal.yaml below this folder"),
        (("a.rehearsal.yaml", "r.ndjson"), "rehearsal files and r.ndjson together"),
        (("a.rehearsal.yaml", "--scenario", "quiet"), "rehearsal files and --scenario together"),
        (("a.rehearsal.yaml", "--phase", "sweep"), "--phase with rehearsal files"),
        (("a.rehearsal.yaml", "--monitors", "x"), "--monitors with rehearsal files"),
        (("r.ndjson", "--list"), "--list is for rehearsal files"),
        (("r.ndjson", "--run", "x"), "--run is for rehearsal files"),
        (("r.ndjson", "--scenario", "quiet"), "recordings and --scenario together"),
        (("--scenario", "quite"), "Did you mean quiet?"),
        (("r.ndjson", "--monitors", "pack/hartbeat"), "Did you mean pack/heartbeat?"),
        (("r.ndjson", "--jobs", "0"), "give a number from 1 up"),
        (("r.ndjson", "--json", "--quiet"), "not allowed with"),
        (
            ("r.ndjson", "--start", "2030-01-01", "--end", "2020-01-01"),
            "the end 2020-01-01T00:00:00Z is not after the start 2030-01-01T00:00:00Z",
        ),
        (("--scenario", "quiet", "--end", "+99999d"), "more than ten years"),
        (("r.ndjson", "--markdown", "-", "--quiet"), "Give --markdown a FILE to have both."),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(run, folder, argv, said):
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("swep", "Did you mean grantex-tui rehearse sweep?"),
        ("run", "Leave it out: grantex-tui rehearse [PATH ...] runs them."),
        ("lint", "That is grantex-tui check"),
    ],
)
def test_a_word_that_is_no_command_is_told_which_is(run, folder, word, said):
    code, out, err = run(word, "x.ndjson")
    assert (code, out) == (2, "")
    assert f"{word} is neither a file nor a command" in err
    assert said in err


def test_a_file_that_is_called_like_a_word_is_rehearsed(run, folder):
    (folder / "run").write_bytes(b"{}")
    code, _, err = run("run")
    assert code == 3
    assert "nothing in it is an event" in err


def test_the_schema_is_printed(run):
    code, out, _ = run("--schema")
    schema = json.loads(out)
    assert (code, schema["$ref"]) == (0, "#/$defs/SpecFile")
    assert "rehearsals" in schema["$defs"]["SpecFile"]["properties"]


def test_the_fidelity_is_printed(run):
    code, out, _ = run("--fidelity")
    assert code == 0
    assert "anomalies()" in out
    assert "approximate" in out


def test_reports_go_where_they_were_asked_for(run, write, folder):
    path = write(GOOD, BAD)
    code, out, _ = run(path, "--jobs", "1")
    assert code == 1
    assert "FAIL  bad" in out
    assert "it was Alert from +1m" in out
    assert json.loads(run(path, "--json", "--jobs", "1")[1])["version"] == 2
    assert "| " in run(path, "--markdown", "--jobs", "1")[1]
    assert json.loads(run(path, "--format", "json", "--jobs", "1")[1])["version"] == 2
    assert run(path, "--format", "html", "--jobs", "1")[1].startswith("<!doctype html>")
    code, _, err = run(path, "--format", "html", "--markdown")
    assert (code, "--format html and --markdown together" in err) == (2, True)
    code, out, _ = run(
        path, "--github", "--junit", "j.xml", "--html", "h.html", "--markdown", "m.md", "--jobs", "1"
    )  # fmt: skip
    assert code == 1
    assert "FAIL  bad" in out
    assert "::error file=a.rehearsal.yaml,line=5" in out
    assert ET.parse(folder / "j.xml").getroot().tag == "testsuites"
    assert (folder / "h.html").read_text().lower().startswith("<!doctype html>")
    assert "bad" in (folder / "m.md").read_text()


def test_what_passes_is_told_in_full_when_asked(run, write):
    path = write(GOOD)
    short = run(path, "--jobs", "1")[1]
    assert len(run(path, "--jobs", "1", "--verbose")[1]) > len(short)


@pytest.mark.parametrize("path", ["no/such/folder.xml", "."])
def test_a_report_that_cannot_be_written_exits_2_before_anything_is_run(run, write, path):
    code, out, err = run(write(GOOD), "--junit", path)
    assert (code, out, f"can't write {path}" in err) == (2, "", True)


@pytest.mark.parametrize("shown", ["--quiet", "--json", "--verbose"])
def test_markdown_goes_into_a_file_whatever_is_shown(run, write, folder, shown):
    assert run(write(GOOD), shown, "--markdown", "m.md", "--jobs", "1")[0] == 0
    assert "good" in (folder / "m.md").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_no_failed_expectation(write):
    with Path("/dev/full").open("wb") as full:
        argv = [sys.executable, "-m", "grantex_tui", "rehearse", write(GOOD), "--jobs", "1"]
        done = subprocess.run(
            argv, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**os.environ, "PYTHONMALLOC": "debug"},  # what is freed twice, kills at once
        )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "can't write the report: No space left on device" in done.stderr


def test_a_recording_is_rehearsed_without_expectations(run, folder):
    code, out, _ = run("r.ndjson", "--delivery", "instant", "--end", "+10m")
    assert code == 0
    assert "Grantex: many grants revoked" in out
    assert "fired 20:28 (51 > 50)" in out
    assert run("r.ndjson", "r.ndjson", "--json", "--end", "+10m")[0] == 0


@pytest.mark.parametrize("options", [(), ("--start", "2030-01-01"), ("--end", "2020-01-01")])
def test_a_recording_over_which_nothing_is_evaluated_is_an_error(run, folder, options):
    code, out, err = run("r.ndjson", *options)
    assert (code, out) == (3, "")
    assert "grantex-tui: r.ndjson: " in err
    assert "end" in err


def test_a_recording_that_is_named_twice_is_read_once(run, folder):
    argv = ("r.ndjson", "r*.ndjson", "--end", "+10m")
    assert "r.ndjson: 51 events" in run(*argv)[1]


def test_a_scenario_is_rehearsed_on_the_fly(run):
    code, out, _ = run("--scenario", "quiet", "--seed", "4", "--end", "+10m")
    assert code == 0
    assert "quiet (seed 4)" in out


def test_the_words_below_are_commands_of_their_own(run):
    code, out, _ = run("--help")
    assert code == 0
    for word in ("sweep", "explain", "diff", "coverage"):
        assert f"grantex-tui rehearse {word}" in out
    code, out, _ = run("sweep", "--help")
    assert (code, "usage: grantex-tui rehearse sweep" in out) == (0, True)


def test_help_loads_nothing_heavy():
    probe = (
        "import sys\nfrom grantex_tui.cli.main import main\n"
        "try: main(['rehearse', '--help'])\nexcept SystemExit: pass\n"
        f"print('LOADED', *(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED"


def test_a_reader_that_has_seen_enough_does_not_make_a_failure_a_success(write, folder):
    command = [sys.executable, "-m", "grantex_tui", "rehearse", write(BAD)]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 1)
