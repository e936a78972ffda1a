from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grantex_tui.errors import JournalError
from grantex_tui.events.event import decode_event
from grantex_tui.events.kept.guard import check_folder
from grantex_tui.events.kept.journal import Journal
from tests.support.clock import VirtualClock


FILES = ["00000001.ndjson", "checkpoint.json", "checkpoint.latest.json", "dead-letter.ndjson",
         "damaged.ndjson", "truncated.ndjson", "lock"]  # fmt: skip


def link(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize(
    ("make", "kind"), [(os.mkfifo, "a FIFO"), (link, "a symbolic link"), (os.mkdir, "a folder")]
)
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_file_is_refused_at_once(
    tmp_path: Path, name: str, make: Callable[[Path], None], kind: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(JournalError, match=f"{name} is {kind}"):
        Journal.open(tmp_path, clock=VirtualClock(1.0))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_another_owner_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    os.chown(tmp_path / "lock", 12345, 12345)
    with pytest.raises(JournalError, match="lock belongs to user 12345"):
        Journal.open(tmp_path, clock=VirtualClock(1.0))
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(JournalError, match=f"{tmp_path} belongs to user 12345"):
        Journal.open(tmp_path, clock=VirtualClock(1.0))


def test_a_folder_that_others_may_write_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    journal = Journal.open(tmp_path, clock=VirtualClock(1.0))
    journal.close()
    assert journal.notes == [f"{tmp_path} can be written by others: chmod 700 {tmp_path}"]


def test_foreign_files_are_nobodys_business(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "notes.txt").write_text("mine")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "old").mkdir()
    assert check_folder(tmp_path) == []
    journal = Journal.open(tmp_path, clock=VirtualClock(1.0))
    journal.append([decode_event(b'{"id":"1","type":"t"}')], 1.0)
    assert journal.take(10, 1000) is not None
    journal.close()
    assert (tmp_path / "notes.txt").read_text() == "mine"
