"""The commands below `rehearse`, from the command line to what is printed."""

from __future__ import annotations

import gc
import io
import json
import subprocess
import tempfile
from pathlib import Path

import pytest

from grantex_tui.cli.main import main
from grantex_tui.clock import rfc3339
from grantex_tui.words.display import cell_width


START = 1_780_000_020.0
QUERY = (
    'logs("source:grantex @grantex.event_type:grant.revoked").index("*").rollup("count").last("5m")'
)
YAML = f"""\
# chosen in a hurry
name: revoked
type: log alert
query: {QUERY} > 30   # too high
message: ""
options:
  thresholds: {{critical: 30}}
"""


def line(at: float, number: int) -> str:
    event = {
        "id": f"evt_{number}",
        "type": "grant.revoked",
        "createdAt": rfc3339(START + at),
        "data": {"agentId": "ag_1"},
    }
    return json.dumps({"receivedAt": rfc3339(START + at), "event": event})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """A storm of 20 revocations that is an incident, and drizzle of 5 that is none."""
    times = [100 + n for n in range(20)] + [3700 + n for n in range(5)] + [7300]
    lines = [line(at, number) for number, at in enumerate(times)]
    (tmp_path / "day.ndjson").write_text("\n".join(lines))
    incidents = [{"label": "storm", "from": rfc3339(START + 90), "to": rfc3339(START + 200)}]
    told = {"start": rfc3339(START), "end": rfc3339(START + 9000), "incidents": incidents}
    (tmp_path / "day.incidents.json").write_text(json.dumps(told))
    (tmp_path / "revoked.yaml").write_text(YAML)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def run(*words: str) -> int:
    return main(["rehearse", *words])


# --- sweep ----------------------------------------------------------------------------------------


def test_sweep_prints_the_table_and_one_recommendation(folder, capsys):
    assert run("sweep", "day.ndjson", "--monitor", "revoked.yaml", "--critical", "2:26:4") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "1 incident (1 counted)" in out
    assert "Take 10/5m: detects the only incident within 30s" in out
    assert "thresholds from 5 to 19 do as well" in " ".join(out.split())
    assert "4 adds 1 false alert, 20 misses storm" in " ".join(out.split())
    assert "It is 30/5m now, which was not tried." in out


def test_sweep_knows_of_the_present_threshold_although_it_was_not_tried(folder, capsys):
    text = YAML.replace("> 30", "> 15").replace("critical: 30", "critical: 15")
    (folder / "revoked.yaml").write_text(text)
    assert run("sweep", "day.ndjson", "--monitor", "revoked.yaml", "--critical", "2:26:4") == 0
    assert "It is 15/5m now, which does as well here." in capsys.readouterr().out


def test_sweep_writes_the_recommendation_and_nothing_else(folder, capsys):
    words = ("sweep", "day.ndjson", "--monitor", "revoked.yaml", "--critical", "2:26:4",
             "--window", "5m", "--write")  # fmt: skip
    assert run(*words) == 0
    new = (folder / "revoked.yaml").read_text()
    assert new == YAML.replace("> 30 ", "> 10 ").replace("critical: 30", "critical: 10")
    assert capsys.readouterr().err == "revoked.yaml: 10/5m written\n"
    assert run(*words) == 0
    assert capsys.readouterr().err == "revoked.yaml is as it should be\n"
    assert (folder / "revoked.yaml").read_text() == new


def test_sweep_finds_the_file_of_a_named_monitor_and_leaves_the_pack_alone(folder, capsys):
    (folder / "monitors").mkdir()
    (folder / "revoked.yaml").rename(folder / "monitors" / "revoked.yaml")
    assert run("sweep", "day.ndjson", "--monitors", "monitors", "--monitor", "revoked",
               "--critical", "6:18:4", "--window", "5m", "--write") == 0  # fmt: skip
    assert "> 10 " in (folder / "monitors" / "revoked.yaml").read_text()
    assert run("sweep", "day.ndjson", "--monitor", "revocations", "--write") == 2
    assert "can't be changed" in capsys.readouterr().err


def test_sweep_as_json_and_markdown(folder, capsys):
    words = ("sweep", "day.ndjson", "--monitor", "revoked.yaml", "--critical", "10,40")
    assert run(*words, "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert (value["version"], value["kind"], len(value["cells"])) == (2, "sweep", 6)
    assert value["recommended"]["critical"] == 10
    assert value["incidents"][0]["counted"] is True
    missed = [cell["missed"] for cell in value["cells"] if cell["critical"] == 40]
    assert missed == [["storm"]] * 3
    assert run(*words, "--markdown") == 0
    out = capsys.readouterr().out
    assert "| window | critical | alerts |" in out
    assert "**Take 10/5m:" in out
    assert run(*words, "--format", "html") == 0
    out = capsys.readouterr().out
    assert out.startswith("<!doctype html>")
    assert "<b>Take 10/5m:" in out


@pytest.mark.parametrize("columns", [40, 80])
def test_sweep_fits_a_narrow_terminal(folder, capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run("sweep", "day.ndjson", "--monitor", "revoked.yaml") == 0
    out = capsys.readouterr().out
    assert max(map(cell_width, out.splitlines())) <= columns
    assert "missed" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--monitor", "revoked.yaml", "--incident", "flood"], "no incident 'flood'"),
        (["--monitor", "nobody"], "no monitor 'nobody'"),
        (
            ["--monitor", "revoked.yaml", "--scenario", "quiet"],
            "recordings and --scenario together",
        ),
        (["--monitor", "revoked.yaml", "--seed", "3"], "--seed without --scenario"),
        (["--monitor", "revoked.yaml", "--start", "soon"], "'soon' is no instant"),
    ],
)
def test_sweep_says_what_is_wrong(folder, capsys, words, says):
    assert run("sweep", "day.ndjson", *words) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--critical", "5:1:1", "goes nowhere"),
        ("--critical", "1:9:0", "goes nowhere"),
        ("--critical", "ten", "'ten' is no number"),
        ("--critical", "0:9999:1", "more than 200 values"),
        ("--window", "90s", "is no window"),
        ("--window", "3d", "is no window"),
        ("--phase", "60", "0s to 59s"),
    ],
)
def test_ranges_that_are_none_are_refused_at_once(capsys, option, value, says):
    with pytest.raises(SystemExit) as left:
        run("sweep", "x.ndjson", "--monitor", "m", option, value)
    assert left.value.code == 2
    assert says in capsys.readouterr().err


def test_every_phase_is_swept_when_asked(folder, capsys):
    words = ("sweep", "day.ndjson", "--monitor", "revoked.yaml", "--critical", "10")
    assert run(*words, "--phase", "sweep", "--json") == 0
    assert json.loads(capsys.readouterr().out)["phases"] == [0, 10, 20, 30, 40, 50]


# --- explain --------------------------------------------------------------------------------------


def test_explain_names_the_events_and_their_lines(folder, capsys):
    assert run("explain", "revoked", "--at", "+3m", "day.ndjson", "--monitors", "revoked.yaml") == 0
    out = capsys.readouterr().out
    assert "revoked: OK at +3m (2026-05-28T20:30:00Z)" in out
    assert "counted      20 events" in out
    assert "evt_0 (day.ndjson:1)" in out
    assert "critical 19 instead of 30" in out
    assert run("explain", "revoked", "--at", "+3m", "day.ndjson", "--monitors", "revoked.yaml",
               "--json") == 0  # fmt: skip
    value = json.loads(capsys.readouterr().out)
    assert (value["counted"], value["events"][0]["offset"]) == (20, "day.ndjson:1")
    assert value["fires_with"][0]["after"] == 19


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["revoked", "--at", "+10s"], "had not been evaluated by"),
        (["revoked", "--at", "noon"], "'noon' is no instant"),
        (["revoked", "--at", "+3m", "--group", "a:b"], "has no groups"),
        (["nobody", "--at", "+3m"], "no monitor 'nobody'"),
    ],
)
def test_explain_says_what_is_wrong(folder, capsys, words, says):
    assert run("explain", *words, "day.ndjson", "--monitors", "revoked.yaml") == 2
    assert says in capsys.readouterr().err


def test_explain_and_diff_look_at_every_phase_when_asked(folder, capsys):
    common = ("day.ndjson", "--phase", "sweep")
    assert run("explain", "revoked", "--at", "+3m", "--monitors", "revoked.yaml", *common) == 0
    assert "OK at all 6" in capsys.readouterr().out
    (folder / "other.yaml").write_text(YAML.replace("30", "12"))
    assert run("diff", "revoked.yaml", "other.yaml", *common) == 0
    out = capsys.readouterr().out
    assert "6 phases" in out
    assert "phases       differs at all 6; shown is 0 s" in out


def test_explain_reads_standard_input_twice(folder, capsys, monkeypatch):
    spools = folder / "spools"
    spools.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spools))
    with (folder / "day.ndjson").open("rb") as stream:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(stream))
        assert run("explain", "revoked", "--at", "+2m", "-", "--monitors", "revoked.yaml") == 0
    out = capsys.readouterr().out
    assert "counted      20 events" in out
    assert "evt_0\n" in out  # a pipe has no place to point to
    gc.collect()
    assert list(spools.iterdir()) == []


def test_a_part_of_standard_input_is_swept_from_its_first_event(folder, capsys, monkeypatch):
    with (folder / "day.ndjson").open("rb") as stream:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(stream))
        assert run("sweep", "-", "--monitor", "revoked.yaml", "--end", "+10m", "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert (value["events"], value["source"]) == (20, "standard input")


# --- diff -----------------------------------------------------------------------------------------


@pytest.fixture
def lower(folder: Path) -> Path:
    path = folder / "lower.yaml"
    path.write_text(YAML.replace("> 30", "> 4").replace("critical: 30", "critical: 4"))
    return path


@pytest.fixture
def git(folder, monkeypatch):
    """git in the folder, of which the first revision has what is in it."""
    for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(variable, raising=False)

    def run_git(*words: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *words], check=True, capture_output=True)

    run_git("init", "-q")
    run_git("add", ".")
    run_git("commit", "-q", "-m", "first")
    return run_git


def test_diff_prints_what_changed_and_fails_only_if_asked(folder, lower, capsys):
    assert run("diff", "revoked.yaml", "lower.yaml", "day.ndjson") == 0
    out = capsys.readouterr().out
    assert "critical 30 → 4" in out
    assert "detects      storm, which A misses" in out
    assert "false alerts 0 → 1" in out
    assert run("diff", "revoked.yaml", "lower.yaml", "day.ndjson", "--fail-on-change") == 1
    assert run("diff", "revoked.yaml", "revoked.yaml", "day.ndjson", "--fail-on-change") == 0
    assert "No difference: revoked." in capsys.readouterr().out


def test_diff_against_a_folder_at_a_revision(folder, lower, capsys, git):
    (folder / "monitors").mkdir()
    for name in ("a", "b"):
        text = YAML.replace("name: revoked", f"name: {name}")
        (folder / "monitors" / f"{name}.yaml").write_text(text)
    (folder / "monitors" / "README.md").write_text("no monitor")
    git("add", "monitors")
    git("commit", "-q", "-m", "two")
    (folder / "monitors" / "a.yaml").unlink()
    new = lower.read_text().replace("name: revoked", "name: c").replace("5m", "10m")
    (folder / "monitors" / "c.yaml").write_text(new)
    words = ("diff", "monitors", "day.ndjson", "--against")
    assert run(*words, "HEAD:monitors/", "--json") == 0
    told = json.loads(capsys.readouterr().out)["monitors"]
    assert [(each["monitor"], each["in_a"], each["in_b"]) for each in told] == [
        ("c", True, True),  # what is left of each is one, renamed
        ("b", True, True),
    ]
    assert {each["what"] for each in told[0]["edits"]} == {"name", "critical", "window"}
    git("rm", "-q", "-r", "--cached", "monitors")
    git("commit", "-q", "-m", "none")
    assert run(*words, "HEAD:monitors") == 2
    assert "can't read HEAD:monitors" in capsys.readouterr().err
    assert run("diff", "monitors/c.yaml", "day.ndjson", "--against", "HEAD:monitors/c.yaml") == 2
    assert "A new file has nothing to be compared with" in capsys.readouterr().err


def test_diff_outside_of_a_repository_says_so(folder, capsys, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    assert run("diff", "revoked.yaml", "day.ndjson", "--against", "HEAD:revoked.yaml") == 2
    assert "not a git repository" in capsys.readouterr().err


def test_diff_against_a_revision(folder, lower, capsys, git):
    (folder / "revoked.yaml").write_text(lower.read_text())
    assert (
        run("diff", "revoked.yaml", "day.ndjson", "--against", "HEAD:revoked.yaml", "--json") == 0
    )
    value = json.loads(capsys.readouterr().out)
    assert (value["a"], value["b"], value["differs"]) == ("HEAD:revoked.yaml", "revoked.yaml", True)
    assert value["monitors"][0]["edits"] == [{"what": "critical", "before": "30", "after": "4"}]
    assert run("diff", "revoked.yaml", "day.ndjson", "--against", "HEAD:gone.yaml") == 2
    assert "can't read HEAD:gone.yaml" in capsys.readouterr().err
    assert run("diff", "revoked.yaml", "day.ndjson", "--against", "nowhere:revoked.yaml") == 2
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["HEAD", ":x", "HEAD:", "--output=x:y"])
def test_diff_refuses_what_is_no_revision_and_path(folder, capsys, text):
    assert run("diff", "revoked.yaml", "day.ndjson", f"--against={text}") == 2
    assert "REF:PATH" in capsys.readouterr().err


def test_without_git_it_says_so(folder, monkeypatch, capsys):
    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", missing)
    assert run("diff", "revoked.yaml", "day.ndjson", "--against", "HEAD:revoked.yaml") == 2
    assert "needs git, which is not installed" in capsys.readouterr().err


def test_diff_needs_two_sides(folder, capsys):
    assert run("diff", "revoked.yaml") == 2
    assert "diff needs A and B" in capsys.readouterr().err


# --- coverage -------------------------------------------------------------------------------------


def test_coverage_fails_below_the_minimum(folder, capsys):
    (folder / "a.rehearsal.yaml").write_text(
        "version: 1\nmonitors: [revoked.yaml]\nrehearsals:\n"
        "  - name: storm\n    events: {recording: day.ndjson}\n"
        "    expect: {never: [{monitor: revoked, state: alert}]}\n"
    )
    assert run("coverage", ".") == 0
    assert "1 rehearsal of 1 monitor: 0 of 6 small changes noticed (0 %)" in capsys.readouterr().out
    assert run("coverage", "--min", "50") == 1
    assert "less than 50 %" in capsys.readouterr().err
    assert run("coverage", "a.rehearsal.yaml", "--json", "--jobs", "1") == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "coverage"
    assert run("coverage", "--run", "nothing") == 2
    assert "there is no rehearsal" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["abc", "-1", "101", "nan"])
def test_coverage_takes_percentages_only(capsys, value):
    with pytest.raises(SystemExit) as left:
        run("coverage", f"--min={value}")
    assert left.value.code == 2
    assert f"'{value}' is no percentage" in capsys.readouterr().err


def test_coverage_in_several_processes_is_the_same(folder, capsys):
    entries = "".join(
        f"  - name: n{number}\n    events: {{recording: day.ndjson}}\n"
        f"    expect: {{at_most: {{monitor: revoked, alerts: {number}}}}}\n"
        for number in range(4)
    )
    (folder / "a.rehearsal.yaml").write_text(
        f"version: 1\nmonitors: [revoked.yaml]\nrehearsals:\n{entries}"
    )
    assert run("coverage", "--json", "--jobs", "1") == 0
    alone = capsys.readouterr().out
    assert run("coverage", "--json", "--jobs", "2") == 0
    assert capsys.readouterr().out == alone


def test_what_goes_wrong_in_another_process_is_told_as_here(folder, capsys):
    entries = "".join(
        f"  - name: n{number}\n    events: {{recording: day.ndjson}}\n"
        "    expect: {never: [{monitor: revoked, state: alert}]}\n"
        for number in range(2)
    )
    (folder / "a.rehearsal.yaml").write_text(
        f"version: 1\nmonitors: [revoked.yaml]\nrehearsals:\n{entries}"
    )
    (folder / "day.ndjson").write_text("nonsense\n")
    assert run("coverage", "--jobs", "2") == 3
    assert "nothing in it is an event" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["sweep", "explain", "diff", "coverage"])
def test_every_word_has_help_with_examples(word, capsys):
    with pytest.raises(SystemExit) as left:
        run(word, "--help")
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert f"grantex-tui rehearse {word}" in out
    assert "examples:" in out
    assert "exit codes:" in out
