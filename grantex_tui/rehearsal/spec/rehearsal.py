"""A rehearsal as a value: what to evaluate over which events, and what to expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.errors import InvalidFileError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.rehearsal.engine.model import DeliveryModel
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan
    from grantex_tui.rehearsal.expect.judge import Expectation
    from grantex_tui.words.durations import Moment


ENDINGS = (".rehearsal.yaml", ".rehearsal.yml", ".rehearsal.toml", ".rehearsal.json")


def is_spec(path: str) -> bool:
    """Whether a file's name is that of rehearsals."""
    return path.lower().endswith(ENDINGS)


class SpecError(InvalidFileError):
    """A rehearsal file can't be used; *lines* has every mistake as ``path:line: what; what to do``."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something from one moment to another: an incident, with its label, or an outage."""

    since: Moment
    until: Moment
    label: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What is rehearsed: recordings, or a scenario."""

    recordings: tuple[str, ...] = ()
    """Paths."""
    scenario: str = ""
    """A name, or a path."""
    seed: int | None = None
    start: float | None = None
    """Epoch seconds; None: the first event, or as the scenario says."""
    end: Moment | None = None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One rehearsal of a file, ready to be run."""

    name: str
    path: str
    """The file that it stands in."""
    line: int
    source: Source
    plan: RehearsalPlan
    incidents: tuple[Stretch, ...] | str | None
    """Written out, or the path of a file of them; None: what comes with the source."""
    delivery: DeliveryModel
    outages: tuple[Stretch, ...]
    phases: tuple[int, ...]
    allow_phase_sensitive: bool
    allow_approximate: bool
    expectations: tuple[Expectation, ...]
