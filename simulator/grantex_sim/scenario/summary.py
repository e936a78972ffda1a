"""What a scenario comes to, without running it: how many events, when, of which types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grantex_sim.scenario.engine import phases_of, spans_of
from grantex_sim.scenario.rates import rate_at


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_sim.scenario.model import Activity, Phase, Scenario

_BARS: Final = " ▁▂▃▄▅▆▇█"
_SLOTS: Final = 4_000
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"))


@dataclass(frozen=True, slots=True)
class Summary:
    """A scenario in numbers."""

    events: int
    """On average; what is injected in detail included."""
    slots: tuple[float, ...]
    """Events in equal parts of the duration."""
    types: tuple[str, ...]
    """Every type that begins a story or is injected, in alphabetical order."""
    peak: float
    """Events a second in the fullest of those parts."""


def summarise(scenario: Scenario) -> Summary:
    """*scenario* in numbers."""
    begin = round(scenario.start * 1000)
    length = round(scenario.duration * 1000)
    count = max(1, min(_SLOTS, length // 1000))
    slots = [0.0] * count
    activities = list(_happening(scenario, begin, begin + length))
    for phase, start, end in phases_of(scenario.phases, begin, begin + length):
        _fill(slots, phase, start, end, begin, length)
    for activity, start, end in activities:
        if activity.silence:
            _clear(slots, start - begin, end - begin, length)
    for activity, start, end in activities:
        for inject in activity.inject:
            number = inject.count or inject.rate * (end - start) / 1000
            _spread(slots, number, start - begin, end - begin, length)
    return Summary(
        events=round(sum(slots)),
        slots=tuple(slots),
        types=tuple(sorted(_types(scenario))),
        peak=max(slots) * count * 1000 / length,
    )


def _happening(scenario: Scenario, begin: int, end: int) -> Iterator[tuple[Activity, int, int]]:
    for activity in scenario.activities:
        for span in spans_of(activity, begin, end):
            yield activity, *span
    for phase, start, last in phases_of(scenario.phases, begin, end):
        for activity in phase.activities:
            for span in spans_of(activity, start, min(last, end)):
                yield activity, *span


def _types(scenario: Scenario) -> set[str]:
    activities = [*scenario.activities]
    types: set[str] = set()
    for phase in scenario.phases:
        types.update(phase.mix)
        activities.extend(phase.activities)
    for activity in activities:
        for inject in activity.inject:
            types.update(inject.mix)
    return types


def _fill(slots: list[float], phase: Phase, start: int, end: int, begin: int, length: int) -> None:
    """A phase's rate, taken in the middle of each slot that it covers."""
    count = len(slots)
    first, last = (start - begin) * count // length, (min(end - begin, length)) * count // length
    for slot in range(first, min(count, last + 1)):
        left = max(start, begin + slot * length // count)
        right = min(end, begin + (slot + 1) * length // count)
        if right > left:
            middle = (left + right) // 2
            rate = rate_at(phase.rate, middle, (middle - start) / (end - start))
            slots[slot] += rate * (right - left) / 1000


def _shares(start: int, end: int, count: int, length: int) -> Iterator[tuple[int, float]]:
    """Slots that a span touches, with the milliseconds of it in each."""
    for slot in range(start * count // length, min(count, end * count // length + 1)):
        left = max(start, slot * length // count)
        right = min(end, (slot + 1) * length // count)
        if right > left:
            yield slot, right - left


def _clear(slots: list[float], start: int, end: int, length: int) -> None:
    width = length / len(slots)
    for slot, covered in _shares(start, end, len(slots), length):
        slots[slot] *= max(0.0, 1 - covered / width)


def _spread(slots: list[float], number: float, start: int, end: int, length: int) -> None:
    for slot, covered in _shares(start, end, len(slots), length):
        slots[slot] += number * covered / (end - start)


def spell(seconds: float) -> str:
    """A duration as people write it: ``14d``, ``1h30m``, ``2.5s``."""
    left, said = seconds, ""
    for size, unit in _UNITS:
        whole, left = divmod(left, size)
        said += f"{whole:.0f}{unit}" if whole else ""
    return said + (f"{left:g}s" if left or not said else "")


def bars(values: tuple[float, ...], width: int) -> str:
    """Values as a row of *width* bars; something is never nothing."""
    columns = [sum(part) / len(part) for part in _parts(values, width)]
    top = max(columns) or 1.0
    return "".join(
        _BARS[max(1, round(value / top * 8))] if value else _BARS[0] for value in columns
    )


def _parts(values: tuple[float, ...], width: int) -> Iterator[tuple[float, ...]]:
    count = len(values)
    for column in range(width):
        first = column * count // width
        yield values[first : max(first + 1, (column + 1) * count // width)]


def timeline(scenario: Scenario, summary: Summary, *, width: int = 60) -> list[str]:
    """The stream's rate and the incidents below it, a line each."""
    labels = [incident.label for incident in scenario.incidents]
    room = max(len(label) for label in ["events", *labels])
    lines = [f"{'events':{room}}  {bars(summary.slots, width)}  at most {summary.peak:.3g}/s"]
    for incident in scenario.incidents:
        after, lasts = incident.start - scenario.start, incident.end - incident.start
        first = min(int(after / scenario.duration * width), width - 1)
        last = max(first + 1, min(width, round((after + lasts) / scenario.duration * width)))
        row = f"{'·' * first}{'█' * (last - first)}{'·' * (width - last)}"
        lines.append(f"{incident.label:{room}}  {row}  +{spell(after)} for {spell(lasts)}")
    return lines
