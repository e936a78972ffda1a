"""Which values to try: ranges and lists as people write them, or taken from what was observed."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.rehearsal.engine.tracks import runs_of
from grantex_tui.words.durations import parse_duration


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.comparator import Comparator
    from grantex_tui.rehearsal.engine.model import Track

MOST = 200
"""Values of one range."""
_USUAL = 12
_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
"""Of a decade: each about half as much again as the one before."""
_FEWEST = 5
_NOTHING = 1e-300
"""What is less has no decades to speak of."""
_RARE = 0.01
"""The share of evaluations for which a threshold may be crossed and still be of interest."""


def parse_numbers(text: str) -> tuple[float, ...]:
    """The values of ``5:50:5`` (both ends in it), ``5,10,20``, or a mix; ascending, each once.

    Raises:
        ValueError: It is none of these; the text says why.
    """
    found: set[float] = set()
    for part in text.split(","):
        found.update(_range(part) if ":" in part else [_number(part)])
        if len(found) > MOST:
            raise ValueError(f"more than {MOST} values in {text!r}")
    return tuple(sorted(found))


def _range(text: str) -> list[float]:
    parts = [_number(part) for part in text.split(":")]
    if len(parts) not in (2, 3):
        raise ValueError(f"{text!r} is no range; write start:stop:step")
    start, stop, step = (*parts, 1.0)[:3]
    if step <= 0 or stop < start:
        raise ValueError(f"{text!r} goes nowhere; write start:stop:step, upwards")
    steps = (stop - start) / step + 1e-9
    if steps >= MOST:  # infinite, perhaps
        raise ValueError(f"more than {MOST} values in {text!r}")
    return [round(start + number * step, 9) for number in range(floor(steps) + 1)]


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is no number") from None
    if not isfinite(number):
        raise ValueError(f"{text.strip()!r} is no number")
    return number


def parse_windows(text: str) -> tuple[int, ...]:
    """The seconds of ``1m,5m,1h``; ascending, each once.

    Raises:
        ValueError: One is no window that Datadog takes: 1 minute to 48 hours.
    """
    found: set[int] = set()
    for part in text.split(","):
        try:
            length = parse_duration(part.strip().removeprefix("last_"))
        except ValueError:
            length = 0.0
        if length % 60 or not 60 <= length <= 48 * 3600:
            raise ValueError(f"{part.strip()!r} is no window; write such as 5m or 1h, 1m to 48h")
        found.add(int(length))
    return tuple(sorted(found))


def observed_thresholds(
    tracks: Iterable[Track], comparator: Comparator, present: float
) -> tuple[float, ...]:
    """Thresholds worth trying on what evaluations found: around the rare values, and the present.

    Round numbers from what only one evaluation in a hundred crosses, or from the present threshold
    if more cross that, to what none does.

    Args:
        tracks: all evaluations.
        comparator: the monitor's.
        present: its threshold.
    """
    below = comparator.is_low
    counted: dict[float, int] = {}
    for track in tracks:
        for run in runs_of(track):
            if not isinstance(run.outcome, Absent):
                counted[run.outcome] = counted.get(run.outcome, 0) + run.times
    if not counted:
        return (present,)
    values = sorted(counted, reverse=not below)
    extreme, rare = values[0], _rare(values, counted)
    rare = max(rare, present) if below else min(rare, present)
    return _round_numbers(min(extreme, rare), max(extreme, rare), present)


def _rare(values: Sequence[float], counted: dict[float, int]) -> float:
    """The least extreme value that is still rare; a few different ones whatever their shares."""
    allowed = _RARE * sum(counted.values())
    seen = 0
    for place, value in enumerate(values):
        seen += counted[value]
        if seen > allowed and place >= _FEWEST - 1:
            return value
    return values[-1]


def _round_numbers(low: float, high: float, present: float) -> tuple[float, ...]:
    whole = all(value == int(value) for value in (low, high, present))
    if whole and high - low < _USUAL:
        found = {low + number for number in range(int(high - low) + 1)}
        return tuple(sorted({*found, present}))
    found = {number for number in _ladder(low, high) if not whole or number == int(number)}
    found |= {low} if low <= 0 else set()
    return tuple(sorted({*_thinned(sorted(found)), present}))


def _ladder(low: float, high: float) -> list[float]:
    if high <= _NOTHING:
        return [low, high]
    least = low if low > 0 else high / 1000
    decades = range(floor(log10(least)), floor(log10(high)) + 2)
    numbers = [float(f"{step}e{decade}") for decade in decades for step in _STEPS]
    beyond = next(number for number in numbers if number >= high)
    return [number for number in numbers if least <= number <= beyond]


def _thinned(numbers: Sequence[float]) -> Sequence[float]:
    """At most `_USUAL` of them, evenly."""
    if len(numbers) <= _USUAL:
        return numbers
    last = len(numbers) - 1
    return [numbers[round(place * last / (_USUAL - 1))] for place in range(_USUAL)]
