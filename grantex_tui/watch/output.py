"""Lines to a file descriptor from a thread of their own: whoever reads them never delays the run.

A reader may be slow, stop reading (Ctrl-S), go away, or be a file on a full disk. What can't be
written then is left out, counted, and said once it can be.
"""

from __future__ import annotations

import errno
import os
import queue
import select
import threading
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable

DATA_LIMIT = 16_000_000
"""Bytes of events that may wait for the reader of stdout."""
NARRATION_LIMIT = 256_000
"""Bytes of narration that may wait for the reader of stderr."""
_PIECE = 4096
"""POSIX's least PIPE_BUF: so much a descriptor that is ready takes without blocking."""


class LineWriter:
    """Writes blocks of whole lines to a descriptor, in order; never blocks its caller.

    The descriptor is written to directly: a buffered stream has a lock that a blocked thread would
    keep, and the interpreter's end would wait for it.

    Args:
        descriptor: Where to. It is duplicated; the writer closes its own.
        limit: Bytes that may wait. What comes while they do is not written, and counted.
        mask: Takes keys out of what is written.
    """

    def __init__(
        self,
        descriptor: int,
        *,
        limit: int = DATA_LIMIT,
        mask: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self._mask = mask
        self._descriptor = os.dup(descriptor)
        self._ready = select.poll()
        self._ready.register(self._descriptor, select.POLLOUT)
        self._limit = limit
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting = 0
        self._torn = False
        self._lock = threading.Lock()
        self.unwritten = 0
        """Lines that were left out so far."""
        self.left_out = 0
        """Blocks of which that is so."""
        self.is_gone = False
        """Whether the reader has closed its end: nothing will ever be written again."""
        self._thread = threading.Thread(target=self._write_all, name="line-writer", daemon=True)
        self._thread.start()

    def write(self, block: bytes) -> None:
        """Queue *block*, which ends with a line end."""
        if self._mask is not None:
            block = self._mask(block)
        with self._lock:
            if self.is_gone or self._waiting + len(block) > self._limit:
                self._leave_out(block)
                return
            self._waiting += len(block)
        self._queue.put(block)

    def _leave_out(self, block: bytes) -> None:
        self.unwritten += block.count(b"\n")
        self.left_out += 1

    @property
    def waiting(self) -> int:
        """Bytes that have yet to be taken."""
        return self._waiting

    def close(self, timeout: float) -> bool:
        """Write what waits, for at most *timeout* seconds; False if some could not be."""
        self._queue.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive() and not self.unwritten

    def _write_all(self) -> None:
        try:
            while (block := self._queue.get()) is not None:
                if not self._write(block):
                    with self._lock:
                        self._leave_out(block)
                with self._lock:
                    self._waiting -= len(block)
        finally:
            os.close(self._descriptor)

    def _write(self, block: bytes) -> bool:
        """Whether all of *block* was written."""
        if self.is_gone:
            return False
        rest = memoryview(b"\n" + block if self._torn else block)
        try:
            while rest:
                self._ready.poll()
                rest = rest[os.write(self._descriptor, rest[:_PIECE]) :]
        except BlockingIOError:
            return self._write(bytes(rest))  # somebody made the descriptor non-blocking
        except OSError as error:
            # A full disk may have room again; a reader that is gone does not come back.
            with self._lock:
                self.is_gone = not _may_recover(error)
            self._torn = bool(rest) and len(rest) < len(block)
            return False
        self._torn = False
        return True


def _may_recover(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class OutputWatch:
    """Notices that lines are left out of an output, and that they are no longer.

    Args:
        writer: Whose lines.
        name: What the output is called, such as ``stdout``.
        say: Takes a line for people.
    """

    def __init__(self, writer: LineWriter, name: str, say: Callable[[str], None]) -> None:
        self._writer = writer
        self._name = name
        self._say = say
        self._counted = 0
        self._is_losing = False

    def look(self) -> None:
        """Say what has changed since the last look; called every second or so."""
        unwritten, writer = self._writer.unwritten, self._writer
        lost, self._counted = unwritten - self._counted, unwritten
        if lost and not self._is_losing:
            self._is_losing = True
            why = "was closed by its reader" if writer.is_gone else "is not being read, or is full"
            self._say(f"{self._name} {why}: lines are left out from now on; delivery goes on")
        elif not lost and self._is_losing and not writer.is_gone and not writer.waiting:
            self._is_losing = False
            self._say(f"{self._name} is being read again; {unwritten:,} lines were left out so far")
