from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from grantex_tui.events.kept.checkpoint import Checkpoint, CheckpointFile, read_checkpoint
from grantex_tui.events.kept.spool import Position


if TYPE_CHECKING:
    from pathlib import Path


def fits(_: Checkpoint) -> str:
    return ""


def load(folder: Path) -> Checkpoint | None:
    return CheckpointFile(folder).load(fits)


def test_there_is_none_at_first(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path)
    assert file.load(fits) is None
    assert file.notes == []


@pytest.mark.parametrize("keep", ["note", "save"])
def test_what_was_kept_is_found_again(tmp_path: Path, keep: str) -> None:
    checkpoint = Checkpoint(3, 4567, delivered=12, dead_lettered=1, dropped={"journal full": 2})
    file = CheckpointFile(tmp_path)
    getattr(file, keep)(checkpoint)
    file.close()
    assert load(tmp_path) == checkpoint


def test_the_one_that_is_further_along_counts(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path)
    file.save(Checkpoint(2, 10))
    file.note(Checkpoint(2, 9))
    assert load(tmp_path) == Checkpoint(2, 10)
    file.note(Checkpoint(2, 11))
    file.close()
    assert load(tmp_path) == Checkpoint(2, 11)


def test_a_shorter_note_leaves_nothing_of_the_longer_one(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path)
    file.note(Checkpoint(2, 123_456_789, delivered=1_000_000))
    file.note(Checkpoint(3, 0))
    file.close()
    assert load(tmp_path) == Checkpoint(3, 0)


def test_a_damaged_note_costs_only_what_came_after_the_saved_one(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path)
    file.save(Checkpoint(2, 10))
    (tmp_path / "checkpoint.latest.json").write_bytes(b"\0" * 60)
    assert file.load(fits) == Checkpoint(2, 10)
    assert "checkpoint.latest.json" in file.notes[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"segment":1}',
        b'{"segment":-1,"offset":0}',
        b"null",
        b"\0\0",
    ],
)
def test_what_is_no_checkpoint_is_moved_aside_and_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "checkpoint.json"
    path.write_bytes(data)
    file = CheckpointFile(tmp_path)
    assert file.load(fits) is None
    assert not path.exists()
    assert (tmp_path / "checkpoint.json.corrupt").read_bytes() == data
    assert str(path) in file.notes[0]


def test_a_second_corrupt_one_does_not_replace_the_first(tmp_path: Path) -> None:
    for data in (b"first", b"second"):
        (tmp_path / "checkpoint.json").write_bytes(data)
        load(tmp_path)
    assert (tmp_path / "checkpoint.json.corrupt").read_bytes() == b"first"
    assert (tmp_path / "checkpoint.json.corrupt.2").read_bytes() == b"second"


def test_what_does_not_fit_the_data_is_moved_aside_with_the_reason(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path)
    file.save(Checkpoint(9, 0))
    assert file.load(lambda _: "points beyond the end") is None
    assert "points beyond the end" in file.notes[0]


def test_a_failed_save_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = CheckpointFile(tmp_path)
    file.save(Checkpoint(1, 10))

    def refuse(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fdatasync", refuse)
    with pytest.raises(OSError, match="Input/output"):
        file.save(Checkpoint(1, 20))
    assert read_checkpoint(tmp_path / "checkpoint.json") == Checkpoint(1, 10)


def test_totals_add_up() -> None:
    checkpoint = (
        Checkpoint(1, 0)
        .moved_to(Position(1, 50), delivered=3, dead_lettered=1)
        .with_dropped("journal full", 2)
        .moved_to(Position(2, 5), delivered=4)
        .with_dropped("journal full", 1)
    )
    assert checkpoint == Checkpoint(2, 5, delivered=7, dead_lettered=1, dropped={"journal full": 3})


def test_the_file_is_for_people_too_and_for_no_other_user(tmp_path: Path) -> None:
    file = CheckpointFile(tmp_path)
    file.save(Checkpoint(1, 10, dead_lettered=2))
    file.note(Checkpoint(1, 10, dead_lettered=2))
    file.close()
    for name in ("checkpoint.json", "checkpoint.latest.json"):
        assert json.loads((tmp_path / name).read_text())["deadLettered"] == 2
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
