"""What is found wrong with a journal's lines: told once, counted as lost, noted for the next run."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from grantex_tui.events.kept.folder import told
from grantex_tui.events.kept.losses import DAMAGED, MISSING
from grantex_tui.events.kept.proving.damage import DamageFile
from grantex_tui.events.kept.proving.proof import Flaw, FlawKind
from grantex_tui.events.kept.proving.survey import describe
from grantex_tui.events.kept.seal import EVENT, events_between


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from grantex_tui.clock import Clock
    from grantex_tui.events.kept.disk import Disk
    from grantex_tui.events.kept.losses import Losses
    from grantex_tui.events.kept.segments import Segment
    from grantex_tui.events.kept.verdicts import Verdicts

_LOST_AS = {FlawKind.DAMAGED: DAMAGED, FlawKind.MISSING: MISSING, FlawKind.MOVED: MISSING}


class Findings:
    """Takes flaws; what has been told of before, by whichever run, is not told again.

    Args:
        directory: the journal's folder.
        losses: where this run's losses are counted.
        verdicts: where the journal's are.
        disk: where files are written.
        clock: when it was.

    Raises:
        OSError: What was found before can't be read.
    """

    def __init__(
        self, directory: Path, losses: Losses, verdicts: Verdicts, *, disk: Disk, clock: Clock
    ) -> None:
        self.notes: list[str] = []
        """What a person should know; whoever says it empties it."""
        self._losses = losses
        self._verdicts = verdicts
        self._clock = clock
        self._damage = DamageFile(directory / "damaged.ndjson", disk)
        self._damage.load()
        self._gone_from: dict[int, int] = {}
        """By the segment before which lines are gone: the place of the first of them."""

    def count(self, segment: Segment, flaws: Sequence[Flaw]) -> int:
        """Tell of *flaws* that are new, and count what they cost; returns that.

        Raises:
            JournalError: They could not be written down.
        """
        fresh = self._damage.news(segment.number, flaws)
        if not fresh:
            return 0
        for flaw, lost in fresh:
            reason = _LOST_AS.get(flaw.kind, DAMAGED)
            self._losses.found(reason, lost)
            if lost:
                self._verdicts.drop(reason, lost)
        self.notes.append(describe(segment, fresh))
        with told(self._damage.path):
            self._damage.tell(segment.number, [flaw for flaw, _ in fresh], self._clock.now())
        return sum(lost for _, lost in fresh)

    def expect_gone(self, segment: Segment, following: Segment) -> None:
        """Note which lines will be missing, so that the next run doesn't count them once more."""
        before = self._damage.lost_at(segment.number, 0)
        begin = self._gone_from.pop(segment.number, segment.first - before * EVENT)
        self._gone_from[following.number] = begin
        flaw = Flaw(FlawKind.MISSING, 0, 0, 0, events_between(begin, following.first))
        with contextlib.suppress(OSError):
            self._damage.tell(following.number, [flaw], self._clock.now())
