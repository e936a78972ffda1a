"""Which branches the test suite takes, for each area and for all of the program.

    python -m tests.mutation.branches [WHAT PYTEST TAKES]...

What tests start as a command is counted, too, unless it is killed. `coverage html` shows the lines.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import coverage

from tests.mutation.areas import AREAS, ROOT, modules


@dataclass(frozen=True, slots=True)
class Taken:
    """How many of the branches and statements of some modules were run."""

    branches: int = 0
    all_branches: int = 0
    statements: int = 0
    all_statements: int = 0

    @classmethod
    def of(cls, files: Iterable[Mapping[str, int]]) -> Taken:
        """The sum of what `coverage json` says of each file."""
        listed = list(files)
        return cls(
            sum(file["covered_branches"] for file in listed),
            sum(file["num_branches"] for file in listed),
            sum(file["covered_lines"] for file in listed),
            sum(file["num_statements"] for file in listed),
        )


def main() -> int:
    """Runs the suite, or a part of it, and says what it took. Exits as pytest does."""
    inside = {**os.environ, "COVERAGE_CORE": "ctrace"}
    suite = ["run", "-m", "pytest", "-n", "auto", "--dist", "worksteal", "-q", *sys.argv[1:]]
    for command in (["erase"], suite):
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *command], env=inside, cwd=ROOT, check=False
        )
    for line in table(_files(ROOT)):
        print(line)
    return done.returncode


def table(files: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """A line an area, and one for all."""
    yield f"{'area':<12}{'branches':>22}{'statements':>22}"
    for area in AREAS:
        yield _row(area.name, Taken.of(files[path] for path in modules(area) if path in files))
    yield _row("all", Taken.of(files.values()))


def _row(name: str, taken: Taken) -> str:
    branches = _share(taken.branches, taken.all_branches)
    return f"{name:<12}{branches}{_share(taken.statements, taken.all_statements)}"


def _share(part: int, whole: int) -> str:
    percent = 100 * part / whole if whole else 100.0
    return f"{part:>8} /{whole:>6}{percent:>4.0f} %"


def _files(root: Path) -> dict[str, dict[str, int]]:
    gathered = coverage.Coverage(config_file=str(root / "pyproject.toml"))
    gathered.combine([str(root)])
    gathered.save()
    target = root / ".coverage.json"
    gathered.json_report(outfile=str(target))
    report = json.loads(target.read_text(encoding="utf-8"))
    return {path: file["summary"] for path, file in report["files"].items()}


if __name__ == "__main__":
    sys.exit(main())
