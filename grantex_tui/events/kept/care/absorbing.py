"""Takes what is pending in one journal over into another: events, dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grantex_tui.errors import JournalError
from grantex_tui.events.event import decode_event
from grantex_tui.events.kept.deadletter import DeadLetterFile
from grantex_tui.events.kept.folder import told
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.settings import JournalSettings


if TYPE_CHECKING:
    from pathlib import Path

    from grantex_tui.clock import Clock
    from grantex_tui.events.kept.header import Identity


def absorb(source: Path, into: Journal, mine: Identity, *, clock: Clock) -> int:
    """Append what is pending in *source* to *into*, as it was noted there; returns how much it was.

    What has been taken over is settled in the source only after it is on disk here: whoever stops us
    in between makes some of it go out twice, and loses none.

    Raises:
        JournalError: One of the two can't be read or written, or *source* is in use.
    """
    theirs = Journal.open(source, clock=clock, settings=JournalSettings())
    taken = 0
    try:
        while True:
            at = theirs.oldest_unread_at()
            chunk = theirs.take(1, 1)
            if chunk is None:
                break
            into.change_identity(
                msgspec.structs.replace(mine, log=chunk.log) if chunk.log is not None else mine
            )
            events = [decode_event(entry.raw) for entry in chunk.entries]
            into.append(events, clock.now() if at is None else at)
            if into.standing:
                raise JournalError(
                    f"{source}: {into.standing[0]}", hint="Nothing of it was given up."
                )
            taken += len(events)
            theirs.settle(
                chunk.end, delivered=0, dead_lettered=chunk.buried, unreadable=chunk.unreadable
            )
    finally:
        into.change_identity(mine)
        theirs.close()
    _take_letters(source, into.directory)
    return taken


def _take_letters(source: Path, into: Path) -> None:
    path = source / "dead-letter.ndjson"
    if not path.exists():
        return
    with told(path):
        file = DeadLetterFile(into / path.name)
        for letter, _ in list(DeadLetterFile(path).letters()):
            letter.segment = letter.end = 0  # of no segment of this journal
            file.add(letter)
        path.replace(path.with_name("dead-letter.taken-over.ndjson"))
