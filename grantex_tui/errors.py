"""The error tree, and the exit code of each branch.

GrantexTuiError                 what happened, where, and what to do next
├── UsageError                  2  the command line or the settings don't fit
├── SearchError                 2  a log search can't be read (datadog.search)
├── InvalidFileError            3  a file's content is wrong (path, line)
│   ├── RecordingError          3  a recording can't be read
│   ├── PipelineError           3  a log pipeline can't be used (datadog.pipeline)
│   └── SpecError               3  a rehearsal file can't be used (rehearsal.spec)
├── MetricError                 3  a monitor names a metric that no file defines (monitoring)
├── GrantexRefusedError         4  401, 404, the connection limit, 204, wrong content type
├── DatadogRefusedError         5  403 with undelivered events kept
├── JournalError                6  the journal can't be opened, locked or written
├── LossError                   7  events were lost
└── UnreachableError            1  a server that a command needs right now doesn't answer

Others are caught near where they are raised, and told of as a problem in a file or as an HTTP
answer: `QueryError` and `MessageError` in monitors, the simulator's for requests that it refuses.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells the shell."""

    OK = 0
    FAILED = 1
    """An expectation failed, or a monitor alerts with ``--fail-on-alert``."""
    USAGE = 2
    INVALID_FILE = 3
    GRANTEX_REFUSED = 4
    DATADOG_REFUSED = 5
    JOURNAL = 6
    LOSS = 7
    """Events that had been received are lost."""
    INTERRUPTED = 130


class GrantexTuiError(Exception):
    """Base of every error that a person is meant to read.

    *message* says what happened and where (file:line, key, URL, status);
    *hint* says what to do next, in one sentence.
    """

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """One text for any log: the message, then the hint."""
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(GrantexTuiError):
    """The command line or the settings don't fit together."""

    exit_code = ExitCode.USAGE


class InvalidFileError(GrantexTuiError):
    """A file's content is wrong; *path* and *line* (1-based, 0 = unknown) say where."""

    exit_code = ExitCode.INVALID_FILE

    def __init__(self, message: str, *, path: str = "", line: int = 0, hint: str = "") -> None:
        where = f"{path}:{line}: " if path and line else f"{path}: " if path else ""
        super().__init__(where + message, hint=hint)
        self.path = path
        self.line = line


class RecordingError(InvalidFileError):
    """A recording can't be read."""


class GrantexRefusedError(GrantexTuiError):
    """Grantex won't serve the stream, and asking again won't help."""

    exit_code = ExitCode.GRANTEX_REFUSED


class DatadogRefusedError(GrantexTuiError):
    """Datadog refuses the key; undelivered events are kept."""

    exit_code = ExitCode.DATADOG_REFUSED


class JournalError(GrantexTuiError):
    """The journal can't be opened, locked or written."""

    exit_code = ExitCode.JOURNAL


class LossError(GrantexTuiError):
    """Events that had been received are lost; the summary says how many, and why."""

    exit_code = ExitCode.LOSS


class UnreachableError(GrantexTuiError):
    """A server that the command needs right now doesn't answer."""
