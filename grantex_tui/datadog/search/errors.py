"""The error of a log search that can't be read: where in the text, and what to do about it."""

from __future__ import annotations

from grantex_tui.errors import ExitCode, GrantexTuiError
from grantex_tui.words.display import cell_width, printable


_AROUND = 60
"""Characters that the pointer shows on either side of the fault."""


class SearchError(GrantexTuiError):
    """A log search is no search; *position* (from 0) in *query* is where it goes wrong."""

    exit_code = ExitCode.USAGE

    def __init__(self, problem: str, *, query: str, position: int, hint: str = "") -> None:
        super().__init__(f"log search, character {position + 1}: {problem}", hint=hint)
        self.problem = problem
        self.query = query
        self.position = position

    def pointer(self) -> str:
        """Two lines: the search around the fault, and a caret under it."""
        start = max(0, self.position - _AROUND)
        before = ("…" if start else "") + printable(self.query[start : self.position])
        rest = self.query[self.position : self.position + _AROUND]
        more = "…" if self.position + _AROUND < len(self.query) else ""
        return f"{before}{printable(rest)}{more}\n{' ' * cell_width(before)}^"
