"""Events that are lost or in memory only: a full disk, the journal's limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.events.kept.losses import JOURNAL_FULL
from grantex_tui.watch.troubles.trouble import About, Rank, Trouble
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.watch.frame import Frame

_LIMIT = "Delivery frees room by itself once the intake takes logs; --max-journal allows more."
_DISK = "Free space on the disk, or move the journal with --journal; it comes back by itself."


def find(frame: Frame) -> Iterator[Trouble]:
    """What the journal says is going on, then what was lost before."""
    losing = False
    for text in frame.troubles:
        if text.startswith("events are being lost"):
            losing = True
            full = JOURNAL_FULL in text
            word = "journal full" if full else "losing events"
            yield Trouble(Rank.LOSING, About.JOURNAL, word, text, _LIMIT if full else _DISK)
        else:
            yield Trouble(Rank.UNSTORED, About.JOURNAL, "not stored", text, _DISK)
    lost = sum(number for _, number in frame.delivery.dropped)
    if lost and not losing:
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in frame.delivery.dropped)
        yield Trouble(
            Rank.LOST,
            About.JOURNAL,
            f"{lost:,} dropped",
            f"{count(lost, 'event')} dropped: {reasons}",
            "They are gone from here; Grantex's audit log may still have them.",
        )
