"""The competing forecasts: the recent level alone, or with a season's profile on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.monitoring.anomaly.level import GAIN_LOW
from grantex_tui.monitoring.anomaly.profile import FLAT, Course, Profile


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.monitoring.anomaly.level import Level


_PROVISIONAL_SEASONS = 2.0
SEASONS_NEEDED = 3.0
_PROVISIONAL_HANDICAP = 1.03
_HEAD_START = 0.97
_DOUBT = 0.1  # measured on counts of 0.2 to 5 a minute; less where they are many
_SEASONS_KEPT = 6.0


class Expert:
    """One forecast of the next count on the stabilised scale, and how wrong it tends to be."""

    __slots__ = ("begun", "course", "doubt", "error", "level", "name", "profile")

    def __init__(self, name: str, level: Level, profile: Profile | None = None) -> None:
        self.name = name
        self.level = level
        self.profile = profile
        self.begun = False
        self.course: Course = FLAT
        self.doubt = 0.0  # the profile's part of the forecast's variance, of a count's own
        self.error = 0.0

    def open(self, start: float, interval: int, scale: float) -> None:
        """Look up the course for the interval that begins at *start*."""
        profile = self.profile
        if profile is None:
            return
        self.doubt = _DOUBT / min(max(profile.seasons, 1.0), _SEASONS_KEPT)
        width = profile.width
        into = start % width
        self.course = profile.course(
            profile.place(start),
            scale,
            first=into * 2.0 < width - interval or interval >= width,
            last=(into + interval) * 2.0 > width + interval or interval >= width,
        )

        if not self.begun and profile.seasons >= 1.0:
            # The first season's level held what the profile holds from here on, and chased it.
            self.begun = True
            self.level.restore(self.level.value - self.course.value, GAIN_LOW)

    def residual(self, x: float) -> float:
        """How far *x* (less recurring effects) lies from the forecast; 0 in the normal range."""
        deviation = x - self.level.value
        course = self.course
        if deviation > course.high:
            return deviation - course.high
        if deviation < course.low:
            return deviation - course.low
        return 0.0 if course.edge else deviation - course.value

    def handicapped_error(self) -> float | None:
        """The error to compare by; None while the profile has too little history to compete."""
        if self.profile is None:
            return self.error
        seasons = self.profile.seasons
        if seasons < _PROVISIONAL_SEASONS:
            return None
        return self.error * (_HEAD_START if seasons >= SEASONS_NEEDED else _PROVISIONAL_HANDICAP)


def best(experts: Sequence[Expert]) -> Expert:
    """The expert with the smallest handicapped error; the first wins a tie."""
    chosen, least = experts[0], experts[0].error
    for expert in experts[1:]:
        error = expert.handicapped_error()
        if error is not None and error < least:
            chosen, least = expert, error
    return chosen
