"""How far delivery has come: noted after each verdict, and now and then kept through a power cut."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from grantex_tui.events.kept.folder import told
from grantex_tui.events.kept.losses import DAMAGED


if TYPE_CHECKING:
    from pathlib import Path

    from grantex_tui.events.kept.checkpoint import Checkpoint, CheckpointFile
    from grantex_tui.events.kept.spool import Position


class Verdicts:
    """The checkpoint, in memory and in its two files.

    Args:
        directory: the journal's folder.
        files: where it is kept.
        checkpoint: as it was found.
    """

    def __init__(self, directory: Path, files: CheckpointFile, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        """How far delivery has come, and its totals since the journal began."""
        self.written = 0
        """Every line before this place has been written."""
        self._directory = directory
        self._files = files
        self._saved = self._noted = checkpoint
        self._saving = threading.Lock()
        self._given: deque[tuple[Position, int]] = deque()
        """What was taken and not settled: where each chunk ends, and the place there."""

    @property
    def safe_segment(self) -> int:
        """Segments before this one are done with, even after a power cut."""
        return self._saved.segment

    @property
    def noted_segment(self) -> int:
        """Segments before this one are done with, unless the power is cut."""
        return max(self._saved.segment, self._noted.segment)

    def hand_out(self, end: Position, place: int) -> None:
        """What ends at *end*, where the next line has *place*, is in the reader's hands."""
        self._given.append((end, place))

    def pass_over(self, end: Position, place: int) -> None:
        """Nobody waits for a verdict on what is before *end*."""
        self.checkpoint = self.checkpoint.moved_to(end, place=place)

    def drop(self, reason: str, count: int) -> None:
        """So many events will never have another verdict."""
        self.checkpoint = self.checkpoint.with_dropped(reason, count)

    def settle(self, end: Position, *, delivered: int, dead_lettered: int, unreadable: int) -> None:
        """Everything up to *end* has had its verdict; `note` is to follow."""
        place = self.checkpoint.place
        while self._given and self._given[0][0] <= end:
            place = self._given.popleft()[1]
        self.checkpoint = self.checkpoint.moved_to(
            end, place=place, delivered=delivered, dead_lettered=dead_lettered
        )
        if unreadable:
            self.drop(DAMAGED, unreadable)

    def note(self) -> None:
        """Keep what was settled through the end of this process.

        Raises:
            JournalError: It could not be written.
        """
        with told(self._directory):
            checkpoint = self.checkpoint.written_to(self.written)
            self._files.note(checkpoint)
            self._noted = checkpoint

    def persist(self, *, again: bool = False, final: bool = False) -> None:
        """Make what was settled survive a power cut. Blocks; may be called from a thread.

        Args:
            again: Even if nothing was settled since.
            final: Nothing will be written any more.

        Raises:
            JournalError: It could not be written.
        """
        with self._saving:
            checkpoint = self.checkpoint
            if again or checkpoint is not self._saved:
                with told(self._directory):
                    self._files.save(checkpoint.written_to(self.written, final=final))
                self._saved = checkpoint

    def renew(self) -> None:
        """Write both files anew, into a folder that has been made again.

        Raises:
            OSError: The durable one can't be written.
        """
        self._files.close()
        self._files.save(self.checkpoint.written_to(self.written))

    def close(self) -> None:
        """Let go of the files."""
        self._files.close()
