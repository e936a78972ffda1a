from __future__ import annotations

import json
import logging

import pytest

from grantex_sim.service.app import serve_in_thread
from grantex_tui.cli.main import main
from grantex_tui.delivery.forwarder import _log as forwarder_log
from grantex_tui.watch.narration import LogSettings, Narrator


PAYLOADS = [
    json.dumps(
        {"id": f"evt_{n}", "type": "grant.created", "createdAt": "2026-01-05T09:00:00.000Z"}
    ).encode()
    for n in range(40)
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A real watch of the simulator: its journal, its log, its narration."""
    folder = tmp_path_factory.mktemp("run")
    with serve_in_thread(payloads=PAYLOADS) as simulator, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRANTEX_API_KEY", simulator.grantex_key)
        patch.setenv("DD_API_KEY", simulator.datadog_key)
        options = ["--url", simulator.url, "--intake-url", simulator.url, "--no-monitors"]
        where = ["--journal", str(folder / "journal"), "--log-file", str(folder / "log")]
        told = folder / "stderr"
        with told.open("wb") as stderr, patch.context() as inner:
            inner.setattr("sys.stderr", stderr)
            code = main(
                ["watch", "--headless", *options, *where, "--log-format", "json", "--events", "40"]
            )
    assert code == 0, told.read_text()
    return folder


def ids(folder):
    lines = [
        json.loads(line)
        for path in sorted((folder / "journal").rglob("0*.ndjson"))
        for line in path.read_text().splitlines()
    ]
    return [line["event"]["id"] for line in lines if "event" in line]


def way(capsys, *arguments):
    code = main(["trace", *map(str, arguments), "--json"])
    out = capsys.readouterr().out
    return code, [json.loads(line) for line in out.splitlines()]


def test_an_events_way_is_known_from_socket_to_checkpoint(run, capsys):
    for event in (ids(run)[0], ids(run)[-1]):
        code, [told] = way(capsys, event, run / "journal", "--log-file", run / "log")
        assert code == 0
        assert told["id"] == event
        at = {step["where"]: step["at"] for step in told["way"]}
        assert list(at) == [
            "created", "socket", "journal", "count", "batch", "verdict", "checkpoint"
        ]  # fmt: skip
        known = [at[where] for where in ("socket", "count", "batch", "verdict", "checkpoint")]
        assert known == sorted(known)
        assert told["way"][-1]["what"] == "behind it: delivered"


def test_without_the_log_what_is_not_known_is_said(run, capsys):
    assert main(["trace", ids(run)[0], str(run / "journal")]) == 0
    out = capsys.readouterr().out
    assert "unknown without the run's log (--log-file)" in out
    assert "behind it: delivered" in out


def test_an_event_that_is_nowhere_is_told_with_what_that_may_mean(run, capsys):
    assert main(["trace", "evt_none", str(run / "journal")]) == 1
    assert "in no journal here" in capsys.readouterr().err


def test_a_log_for_people_is_refused_with_what_to_do(run, capsys, tmp_path):
    (tmp_path / "log").write_text("2026-01-05 09:00:00 INFO  hello\n")
    assert main(["trace", "x", str(run / "journal"), "--log-file", str(tmp_path / "log")]) == 3
    assert "--log-format json" in capsys.readouterr().err


def test_the_log_of_programs_is_json_and_holds_no_key(run):
    text = (run / "log").read_text()
    records = [json.loads(line) for line in text.splitlines()]
    assert {record["level"] for record in records} >= {"info", "debug"}
    assert all(record.keys() >= {"time", "level", "logger", "message"} for record in records)
    narrated = [json.loads(line) for line in (run / "stderr").read_text().splitlines()]
    assert narrated
    assert {record["level"] for record in narrated} <= {"info", "warning"}
    assert (run / "log").stat().st_mode & 0o077 == 0


def test_narration_for_people_has_dates_and_levels_and_acts_on_no_terminal(tmp_path):
    path = tmp_path / "said"
    with path.open("wb") as file:
        narrate = Narrator(file.fileno(), settings=LogSettings(verbose=True))
        narrate("hello\x1b[31m")
        narrate.warn("look\n    here")
        forwarder_log.debug("sent")
        narrate.close(10)
    lines = path.read_text().splitlines()
    assert [line[19:] for line in lines] == [
        " INFO  hello␛[31m", " WARN  look", "    here"[19:], " DEBUG sent"
    ]  # fmt: skip
    assert lines[0][:10].count("-") == 2


def test_narration_that_begins_later_takes_nothing_from_the_file(tmp_path):
    path, said = tmp_path / "log", tmp_path / "said"
    first = Narrator(None, settings=LogSettings(file=str(path)))
    with said.open("wb") as file:
        second = Narrator(file.fileno())
        forwarder_log.debug("sent")
        second("hello")
        second.close(10)
    forwarder_log.debug("sent again")
    first.close(10)
    assert [line.split()[-1] for line in path.read_text().splitlines()] == [
        "sent", "hello", "again"
    ]  # fmt: skip
    assert len(said.read_text().splitlines()) == 1


def test_when_it_is_off_nothing_is_made_ready_to_be_said():
    assert not forwarder_log.isEnabledFor(logging.DEBUG)
