"""`generate`, `list`, `show`, `check`, and `serve SCENARIO`, through the command line."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading

import pytest
import zstandard

from grantex_sim.commands.listing import laid_out
from grantex_sim.commands.main import build_parser, main
from grantex_sim.commands.options import options_from
from grantex_sim.scenario import load_scenario, scenario_events
from grantex_sim.scenario.bundled import bundled_names
from grantex_tui.clock import parse_rfc3339
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.recording import Recording


SHORT = ("--duration", "10m")
BAD = "phases: [{for: 1h, rate: fast}]\nincidents: [{label: x}]\n"
GOOD = "description: fine\nphases: [{for: 1m, rate: 5}]\n"


@pytest.fixture
def run(capsys):
    """Runs a command and gives its exit code, its output and what it said."""

    def ran(*arguments):
        code = main([str(each) for each in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


def events(*arguments):
    options = options_from(build_parser().parse_args(["serve", *map(str, arguments)]))
    assert options.source is not None
    return options, list(options.source(2e9))


def test_a_recording_has_every_event_with_the_time_of_its_arrival(run, tmp_path):
    path = tmp_path / "storm.ndjson"
    code, out, err = run("generate", "revocation-storm", "-o", path, *SHORT)
    scenario = load_scenario("revocation-storm", duration=600.0)
    expected = list(scenario_events(scenario))
    arrivals = [each for each in Recording(path) if isinstance(each, Arrival)]
    assert (code, out) == (0, "")
    assert [each.event.raw for each in arrivals] == [each.payload for each in expected]
    assert [each.received_at for each in arrivals] == pytest.approx(
        [scenario.start + each.at for each in expected], abs=1e-4
    )
    lines = path.read_bytes()
    assert f"{len(expected):,} events" in err
    assert f"sha256 {hashlib.sha256(lines).hexdigest()}" in err


def test_the_incidents_lie_beside_it(run, tmp_path):
    run("generate", "revocation-storm", "-o", tmp_path / "storm.ndjson.gz", "--duration", "25m")
    told = json.loads((tmp_path / "storm.incidents.json").read_text())
    assert told == {
        "version": 1,
        "scenario": "revocation-storm",
        "seed": 3,
        "start": "2026-01-05T09:00:00.000Z",
        "end": "2026-01-05T09:25:00.000Z",
        "incidents": [
            {
                "label": "storm",
                "from": "2026-01-05T09:20:00.000Z",
                "to": "2026-01-05T09:25:00.000Z",
            }
        ],
    }


def test_a_recording_is_compressed_as_its_name_says(run, tmp_path):
    for name in ("a.ndjson", "b.ndjson.gz", "c.ndjson.zst", "d.ndjson.gz"):
        assert run("generate", "quiet", "-o", tmp_path / name)[0] == 0
    plain = (tmp_path / "a.ndjson").read_bytes()
    packed = (tmp_path / "b.ndjson.gz").read_bytes()
    assert gzip.decompress(packed) == plain
    assert packed == (tmp_path / "d.ndjson.gz").read_bytes()
    with zstandard.open(tmp_path / "c.ndjson.zst", "rb") as file:
        assert file.read() == plain


def test_bare_events_go_to_standard_output():
    command = [sys.executable, "-m", "grantex_sim", "generate", "quiet", "-o", "-"]
    done = subprocess.run(
        [*command, "--format", "events", "--duration", "2h"], capture_output=True, check=True
    )
    lines = done.stdout.splitlines()
    scenario = load_scenario("quiet", duration=7_200.0)
    assert lines == [event.payload for event in scenario_events(scenario)]
    assert b"sha256" in done.stderr


def test_start_and_seed_replace_the_files_own(run, tmp_path):
    def generated(*arguments):
        path = tmp_path / "x.ndjson"
        assert run("generate", "silent-stream", "-o", path, *SHORT, *arguments)[0] == 0
        return path.read_bytes()

    first, again = generated("--seed", "5"), generated("--seed", "5")
    moved = generated("--start", "2026-05-01T00:00:00Z")
    assert first == again != generated()
    assert moved.startswith(b'{"receivedAt":"2026-05-01T00:00:')


def test_a_random_seed_says_how_to_have_it_again(run, tmp_path):
    paths = [tmp_path / "a.ndjson", tmp_path / "b.ndjson"]
    _, _, err = run("generate", "quiet", "-o", paths[0], "--seed", "random")
    seed = err.split("repeat it with --seed ")[1].split()[0]
    run("generate", "quiet", "-o", paths[1], "--seed", seed, "--quiet")
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_quiet_says_nothing(run, tmp_path):
    assert run("generate", "quiet", "-o", tmp_path / "x", "--quiet", *SHORT) == (0, "", "")


def test_a_recording_is_there_whole_or_not_at_all(run, tmp_path):
    code, _, err = run("generate", "quiet", "-o", tmp_path / "nowhere" / "x.ndjson", *SHORT)
    assert code == 2
    assert "can't write" in err
    (tmp_path / "taken.ndjson").mkdir()
    assert run("generate", "quiet", "-o", tmp_path / "taken.ndjson", *SHORT)[0] == 2
    assert [each.name for each in tmp_path.iterdir()] == ["taken.ndjson"]


def test_a_pipe_is_written_to_and_not_replaced(run, tmp_path):
    pipe, received = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    assert run("generate", "quiet", "-o", pipe, "--duration", "1h")[0] == 0
    reader.join()
    assert received[0].count(b"\n") == len(
        list(scenario_events(load_scenario("quiet", duration=3_600.0)))
    )
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]


def test_a_link_goes_on_pointing_to_the_recording(run, tmp_path):
    (tmp_path / "link.ndjson").symlink_to(tmp_path / "real.ndjson")
    (tmp_path / "real.ndjson").write_text("old")
    assert run("generate", "quiet", "-o", tmp_path / "link.ndjson", *SHORT)[0] == 0
    assert (tmp_path / "link.ndjson").is_symlink()
    assert "old" not in (tmp_path / "real.ndjson").read_text()


def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "grantex_sim", "generate", "busy-day", "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"receivedAt":')
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_recording_leaves_nothing_behind(tmp_path, sent, code):
    command = [sys.executable, "-m", "grantex_sim", "generate", "two-weeks"]
    with subprocess.Popen(
        [*command, "-o", tmp_path / "x.ndjson"], stderr=subprocess.PIPE
    ) as process:
        while not list(tmp_path.iterdir()):
            assert process.poll() is None
        process.send_signal(sent)
    assert process.returncode == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is nothing in it; it has keys such as phases"),
        (
            GOOD + "faults: [{on: x, do: kill}]\n",
            "'x' is no side: intake, stream or tls. Say whose fault it is",
        ),
    ],
)
def test_a_mistake_is_a_sentence(run, tmp_path, text, said):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    code, out, err = run("check", path)
    assert code == 3
    assert said in out + err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nothing-like-it", "-o", "-"), 2, "there is no scenario 'nothing-like-it'"),
        (("two-weks", "-o", "-"), 2, "Did you mean two-weeks?"),
        (("missing.yaml", "-o", "-"), 3, "missing.yaml: can't be read"),
    ],
)
def test_a_scenario_that_is_not_there(run, arguments, code, said):
    got, _, err = run("generate", *arguments)
    assert got == code
    assert said in err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--seed", "-1"),
        ("--seed", "x"),
        ("--start", "today"),
        ("--start", "1969-12-31T23:59:59Z"),
        ("--start", "9999-12-31T00:00:00Z"),
        ("--duration", "0"),
        ("--duration", "long"),
    ],
)
def test_options_that_make_no_sense_are_usage_errors(run, option, value, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["generate", "quiet", "-o", "-", option, value])
    assert ended.value.code == 2
    assert option in capsys.readouterr().err


def test_list_names_every_scenario_with_what_it_is_for(run):
    code, out, _ = run("list")
    lines = out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines[1:]] == bundled_names()
    assert "description" in lines[0]
    told = json.loads(run("list", "--json")[1])
    assert [each["name"] for each in told] == bundled_names()
    assert {len(each["incidents"]) for each in told} >= {0, 1, 13}


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        (None, ["quiet  1d  A small tenant on a quiet day, three events a minute; nothing is wrong."]),
        (52, [
            "quiet  1d  A small tenant on a quiet day, three",
            "           events a minute; nothing is wrong.",
        ]),
        (50, ["quiet  1d", "    A small tenant on a quiet day, three events a", "    minute; nothing is wrong."]),
        (9, ["quiet  1d", "    A small tenant on a quiet day, three", "    events a minute; nothing is wrong."]),
    ],
)  # fmt: skip
def test_on_a_terminal_a_description_is_wrapped_beside_or_below_its_numbers(columns, lines):
    said = "A small tenant on a quiet day, three events a minute; nothing is wrong."
    assert laid_out("quiet  1d", said, columns) == lines


def test_show_prints_the_file_as_data_and_its_course_beside_it(run, tmp_path):
    code, out, err = run("show", "silent-stream")
    assert code == 0
    assert out == load_scenario("silent-stream").text
    assert "about 4,020 events of 5 types in 3h" in err
    assert "+1h30m for 35m" in err
    mine = tmp_path / "mine.yaml"
    mine.write_text(out)
    assert run("check", mine)[0] == 0
    told = json.loads(run("show", mine, "--json")[1])
    assert (told["name"], told["events"], told["incidents"][0]["label"]) == (
        "mine",
        4_020,
        "silence",
    )


def test_check_names_file_and_line_of_every_mistake(run, tmp_path):
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text(BAD)
    good.write_text(GOOD)
    code, out, err = run("check", good, bad)
    assert code == 3
    assert [line.rsplit(": error: ", 1)[0] for line in out.splitlines()] == [
        f"{bad}:1:20", f"{bad}:2:13",
    ]  # fmt: skip
    assert err == "2 errors, 0 pieces of advice in 2 files\n"
    assert run("check", good) == (0, "", "0 errors, 0 pieces of advice in 1 file\n")


def test_check_gives_advice_which_fails_only_when_strict(run, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("phases: [{for: 1m, rate: 5}]\n")
    assert run("check", path)[:2] == (0, f"{path}:1:1: advice: it has no description for lists\n")
    code, out, _ = run("check", path, "--strict", "--json")
    assert code == 3
    assert json.loads(out) == [
        {
            "path": str(path),
            "line": 1,
            "column": 1,
            "severity": "advice",
            "said": "it has no description for lists",
        }
    ]


def test_check_of_what_is_no_scenario(run, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe")
    assert f"{path}: error: is no UTF-8" in run("check", path)[1]
    path.write_text("a: [\n")
    assert f"{path}:2: error: not valid YAML" in run("check", path)[1]
    assert run("check", tmp_path / "none.yaml")[0] == 3
    assert run("check")[0] == 2


def test_check_prints_the_schema(run):
    assert "phases" in json.loads(run("check", "--schema")[1])["properties"]


def test_serve_takes_a_scenario_with_its_faults(run):
    options, served = events("dirty-network", "--speed", "0", "--duration", "1m")
    scenario = load_scenario("dirty-network", duration=60.0)
    assert options.faults == scenario.faults
    assert served == list(scenario_events(scenario))


def test_serve_begins_now_in_real_time_and_on_its_own_dates_otherwise():
    def first(*arguments):
        payload = json.loads(events("quiet", "--events", "1", *arguments)[1][0].payload)
        return parse_rfc3339(payload["createdAt"])

    own = load_scenario("quiet").start
    assert 0 <= first() - 2e9 < 900
    assert 0 <= first("--start", "now", "--speed", "9") - 2e9 < 900
    assert 0 <= first("--speed", "9") - own < 900
    assert 0 <= first("--start", "2026-05-01T00:00:00Z") - parse_rfc3339("2026-05-01") < 900


def test_serve_takes_a_file_and_a_seed(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    one, two = (events(path, "--speed", "0", "--seed", seed)[1] for seed in (1, 2))
    assert len(one) == pytest.approx(300, abs=3)
    assert one != two


@pytest.mark.parametrize(
    "arguments", [("quiet", "--rate", "5"), ("quiet", "--replay", "x"), ("quiet", "--loop")]
)
def test_serve_says_what_does_not_go_with_a_scenario(run, arguments):
    assert run("serve", "--port", "0", *arguments)[0] == 2


def test_serve_tells_a_random_seed(capsys):
    events("quiet", "--speed", "0", "--events", "1", "--seed", "random")
    assert "repeat it with --seed " in capsys.readouterr().err
