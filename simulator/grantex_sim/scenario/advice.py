"""What in a scenario is allowed and yet hardly meant."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from grantex_sim.scenario.summary import spell, summarise
from grantex_tui.datadog.document import read_document


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_sim.scenario.model import Scenario

_MANY: Final = 20_000_000


def advice(scenario: Scenario, *, path: str) -> list[tuple[int, int, str]]:
    """What to think over: line, column and sentence, in the order of places."""
    document = read_document(scenario.text, path=path)
    return sorted(
        (document.line(where), document.column(where), said) for where, said in _found(scenario)
    )


def _found(scenario: Scenario) -> Iterator[tuple[str, str]]:
    if not scenario.description:
        yield "", "it has no description for lists"
    yield from _labels(scenario)
    yield from _idle(scenario)
    yield from _unreached(scenario)
    summary = summarise(scenario)
    if not summary.events:
        yield "phases", "no event is to be expected"
    if summary.events > _MANY:
        yield "phases", f"it comes to {summary.events:,} events"


def _labels(scenario: Scenario) -> Iterator[tuple[str, str]]:
    counts = Counter(incident.label for incident in scenario.incidents)
    for index, incident in enumerate(scenario.incidents):
        if counts[incident.label] > 1:
            yield f"incidents[{index}].label", f"{incident.label!r} labels several incidents"


def _idle(scenario: Scenario) -> Iterator[tuple[str, str]]:
    incidents = [each for each in scenario.activities if each.is_incident]
    others = [each for each in scenario.activities if not each.is_incident]
    for key, entries in (("incidents", incidents), ("activity", others)):
        for index, entry in enumerate(entries):
            if not entry.inject and not entry.silence:
                yield f"{key}[{index}]", "nothing happens in it: no inject, no silence"
            if entry.inject and entry.silence:
                yield f"{key}[{index}].silence", "what is injected is not silent"


def _unreached(scenario: Scenario) -> Iterator[tuple[str, str]]:
    at = 0
    for index, phase in enumerate(scenario.phases):
        if at >= scenario.duration * 1000:
            yield f"phases[{index}]", f"it is never reached in {spell(scenario.duration)}"
        at += phase.duration or 0
