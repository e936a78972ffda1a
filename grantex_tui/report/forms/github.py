"""The report as annotations of GitHub Actions, beside the lines of the rehearsal files.

GitHub: actions/reference/workflow-commands-for-github-actions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from grantex_tui.report.facts import phase_text
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.rehearsal.expect.verdict import Outcome

Level = Literal["error", "warning"]


def render(outcomes: Sequence[Outcome]) -> str:
    """An error for each expectation that failed and each rehearsal that could not be run.

    What holds at some phases only, and may, is a warning. GitHub shows ten errors and ten warnings
    of a step; the log has all of them.
    """
    return "".join(f"{line}\n" for each in outcomes for line in _annotations(each))


def _annotations(outcome: Outcome) -> Iterator[str]:
    if outcome.error is not None and outcome.line:
        where = outcome.path, outcome.line
        yield _command("error", where, f"{outcome.rehearsal} could not be run", outcome.error)
    elif outcome.error is not None:
        yield from _mistakes(outcome.path, outcome.error)
    for verdict in outcome.verdicts:
        title = f"{outcome.rehearsal}: {verdict.expectation}"
        phases = phase_text(verdict, outcome.passes)
        if not verdict.passed:
            reason = "\n".join(part for part in (verdict.reason, phases) if part)
            yield _command("error", verdict.where, title, reason)
        elif phases:
            yield _command("warning", verdict.where, title, phases)


def _mistakes(path: str, error: str) -> Iterator[str]:
    """Of a file that can't be used each mistake at its line: ``path:line: what``."""
    for mistake in error.split("\n"):
        line, _, what = mistake.removeprefix(f"{path}:").partition(": ")
        at, said = (int(line), what) if line.isdecimal() else (0, mistake)
        yield _command("error", (path, at), "a mistake in a rehearsal file", said)


def _command(level: Level, where: tuple[str, int], title: str, message: str) -> str:
    path, line = where
    properties = {
        "file": path,
        "line": str(line) if path and line else "",
        "title": title,
    }
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    text = "\n".join(printable(each) for each in message.split("\n"))
    return f"::{level} {said}::{_data(text or printable(title))}"


def _data(text: str) -> str:
    # ``##[`` begins a command of an older form, wherever in a line it stands.
    plain = text.replace("##[", "#·[")
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
