"""A scenario file's text as a `Scenario`: every mistake is found, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from grantex_sim.scenario.keys import TOP
from grantex_sim.scenario.model import Activity, Incident, Scenario
from grantex_sim.scenario.values import At, read_keys
from grantex_tui.datadog.document import read_document
from grantex_tui.errors import InvalidFileError
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Callable

    from grantex_sim.scenario.model import Phase
    from grantex_tui.datadog.document import Document

_ENDLESS: Final = 1 << 60
_MONDAY: Final = 1_767_571_200.0
"""2026-01-05T00:00:00Z"""


class Mistake(NamedTuple):
    """A mistake in a file: where it is, and what it is, beginning with the key."""

    line: int
    column: int
    said: str


class ScenarioError(InvalidFileError):
    """A scenario file has mistakes: `found`, in the order of lines."""

    def __init__(self, path: str, found: tuple[Mistake, ...]) -> None:
        super().__init__(
            "\n".join(f"{path}:{line}:{column}: {said}" for line, column, said in found)
        )
        self.path = path
        self.line = found[0].line if found else 0
        self.found = found


def read_scenario(text: str, *, path: str, name: str) -> Scenario:
    """Read a scenario.

    Args:
        text: The file.
        path: What messages call it.
        name: The scenario's name, unless it gives one itself.

    Raises:
        ScenarioError: Each mistake as ``path:line:column: key: what is wrong``.
        InvalidFileError: It is neither YAML nor JSON.
    """
    document = read_document(text, path=path)
    at = At()
    if _is_several(document):
        raise ScenarioError(path, (Mistake(1, 1, "several documents; a file is one scenario"),))
    scenario = _scenario(read_keys(document.value, at, TOP), at, name, text)
    if at.problems or scenario is None:
        raise ScenarioError(path, _located(at, document))
    return scenario


def _is_several(document: Document) -> bool:
    """Whether a line ``---`` cuts the text into several mappings."""
    found = document.value
    return (
        isinstance(found, list) and len(found) > 1 and all(isinstance(each, dict) for each in found)
    )


def _located(at: At, document: Document) -> tuple[Mistake, ...]:
    found = {
        (document.line(each.where), document.column(each.where), each.where, each.said)
        for each in at.problems
    }
    return tuple(
        Mistake(line, column, f"{printable(where, limit=120)}: {said}" if where else said)
        for line, column, where, said in sorted(found)
    )


def _scenario(got: dict[str, object], at: At, name: str, text: str) -> Scenario | None:
    phases, duration = got.pop("phases", ()), got.pop("duration", None)
    start = got.get("start", _MONDAY)
    begin = start if isinstance(start, float) else _MONDAY
    if any(each.where == "start" for each in at.problems):
        return None
    length = _ENDLESS  # with mistakes in it, what comes below is looked at all the same
    if not at.problems and isinstance(phases, tuple):
        length = _length(duration, phases, at)
    activities = (
        *_activities(got.pop("incidents", ()), "incidents", begin, length, at),
        *_activities(got.pop("activity", ()), "activity", begin, length, at),
    )
    if at.problems:
        return None
    defaults = {"name": name, "description": "", "seed": 1, "start": begin}
    habits = {"habits": got.pop("story")} if "story" in got else {}
    make: Callable[..., Scenario] = Scenario
    return make(
        **{**defaults, **got, **habits},
        duration=length / 1000,
        incidents=tuple(
            Incident(each.label, begin + each.start / 1000, begin + each.end / 1000)
            for each in activities
            if each.is_incident
        ),
        phases=phases,
        activities=activities,
        text=text,
    )


def _length(duration: object, phases: tuple[Phase, ...], at: At) -> int:
    for index, phase in enumerate(phases[:-1]):
        if phase.duration is None:
            at.below("phases").below(index).wrong("only the last phase may go without `for`")
    if isinstance(duration, int):
        return duration
    if phases and phases[-1].duration is None:
        at.wrong("without a duration each phase needs `for`")
    return sum(phase.duration or 0 for phase in phases)


def _activities(
    entries: object, key: str, begin: float, length: int, at: At
) -> tuple[Activity, ...]:
    found = []
    for entry in entries if isinstance(entries, tuple) else ():
        place = At(str(entry.pop("_where")), at.problems)
        activity = _activity(entry, begin, place, is_incident=key == "incidents")
        if activity and activity.end > length:
            place.wrong("it goes beyond the scenario's end")
        elif activity:
            found.append(activity)
    return tuple(found)


def _activity(
    entry: dict[str, object], begin: float, at: At, *, is_incident: bool
) -> Activity | None:
    if ("to" in entry) == ("for" in entry):
        at.wrong("it needs either `to` or `for`")
        return None
    start = _after(entry["from"], begin)
    lasts = entry.get("for")
    end = start + lasts if isinstance(lasts, int) else _after(entry.get("to"), begin)
    if start < 0 or end <= start:
        at.wrong("it ends before it begins" if start >= 0 else "it begins before the start")
        return None
    every, inject = entry.get("every"), entry.get("inject", ())
    if isinstance(every, int) and every < end - start:
        at.below("every").wrong("it is shorter than what is to be repeated")
        return None
    return Activity(
        str(entry.get("label", "")),
        start,
        end,
        inject if isinstance(inject, tuple) else (),
        silence=entry.get("silence") is True,
        every=every if isinstance(every, int) else None,
        is_incident=is_incident,
    )


def _after(instant: object, begin: float) -> int:
    if isinstance(instant, float):
        return round((instant - begin) * 1000)
    return instant if isinstance(instant, int) else 0
