"""Workers that die, at the worst moments, and files that change under them."""

from __future__ import annotations

import gc
import os
import select
import signal
import struct
import subprocess
import sys
from multiprocessing.connection import Connection
from threading import Thread

import pytest

from grantex_tui.errors import ExitCode, UsageError
from grantex_tui.rehearsal.spec.read import load_spec
from grantex_tui.rehearsal.suite import workers
from grantex_tui.rehearsal.suite.workers import run_all


SOON = 20_000  # milliseconds: a limit for what would never come, not a wait


def perilous(scenario: str, **_):
    """A scenario of which a worker dies, or that asks for more than there is."""
    if scenario == "torn":
        for pipe in [each for each in gc.get_objects() if isinstance(each, Connection)]:
            if not pipe.closed and pipe.readable and pipe.writable:
                os.write(pipe.fileno(), struct.pack("!i", 1000) + b"the beginning of an answer")
        os.kill(os.getpid(), signal.SIGKILL)
    if scenario == "huge":
        raise MemoryError
    raise UsageError("there is nothing in it")


@pytest.fixture
def read(tmp_path):
    def read(*names: str):
        path = tmp_path / "a.rehearsal.yaml"
        rows = [f"  - {{name: {n}, events: {{scenario: {n}}}, expect: none-fires}}" for n in names]
        path.write_text(
            "\n".join(["version: 1", "monitors: [pack/heartbeat]", "rehearsals:", *rows])
        )
        return list(enumerate(load_spec(str(path))))

    return read


def test_a_worker_may_die_in_the_middle_of_its_answer_or_run_out_of_memory(read):
    outcomes = list(run_all(read("torn", "huge", "empty"), perilous, jobs=2))
    assert [str(each.error).partition(";")[0].partition("\n")[0] for each in outcomes] == [
        "the process that ran it was ended by SIGKILL",
        "there was not enough memory",
        "there is nothing in it",
    ]


def test_a_worker_that_is_dead_before_its_first_task_takes_only_that_along(read, monkeypatch):
    hire = workers._Crew._hire
    hired = []

    def mortal(self):
        hire(self)
        hired.append(next(reversed(self._at.values()))[0])
        if len(hired) == 1:
            hired[0].kill()
            hired[0].join()

    monkeypatch.setattr(workers._Crew, "_hire", mortal)
    first, second = run_all(read("one", "two"), perilous, jobs=2)
    assert "ended by SIGKILL" in str(first.error)
    assert "there is nothing in it" in str(second.error)


@pytest.mark.parametrize(
    ("names", "mistake", "told"),
    [
        (["one"], "", ["two"]),
        (["two", "one"], "", ["one", "two"]),
        (["one"], "fase: 1", ["one", "two"]),
    ],
    ids=["one less", "another order", "a mistake"],
)
def test_a_file_that_changes_while_it_is_run_is_told(read, tmp_path, names, mistake, told):
    rehearsals = read("one", "two")
    path = tmp_path / "a.rehearsal.yaml"
    read(*names)
    path.write_text(f"{path.read_text()}\n{mistake}")
    outcomes = list(run_all(rehearsals, perilous, jobs=2))
    changed = [each for each in outcomes if "was changed while" in str(each.error)]
    assert [each.rehearsal for each in changed] == told
    assert {(each.exit_code, each.path) for each in changed} == {(ExitCode.INVALID_FILE, str(path))}


def _read_when_ended(process, pipes, readers):
    """Should the command end before a worker reads, let the test fail and not wait for ever."""
    process.wait()
    readers += [os.open(pipe, os.O_RDONLY | os.O_NONBLOCK) for pipe in pipes]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)],
    ids=["interrupted", "terminated"],
)
def test_a_command_that_is_ended_leaves_no_worker_and_no_traceback(tmp_path, number, code):
    pipes = [tmp_path / name for name in ("a.ndjson", "b.ndjson")]
    for pipe in pipes:
        os.mkfifo(pipe)
    rows = [
        f"  - {{name: {p.stem}, events: {{recording: {p.name}}}, expect: none-fires}}"
        for p in pipes
    ]
    (tmp_path / "x.rehearsal.yaml").write_text("\n".join(["version: 1", "rehearsals:", *rows]))
    command = [sys.executable, "-m", "grantex_tui", "rehearse", "x.rehearsal.yaml", "--jobs", "2"]
    readers: list[int] = []
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        watch = Thread(target=_read_when_ended, args=(process, pipes, readers), daemon=True)
        watch.start()
        # To open a pipe for writing takes somebody who reads: a worker, in the middle of its task.
        ends = [os.open(pipe, os.O_WRONLY) for pipe in pipes]
        process.send_signal(number)
        out, err = process.communicate(timeout=SOON / 1000)
        watch.join()
    for reader in readers:
        os.close(reader)
    assert (process.returncode, out, err) == (code, b"", b"")
    for end in ends:
        gone = select.poll()
        gone.register(end, 0)  # that nobody reads any more is told unasked
        assert gone.poll(SOON)[0][1] & select.POLLERR
        os.close(end)
