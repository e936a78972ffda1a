"""List D: a disk that fails under a journal, by the journal's own seam to the operating system.

A healthy intake takes what is there at each step. Time is virtual: a step is 0.1 s.
"""

import errno
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from grantex_tui.errors import JournalError
from grantex_tui.events.event import decode_event
from grantex_tui.events.kept.disk import RealDisk
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.settings import JournalSettings
from tests.reliability.case import Case, Outcome
from tests.support.clock import VirtualClock


STEP = 0.1
A_STEP = 7
"""Events a step."""
CALLS = ("open", "write", "pwrite", "sync", "truncate", "replace", "remove")


class FaultyDisk(RealDisk):
    """Refuses the calls in `refused` with their error numbers."""

    def __init__(self) -> None:
        self.refused: dict[str, int] = {}

    def _may(self, call: str) -> None:
        if number := self.refused.get(call):
            raise OSError(number, os.strerror(number))

    def open(self, path: Path, flags: int) -> int:
        self._may("open")
        return super().open(path, flags)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        if self.refused.get("write") == errno.ENOSPC and len(data) > 10:
            super().write(descriptor, bytes(data[:10]))  # a full disk takes a part first
        self._may("write")
        return super().write(descriptor, data)

    def pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        self._may("pwrite")
        return super().pwrite(descriptor, data, offset)

    def sync(self, descriptor: int) -> None:
        self._may("sync")  # and no more: what a power cut does is tried elsewhere

    def truncate(self, descriptor: int, size: int) -> None:
        self._may("truncate")
        super().truncate(descriptor, size)

    def replace(self, path: Path, by: Path) -> None:
        self._may("replace")
        super().replace(path, by)

    def remove(self, path: Path) -> None:
        self._may("remove")
        super().remove(path)


FULL = {"write": errno.ENOSPC}
FAULTS: dict[str, dict[str, int]] = {
    "full": FULL,
    "no inodes": {"open": errno.ENOSPC},
    "EIO": dict.fromkeys(("write", "sync", "pwrite", "open"), errno.EIO),
    "EIO on sync": {"sync": errno.EIO},
    "EIO on sync and truncate": dict.fromkeys(("sync", "truncate"), errno.EIO),
    "read-only": dict.fromkeys(("open", "write", "truncate", "replace", "remove"), errno.EROFS),
    "quota": {"write": errno.EDQUOT, "open": errno.EDQUOT},
    "no permission": {"open": errno.EACCES},
}


class Run:
    """A journal on such a disk, and an intake; the accounts are checked at every step."""

    def __init__(self, folder: Path, **settings: int) -> None:
        self.folder = folder / "journal"
        self.disk = FaultyDisk()
        self.clock = VirtualClock(1_767_603_600.0)
        self.settings = JournalSettings(**{"segment_bytes": 4000, "fsync": True, **settings})  # type: ignore[arg-type]
        self.sent: Counter[bytes] = Counter()
        self.appended = self.settled = self.samples = 0
        self.wrong: list[str] = []
        self.said: list[str] = []
        self.recovered_after: float | None = None
        self.is_intake_up = True
        self.lost = 0
        self.open()

    def open(self) -> None:
        self.journal = Journal.open(
            self.folder, clock=self.clock, settings=self.settings, disk=self.disk
        )
        self.settled = 0

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.step()

    def step(self) -> None:
        self.clock.advance(STEP)
        raws = [b'{"id":"evt_%d","type":"t"}' % (self.appended + n) for n in range(A_STEP)]
        self.appended += A_STEP
        self.journal.append([decode_event(raw) for raw in raws], self.clock.now())
        self.check()
        if self.is_intake_up:
            self.deliver()
        self.journal.tend(self.clock.now())
        self.check()
        self.said += self.journal.notices()

    def deliver(self) -> None:
        while chunk := self.journal.take(5, 1_000_000):
            self.check(len(chunk.entries))
            self.sent.update(bytes(entry.raw) for entry in chunk.entries)
            self.settled += len(chunk.entries) + chunk.buried
            try:
                self.journal.settle(
                    chunk.end, delivered=len(chunk.entries), dead_lettered=0, unreadable=0
                )
                if self.samples % 10 == 0:
                    self.journal.persist()
            except JournalError:
                continue  # kept in memory; the next one says the same and more

    def check(self, in_hand: int = 0) -> None:
        journal = self.journal
        self.samples += 1
        known = journal.carried_over + journal.received
        accounted = self.settled + in_hand + journal.unread + sum(journal.dropped.values())
        if known != accounted:
            self.wrong.append(f"{known} are known, {accounted} accounted for")

    def until_recovered(self) -> None:
        began = self.clock.now()
        while self.journal.standing and self.clock.now() < began + 30:
            self.step()
        self.recovered_after = self.clock.now() - began

    def end(self) -> Outcome:
        """Close, open once more on a disk that is fine, and deliver the rest."""
        try:
            self.journal.close(self.journal.unread)
        except JournalError as error:
            self.said.append(error.message)
        self.lost += sum(self.journal.dropped.values())
        self.disk.refused = {}
        self.open()
        self.deliver()
        self.lost += sum(self.journal.dropped.values())
        self.journal.close()
        missing = self.appended - len(self.sent)
        told = any("journal" in text or "lost" in text for text in self.said)
        if missing != self.lost:
            self.wrong.append(f"{missing} are missing, {self.lost} told")
        if self.recovered_after is not None and self.recovered_after > 2:
            self.wrong.append(f"recovered after {self.recovered_after:.1f} s")
        figures = {
            "events": self.appended, "lost": missing, "dropped": self.lost, "told": told,
            "samples": self.samples, "twice": sum(n - 1 for n in self.sent.values()),
        }  # fmt: skip
        return Outcome(not self.wrong, figures, "; ".join(self.wrong[:3]))


def settled_for(outcome: Outcome, *, lost: bool, told: bool = True) -> Outcome:
    """The outcome, and whether a loss was to be expected of it."""
    wrong = [outcome.reason] if outcome.reason else []
    if bool(outcome.figures["lost"]) is not lost:
        wrong.append(f"{outcome.figures['lost']} lost")
    if outcome.figures["told"] is not told:
        wrong.append("told" if outcome.figures["told"] else "not told")
    return Outcome(not wrong, outcome.figures, "; ".join(wrong))


async def for_a_while(fault: dict[str, int], folder: Path, steps: int = 50) -> Outcome:
    run = Run(folder)
    run.steps(30)
    run.disk.refused = fault
    run.steps(steps)
    run.disk.refused = {}
    run.until_recovered()
    run.steps(20)
    return settled_for(run.end(), lost=False)


async def for_good(folder: Path) -> Outcome:
    run = Run(folder)
    run.steps(30)
    run.disk.refused = FULL
    run.steps(100)
    return settled_for(run.end(), lost=False)


async def for_good_with_the_intake_down(folder: Path) -> Outcome:
    run = Run(folder, memory_bytes=20_000)
    run.steps(30)
    run.is_intake_up = False
    run.disk.refused = FULL
    run.steps(200)
    return settled_for(run.end(), lost=True)


async def full_of_delivered(folder: Path) -> Outcome:
    """Full until something is removed."""
    run = Run(folder)
    run.steps(60)
    remove = run.disk.remove

    def removed(path: Path) -> None:
        run.disk.refused = {}
        remove(path)

    run.disk.remove = removed  # type: ignore[method-assign]
    run.disk.refused = FULL
    run.steps(60)
    return settled_for(run.end(), lost=False, told=False)


async def folder_gone(change: Callable[[Path], None], folder: Path) -> Outcome:
    run = Run(folder)
    run.steps(30)
    run.is_intake_up = False
    run.steps(3)
    change(run.folder)
    run.steps(3)
    run.is_intake_up = True
    run.until_recovered()
    run.steps(20)
    return settled_for(run.end(), lost=False)


def replaced(folder: Path) -> None:
    folder.rename(folder.with_name("away"))
    shutil.copytree(folder.with_name("away"), folder)


async def limit_reached(folder: Path) -> Outcome:
    run = Run(folder, max_bytes=20_000, segment_bytes=1000)
    run.is_intake_up = False
    run.steps(200)
    run.is_intake_up = True
    run.steps(100)
    return settled_for(run.end(), lost=True)


async def at_random(folder: Path, count: int) -> Outcome:
    """Seeded faults of 1 to 60 s: of random kinds, the intake up or down within what memory holds."""
    wrong: list[str] = []
    samples = 0
    for seed in range(count):
        dice = random.Random(seed)
        run = Run(folder / str(seed))
        run.steps(dice.randint(1, 40))
        for _ in range(dice.randint(1, 3)):
            run.disk.refused = dice.choice(list(FAULTS.values()))
            run.is_intake_up = dice.random() < 0.7
            run.steps(dice.randint(10, 600))
            run.disk.refused = {}
            run.is_intake_up = True
            run.until_recovered()
            run.steps(dice.randint(1, 20))
        outcome = settled_for(run.end(), lost=False)
        samples += run.samples
        if not outcome.holds:
            wrong.append(f"seed {seed}: {outcome.reason}")
        shutil.rmtree(folder / str(seed))
    return Outcome(not wrong, {"faults": count, "samples": samples}, "; ".join(wrong[:5]))


CASES: Sequence[Case] = [
    Case("1", "full of own delivered segments", full_of_delivered, brief=True),
    Case("2", "full for 5 s", partial(for_a_while, FULL), brief=True),
    Case("3", "full for good", for_good, brief=True),
    Case("3b", "full for good, the intake down", for_good_with_the_intake_down, brief=True),
    Case("4", "no inodes", partial(for_a_while, FAULTS["no inodes"]), brief=True),
    Case("5", "EIO for 5 s", partial(for_a_while, FAULTS["EIO"]), brief=True),
    Case("6", "EIO on sync only", partial(for_a_while, FAULTS["EIO on sync"]), brief=True),
    Case("8", "read-only in mid-run", partial(for_a_while, FAULTS["read-only"]), brief=True),
    Case("9", "no permission", partial(for_a_while, FAULTS["no permission"]), brief=True),
    Case("10", "folder removed under it", partial(folder_gone, shutil.rmtree), brief=True),
    Case("11", "folder replaced", partial(folder_gone, replaced), brief=True),
    Case("12", "journal limit reached in a long outage", limit_reached, brief=True),
    Case("24", "quota", partial(for_a_while, FAULTS["quota"]), brief=True),
    Case("R5", "5 seeded faults", lambda folder: at_random(folder, 5), brief=True),
    Case("R", "200 seeded faults", lambda folder: at_random(folder, 200), timeout=1800.0),
]
