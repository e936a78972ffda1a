"""A pytest plugin: which tests run which lines, and how long each takes.

    pytest -p tests.mutation.tracing --traced DATA --traced-modules LIST

A fixture that lasts longer than a test runs in whichever test comes first; what it runs is put down
to the fixture, and so to all that use it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import coverage
import pytest
from coverage.sqldata import CoverageData


_FIXTURE = "fixture "


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--traced", help="where to write what was run")
    parser.addoption("--traced-modules", help="a file that names the modules, a line each")


def pytest_configure(config: pytest.Config) -> None:
    target = config.getoption("--traced")
    if target:
        modules = Path(config.getoption("--traced-modules")).read_text(encoding="utf-8").split()
        config.pluginmanager.register(_Tracing(Path(target), modules))


class _Tracing:
    def __init__(self, target: Path, modules: list[str]) -> None:
        self._target = target.resolve()
        self._coverage = coverage.Coverage(
            data_file=str(target.resolve()), config_file=False, include=modules, messages=False
        )
        self._coverage.start()
        self._item = ""
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._failed: set[str] = set()
        self._users: defaultdict[str, list[str]] = defaultdict(list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._item = item.nodeid
        for name in getattr(item, "fixturenames", ()):
            self._users[name].append(item.nodeid)
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        if fixturedef.scope == "function":
            return (yield)
        self._coverage.switch_context(_FIXTURE + fixturedef.argname)
        try:
            return (yield)
        finally:
            self._coverage.switch_context(self._item)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        notes = {"seconds": self._seconds, "failed": sorted(self._failed), "users": self._users}
        _notes(self._target).write_text(json.dumps(notes), encoding="utf-8")


@dataclass(slots=True)
class Traces:
    """What is known of each test."""

    seconds: dict[str, float] = field(default_factory=dict)
    """By the test's id, the quickest first once all are read."""
    failed: set[str] = field(default_factory=set)
    _users: dict[str, set[str]] = field(default_factory=dict)
    _data: list[tuple[Path, CoverageData]] = field(default_factory=list)
    """With the folder in which it was gathered."""

    @classmethod
    def read(cls, targets: Iterable[Path]) -> Traces:
        """What several runs have written, each in the folder in which it ran."""
        traces = cls()
        for target in targets:
            notes = json.loads(_notes(target).read_text(encoding="utf-8"))
            traces.seconds |= notes["seconds"]
            traces.failed |= set(notes["failed"])
            for name, tests in notes["users"].items():
                traces._users.setdefault(name, set()).update(tests)
            data = CoverageData(str(target))
            data.read()
            traces._data.append((target.parent, data))
        return traces

    def tests_of(self, path: str, first: int, last: int) -> list[str]:
        """The tests that run one of these lines, the quickest first."""
        contexts: set[str] = set()
        for folder, data in self._data:
            for line, names in data.contexts_by_lineno(str(folder / path)).items():
                if first <= line <= last:
                    contexts.update(names)
        tests = set[str]()
        for context in contexts - {""}:
            fixture = context.removeprefix(_FIXTURE)
            tests |= {context} if fixture == context else self._users.get(fixture, set())
        return [test for test in self.passing() if test in tests]

    def passing(self) -> list[str]:
        """All tests that are of help, the quickest first."""
        tests = self.seconds.keys() - self.failed
        return sorted(tests, key=lambda test: (self.seconds[test], test))


def _notes(target: Path) -> Path:
    return target.with_suffix(".json")
