from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec
import pytest

from grantex_tui.errors import ExitCode, JournalError
from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.checkpoint import CheckpointFile, read_checkpoint
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.losses import DAMAGED, JOURNAL_FULL
from grantex_tui.events.kept.settings import JournalSettings
from grantex_tui.events.kept.spool import Chunk, DeadLetter
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.recording import Recording
from tests.support.clock import VirtualClock


if TYPE_CHECKING:
    from pathlib import Path


AT = 1_767_603_600.0


def event(number: int, padding: int = 0) -> Event:
    text = f'{{"id":"evt_{number}","type":"grant.created","data":{{"note":"{"x" * padding}"}}}}'
    decoded = decode_event(text.encode())
    assert isinstance(decoded, Event)
    return decoded


def numbers(chunk: Chunk | None) -> list[int]:
    assert chunk is not None
    return [int(json.loads(entry.raw)["id"][4:]) for entry in chunk.entries]


def settle(journal: Journal, chunk: Chunk | None) -> None:
    assert chunk is not None
    journal.settle(
        chunk.end,
        delivered=len(chunk.entries),
        dead_lettered=chunk.buried,
        unreadable=chunk.unreadable,
    )


def crash(journal: Journal) -> None:
    """What is left of a process that is killed: its files, and no lock."""
    assert journal._lock is not None
    journal._lock.release()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(AT)


@pytest.fixture
def opened(tmp_path: Path, clock: VirtualClock):
    """Opens the journal of the test, and closes what it has opened."""
    journals: list[Journal] = []

    def open_journal(**options) -> Journal:
        journals.append(
            Journal.open(tmp_path / "journal", clock=clock, settings=JournalSettings(**options))
        )
        return journals[-1]

    yield open_journal
    for journal in journals:
        journal.close()


# --- what is kept -----------------------------------------------------------------------------


def test_events_come_back_as_received_in_order(opened) -> None:
    journal = opened()
    raws = [
        b'{"id":"1","type":"a", "x":"\xe2\x80\xa8"}',
        b'{"id":"2",\n"type":"b"}',
        b'{"id":"3","type":"c"}',
    ]
    journal.append([decode_event(raw) for raw in raws[:2]], AT)
    journal.append_gap(Gap(AT, AT + 1, "cut"))
    journal.append([Malformed(b"{", "not JSON"), decode_event(raws[2])], AT + 1)
    chunk = journal.take(10, 1_000_000)
    assert chunk is not None
    assert [(entry.raw, entry.type) for entry in chunk.entries] == list(
        zip(raws, "abc", strict=True)
    )
    assert journal.take(10, 1_000_000) is None


def test_a_take_is_limited_by_count_and_by_bytes_but_gives_at_least_one(opened) -> None:
    journal = opened()
    journal.append([event(n) for n in range(5)] + [event(5, padding=3_000_000), event(6)], AT)
    assert numbers(journal.take(2, 1_000_000)) == [0, 1]
    assert numbers(journal.take(100, 250)) == [2, 3]
    assert numbers(journal.take(100, 10_000)) == [4]
    assert numbers(journal.take(100, 10_000)) == [5]
    assert numbers(journal.take(100, 10_000)) == [6]


def test_pending_is_known_without_reading(opened) -> None:
    journal = opened()
    journal.append([event(n) for n in range(5)], AT)
    assert (journal.received, journal.unread, journal.carried_over) == (5, 5, 0)
    journal.take(3, 1_000_000)
    assert (journal.received, journal.unread) == (5, 2)
    lines = (journal.directory / "00000001.ndjson").read_bytes().splitlines(keepends=True)
    assert journal.unread_bytes == sum(map(len, lines[-2:]))


def test_the_oldest_unread_event_tells_its_time(opened, clock: VirtualClock) -> None:
    journal = opened()
    assert journal.oldest_unread_at() is None
    journal.append([event(1)], AT + 1)
    journal.append([event(2)], AT + 2)
    assert journal.oldest_unread_at() == AT + 1
    journal.take(1, 1_000_000)
    assert journal.oldest_unread_at() == AT + 2


def test_an_append_is_one_write(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened()
    journal.append([event(0)], AT)
    writes: list[int] = []
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        writes.append(len(data))
        return real(descriptor, data)

    monkeypatch.setattr("os.write", write)
    journal.append([event(n) for n in range(1, 101)], AT)
    assert len(writes) == 1


@pytest.mark.parametrize("fsync", [True, False])
def test_an_append_is_synced_unless_told_otherwise(opened, monkeypatch, fsync: bool) -> None:
    synced: list[int] = []
    journal = opened(fsync=fsync)
    monkeypatch.setattr("os.fdatasync", synced.append)
    journal.append([event(0)], AT)
    assert len(synced) == fsync


def test_nobody_else_may_look(opened) -> None:
    journal = opened()
    journal.append([event(0)], AT)
    journal.bury(DeadLetter(1, 10, b"{}", "too large", 413))
    settle(journal, journal.take(1, 1000))
    journal.persist()
    assert journal.directory.stat().st_mode & 0o777 == 0o700
    files = list(journal.directory.iterdir())
    assert {file.name for file in files} == {
        "00000001.ndjson",
        "checkpoint.json",
        "checkpoint.latest.json",
        "dead-letter.ndjson",
        "lock",
    }
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_journal_is_a_recording(opened) -> None:
    journal = opened(segment_bytes=200)
    for n in range(10):
        journal.append([event(n)], AT + n)
    assert list(Recording(journal.directory)) == [Arrival(AT + n, event(n)) for n in range(10)]


# --- restarts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["close", "crash"])
def test_what_was_settled_is_done_and_the_rest_comes_again(opened, end: str) -> None:
    journal = opened(segment_bytes=300)
    for n in range(20):
        journal.append([event(n)], AT)
    for _ in range(3):
        settle(journal, journal.take(2, 1_000_000))
    journal.take(2, 1_000_000)  # in hand, without a verdict
    if end == "crash":
        crash(journal)
    else:
        journal.close()
    journal = opened(segment_bytes=300)
    assert journal.carried_over == journal.unread == 20 - journal.checkpoint.delivered
    assert journal.checkpoint.delivered >= 5
    taken: list[int] = []
    while chunk := journal.take(100, 1_000_000):
        taken += numbers(chunk)
    assert taken == list(range(journal.checkpoint.delivered, 20))


def test_appending_goes_on_where_it_ended(opened) -> None:
    opened().close()
    for n in range(3):
        journal = opened()
        journal.append([event(n)], AT)
        journal.close()
    assert [path.name for path in journal.directory.glob("0*")] == ["00000001.ndjson"]
    assert numbers(opened().take(10, 1_000_000)) == [0, 1, 2]


def test_a_torn_last_line_is_cut_and_told(opened) -> None:
    journal = opened()
    journal.append([event(0)], AT)
    journal.close()
    with (journal.directory / "00000001.ndjson").open("ab") as file:
        file.write(b'{"receivedAt":"2026-01-05T09:00:00.000Z","event":{"id":"evt_1","ty')
    journal = opened()
    assert "unfinished last line of 66 bytes" in journal.notes[0]
    journal.append([event(2)], AT)
    assert numbers(journal.take(10, 1_000_000)) == [0, 2]


def test_a_file_without_a_single_line_break_is_cut_to_nothing(opened) -> None:
    journal = opened()
    journal.append([event(0)], AT)
    journal.close()
    (journal.directory / "00000001.ndjson").write_bytes(b"\0" * 3_000_000)
    journal = opened()
    assert "3,000,000" in journal.notes[0]
    assert journal.unread == 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty", b""),
        ("garbage", b"\0\0garbage"),
        ("half", b'{"segment":1,"off'),
        ("beyond the segment", b'{"segment":1,"offset":99999999}'),
        ("beyond the last segment", b'{"segment":9,"offset":0}'),
        ("not at a line", b'{"segment":1,"offset":5}'),
    ],
)
def test_a_bad_checkpoint_is_moved_aside_and_everything_delivered_again(opened, name, data) -> None:
    journal = opened()
    journal.append([event(n) for n in range(3)], AT)
    settle(journal, journal.take(10, 1_000_000))
    journal.close()
    for file in journal.directory.glob("checkpoint*"):
        file.write_bytes(data)
    journal = opened()
    assert numbers(journal.take(10, 1_000_000)) == [0, 1, 2]
    assert any("delivering again" in note for note in journal.notes)
    assert (journal.directory / "checkpoint.json.corrupt").read_bytes() == data


def test_a_checkpoint_that_points_into_a_line_goes_on_by_its_place(opened) -> None:
    journal = opened(segment_bytes=50)
    for n in range(2):
        journal.append([event(n)], AT)
    journal.close()
    checkpoint = read_checkpoint(journal.directory / "checkpoint.json")
    assert checkpoint is not None
    CheckpointFile(journal.directory).save(msgspec.structs.replace(checkpoint, offset=5))
    journal = opened()
    assert journal.unread == 2
    assert "was changed where delivery had come to" in journal.notes[0]


def test_a_checkpoint_before_the_first_segment_is_one_of_what_was_tidied_away(opened) -> None:
    journal = opened(segment_bytes=50)
    for n in range(2):
        journal.append([event(n)], AT)
    settle(journal, journal.take(10, 1_000_000))
    journal.close()
    (journal.directory / "00000001.ndjson").unlink()
    journal = opened()
    assert (journal.unread, journal.checkpoint.delivered, journal.dropped) == (1, 1, {})
    assert numbers(journal.take(10, 1_000_000)) == [1]


def test_a_lost_checkpoint_means_from_the_start(opened) -> None:
    journal = opened()
    journal.append([event(0)], AT)
    settle(journal, journal.take(10, 1_000_000))
    journal.close()
    for file in journal.directory.glob("checkpoint*"):
        file.unlink()
    assert opened().unread == 1


def test_segments_that_somebody_deleted_are_not_taken_for_new_ones(opened) -> None:
    journal = opened()
    journal.append([event(0)], AT)
    settle(journal, journal.take(10, 1_000_000))
    journal.close()
    (journal.directory / "00000001.ndjson").unlink()
    journal = opened()
    journal.append([event(1)], AT)
    assert numbers(journal.take(10, 1_000_000)) == [1]
    journal.close()
    assert opened().unread == 1


def test_the_last_event_tells_since_when_there_is_a_gap(opened) -> None:
    journal = opened()
    assert journal.last_received_at is None
    journal.append([event(0)], AT)
    journal.append([event(1, padding=2_000_000)], AT + 7)
    journal.close()
    assert opened().last_received_at == AT + 7


def test_a_dead_letter_is_not_sent_again_after_a_crash(opened) -> None:
    journal = opened()
    journal.append([event(n) for n in range(3)], AT)
    chunk = journal.take(10, 1_000_000)
    assert chunk is not None
    journal.bury(
        DeadLetter(chunk.end.segment, chunk.entries[1].end, b'{"message":"m"}', "bad", 400)
    )
    crash(journal)  # before the checkpoint could move over it
    chunk = opened().take(10, 1_000_000)
    assert chunk is not None
    assert (numbers(chunk), chunk.buried) == ([0, 2], 1)


def test_a_dead_letter_says_what_why_when(opened) -> None:
    journal = opened()
    journal.bury(DeadLetter(1, 77, b'{"message":"{\\"id\\":1}"}', "Malformed payload", 400))
    (line,) = (journal.directory / "dead-letter.ndjson").read_text().splitlines()
    assert json.loads(line) == {
        "crc": f"{crc32(line[:-18].encode()):08x}",
        "at": "2026-01-05T09:00:00.000Z",
        "status": 400,
        "reason": "Malformed payload",
        "segment": 1,
        "end": 77,
        "entry": {"message": '{"id":1}'},
    }


def test_a_dead_letter_after_a_torn_one_stands_alone(opened) -> None:
    journal = opened()
    path = journal.directory / "dead-letter.ndjson"
    journal.bury(DeadLetter(1, 77, b"{}", "first", 400))
    crash(journal)
    path.write_bytes(path.read_bytes() + b'{"at":"2026-01-05T09:')
    opened().bury(DeadLetter(1, 99, b"{}", "second", 400))
    reasons = [json.loads(line)["reason"] for line in path.read_text().splitlines()]
    assert reasons == ["first", "second"]


def test_a_damaged_line_is_counted_as_lost_and_stops_nothing(opened) -> None:
    journal = opened()
    journal.append([event(n) for n in range(3)], AT)
    journal.close()
    path = journal.directory / "00000001.ndjson"
    path.write_bytes(path.read_bytes().replace(b'"evt_1","type"', b'"evt_1","ty\0e"'))
    journal = opened()
    assert (journal.carried_over, journal.unread) == (3, 2)
    assert journal.dropped == journal.checkpoint.dropped == {DAMAGED: 1}
    assert "damaged in 1 place, 1 event lost" in journal.notes[0]
    (told,) = (journal.directory / "damaged.ndjson").read_text().splitlines()
    assert "evt_1" in json.loads(told)["text"]
    for number in (0, 2):
        chunk = journal.take(10, 1_000_000)
        assert numbers(chunk) == [number]
        settle(journal, chunk)
    assert journal.checkpoint.delivered == 2


def test_damage_is_told_and_counted_by_one_run_only(opened) -> None:
    journal = opened()
    journal.append([event(n) for n in range(3)], AT)
    journal.close()
    path = journal.directory / "00000001.ndjson"
    path.write_bytes(path.read_bytes().replace(b'"evt_1"', b'"evt_7"'))
    opened().close()
    journal = opened()
    assert (journal.carried_over, journal.dropped, journal.notes) == (2, {}, [])


def test_what_the_disk_damages_meanwhile_is_not_taken(opened) -> None:
    journal = opened()
    journal.append([event(n) for n in range(3)], AT)
    path = journal.directory / "00000001.ndjson"
    path.write_bytes(path.read_bytes().replace(b'"evt_1"', b'"evt_7"'))
    assert [numbers(journal.take(10, 1_000_000)) for _ in range(2)] == [[0], [2]]
    assert (journal.unread, journal.dropped) == (0, {DAMAGED: 1})
    assert "damaged in 1 place" in journal.notices()[0]


# --- one writer -------------------------------------------------------------------------------


def test_a_second_process_is_told_who_has_the_folder(opened) -> None:
    journal = opened()
    with pytest.raises(JournalError) as caught:
        opened()
    assert str(journal.directory) in str(caught.value)
    assert f"process {os.getpid()}" in str(caught.value)
    assert "--journal" in caught.value.hint
    assert caught.value.exit_code is ExitCode.JOURNAL


def test_the_lock_goes_with_the_process(opened) -> None:
    journal = opened()
    journal.close()
    journal.close()
    opened()


def test_a_folder_that_cannot_be_is_an_error_with_its_name(tmp_path: Path, clock) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="file"):
        Journal.open(tmp_path / "file" / "journal", clock=clock)


def test_what_is_only_watched_is_never_pending(opened) -> None:
    journal = opened(deliver=False, max_bytes=8_000, segment_bytes=500)
    for n in range(200):
        journal.append([event(n)], AT)
    assert (journal.received, journal.unread, journal.dropped) == (200, 0, {})
    assert journal.take(10, 1_000_000) is None
    crash(journal)
    assert opened(deliver=False).carried_over == 0


# --- retention --------------------------------------------------------------------------------


def size_of(journal: Journal) -> int:
    return sum(path.stat().st_size for path in journal.directory.glob("0*.ndjson"))


def test_delivered_segments_go_when_the_journal_is_too_large(opened) -> None:
    journal = opened(max_bytes=8_000, segment_bytes=500, fsync=False)
    for n in range(500):
        journal.append([event(n)], AT)
        settle(journal, journal.take(10, 1_000_000))
        journal.persist()
    assert size_of(journal) < 9_000
    assert journal.dropped == {}
    journal.close()
    assert opened().carried_over == 0


def test_delivered_segments_go_when_they_are_old(opened, clock: VirtualClock) -> None:
    journal = opened(max_age=100.0, segment_bytes=50)
    for n in range(4):
        journal.append([event(n)], clock.now())
        settle(journal, journal.take(10, 1_000_000))
        journal.persist()
        clock.advance(60.0)
    assert sorted(path.name for path in journal.directory.glob("0*")) == [
        "00000003.ndjson",
        "00000004.ndjson",
    ]


def test_old_events_without_a_verdict_stay(opened, clock: VirtualClock) -> None:
    journal = opened(max_age=100.0, segment_bytes=50)
    for n in range(4):
        journal.append([event(n)], clock.now())
        clock.advance(1000.0)
    taken = [numbers(journal.take(10, 1_000_000)) for _ in range(4)]
    assert taken == [[0], [1], [2], [3]]


def test_undelivered_events_are_dropped_only_for_space_and_are_counted(opened) -> None:
    journal = opened(max_bytes=8_000, segment_bytes=500, fsync=False)
    for n in range(500):
        journal.append([event(n)], AT)
    assert size_of(journal) < 9_000
    dropped = journal.dropped[JOURNAL_FULL]
    assert dropped > 300
    assert journal.unread == 500 - dropped
    crash(journal)
    journal = opened()
    assert journal.carried_over == 500 - dropped
    assert journal.checkpoint.dropped == {JOURNAL_FULL: dropped}
    taken: list[int] = []
    while chunk := journal.take(100, 1_000_000):
        taken += numbers(chunk)
    assert len(taken) == 500 - dropped
    assert taken[-1] == 499


def test_what_is_in_hand_is_not_dropped(opened) -> None:
    journal = opened(max_bytes=8_000, segment_bytes=500, fsync=False)
    journal.append([event(n) for n in range(3)], AT)
    chunk = journal.take(3, 1_000_000)
    for n in range(3, 500):
        journal.append([event(n)], AT)
    crash(journal)
    assert numbers(opened().take(3, 1_000_000)) == numbers(chunk)


# --- a disk that refuses ----------------------------------------------------------------------


def test_a_full_disk_is_told_and_costs_nothing_as_long_as_memory_lasts(tmp_path: Path) -> None:
    """The file size limit stands in for the full disk: the kernel takes a part and refuses the rest."""
    script = """
        import resource, sys
        from pathlib import Path
        from tests.support.clock import VirtualClock
        from grantex_tui.events.event import decode_event
        from grantex_tui.events.kept.journal import Journal
        events = [decode_event(b'{"id":"evt_%d","type":"t"}' % n) for n in range(30)]
        clock = VirtualClock()
        journal = Journal.open(Path(sys.argv[1]), clock=clock)
        journal.append(events[:10], 0.0)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, hard))
        journal.append(events[10:20], 0.0)
        print(*journal.notices())
        print(journal.received, journal.unread, dict(journal.dropped), len(journal.standing))
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        clock.advance(1.0)
        journal.append(events[20:], 0.0)
        clock.advance(5.0)
        journal.tend(clock.now())
        print(*journal.notices())
        taken = []
        while chunk := journal.take(100, 1000000):
            taken += [int(entry.raw[11:].split(b'"')[0]) for entry in chunk.entries]
        print(taken == list(range(30)), len(journal.standing))
        journal.close()
        print(len(list(journal.directory.glob("0*.ndjson"))))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "journal")],
        check=True,
        capture_output=True,
        text=True,
    )
    begun, counts, ended, taken, files = done.stdout.splitlines()
    assert str(tmp_path / "journal") in begun
    assert "events go on from memory" in begun
    assert counts == "20 20 {} 1"
    assert ended == "the journal is written again"
    assert taken == "True 0"
    assert files == "2"


@pytest.mark.parametrize("broken", [("os.fdatasync",), ("os.fdatasync", "os.ftruncate")])
def test_what_a_failed_sync_may_have_lost_goes_on_from_memory(opened, monkeypatch, broken) -> None:
    journal = opened()
    journal.append([event(0)], AT)

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as disk:
        for name in broken:
            disk.setattr(name, refuse)
        journal.append([event(1)], AT)
        assert "Input/output error" in journal.standing[0]
        assert numbers(journal.take(10, 1_000_000)) == [0]
        assert numbers(journal.take(10, 1_000_000)) == [1]
    journal.append([event(2)], AT)
    assert numbers(journal.take(10, 1_000_000)) == [2]
    assert (journal.received, journal.unread, journal.dropped) == (3, 0, {})


# --- kill -9 ----------------------------------------------------------------------------------

WRITER = """
    import random, sys
    from pathlib import Path
    from tests.support.clock import VirtualClock
    from grantex_tui.events.event import decode_event
    from grantex_tui.events.kept.journal import Journal
    from grantex_tui.events.kept.settings import JournalSettings
    rng = random.Random(int(sys.argv[2]))
    journal = Journal.open(Path(sys.argv[1]), clock=VirtualClock(), settings=JournalSettings(segment_bytes=2000, fsync=False))
    n = journal.received + journal.checkpoint.delivered + journal.carried_over
    while True:
        count = rng.randint(1, 20)
        journal.append([decode_event(b'{"id":"evt_%d","type":"t"}' % (n + k)) for k in range(count)], 0.0)
        n += count
        print("kept", n, flush=True)
        if rng.random() < 0.7 and (chunk := journal.take(rng.randint(1, 30), 100000)):
            journal.settle(chunk.end, delivered=len(chunk.entries), dead_lettered=0, unreadable=0)
            print("settled", journal.checkpoint.delivered, flush=True)
        if rng.random() < 0.1:
            journal.persist()
"""


@pytest.mark.parametrize("seed", range(12))
def test_a_killed_process_loses_nothing_that_it_promised(tmp_path: Path, clock, seed: int) -> None:
    folder = tmp_path / "journal"
    kept = settled = 0
    for _ in range(2):
        writer = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(folder), str(seed)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        for _ in range(7 + 13 * seed):
            what, number = writer.stdout.readline().split()
            kept, settled = (int(number), settled) if what == "kept" else (kept, int(number))
        writer.kill()
        for line in writer.stdout:  # what it said while the signal was on its way
            if line.endswith("\n"):
                what, number = line.split()
                kept, settled = (int(number), settled) if what == "kept" else (kept, int(number))
        writer.stdout.close()
        writer.wait()
        journal = Journal.open(folder, clock=clock)
        delivered = journal.checkpoint.delivered
        taken: list[int] = []
        while chunk := journal.take(1000, 1_000_000):
            taken += numbers(chunk)
        journal.close()
        assert taken == list(range(delivered, delivered + len(taken)))
        assert delivered + len(taken) >= kept
        assert delivered >= settled


def test_reading_costs_what_it_gives(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(fsync=False)
    for start in range(0, 50_000, 1000):
        journal.append([event(n) for n in range(start, start + 1000)], AT)
    size = (journal.directory / "00000001.ndjson").stat().st_size
    read: list[int] = []
    real = os.pread

    def pread(descriptor: int, count: int, offset: int) -> bytes:
        read.append(count)
        return real(descriptor, count, offset)

    monkeypatch.setattr("os.pread", pread)
    while journal.take(1000, 4_000_000):
        pass
    assert sum(read) < 3 * size
    assert max(read) < 10 * size // 50
