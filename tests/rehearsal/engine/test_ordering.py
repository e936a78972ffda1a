"""Recordings that only tell when events happened are read in that order, whatever theirs is."""

from __future__ import annotations

import gzip
import json
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.errors import RecordingError
from grantex_tui.events.event import Event
from grantex_tui.events.gap import Gap
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.events.recorded.sketch import Sketcher, Sketches
from grantex_tui.rehearsal.engine import ordering
from grantex_tui.rehearsal.engine.input import open_recordings, timed
from grantex_tui.rehearsal.engine.ordering import Sorted, is_in_order


START = 1_780_000_020.0
SHUFFLED: list[float] = [70, 0.5, 59.999, 60, 0.5, 3, 120.001]


def bare(name: str, at: float) -> bytes:
    value = {"id": name, "type": "token.issued", "createdAt": rfc3339(START + at), "data": {}}
    return json.dumps(value, separators=(",", ":")).encode()


def archived(name: str, at: float) -> bytes:
    """As Datadog archives a log: the event is its message."""
    log = {"_id": "A", "date": rfc3339(START + at), "message": bare(name, at).decode()}
    return json.dumps(log).encode()


def written(path, instants, line=bare):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = b"".join(line(f"e{n}", at) + b"\n" for n, at in enumerate(instants))
    path.write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)
    return str(path)


def told(source: str) -> list[tuple[float, str]]:
    items = timed(open_recordings([source]))
    return [(round(at - START, 3), id_of(item)) for at, item in items]


def id_of(item: Arrival | Gap) -> str:
    assert isinstance(item, Arrival)
    assert isinstance(item.event, Event)
    return item.event.id


@pytest.mark.parametrize("line", [bare, archived])
@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz"])
def test_lines_in_any_order_are_read_by_their_dates(tmp_path, name, line):
    found = told(written(tmp_path / name, SHUFFLED, line))
    assert found == [
        (0.5, "e1"), (0.5, "e4"), (3, "e5"), (59.999, "e2"), (60, "e3"), (70, "e0"), (120.001, "e6"),
    ]  # fmt: skip


def test_files_of_an_archive_may_overlap(tmp_path):
    written(tmp_path / "dt=1" / "hour=1" / "b.json.gz", [10, 30])
    written(tmp_path / "dt=1" / "hour=1" / "a.json.gz", [20, 40])
    assert [at for at, _ in told(str(tmp_path))] == [10, 20, 30, 40]


def test_a_pipe_is_read_once_and_in_order(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    lines = b"".join(bare(f"e{at}", at) + b"\n" for at in SHUFFLED)
    writer = threading.Thread(target=pipe.write_bytes, args=(lines,))
    writer.start()
    found = told(str(pipe))
    writer.join()
    assert [at for at, _ in found] == sorted(SHUFFLED)


def test_what_has_no_date_stays_behind_the_line_before_it(tmp_path):
    undated = bare("u", 0).replace(b"createdAt", b"madeAt")
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"\n".join([undated, bare("b", 9), undated, bare("a", 3), b"{"]))
    recordings = open_recordings([str(path)])
    items = [(at - START, id_of(item)) for at, item in timed(recordings)]
    assert items == [(3, "a"), (9, "u"), (9, "b"), (9, "u")]
    assert recordings.bad_lines == 1


def test_a_journal_keeps_its_order_though_its_clock_went_back(tmp_path):
    line = b'{"receivedAt":"%s","event":%s}\n'
    lines = [line % (rfc3339(START + at).encode(), bare(f"e{at}", at)) for at in (5, 2, 7)]
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"".join(lines))
    assert told(str(path)) == [(5, "e5"), (5, "e2"), (7, "e7")]


def test_without_a_file_the_error_is_the_usual_one(tmp_path):
    with pytest.raises(RecordingError, match="can't be read: No such file"):
        list(open_recordings([str(tmp_path / "a.ndjson")]))


@pytest.mark.parametrize(
    ("texts", "in_order"),
    [
        ([], True),
        (["2026-01-05T09:00:00.000Z", "2026-01-05T09:00:00.000Z"], True),
        (["2026-01-05T09:00:01.000Z", "2026-01-05T09:00:00.000Z"], False),
        (["2026-01-05T09:00:01.000Z", "2026-01-05T09:00:00.001Z"], True),
        (["2026-01-05T09:00:01.0Z", "2026-01-05T09:00:00.4Z", "2026-01-05T08:59:59.8Z"], False),
        (["2026-01-05T09:00:00Z", "2026-01-05T09:00:00.500Z"], True),
        (["2026-01-05T10:00:00+02:00", "2026-01-05T09:00:00Z"], True),
        (["2026-01-05T09:00:00Z", "2026-01-05T10:00:00+02:00"], False),
        (["2026-02-30T09:00:00.000Z"], False),
        (["yesterday", "2026-01-05T10:00:00+02:00"], False),
    ],
)
def test_order_is_that_of_instants_within_blocks_and_between_them(texts, in_order):
    lines = [b'{"createdAt" : "%s"}' % text.encode() for text in texts]
    assert is_in_order(lines) is in_order
    assert is_in_order([b"\n".join(lines)]) is in_order


@given(st.lists(st.integers(0, 12).map(lambda n: n * 0.5), min_size=1, max_size=30))
def test_runs_are_merged_to_what_one_sort_gives(tmp_path_factory, instants):
    path = written(tmp_path_factory.mktemp("x") / "a.ndjson", instants)
    wanted = [f"e{n}" for n, _ in sorted(enumerate(instants), key=lambda pair: pair[1])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "_RUN", 4)
        items = list(Sorted(Recording(path)))
        sketched = list(Sorted(Recording(path)).sketched(Sketcher()))
    assert [id_of(item) for item in items] == wanted
    parts = [part for part in sketched if isinstance(part, Sketches)]
    assert len(parts) == len(sketched)
    payloads = [part.event(n).raw for part in parts for n in range(len(part.events))]
    assert [json.loads(payload)["id"] for payload in payloads] == wanted
