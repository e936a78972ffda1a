"""pytest collects ``*.rehearsal.yaml``: one test an expectation, each rehearsal run once.

Nothing is imported until there is such a file. Side by side with other tests, in parallel under
pytest-xdist (``--dist loadgroup`` keeps a rehearsal's expectations together).
"""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING

import pytest

from grantex_tui.errors import GrantexTuiError
from grantex_tui.rehearsal.spec.rehearsal import is_spec
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grantex_tui.rehearsal.expect.judge import Expectation
    from grantex_tui.rehearsal.expect.verdict import Outcome, Verdict
    from grantex_tui.rehearsal.spec.rehearsal import Rehearsal


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's option."""
    group = parser.getgroup("grantex-tui rehearsals")
    group.addoption(
        "--rehearsal-run",
        metavar="REGEX",
        default="",
        help="of *.rehearsal.yaml files, only rehearsals whose name matches",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Check the plugin's option.

    Raises:
        pytest.UsageError: It is no regular expression.
    """
    only = config.getoption("--rehearsal-run")
    try:
        re.compile(only)
    except re.error as error:
        raise pytest.UsageError(
            f"--rehearsal-run {only!r} is no regular expression: {error}"
        ) from None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect rehearsal files."""
    return RehearsalFile.from_parent(parent, path=file_path) if is_spec(file_path.name) else None


def node_name(text: str) -> str:
    """A text as part of a node's id, by which pytest selects it.

    There brackets are for parameters, and two colons between nodes.
    """
    return printable(text).translate({ord("["): "(", ord("]"): ")"}).replace("::", ":")


def shown_path(node: pytest.Collector | pytest.Item) -> str:
    """Where a node stands, as pytest shows paths: seen from where it was started."""
    return os.path.relpath(node.path, node.config.invocation_params.dir)


class RehearsalFile(pytest.File):
    """A file of rehearsals."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Its rehearsals, or every mistake that is in it."""
        from grantex_tui.rehearsal.engine.simulated import simulate
        from grantex_tui.rehearsal.spec.read import load_spec

        only = self.config.getoption("--rehearsal-run")
        try:
            rehearsals = load_spec(str(self.path), simulate)
        except GrantexTuiError as error:
            told = str(error).replace(str(self.path), shown_path(self))
            raise self.CollectError(told) from None
        for rehearsal in rehearsals:
            if re.search(only, rehearsal.name):
                name = node_name(rehearsal.name)
                yield RehearsalNode.from_parent(self, name=name, rehearsal=rehearsal)


class RehearsalNode(pytest.Collector):
    """One rehearsal. It is run when the first of its expectations is asked for."""

    def __init__(self, *, rehearsal: Rehearsal, **node: object) -> None:
        super().__init__(**node)  # type: ignore[arg-type]  # pytest's own, passed on
        self.rehearsal = rehearsal
        self._outcome: Outcome | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """Its expectations."""
        for number, expectation in enumerate(self.rehearsal.expectations):
            name = node_name(expectation.claim.text)
            yield ExpectationItem.from_parent(
                self, name=name, expectation=expectation, number=number
            )

    def outcome(self) -> Outcome:
        """What the rehearsal came to."""
        if self._outcome is None:
            from grantex_tui.rehearsal.engine.simulated import simulate
            from grantex_tui.rehearsal.suite.run import run_rehearsal

            self._outcome = run_rehearsal(self.rehearsal, simulate, with_tracks=True)
        return self._outcome


class NotMetError(AssertionError):
    """An expectation doesn't hold, or its rehearsal can't be run."""


class ExpectationItem(pytest.Item):
    """One expectation."""

    parent: RehearsalNode

    def __init__(self, *, expectation: Expectation, number: int, **node: object) -> None:
        super().__init__(**node)  # type: ignore[arg-type]  # pytest's own, passed on
        self._expectation = expectation
        self._number = number
        self.add_marker(pytest.mark.xdist_group(self.parent.nodeid))

    def runtest(self) -> None:
        """Judge it.

        Raises:
            NotMetError: It doesn't hold.
        """
        outcome = self.parent.outcome()
        if outcome.error is not None:
            raise NotMetError(outcome.error)
        verdict = outcome.verdicts[self._number]
        if not verdict.passed:
            raise NotMetError(self._told(outcome, verdict))

    def _told(self, outcome: Outcome, verdict: Verdict) -> str:
        """The reason, and the evaluation to look at, explained."""
        from grantex_tui.rehearsal.engine.simulated import simulate
        from grantex_tui.report.why import why

        explained = why(self.parent.rehearsal, self._expectation, verdict, outcome, simulate)
        return f"{verdict.reason}\n\n{explained}".rstrip()

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: str | None = None,
    ) -> str:
        """What happened instead, where it was expected, in place of a traceback."""
        if not isinstance(excinfo.value, NotMetError):
            return str(super().repr_failure(excinfo, style))  # type: ignore[arg-type]  # passed on
        where = f"{shown_path(self)}:{self._expectation.line}: "
        return f"{where}{self.parent.name}: {self.name}\n\n{excinfo.value}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, self._expectation.line - 1, f"{self.parent.name}: {self.name}"
