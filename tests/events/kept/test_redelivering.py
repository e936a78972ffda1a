"""Dead letters that go out once more: each once, as it was, and only past the point of delivery."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from grantex_tui.cli.main import main
from grantex_tui.clock import rfc3339
from grantex_tui.errors import JournalError
from grantex_tui.events.event import decode_event
from grantex_tui.events.kept.care.redelivering import redeliver
from grantex_tui.events.kept.header import Identity, LogNote
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.spool import DeadLetter
from tests.support.clock import VirtualClock


if TYPE_CHECKING:
    from pathlib import Path

AT = 1_767_603_600.0


def payload(number: int) -> bytes:
    return b'{"id":"evt_%d","type":"token.issued"}' % number


def bury_all(folder: Path, *, settled: int) -> None:
    """Three events, each a dead letter; delivery has come past the first *settled* of them."""
    clock = VirtualClock(AT)
    mine = Identity("dev_A", log=LogNote(ddtags="env:prod"))
    journal = Journal.open(folder, clock=clock, identity=mine)
    journal.append([decode_event(payload(n)) for n in range(3)], AT)
    for number in range(3):
        chunk = journal.take(1, 1)
        assert chunk is not None
        entry = {
            "message": payload(number).decode(),
            "ddsource": "grantex",
            "ddtags": "env:staging,type:token.issued",
            "hostname": "h",
            "service": "billing",
        }
        journal.bury(
            DeadLetter(
                chunk.end.segment, chunk.end.offset, json.dumps(entry).encode(), "too odd", 400
            )
        )
        if number < settled:
            journal.settle(chunk.end, delivered=0, dead_lettered=1, unreadable=0)
    journal.close()


def pending_of(folder: Path) -> list[tuple[bytes, LogNote | None]]:
    journal = Journal.open(folder, clock=VirtualClock(AT))
    found = []
    while chunk := journal.take(10, 1 << 20):
        found += [(bytes(entry.raw), chunk.log) for entry in chunk.entries]
    journal.close()
    return found


def test_dead_letters_go_out_once_more_with_the_tags_they_had(tmp_path: Path) -> None:
    bury_all(tmp_path, settled=3)
    assert redeliver(tmp_path, clock=VirtualClock(AT)) == (3, 0)
    note = LogNote("grantex", "env:staging", "h", "billing")
    assert pending_of(tmp_path) == [(payload(n), note) for n in range(3)]
    assert not (tmp_path / "dead-letter.ndjson").exists()
    assert (tmp_path / "dead-letter.redelivered.ndjson").exists()


def test_a_second_time_there_is_nothing_to_send(tmp_path: Path) -> None:
    bury_all(tmp_path, settled=3)
    redeliver(tmp_path, clock=VirtualClock(AT))
    assert redeliver(tmp_path, clock=VirtualClock(AT)) == (0, 0)
    assert len(pending_of(tmp_path)) == 3


def test_a_letter_that_delivery_has_not_come_past_stays(tmp_path: Path) -> None:
    bury_all(tmp_path, settled=1)
    assert redeliver(tmp_path, clock=VirtualClock(AT)) == (1, 2)
    assert [raw for raw, _ in pending_of(tmp_path)] == [payload(0)]
    assert len((tmp_path / "dead-letter.ndjson").read_bytes().splitlines()) == 2


def test_a_journal_in_use_is_left_alone(tmp_path: Path) -> None:
    bury_all(tmp_path, settled=3)
    running = Journal.open(tmp_path, clock=VirtualClock(AT))
    with pytest.raises(JournalError, match="in use by process"):
        redeliver(tmp_path, clock=VirtualClock(AT))
    running.close()
    assert len((tmp_path / "dead-letter.ndjson").read_bytes().splitlines()) == 3


def test_adopt_leaves_alone_a_journal_in_use(tmp_path: Path, capsys) -> None:
    bury_all(tmp_path / "theirs", settled=1)
    bury_all(tmp_path / "mine", settled=3)
    running = Journal.open(tmp_path / "theirs", clock=VirtualClock(AT))
    assert main(["journal", "adopt", str(tmp_path / "theirs")]) == 6
    running.close()
    assert "in use by process" in capsys.readouterr().err
    assert pending_of(tmp_path / "mine") == []


def test_the_commands_say_what_they_did(tmp_path: Path, capsys) -> None:
    bury_all(tmp_path, settled=1)
    assert main(["journal", "dead-letters", str(tmp_path)]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == 3
    assert all(word in listed[0] for word in (rfc3339(AT)[:10], "400", "too odd", "evt_0"))
    assert main(["journal", "redeliver", str(tmp_path)]) == 0
    assert (
        capsys.readouterr().out == "1 event goes out at the next start of watch; 2 letters stay\n"
    )
