"""The engine of ``agile`` and ``robust``: forecast, band, and what each count teaches."""

from __future__ import annotations

from math import sqrt
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.monitoring.anomaly import words
from grantex_tui.monitoring.anomaly.experts import Expert, best
from grantex_tui.monitoring.anomaly.level import GAIN_HIGH, Level
from grantex_tui.monitoring.anomaly.profile import fine_width, profiles_of
from grantex_tui.monitoring.anomaly.recurring import Recurring
from grantex_tui.monitoring.anomaly.scale import expected_x, mean_and_deviation, stabilise
from grantex_tui.monitoring.anomaly.shift import Before, Run
from grantex_tui.monitoring.anomaly.spread import Spread


if TYPE_CHECKING:
    from grantex_tui.monitoring.anomaly.bounds import Width
    from grantex_tui.monitoring.anomaly.point import Outside


DAY = 86_400
LEARNING = 20
_LEAST_DEVIATION = 0.25  # of a series that is almost always 0
_LEAST_WIDTH = 0.8  # clipped more closely, a level of 0.2 a minute comes out a fifth too low
_LEAST_MEAN = 0.0625
_ERROR_CLIP = 6.0
_FITS = 2.0
_LONGEST_JOB = 1800  # seconds; what lasts longer is no job of an hourly clock


class Band(NamedTuple):
    """The band of the next interval, in counts."""

    lower: float
    upper: float
    expected: float


class Speed(NamedTuple):
    """How willingly an algorithm follows: its highest gain, and when it adopts a new level."""

    highest_gain: float
    adopt_after: int
    """Net flagged seconds on one side."""
    flagged_part: float
    """How much of the gain a flagged point has."""


AGILE = Speed(GAIN_HIGH, 1800, 0.25)
ROBUST = Speed(0.05, 2 * DAY, 0.02)


class Adaptive:
    """Experts that compete, and a spread around the one chosen. One series, one interval a step."""

    def __init__(self, interval: int, width: Width, speed: Speed, seasonality: str) -> None:
        self._interval = interval
        self._width = width
        self._two = type(width)(2.0)
        self._flagged_part = speed.flagged_part
        profiles = profiles_of(seasonality, interval)
        gain = speed.highest_gain
        self._experts = [Expert("recent level", Level(0.0, gain))]
        self._experts += [Expert(name, Level(0.0, gain), profile) for name, profile in profiles]
        self._chosen = self._experts[0]
        self._bin_width = profiles[0][1].width if profiles else fine_width(interval)
        self._bin = -1
        self._bin_sum = self._bin_anomaly = 0.0
        self._bin_count = 0
        self._edged = False
        self._recurring = Recurring(interval)
        self._spread = Spread(interval)
        self._run = Run(max(8, speed.adopt_after // interval))
        self._before: Before | None = None
        self._candidate: Before | None = None
        self._warm: list[float] = []
        self._seen = 0
        self._certain = 0
        self._effect = 0.0
        self._mean = self._plain_mean = 0.0
        self._deviation = 1.0
        self._low = self._high = self._mean
        self._dispersion = self._usual_dispersion = 1.0

    # -- forecast ------------------------------------------------------------------------------

    def band(self, start: float) -> Band | None:
        """The band of the interval that begins at *start*; None while there is too little."""
        if self._seen < LEARNING:
            return None
        self._open(start)
        self._forecast(start)
        width, dispersion = self._width, self._dispersion
        return Band(
            width.lower(self._low, dispersion),
            width.upper(self._high, dispersion),
            self._mean,
        )

    def _open(self, start: float) -> None:
        """Close the bin before, choose an expert, and look up the courses of this interval."""
        number = int(start // self._bin_width)
        if number != self._bin:
            self._close_bin(number)
            self._choose()
        elif not self._edged:
            return
        for expert in self._experts:
            expert.open(start, self._interval, self._spread.quantile)
        self._edged = any(expert.course.edge for expert in self._experts)

    def _close_bin(self, number: int) -> None:
        if self._bin_count:
            middle = self._bin * self._bin_width
            mean = self._bin_sum / self._bin_count
            anomaly = self._bin_anomaly / self._bin_count
            for expert in self._experts:
                if expert.profile is not None:
                    expert.profile.close(expert.profile.place(middle), mean, anomaly)
        self._bin = number
        self._bin_sum, self._bin_anomaly, self._bin_count = 0.0, 0.0, 0

    def _choose(self) -> None:
        chosen = best(self._experts)
        if chosen is not self._chosen:
            self._spread.rescale(chosen.error / max(self._chosen.error, 1e-9))
            self._chosen = chosen

    def _forecast(self, start: float) -> None:
        chosen = self._chosen
        course = chosen.course
        level = chosen.level.value
        x = level + course.value
        mean, deviation = mean_and_deviation(x)
        low = high = mean
        if course.edge:
            low = mean_and_deviation(level + course.low)[0]
            high = mean_and_deviation(level + course.high)[0]
        self._plain_mean = mean
        self._effect = 0.0
        job = self._recurring.effect(start, mean)
        if job:
            low, high = max(low + job, 0.0), max(high + job, 0.0)
            mean = max(mean + job, 0.0)
            with_job = expected_x(mean)
            self._effect = with_job - x
            deviation = mean_and_deviation(with_job)[1]
        certain = self._certain
        uncertainty = 1.0 / certain if certain else 4.0
        uncertainty += chosen.level.gain + chosen.doubt
        self._mean, self._low = mean, low
        self._high = high + 0.5 * uncertainty  # a level of 0 may be one that we know too little of
        self._deviation = max(_LEAST_DEVIATION, deviation)
        scale = self._spread.value(mean)
        self._dispersion = scale * scale * (1.0 + uncertainty)
        quantile = self._spread.quantile
        self._usual_dispersion = quantile * quantile * (1.0 + uncertainty)

    # -- learning ------------------------------------------------------------------------------

    def learn(self, start: float, count: float, outside: Outside) -> None:
        """Take in the count of the interval whose band was asked for last."""
        x = stabilise(count)
        self._seen += 1
        self._certain += 1
        if self._seen <= LEARNING:
            self._learn_first(start, x)
            return
        plain = x - self._effect
        chosen = self._chosen
        residual = chosen.residual(plain)
        if self._before is not None and self._returns(start, plain, residual):
            return
        anomaly = plain - chosen.level.value - chosen.course.value if outside else 0.0
        self._into_bin(plain, anomaly)
        self._learn_spread(count, residual, flagged=outside != "")
        if self._run.net * self._interval < _LONGEST_JOB:
            one_deviation = sqrt(self._dispersion * max(self._mean, _LEAST_MEAN))
            self._recurring.learn(start, count, self._plain_mean, one_deviation)
        if outside or self._run.net > 0:
            self._learn_shift(start, plain, outside)
        self._move(plain, outside)

    def _learn_first(self, start: float, x: float) -> None:
        """Before there is a band: the level is the mean near the median, the scale the spread."""
        self._warm.append(x)
        number = int(start // self._bin_width)
        if number != self._bin:
            self._close_bin(number)
        self._into_bin(x, 0.0)
        middle = median(self._warm)
        clipped = [min(max(value, middle - 3.0), middle + 3.0) for value in self._warm]
        level = sum(clipped) / len(clipped)
        for expert in self._experts:
            expert.level.value = level
        self._mean, deviation = mean_and_deviation(level)
        if self._seen == LEARNING:
            scatter = 1.4826 * median(abs(value - level) for value in self._warm)
            self._spread = Spread(self._interval, scatter / max(deviation, 1.0))
            self._warm.clear()

    def _into_bin(self, plain: float, anomaly: float) -> None:
        self._bin_sum += plain - anomaly
        self._bin_anomaly += anomaly
        self._bin_count += 1

    def _learn_spread(self, count: float, residual: float, *, flagged: bool) -> None:
        scaled = residual / self._deviation
        outside_two = False
        if abs(scaled) > self._spread.quantile:  # else it needs no second look
            two, dispersion = self._two, self._usual_dispersion
            outside_two = count > two.upper(self._high, dispersion) or count < two.lower(
                self._low, dispersion
            )
        self._spread.learn(scaled, outside_two=outside_two, flagged=flagged)

    def _move(self, plain: float, outside: Outside) -> None:
        """Move every expert's level, and remember how wrong each was."""
        part = self._flagged_part if outside or self._run.net > 0 else 1.0
        width = self._spread.quantile * max(self._deviation, _LEAST_WIDTH)
        least = 1.0 / self._certain
        memory = max(self._interval / DAY, 1.0 / self._seen)
        clip = _ERROR_CLIP * width
        for expert in self._experts:
            residual = expert.residual(plain)
            error = abs(residual)
            expert.error += memory * ((min(clip, error)) - expert.error)
            expert.level.follow(residual, width, part, least)

    # -- shifts and gaps -----------------------------------------------------------------------

    def _learn_shift(self, start: float, plain: float, outside: Outside) -> None:
        """Count a flagged run on; when it has lasted long enough, its median is the new level."""
        if self._run.starts(outside):
            self._candidate = self._snapshot()
        seasonless = plain - self._chosen.course.value
        adopted = self._run.add(outside, seasonless)
        if adopted is None or self._candidate is None:
            return
        before, self._candidate = self._candidate, None
        for expert in self._experts:
            expert.level.value += adopted - self._chosen.level.value
        before.until = start + DAY
        self._before = before

    def _snapshot(self) -> Before:
        levels = [(expert.level.value, expert.level.gain) for expert in self._experts]
        return Before(levels, self._spread.save())

    def _returns(self, start: float, plain: float, residual: float) -> bool:
        """After a shift: two points in a row that fit the old level bring it back."""
        before = self._before
        if before is None or start > before.until:
            self._before = None
            return False
        old_level = before.levels[self._experts.index(self._chosen)][0]
        forecast = old_level + self._chosen.course.value
        _mean, deviation = mean_and_deviation(forecast + self._effect)
        reach = _FITS * before.spread[0] * max(deviation, _LEAST_DEVIATION)
        away = _FITS * self._spread.quantile * self._deviation
        fits = abs(plain - forecast) <= reach and abs(residual) > away
        before.fits = before.fits + 1 if fits else 0
        if before.fits < 2:
            return False
        for expert, (value, gain) in zip(self._experts, before.levels, strict=True):
            expert.level.restore(value, gain)
        self._spread.restore(before.spread)
        self._before = None
        self._run.clear()
        self._into_bin(plain, 0.0)
        return True

    def restart(self) -> None:
        """After a gap: what held before it may not hold now."""
        self._certain = 0

    def status(self) -> str:
        """What the forecast rests on, for people."""
        if self._seen < LEARNING:
            return f"learning {self._seen}/{LEARNING} intervals"
        return words.basis(self._experts, self._chosen, self._seen * self._interval)
