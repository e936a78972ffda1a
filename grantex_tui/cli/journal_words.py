"""How a journal is told of: for people, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.clock import rfc3339
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from grantex_tui.events.kept.care.looking import Look
    from grantex_tui.events.kept.deadletter import BuriedLetter


def as_json(found: Look) -> dict[str, object]:
    """What a program wants to know."""
    return {
        "journal": str(found.directory),
        "tenant": found.tenant or None,
        "forward": found.forward,
        "segments": len(found.segments),
        "bytes": sum(segment.size for segment in found.segments),
        "pending": found.pending,
        "pendingSince": _instant(found.pending_since),
        "newest": _instant(found.newest_at),
        "deadLetters": found.dead_letters,
        "lost": found.lost,
        "unreadable": found.settled,
        "delivered": found.checkpoint.delivered,
        "dropped": found.checkpoint.dropped,
        "notes": found.notes,
    }


def as_text(found: Look) -> str:
    """A few lines."""
    size = sum(segment.size for segment in found.segments) / 1e6
    since = f", the oldest of {_instant(found.pending_since)}" if found.pending_since else ""
    formats = " and ".join(sorted({str(segment.version) for segment in found.segments}))
    lines = [
        str(found.directory),
        f"  tenant         {found.tenant or 'not known'}"
        + ("" if found.forward else "; only watched, nothing of it is ever sent"),
        f"  segments       {len(found.segments):,}, {size:.1f} MB, format {formats}",
        f"  newest event   {_instant(found.newest_at) or 'none'}",
        f"  delivered      {found.checkpoint.delivered:,} since it began",
        f"  dead letters   {found.dead_letters:,}",
    ]
    if found.forward:
        lines.insert(4, f"  pending        {found.pending:,}{since}")
    lines += [f"  dropped        {n:,}: {why}" for why, n in found.checkpoint.dropped.items()]
    return "\n".join(lines + [f"  note           {printable(note)}" for note in found.notes])


def verdict(found: Look) -> str:
    """Whether it is whole, and what is wrong else."""
    if not found.notes:
        return f"{found.directory}: whole; {found.pending:,} events pending"
    lost = f"{found.lost:,} pending events are lost" if found.lost else "no pending event is lost"
    if found.settled:
        lost += f"; {found.settled:,} that had been dealt with can't be read any more"
    return "\n".join([f"{found.directory}: {lost}", *(f"  {printable(n)}" for n in found.notes)])


def letter_line(letter: BuriedLetter) -> str:
    """A dead letter as a line."""
    status = "" if letter.status is None else f" {letter.status}"
    entry = bytes(letter.entry)[:300].decode("utf-8", "replace")
    return (
        f"{letter.at}{status} {printable(letter.reason, limit=200)}: {printable(entry, limit=300)}"
    )


def _instant(value: float | None) -> str | None:
    return None if value is None else rfc3339(value)
