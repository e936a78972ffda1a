"""What a run has to say to people, on stderr: dated lines that never stop it."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Self

from grantex_tui.watch.output import NARRATION_LIMIT, LineWriter


if TYPE_CHECKING:
    from collections.abc import Callable


class Narrator:
    """Says lines on a descriptor from a thread of its own.

    What could not be said, because nobody reads, is counted, and the number said once somebody does.

    Args:
        descriptor: Usually that of stderr.
        mask: Takes keys out of what is said.
    """

    def __init__(self, descriptor: int, mask: Callable[[bytes], bytes] | None = None) -> None:
        self._writer = LineWriter(descriptor, limit=NARRATION_LIMIT, mask=mask)
        self._confessed = 0

    @classmethod
    def on_stderr(cls, mask: Callable[[bytes], bytes] | None = None) -> Self:
        """On this process's stderr."""
        return cls(sys.stderr.fileno(), mask)

    def __call__(self, text: str) -> None:
        """Say one line, or a few, with the time."""
        missed = self._writer.unwritten - self._confessed
        if missed and not self._writer.waiting:
            self._confessed += missed
            self._write(f"{missed:,} lines could not be said here: nobody read them")
        self._write(text)

    def _write(self, text: str) -> None:
        clock = datetime.now().astimezone().strftime("%H:%M:%S")
        self._writer.write(f"{clock} {text}\n".encode("utf-8", "backslashreplace"))

    @property
    def unsaid(self) -> int:
        """Lines that could not be said so far."""
        return self._writer.unwritten

    def close(self, timeout: float) -> None:
        """Say what waits, for at most *timeout* seconds."""
        self._writer.close(timeout)
