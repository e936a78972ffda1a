"""What is mutated and by which tests: the one table to change when modules or tests move.

A pattern is a path below the project's root as `pathlib.Path.glob` has it; one that ends in `/`
takes every module below a folder, and lasts longest. A pattern that matches nothing is an error, and a test asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the program whose tests are measured."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    """Files and folders whose tests run against a mutant, if they run the line that it changes."""


AREAS = (
    Area(
        "counting",
        ("grantex_tui/monitoring/count/",),
        ("tests/monitoring",),
    ),
    Area(
        "journal",
        ("grantex_tui/events/kept/",),
        ("tests/events/kept", "tests/delivery", "tests/watch"),
    ),
    Area(
        "verdicts",
        ("grantex_tui/delivery/",),
        ("tests/delivery", "tests/watch"),
    ),
    Area(
        "thresholds",
        ("grantex_tui/monitoring/evaluate/",),
        ("tests/monitoring",),
    ),
    Area(
        "pipelines",
        ("grantex_tui/datadog/pipeline/",),
        ("tests/datadog/pipeline", "tests/pack"),
    ),
    Area(
        "conditions",
        ("grantex_tui/datadog/monitor/",),
        ("tests/datadog/monitor", "tests/pack"),
    ),
)


class NoModuleError(Exception):
    """A pattern of the table matches nothing: something has moved."""


def modules(area: Area, root: Path = ROOT) -> list[str]:
    """The area's modules, as paths below *root*.

    Raises:
        NoModuleError: a pattern or a folder of tests matches nothing.
    """
    found: set[str] = set()
    for pattern in area.modules:
        below = f"{pattern}**/*.py" if pattern.endswith("/") else pattern
        matches = {str(path.relative_to(root)) for path in root.glob(below)}
        if not matches:
            raise NoModuleError(_moved(area, pattern))
        found |= matches
    for tests in area.tests:
        if not (root / tests).exists():
            raise NoModuleError(_moved(area, tests))
    return sorted(path for path in found if not path.endswith("__init__.py"))


def _moved(area: Area, pattern: str) -> str:
    return f"{area.name}: {pattern} is not there; say where it went in tests/mutation/areas.py"
