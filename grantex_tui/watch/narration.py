"""What a run has to say: its log, on stderr and in a file, which never stops the run.

Narration is the log at INFO. Each module of the program logs under its own name below
``grantex_tui``; what happens to every read and request is logged at DEBUG.
"""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from grantex_tui.errors import UsageError
from grantex_tui.watch.output import NARRATION_LIMIT, LineWriter
from grantex_tui.words.log_lines import formatter


if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = "grantex_tui"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where the log goes besides stderr, and how it reads."""

    form: str = "text"
    """``text`` or ``json``."""
    verbose: bool = False
    """Down to DEBUG on stderr, too; the file always has all of it."""
    file: str = ""
    """Appended to; readable by its owner alone, since it says what the stream brought."""


class LineHandler(logging.Handler):
    """Writes records from a thread of its own.

    What could not be said, because nobody reads, is counted, and the number said once somebody does.
    """

    def __init__(
        self, descriptor: int, form: str, mask: Callable[[bytes], bytes] | None = None
    ) -> None:
        super().__init__()
        self.writer = LineWriter(descriptor, limit=NARRATION_LIMIT, mask=mask)
        self._confessed = 0
        self.setFormatter(formatter(form))

    def emit(self, record: logging.LogRecord) -> None:
        """Say one record."""
        missed = self.writer.unwritten - self._confessed
        if missed and not self.writer.waiting:
            self._confessed += missed
            text = f"{missed:,} lines could not be said here: nobody read them"
            self._write(logging.makeLogRecord({"msg": text, "name": ROOT, "levelno": 30}))
        self._write(record)

    def _write(self, record: logging.LogRecord) -> None:
        self.writer.write(f"{self.format(record)}\n".encode("utf-8", "backslashreplace"))


class Narrator:
    """The log of a run, for as long as it is open.

    Args:
        descriptor: Where narration goes, usually that of stderr; None: only to the file.
        mask: Takes keys out of what is said.
        settings: How it reads, and where else it goes.

    Raises:
        UsageError: The file can't be opened.
    """

    def __init__(
        self,
        descriptor: int | None,
        mask: Callable[[bytes], bytes] | None = None,
        settings: LogSettings | None = None,
    ) -> None:
        settings = settings or LogSettings()
        self._handlers: list[LineHandler] = []
        self._logger = logging.getLogger(ROOT)
        self._before = self._logger.level, self._logger.propagate
        if settings.file:
            file = _opened(settings.file)
            self._add(LineHandler(file, settings.form, mask), logging.DEBUG)
            os.close(file)  # the writer has a descriptor of its own
        if descriptor is not None:
            level = logging.DEBUG if settings.verbose else logging.INFO
            self._add(LineHandler(descriptor, settings.form, mask), level)
        # A run that loses its screen narrates on stderr, too: what the file takes stays as it is.
        levels = [handler.level for handler in self._logger.handlers]
        self._logger.setLevel(min(levels, default=logging.CRITICAL))
        self._logger.propagate = False

    def _add(self, handler: LineHandler, level: int) -> None:
        handler.setLevel(level)
        self._handlers.append(handler)
        self._logger.addHandler(handler)

    @classmethod
    def on_stderr(
        cls,
        mask: Callable[[bytes], bytes] | None = None,
        settings: LogSettings | None = None,
    ) -> Self:
        """On this process's stderr, and where *settings* say."""
        return cls(sys.stderr.fileno(), mask, settings)

    def __call__(self, text: str) -> None:
        """Say one line, or a few."""
        _log.info("%s", text)

    def warn(self, text: str) -> None:
        """Say what a person should look at."""
        _log.warning("%s", text)

    @property
    def waiting(self) -> int:
        """Bytes that nobody has read yet."""
        return sum(handler.writer.waiting for handler in self._handlers)

    @property
    def unsaid(self) -> int:
        """Lines that could not be said so far."""
        return sum(handler.writer.unwritten for handler in self._handlers)

    def close(self, timeout: float) -> None:
        """Say what waits, for at most *timeout* seconds, and end the log."""
        for handler in self._handlers:
            self._logger.removeHandler(handler)
            handler.writer.close(timeout)
            handler.close()
        level, self._logger.propagate = self._before
        self._logger.setLevel(level)
        self._handlers = []


def _opened(path: str) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"--log-file {path}: {error.strerror}", hint="Name a file that can be written."
        ) from error
