from __future__ import annotations

from grantex_tui.events.kept.trouble import DiskTrouble


def said_by(trouble: DiskTrouble, course: str) -> list[str]:
    """What is said while, second by second, the disk refuses (x) or doesn't (.)."""
    return [
        said
        for now, mark in enumerate(course)
        if (said := trouble.see("ENOSPC" if mark == "x" else "", 1_200_000, float(now)))
    ]


def test_a_disk_that_refuses_for_a_while_is_told_twice() -> None:
    trouble = DiskTrouble(64_000_000)
    assert said_by(trouble, "..xxx......") == [
        "the journal can't be written: ENOSPC; events go on from memory, 1.2 of 64 MB",
        "the journal is written again",
    ]
    assert not trouble.standing


def test_a_disk_that_refuses_again_and_again_is_told_twice_with_the_count() -> None:
    trouble = DiskTrouble(64_000_000)
    said = said_by(trouble, "x." * 30 + "....." + "." * 20)
    assert said[1:] == ["the journal is written again; the disk had refused it 30 times"]


def test_what_stands_is_what_is_so_now() -> None:
    trouble = DiskTrouble(64_000_000)
    for mark in "x.x..x":
        trouble.see(mark.strip("."), 0, 0.0)
        assert bool(trouble.standing) == (mark == "x")


def test_the_next_trouble_after_a_quiet_time_is_told_anew() -> None:
    assert len(said_by(DiskTrouble(1), "x......x......")) == 4
