from __future__ import annotations

import json

import pytest

from grantex_tui.clock import rfc3339
from grantex_tui.errors import RecordingError
from grantex_tui.events.event import Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.lines import encode_items
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.rehearsal.engine.input import open_recordings, simulated, timed
from grantex_tui.rehearsal.engine.model import WATCH
from grantex_tui.rehearsal.engine.run import run_pass
from tests.support.plans import load_plan


START = 1_780_000_020.0


def payload(number: int, at: float, kind: str = "token.issued", **more) -> bytes:
    value = {"id": f"evt_{number}", "type": kind, "createdAt": rfc3339(at), "data": {}} | more
    return json.dumps(value, separators=(",", ":")).encode()


def write(path, instants) -> None:
    lines = [encode_items([decode_event(payload(0, at))], at) for at in instants]
    path.write_bytes(b"".join(lines))


def test_several_recordings_are_one_by_time(tmp_path):
    write(tmp_path / "a.ndjson", [START, START + 20, START + 30])
    write(tmp_path / "b.ndjson", [START + 10, START + 25])
    recordings = open_recordings([str(tmp_path / "*.ndjson")])
    assert [at - START for at, _ in timed(recordings)] == [0, 10, 20, 25, 30]
    assert recordings.name == f"{tmp_path}/a.ndjson, {tmp_path}/b.ndjson"
    result = run_pass(recordings, load_plan(), source="x", delivery=WATCH)
    assert (result.events, result.start, result.end) == (5, START, START + 30)


def test_an_event_that_two_recordings_hold_counts_once_and_that_is_told(tmp_path):
    write(tmp_path / "a.ndjson", [START, START])
    write(tmp_path / "b.ndjson", [START + 10])
    (tmp_path / "c.ndjson").write_bytes(payload(0, START) + b"\n" + payload(1, START + 20))
    recordings = open_recordings([str(tmp_path / "*.ndjson")])
    assert [at - START for at, _ in timed(recordings)] == [0, 0, 10, 20]
    assert recordings.repeated == 1
    result = run_pass(recordings, load_plan(), source="x", delivery=WATCH)
    assert result.events == 4
    assert "recordings: 1 event is in more than one of them: taken once" in result.approximations


def test_what_cannot_be_read_of_any_is_told(tmp_path):
    write(tmp_path / "a.ndjson", [START])
    with (tmp_path / "a.ndjson").open("ab") as file:
        file.write(b"nonsense\n" * 25)
    write(tmp_path / "b.ndjson", [START])
    recordings = open_recordings([str(tmp_path / "a.ndjson"), str(tmp_path / "b.ndjson")])
    result = run_pass(recordings, load_plan(), source="x", delivery=WATCH)
    assert result.problems[0].startswith(f"{tmp_path}/a.ndjson:2: ")
    assert result.problems[-1] == "and 5 more lines that can't be read"
    assert len(result.problems) == 21


def test_a_pattern_without_a_file_is_an_error_that_says_so(tmp_path):
    with pytest.raises(RecordingError, match="no file matches"):
        open_recordings([str(tmp_path / "*.ndjson")])


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    write(tmp_path / "day[1].ndjson", [START])
    assert len(list(open_recordings([str(tmp_path / "day[1].ndjson")]))) == 1


def test_time_never_goes_back_and_is_borrowed_where_none_is_told():
    items: list[Arrival | Gap] = [
        Arrival(None, Malformed(b"?", "x")),
        Arrival(START + 5, decode_event(payload(1, START))),
        Gap(START, START + 3, "reset"),
        Arrival(None, decode_event(payload(2, START + 9))),
        Arrival(None, decode_event(payload(3, START, createdAt="yesterday"))),
        Gap(START + 11, None, "away"),
    ]
    assert [at - START for at, _ in timed(items)] == [5, 5, 5, 9, 9, 11]
    assert [item for _, item in timed(items)] == items


@pytest.mark.parametrize(
    "odd",
    [[], [b"{"], [payload(7, START, data=None)], [payload(7, START, status="error")],
     [payload(7, START, createdAt="yesterday")], [payload(8, START).replace(b":", b":\n", 1)],
     [encode_items([decode_event(payload(9, START))], START).strip()]],
)  # fmt: skip
def test_generated_events_come_to_the_same_in_blocks_and_one_by_one(odd):
    payloads = [payload(n, START + n * 20, "grant.revoked") for n in range(900)]
    payloads[700:700] = odd
    events = [(n * 20.0, each) for n, each in enumerate(payloads)]
    plan = load_plan()
    plain = run_pass(iter(simulated(events, START)), plan, source="x", delivery=WATCH)
    assert run_pass(simulated(events, START), plan, source="x", delivery=WATCH) == plain
    assert plain.transitions
