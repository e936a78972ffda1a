"""Lines to a stream from a thread of their own, so that a slow reader never delays the run."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, BinaryIO


if TYPE_CHECKING:
    from collections.abc import Callable

_LIMIT = 64_000_000


class LineWriter:
    """Writes blocks of whole lines in order.

    Args:
        stream: Where to; flushed after each block.
        on_closed: Called, from the writing thread, when the reader has gone away.
        limit: Bytes that may wait. What comes while they do is not written, and counted.
    """

    def __init__(
        self, stream: BinaryIO, *, on_closed: Callable[[], None], limit: int = _LIMIT
    ) -> None:
        self._stream = stream
        self._on_closed = on_closed
        self._limit = limit
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting = 0
        self._closed = False
        self._lock = threading.Lock()
        self.unwritten = 0
        """Blocks that were left out because the reader was too slow, or gone."""
        self._thread = threading.Thread(target=self._write, name="line-writer", daemon=True)
        self._thread.start()

    def write(self, block: bytes) -> None:
        """Queue *block*, which ends with a line end; never blocks."""
        with self._lock:
            if self._closed or self._waiting + len(block) > self._limit:
                self.unwritten += 1
                return
            self._waiting += len(block)
        self._queue.put(block)

    def close(self, timeout: float) -> bool:
        """Write what waits, for at most *timeout* seconds; False if some could not be."""
        self._queue.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive() and not self.unwritten

    def _write(self) -> None:
        while (block := self._queue.get()) is not None:
            try:
                self._stream.write(block)
                self._stream.flush()
            except (OSError, ValueError):  # the pipe is closed, or the file
                with self._lock:
                    self._closed = True
                with contextlib.suppress(RuntimeError):  # the loop may be closed by now
                    self._on_closed()
                return
            with self._lock:
                self._waiting -= len(block)
