"""Sends dead letters once more: their events go to the journal's end again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grantex_tui.clock import parse_rfc3339
from grantex_tui.errors import JournalError
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.kept.deadletter import BuriedLetter, DeadLetterFile
from grantex_tui.events.kept.disk import free_name
from grantex_tui.events.kept.folder import told
from grantex_tui.events.kept.header import LogNote
from grantex_tui.events.kept.journal import Journal


if TYPE_CHECKING:
    from pathlib import Path

    from grantex_tui.clock import Clock

_TYPE = "type:"


class _Entry(msgspec.Struct):
    message: str
    ddsource: str = "grantex"
    ddtags: str = ""
    hostname: str = ""
    service: str = "grantex"


def redeliver(directory: Path, *, clock: Clock) -> tuple[int, int]:
    """Append the events of all dead letters; returns how many, and how many letters stay.

    A letter stays whose event delivery has not come past: it would be sent twice.

    Raises:
        JournalError: The journal is in use, or can't be written.
    """
    journal = Journal.open(directory, clock=clock)
    path = directory / "dead-letter.ndjson"
    try:
        with told(path):
            letters = [letter for letter, _ in DeadLetterFile(path).letters()]
        gone = [each for each in letters if each.position <= journal.checkpoint.position]
        sent = sum(_append(journal, letter) for letter in gone)
        if journal.standing:
            raise JournalError(
                journal.standing[0], hint="Nothing was taken out of the dead letters."
            )
    finally:
        journal.close()
    with told(path):
        if path.exists() and sent:
            stay = [each for each in letters if each.position > journal.checkpoint.position]
            path.replace(free_name(path.with_name("dead-letter.redelivered.ndjson")))
            for letter in stay:
                DeadLetterFile(path).add(letter)
    return sent, len(letters) - len(gone)


def _append(journal: Journal, letter: BuriedLetter) -> bool:
    """Whether the letter holds an event that could be appended."""
    try:
        entry = msgspec.json.decode(bytes(letter.entry), type=_Entry)
        at = parse_rfc3339(letter.at)
    except (msgspec.MsgspecError, ValueError):
        return False
    event = decode_event(entry.message.encode("utf-8", "replace"))
    if not isinstance(event, Event):
        return False
    tags = ",".join(tag for tag in entry.ddtags.split(",") if not tag.startswith(_TYPE))
    note = LogNote(entry.ddsource, tags, entry.hostname, entry.service)
    journal.change_identity(msgspec.structs.replace(journal.identity, log=note))
    journal.append([event], at)
    return True
