"""Appends to one segment's file; what fails leaves it as it was."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from grantex_tui.events.kept.disk import APPEND


if TYPE_CHECKING:
    from grantex_tui.events.kept.disk import Disk
    from grantex_tui.events.kept.segments import Segment


class SegmentWriter:
    """Appends whole blocks of lines, each in one write.

    Raises:
        OSError: The file can't be opened.
    """

    def __init__(self, segment: Segment, disk: Disk, *, sync: bool) -> None:
        self.segment = segment
        self.damaged = False
        """The segment takes no more: a sync failed, or a failed write could not be taken back."""
        self._disk = disk
        self._sync = sync
        self._descriptor = disk.open(segment.path, APPEND)

    def write(self, block: bytes, now: float) -> None:
        """Append *block*, and sync it if that was asked for.

        Raises:
            OSError: Nothing was kept.
        """
        self._check_place()
        try:
            self._write_all(block)
        except OSError:
            self._take_back()
            raise
        try:
            if self._sync:
                self._disk.sync(self._descriptor)
        except OSError:
            # Nobody knows what the disk has now, and asking again would say that all is well: the
            # system tells once. So nothing more goes into this file.
            self.damaged = True
            self._take_back()
            raise
        self.segment.size += len(block)
        self.segment.written_at = now

    def _check_place(self) -> None:
        """What goes into a file that has been removed is lost, and no call says so."""
        mine = os.fstat(self._descriptor)
        there = self.segment.path.lstat()
        if (mine.st_ino, mine.st_dev) != (there.st_ino, there.st_dev):
            raise OSError(errno.ESTALE, "another file has taken its place", str(self.segment.path))

    def _write_all(self, block: bytes) -> None:
        """Like one write; a full disk may take a part first and refuse the rest."""
        written = self._disk.write(self._descriptor, block)
        while written < len(block):
            written += self._disk.write(self._descriptor, memoryview(block)[written:])

    def _take_back(self) -> None:
        try:
            self._disk.truncate(self._descriptor, self.segment.size)
        except OSError:
            self.damaged = True

    def rescue(self) -> bytes:
        """All that was appended, from a file that may have no name any more.

        Raises:
            OSError: It can't be read.
        """
        return os.pread(self._descriptor, self.segment.size, 0)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)
