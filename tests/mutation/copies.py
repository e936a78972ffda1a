"""Copies of the project: each runs pytest over one change at a time, several copies at once.

A run is a fork of this process, in which the libraries that tests need are imported once, before.
The project's own modules are not: a run imports them from its copy.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self


MEMORY = 4 << 30
"""Bytes of address space: a loop that never ends is often a list that grows."""
_LIBRARIES = (
    "pytest", "hypothesis", "coverage", "httpx", "httpx_aiohttp", "httpx_sse", "msgspec", "yaml",
    "rich.console", "textual.app", "zstandard", "platformdirs",
)  # fmt: skip
_ALWAYS = (
    *("-q", "-p", "no:xdist", "-p", "no:randomly", "-p", "no:cacheprovider", "--basetemp=tmp"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # imported before, see above
)
_CRASHED = 70
_OUTPUT = "output.txt"


@dataclass(frozen=True, slots=True)
class Task:
    """What to run in a copy."""

    name: str
    arguments: tuple[str, ...]
    """For pytest, which runs in the copy's folder."""
    files: Mapping[str, str]
    """What stands in the copy meanwhile, by path."""
    cpu_s: float | None = None
    """Seconds of a processor, after which it is ended; more when others keep it waiting."""
    wall_s: float | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a task."""

    task: Task
    copy: Path
    code: int | None
    """Pytest's exit code; nothing when it had to be ended, or was by its limits."""
    output: str


class Copies:
    """A context manager: *jobs* copies of *root* below *folder*."""

    def __init__(self, root: Path, folder: Path, jobs: int) -> None:
        self.folders = [folder / str(number) for number in range(jobs)]
        self._root = root
        self._running: list[_Run] = []

    def __enter__(self) -> Self:
        for folder in self.folders:
            _copy(self._root, folder)
        for name in _LIBRARIES:
            with contextlib.suppress(ImportError):  # it isn't needed any more
                importlib.import_module(name)
        return self

    def __exit__(self, *_: object) -> None:
        for run in self._running:
            run.end()

    def run(self, tasks: Sequence[Task]) -> Iterator[Ended]:
        """What comes of *tasks*, as they end."""
        waiting, idle = deque(tasks), list(self.folders)
        while waiting or self._running:
            while waiting and idle:
                self._running.append(_Run(self._root, idle.pop(), waiting.popleft()))
            time.sleep(0.01)
            for run in list(self._running):
                if run.is_over():
                    self._running.remove(run)
                    idle.append(run.copy)
                    yield run.end()


class _Run:
    """A process with one task."""

    def __init__(self, root: Path, copy: Path, task: Task) -> None:
        self.copy = copy
        self._task = task
        self._before = {name: _Before(copy / name) for name in task.files}
        for name, text in task.files.items():
            (copy / name).write_text(text, encoding="utf-8")
        self._code: int | None = None
        self._ends = None if task.wall_s is None else time.monotonic() + task.wall_s
        sys.stdout.flush()
        self._child = os.fork()
        if self._child == 0:
            _become_pytest(root, copy, task)

    def is_over(self) -> bool:
        """Whether it has come to its end, or has had its time."""
        done, status = os.waitpid(self._child, os.WNOHANG)
        if done and os.WIFEXITED(status):
            self._code = os.WEXITSTATUS(status)
        return bool(done) or (self._ends is not None and time.monotonic() > self._ends)

    def end(self) -> Ended:
        """Ends what is left of it, and puts the copy's files back."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._child, 0)
        for before in self._before.values():
            before.restore()
        output = (self.copy / _OUTPUT).read_text(encoding="utf-8", errors="replace")
        return Ended(self._task, self.copy, self._code, output)


class _Before:
    """A file as it was. With its times: the bytecode that is kept of it is valid again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content = path.read_bytes() if path.exists() else None
        self._stat = path.stat() if path.exists() else None

    def restore(self) -> None:
        if self._content is None or self._stat is None:
            self._path.unlink()
            return
        self._path.write_bytes(self._content)
        os.utime(self._path, ns=(self._stat.st_atime_ns, self._stat.st_mtime_ns))


def _copy(root: Path, folder: Path) -> None:
    """Everything below *root* that git knows of, or would take."""
    listing = ["git", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    for name in names.split("\0"):
        if name and (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)


def _become_pytest(root: Path, copy: Path, task: Task) -> None:
    """Doesn't return."""
    code = _CRASHED
    try:
        os.setsid()
        output = os.open(copy / _OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(copy)
        inside = _search_path(root, copy)
        sys.path[:0] = inside
        os.environ["PYTHONPATH"] = os.pathsep.join(inside)
        if task.cpu_s is not None:
            limit = int(task.cpu_s) + 1
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        import pytest

        code = int(pytest.main([*_ALWAYS, *task.arguments]))
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - a fork has nobody above it who could tell of it
        traceback.print_exc()
    finally:
        os._exit(code)


def _search_path(root: Path, copy: Path) -> list[str]:
    """The copy's folders for the project's own on `sys.path`, wherever an installation has them."""
    environment = Path(sys.prefix).resolve()
    inside = [str(copy)]
    for entry in map(Path, sys.path):
        below = entry.resolve()
        if below.is_relative_to(root) and not below.is_relative_to(environment):
            inside.append(str(copy / below.relative_to(root)))
    return list(dict.fromkeys(inside))
