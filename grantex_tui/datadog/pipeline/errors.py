"""A pipeline that Datadog would not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.errors import InvalidFileError


if TYPE_CHECKING:
    from grantex_tui.datadog.problem import Problem


class PipelineError(InvalidFileError):
    """A pipeline object is invalid; ``problem`` says what, where and by which rule."""

    def __init__(self, problem: Problem, *, path: str = "") -> None:
        where = f"{problem.where}: " if problem.where else ""
        super().__init__(where + problem.message, path=path, hint=problem.fix)
        if path and not self.message.startswith(path):
            self.message = f"{path}: {self.message}"
        self.problem = problem
