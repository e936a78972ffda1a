"""D, the folder: what may lie in a journal's place, and what `Journal` makes of it."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from grantex_tui.errors import JournalError
from grantex_tui.events.event import decode_event
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.lines import encode_items
from grantex_tui.events.kept.settings import JournalSettings
from tests.reliability.case import Case, Outcome
from tests.reliability.disk import FAULTS, FaultyDisk, Run
from tests.support.clock import VirtualClock


FILES = (
    "00000001.ndjson",
    "checkpoint.json",
    "checkpoint.latest.json",
    "damaged.ndjson",
    "dead-letter.ndjson",
    "lock",
    "truncated.ndjson",
)
AT = 1_767_603_600.0


def raw(number: int) -> bytes:
    return b'{"id":"evt_%d","type":"t"}' % number


def opened(folder: Path, disk: FaultyDisk | None = None) -> Journal:
    settings = JournalSettings(segment_bytes=4000)
    return Journal.open(folder, clock=VirtualClock(AT), settings=settings, disk=disk)


def filled(folder: Path, count: int = 20) -> None:
    journal = opened(folder)
    journal.append([decode_event(raw(n)) for n in range(count)], AT)
    journal.close()


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def delivered(folder: Path) -> tuple[int, list[str]]:
    """Events that go out, and what is said at the start."""
    journal = opened(folder)
    count = 0
    while chunk := journal.take(100, 1 << 20):
        count += len(chunk.entries)
    notes = journal.notes
    journal.close()
    return count, notes


def refused(folder: Path, words: str, disk: FaultyDisk | None = None) -> str:
    """What is wrong if the journal is not refused with an error that says *words*."""
    try:
        opened(folder, disk).close()
    except JournalError as error:
        return "" if words in error.message and error.hint else f"it says: {error.message}"
    return "it was opened"


def outcome(wrong: str, events: int, lost: int = 0, told: object = True) -> Outcome:
    return Outcome(not wrong, {"events": events, "lost": lost, "told": told}, wrong)


async def read_only_at_start(folder: Path) -> Outcome:
    journal = folder / "journal"
    filled(journal)
    before = content(journal)
    disk = FaultyDisk()
    disk.refused = FAULTS["read-only"]
    wrong = refused(journal, os.strerror(errno.EROFS), disk)
    wrong = wrong or "it was changed" * (content(journal) != before)
    return outcome(wrong, delivered(journal)[0])


async def slow_sync(folder: Path) -> Outcome:
    run = Run(folder)
    sync = run.disk.sync

    def slowly(descriptor: int) -> None:
        run.clock.advance(0.2)
        sync(descriptor)

    run.disk.sync = slowly  # type: ignore[method-assign]
    run.steps(60)
    found = run.end()
    return Outcome(
        found.holds and not run.said, {**found.figures, "told": bool(run.said)}, found.reason
    )


async def two_writers(folder: Path) -> Outcome:
    filled(folder / "journal")
    first = opened(folder / "journal")
    wrong = refused(folder / "journal", f"in use by process {os.getpid()}")
    first.close()
    return outcome(wrong, delivered(folder / "journal")[0])


async def dead_holder(folder: Path) -> Outcome:
    filled(folder / "journal")
    code = (
        "import fcntl, os, sys; f = open(sys.argv[1], 'r+'); fcntl.flock(f, fcntl.LOCK_EX);"
        "f.write(f'{os.getpid()}\\n'); f.flush(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(folder / "journal" / "lock")], check=False)
    count, _ = delivered(folder / "journal")
    return outcome("" if count == 20 else f"{count} of 20", count, 20 - count, told="")


async def another_owner(folder: Path) -> Outcome:
    filled(folder / "journal")
    if os.geteuid() != 0:
        return outcome("only root can give a folder away", 20, told="")
    os.chown(folder / "journal", 12345, -1)
    return outcome(refused(folder / "journal", "belongs to user 12345"), 20)


async def world_writable(folder: Path) -> Outcome:
    filled(folder / "journal")
    (folder / "journal").chmod(0o777)
    count, notes = delivered(folder / "journal")
    told = any("can be written by others" in note for note in notes)
    return outcome("" if told and count == 20 else "not told", count, 20 - count, told)


async def instead_of_each(make: Callable[[Path], None], words: str, folder: Path) -> Outcome:
    """Each of the journal's files is something else."""
    wrong = []
    for number, name in enumerate(FILES):
        journal = folder / str(number) / "journal"
        filled(journal)
        if (journal / name).exists():
            (journal / name).rename(journal.parent / "away")
        make(journal / name)
        if reason := refused(journal, words):
            wrong.append(f"{name}: {reason}")
    return outcome("; ".join(wrong), len(FILES) * 20)


def link(path: Path) -> None:
    target = path.parent.parent / f"target of {path.name}"
    target.write_bytes(b"")
    path.symlink_to(target)


async def older_format(folder: Path) -> Outcome:
    (folder / "journal").mkdir()
    lines = encode_items([decode_event(raw(n)) for n in range(20)], AT)
    (folder / "journal" / "00000001.ndjson").write_bytes(lines)
    count, _ = delivered(folder / "journal")
    return outcome("" if count == 20 else f"{count} of 20", count, 20 - count, told="")


async def newer_format(folder: Path) -> Outcome:
    filled(folder / "journal")
    path = folder / "journal" / "00000001.ndjson"
    path.write_bytes(b'{"journal":3,"anything":"else"}\n' + path.read_bytes())
    before = content(folder / "journal")
    wrong = refused(folder / "journal", "format 3")
    wrong = wrong or "it was changed" * (content(folder / "journal") != before)
    return outcome(wrong, 20)


async def foreign_files(folder: Path) -> Outcome:
    filled(folder / "journal")
    foreign = {"notes.txt": b"mine", "00000001.ndjson.bak": b"rubbish", "1.ndjson": b"{}\n"}
    for name, data in foreign.items():
        (folder / "journal" / name).write_bytes(data)
    (folder / "journal" / "old").mkdir()
    count, _ = delivered(folder / "journal")
    there = content(folder / "journal")
    wrong = "" if count == 20 else f"{count} of 20"
    wrong = wrong or "they were changed" * any(there[name] != foreign[name] for name in foreign)
    return outcome(wrong, count, 20 - count, told="")


CASES: Sequence[Case] = [
    Case("7", "read-only at start", read_only_at_start, brief=True),
    Case("13", "slow sync (200 ms)", slow_sync, brief=True),
    Case("14", "two writers", two_writers, brief=True),
    Case("15", "lock held by a dead process", dead_holder),
    Case("16", "folder of another owner", another_owner),
    Case("17", "world-writable folder", world_writable, brief=True),
    Case("18", "a symbolic link as each file", partial(instead_of_each, link, "a symbolic link")),
    Case("19", "a FIFO as each file", partial(instead_of_each, os.mkfifo, "a FIFO"), brief=True),
    Case("20", "a folder named as a segment", partial(instead_of_each, Path.mkdir, "a folder")),
    Case("21", "older format", older_format, brief=True),
    Case("22", "newer format", newer_format, brief=True),
    Case("23", "foreign files", foreign_files, brief=True),
]
