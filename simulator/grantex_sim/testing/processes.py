"""Forwarders under test as processes of their own, which end with the test."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from subprocess import Popen

_PATIENCE: Final = 1.0
"""Seconds for a process to end when it is asked to; a test must not last longer for it."""


class Processes:
    """The processes that one test has started."""

    def __init__(self) -> None:
        self._started: list[Popen[bytes]] = []

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> Popen[bytes]:
        """Start *command*; what it writes goes where the test's own output goes.

        Raises:
            OSError: There is no such program.
        """
        import subprocess

        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        self._started.append(process)
        return process

    def end(self) -> None:
        """Ask those that still run to end, all at once, and kill who does not."""
        import subprocess

        running = [process for process in self._started if process.poll() is None]
        for process in running:
            process.terminate()
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)
            if process.returncode is None:
                process.kill()
                process.wait()
        self._started.clear()
