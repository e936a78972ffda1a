"""The terminal under the dashboard: it may be slow, stop, or go away, and holds up nobody.

Textual's driver writes through a queue of 30 texts that blocks the event loop once it is full, and
with it the stream and the delivery; its end waits until the terminal has taken everything; a
terminal that is gone ends it with a traceback. What differs here is said at each name.
"""

from __future__ import annotations

import codecs
from functools import partial
from typing import TYPE_CHECKING, TextIO

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from grantex_tui.watch.output import LineWriter


if TYPE_CHECKING:
    from collections.abc import Callable

_LIMIT = 1_000_000
"""Bytes that may wait for the terminal: a few dozen full screens."""
_LAST_WORDS = 1.0
"""Seconds that the terminal gets to take the sequences that restore it."""


class TerminalWriter:
    """What `textual.drivers._writer_thread.WriterThread` is, and never blocks.

    Texts that the terminal doesn't take are left out; the screen has to be painted anew then.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._encoding = file.encoding or "utf-8"
        self._writer: LineWriter | None = None

    def start(self) -> None:
        """Begin to write."""
        self._writer = LineWriter(self._file.fileno(), limit=_LIMIT)

    def write(self, text: str) -> None:
        """Queue *text*."""
        if self._writer is not None:
            self._writer.write(text.encode(self._encoding, "replace"))

    def isatty(self) -> bool:
        """As Textual's says."""
        return True

    def fileno(self) -> int:
        """Of the terminal."""
        return self._file.fileno()

    def flush(self) -> None:
        """Nothing is held back."""

    @property
    def waiting(self) -> int:
        """Bytes that the terminal has yet to take."""
        return 0 if self._writer is None else self._writer.waiting

    @property
    def left_out(self) -> int:
        """Texts that it never got."""
        return 0 if self._writer is None else self._writer.left_out

    def stop(self) -> None:
        """Give the terminal a moment to take what waits."""
        if self._writer is not None:
            self._writer.close(_LAST_WORDS)


class TerminalDriver(LinuxDriver):
    """Textual's driver over a `TerminalWriter`; a terminal that is gone is a message, no crash."""

    def run_input_thread(self) -> None:
        """Read keys until the end, or until there is no terminal to read from."""
        try:
            super().run_input_thread()
        except OSError:
            self._app.call_later(self._app.on_terminal_gone)  # type: ignore[attr-defined]  # the dashboard's


def tame_the_driver() -> None:
    """Put the writer in the driver's hands, and let it survive bytes that are no UTF-8.

    Textual 8.2.8 decodes strictly, but mouse reports in the X10 encoding (which a terminal falls
    back to when tmux is reattached or an ssh session comes back) hold bytes from 0x80 on: past
    column 95 the thread died and took the application with it (Textualize/textual#6668).
    Replacement characters are no key, so nothing happens instead.
    """

    def decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
        return partial(codecs.getincrementaldecoder(encoding), errors="replace")

    linux_driver.__dict__["getincrementaldecoder"] = decoder
    linux_driver.__dict__["WriterThread"] = TerminalWriter
