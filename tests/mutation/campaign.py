"""From samples to outcomes: first which test runs what, then each mutant against its tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.mutation.areas import Area, modules
from tests.mutation.copies import Copies, Task
from tests.mutation.mutants import Mutant
from tests.mutation.tracing import Traces
from tests.mutation.trial import SAME_EXAMPLES, BrokenRunError, Outcome, outcome, rehearsed, trial


Say = Callable[[str], None]
_TRACED = "traced.data"
_RAN = (0, 1)
"""All passed; or some failed, which are named and left out."""


def tried(
    root: Path, copies: Copies, samples: Mapping[Area, Sequence[Mutant]], say: Say
) -> dict[Mutant, Outcome]:
    """What became of each mutant.

    Raises:
        BrokenRunError: the tests could not be run, or fail without any mutant.
    """
    traces = _traces(root, copies, list(samples), say)
    outcomes: dict[Mutant, Outcome] = {}
    trials: dict[str, Mutant] = {}
    tasks: list[Task] = []
    for area, mutants in samples.items():
        for mutant in mutants:
            tests = _tests(traces, root, area, mutant)
            if not tests:
                outcomes[mutant] = Outcome.UNTESTED
                continue
            # Of a copy: in the project itself somebody may go on working.
            source = (copies.folders[0] / mutant.path).read_text(encoding="utf-8")
            tasks.append(trial(f"{len(tasks)} {mutant.path}:{mutant.line}", mutant, source, tests))
            trials[tasks[-1].name] = mutant
    for ended in copies.run(tasks):
        mutant = trials[ended.task.name]
        outcomes[mutant] = outcome(ended)
        say(f"{len(outcomes)}: {mutant.path}:{mutant.line}: {outcomes[mutant].value}")
    return outcomes


def _traces(root: Path, copies: Copies, areas: Sequence[Area], say: Say) -> Traces:
    paths = sorted({path for area in areas for path in modules(area, root)})
    files = _files(root, sorted({tests for area in areas for tests in area.tests}))
    parts = 4 * len(copies.folders)  # some take much longer than others
    shares = [files[start::parts] for start in range(parts)]
    say(f"running {len(files)} files of tests to see what each runs")
    arguments = (
        *("-p", "tests.mutation.tracing", f"--traced={_TRACED}", "--traced-modules=modules.txt"),
        *SAME_EXAMPLES,
    )
    tasks = [
        Task(f"tracing {number + 1}", (*arguments, *share), {"modules.txt": "\n".join(paths)})
        for number, share in enumerate(shares)
        if share
    ]
    targets: list[Path] = []
    for ended in copies.run(tasks):
        if ended.code not in _RAN:
            raise BrokenRunError(
                f"{ended.task.name}: pytest ended with {ended.code}\n{ended.output}"
            )
        # A copy that is idle again may be given the next share.
        targets.append((ended.copy / _TRACED).rename(ended.copy / f"{len(targets)}.data"))
        (ended.copy / _TRACED).with_suffix(".json").rename(targets[-1].with_suffix(".json"))
    traces = Traces.read(targets)
    for test in sorted(traces.failed):
        say(f"left out, since it fails without any mutant: {test}")
    _rehearse(copies, traces)
    return traces


def _rehearse(copies: Copies, traces: Traces) -> None:
    """That a choice of tests passes without a mutant, in each copy: else all would be noticed."""
    quickest = sorted(traces.seconds.keys() - traces.failed, key=traces.seconds.__getitem__)[:20]
    task = rehearsed({test: traces.seconds[test] for test in quickest})
    for ended in copies.run([task] * len(copies.folders)):
        if ended.code != 0:
            raise BrokenRunError(f"{task.name}: pytest ended with {ended.code}\n{ended.output}")


def _tests(traces: Traces, root: Path, area: Area, mutant: Mutant) -> dict[str, float]:
    """The tests to run, the quickest first. What runs at import may matter to all of a module."""
    lines = (mutant.first, mutant.last) if mutant.function else (1, _END)
    below = tuple(f"{tests}/" if (root / tests).is_dir() else f"{tests}::" for tests in area.tests)
    found = [test for test in traces.tests_of(mutant.path, *lines) if test.startswith(below)]
    if not found and not mutant.function:  # a module of definitions alone: any test may use them
        found = [test for test in traces.passing() if test.startswith(below)]
    return {test: traces.seconds[test] for test in found}


_END = 1 << 30


def _files(root: Path, tests: Sequence[str]) -> list[str]:
    files: set[Path] = set()
    for place in tests:
        files |= set(
            (root / place).rglob("test_*.py") if (root / place).is_dir() else [root / place]
        )
    return sorted(str(file.relative_to(root)) for file in files)
