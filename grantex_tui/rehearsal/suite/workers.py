"""Rehearsals in several processes: outcomes in the order of the tasks, whoever is done first.

Each worker takes one task after another, and a worker that dies takes only its task along. When
the process that gave the tasks dies, its workers do, whatever they are at.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from multiprocessing.connection import Connection, wait
from pickle import PicklingError
from threading import Thread
from typing import TYPE_CHECKING

from grantex_tui.errors import ExitCode, GrantexTuiError
from grantex_tui.rehearsal.expect.verdict import Outcome
from grantex_tui.rehearsal.spec.read import load_spec
from grantex_tui.rehearsal.suite.run import failed, run_rehearsal


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import ForkServerContext, SpawnContext
    from multiprocessing.process import BaseProcess

    from grantex_tui.rehearsal.engine.simulated import Simulate
    from grantex_tui.rehearsal.spec.rehearsal import Rehearsal

Task = tuple[str, int, str]
"""A rehearsal file, which of its rehearsals, and that one's name."""


def run_all(
    rehearsals: Sequence[tuple[int, Rehearsal]],
    simulate: Simulate,
    *,
    jobs: int,
    with_tracks: bool = False,
) -> Iterator[Outcome]:
    """Run rehearsals, up to *jobs* at a time.

    Args:
        rehearsals: each with its place in its file, by which a worker finds it.
        simulate: makes events of a scenario; a module's function, so that workers find it.
        jobs: how many processes; 1: this one.
        with_tracks: keep every evaluation in the passes.
    """
    if min(jobs, len(rehearsals)) <= 1:
        for _, rehearsal in rehearsals:
            yield run_rehearsal(rehearsal, simulate, with_tracks=with_tracks)
        return
    crew = _Crew(simulate, with_tracks=with_tracks)
    try:
        yield from crew.run(rehearsals, min(jobs, len(rehearsals)))
    finally:
        crew.dismiss()


class _Crew:
    """The workers, and what each is at."""

    def __init__(self, simulate: Simulate, *, with_tracks: bool) -> None:
        self._simulate = simulate
        self._with_tracks = with_tracks
        self._context = _context()
        self._at: dict[Connection, tuple[BaseProcess, int | None]] = {}

    def run(self, rehearsals: Sequence[tuple[int, Rehearsal]], jobs: int) -> Iterator[Outcome]:
        waiting = deque(range(len(rehearsals)))
        done: dict[int, Outcome] = {}
        following = 0
        while following < len(rehearsals):
            while waiting and len(self._at) < jobs:
                self._hire()
            for pipe, (process, at) in list(self._at.items()):
                if at is None and waiting:
                    self._give(pipe, process, rehearsals, waiting.popleft())
            done |= dict(self._results(rehearsals))
            while following in done:
                yield done.pop(following)
                following += 1

    def _hire(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_work, args=(theirs, self._simulate, self._with_tracks), daemon=True
        )
        process.start()
        theirs.close()
        self._at[ours] = process, None

    def _give(
        self,
        pipe: Connection,
        process: BaseProcess,
        rehearsals: Sequence[tuple[int, Rehearsal]],
        number: int,
    ) -> None:
        place, rehearsal = rehearsals[number]
        # One that is dead already doesn't take it; that it is will be seen when it should answer.
        with suppress(BrokenPipeError, ConnectionResetError):
            pipe.send((rehearsal.path, place, rehearsal.name))
        self._at[pipe] = process, number

    def _results(
        self, rehearsals: Sequence[tuple[int, Rehearsal]]
    ) -> Iterator[tuple[int, Outcome]]:
        busy = {pipe: number for pipe, (_, number) in self._at.items() if number is not None}
        for pipe in wait(busy):
            assert isinstance(pipe, Connection)
            number = busy[pipe]
            process, _ = self._at[pipe]
            try:
                yield number, pipe.recv()
                self._at[pipe] = process, None
            except (EOFError, OSError):  # it was ended, perhaps in the middle of its answer
                del self._at[pipe]
                pipe.close()
                process.join()
                yield number, failed(rehearsals[number][1], _ending(process.exitcode))

    def dismiss(self) -> None:
        """End them all, whatever they are at."""
        for pipe, (process, _) in self._at.items():
            process.terminate()
            process.join()
            pipe.close()


def _context() -> SpawnContext | ForkServerContext:
    """New processes from a clean one: a fork of this one could inherit locks of its threads."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        how = f"was ended by {signal.Signals(-code).name}"
    else:
        how = f"ended by itself with code {code}"
    return f"the process that ran it {how}; try it alone with --jobs 1"


def _work(pipe: Connection, simulate: Simulate, with_tracks: bool) -> None:  # noqa: FBT001
    """A worker's life: tasks in, outcomes out."""
    read = lru_cache(maxsize=1)(load_spec)
    Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who gave the tasks is told
    while True:
        try:
            task: Task = pipe.recv()
        except EOFError:
            return
        outcome = _run(task, read, simulate, with_tracks=with_tracks)
        try:
            _send(pipe, outcome)
        except BrokenPipeError:  # whoever gave the tasks has gone
            return


def _end_with_parent() -> None:
    """Wait for the end of the process that gave the tasks, and end with it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _run(
    task: Task,
    read: Callable[[str], tuple[Rehearsal, ...]],
    simulate: Simulate,
    *,
    with_tracks: bool,
) -> Outcome:
    """What a task comes to; the file is read again, which is less than sending its rehearsals."""
    path, place, name = task
    try:
        rehearsal = read(path)[place]
    except (GrantexTuiError, IndexError):
        rehearsal = None
    if rehearsal is None or rehearsal.name != name:
        error = "the file was changed while its rehearsals were run; run them again"
        return Outcome(name, path, error=error, exit_code=ExitCode.INVALID_FILE)
    try:
        return run_rehearsal(rehearsal, simulate, with_tracks=with_tracks)
    except MemoryError:
        return failed(rehearsal, "there was not enough memory; try it alone with --jobs 1")


def _send(pipe: Connection, outcome: Outcome) -> None:
    """Send an outcome, its notifications unwritten if that can be.

    Few of them are ever read, and writing ten thousand takes longer than the rehearsal.
    """
    try:
        pipe.send(outcome)
    except (PicklingError, AttributeError, TypeError):  # a grok rule's matchers are closures
        passes = (replace(one, notifications=tuple(one.notifications)) for one in outcome.passes)
        pipe.send(replace(outcome, passes=tuple(passes)))
