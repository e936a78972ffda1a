"""Synthetic counts with known truth, for the anomaly bench and its short version in the suite.

One count a minute from Monday 00:00 UTC on, four weeks unless said otherwise. Every count is
Poisson around a rate that is known, so an oracle can draw the best band possible.

rates       0.2, 1, 5, 20, 100 and 500 events a minute
shapes      flat;
            daily: times 1 + 0.7 cos, highest at 14:00, lowest at 02:00;
            weekly: daily, and half of that on Saturday and Sunday, blending over the two hours
            after midnight
hourly job  three times the rate on top for five minutes from minute 7 of every hour, daily curve
scaling job times 4 for five minutes from minute 7 of every hour, daily curve
wandering   times exp(z), z autoregressive (0.9 a minute, standard deviation 0.4 of a count's own
            at that rate), on a daily curve; the oracle does not know z
spikes      factors 1.5, 2, 3, 5, 10 for 1, 5, 15 and 30 minutes, each pair once, in random order,
            one in each twentieth of the last two weeks at a random place; on every rate and shape
drops       to 0 and to 0.3 of the rate for 1, 5, 15 and 60 minutes, likewise in eighths; rates 1
            to 500 (at 0.2 an hour of silence is nothing)
jobs        16 series: rates 1, 5, 20 and 100, flat; a job of times 3 or times 10 for ten minutes,
            every hour or every day; missing once, at noon or so of the last Thursday
shifts      28 series: rates 20, 50, 100 and 500, flat and daily in turn; at a random minute of
            day 10 times 0.2, 0.5, 0.7, 1.5, 2, 3 or 5 and never back
poisoning   20 series: rates 1, 5, 20, 100 and 500, flat and daily, twice: times 20 for an hour on
            day 9, times 4 for ten minutes from the middle of that hour a day later
cold start  2, 6, 24 and 72 hours in all, from 14:00 of Monday on; times 5 for ten minutes after
            three quarters

A series depends on the seed and its own name alone, so each can be made by itself.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


RATES = (0.2, 1.0, 5.0, 20.0, 100.0, 500.0)
SHAPES = ("flat", "daily", "weekly")
DAY = 1440
WEEK = 7 * DAY
MONTH = 4 * WEEK
MONDAY = 4 * 86_400.0  # 1970-01-05, epoch seconds


@dataclass
class Series:
    """Counts by minute, what the oracle knows of their rate, and which spans are anomalies.

    *pairs* are the factors and minutes of the incidents, label by label.
    """

    name: str
    counts: list[int]
    known: list[float]
    labels: list[tuple[int, int]] = field(default_factory=list)
    pairs: list[tuple[float, int]] = field(default_factory=list)
    rate: float = 0.0
    first: int = 0

    def start(self, minute: int) -> float:
        """The epoch second at which a minute begins."""
        return MONDAY + 60.0 * (self.first + minute)


def poisson(draw: random.Random, rate: float) -> int:
    """A Poisson count: products of uniforms, or Hormann's PTRS (1993) for larger rates."""
    if rate < 12.0:
        limit, count, product = math.exp(-rate), 0, draw.random()
        while product > limit:
            count += 1
            product *= draw.random()
        return count
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    squeeze = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u, v = draw.random() - 0.5, draw.random()
        us = 0.5 - abs(u)
        count = math.floor((2.0 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= squeeze:
            return count
        if count < 0 or (us < 0.013 and v > us):
            continue
        left = math.log(v) + math.log(inverse) - math.log(a / (us * us) + b)
        if left <= count * math.log(rate) - rate - math.lgamma(count + 1):
            return count


def shaped(shape: str, minute: int) -> float:
    """The factor on the rate at a minute since Monday 00:00."""
    if shape == "flat":
        return 1.0
    daily = 1.0 + 0.7 * math.cos(2.0 * math.pi * (minute % DAY - 14 * 60) / DAY)
    if shape == "daily":
        return daily
    into = minute % WEEK
    weekend = min(max((into - 5 * DAY) / 120.0, 0.0), 1.0)
    monday = max(1.0 - into / 120.0, 0.0) if minute >= WEEK else 0.0
    return daily * (1.0 - 0.5 * max(weekend, monday))


def at_minutes(factors: dict[int, float]) -> Callable[[int], float]:
    """The factor at a minute, 1 where none is given."""

    def factor(at: int) -> float:
        return factors.get(at, 1.0)

    return factor


def series(
    name: str,
    seed: int,
    rate: float,
    shape: str,
    *,
    minutes: int = MONTH,
    first: int = 0,
    change: Callable[[int], float] = lambda minute: 1.0,
    unknown: Callable[[int], float] = lambda minute: 1.0,
) -> Series:
    """A series whose rate is *rate* x shape x *change* (known to the oracle) x *unknown*."""
    draw = random.Random(f"{seed} {name} {rate} {shape}")
    known = [rate * shaped(shape, first + at) * change(at) for at in range(minutes)]
    counts = [poisson(draw, mean * unknown(at)) for at, mean in enumerate(known)]
    return Series(name, counts, known, rate=rate, first=first)


def quiet(seed: int, shape: str, rates: tuple[float, ...] = RATES) -> Iterator[Series]:
    """No anomaly at all."""
    for rate in rates:
        yield series("quiet", seed, rate, shape)


def hourly_job(seed: int) -> Iterator[Series]:
    """A job of five minutes every hour, no anomaly."""
    for rate in RATES:

        def change(at: int) -> float:
            return 1.0 + 3.0 / shaped("daily", at) if 7 <= at % 60 < 12 else 1.0

        yield series("hourly job", seed, rate, "daily", change=change)


def scaling_job(seed: int, rates: tuple[float, ...] = RATES) -> Iterator[Series]:
    """A job of five minutes every hour that does more where more is going on, no anomaly."""
    for rate in rates:

        def change(at: int) -> float:
            return 4.0 if 7 <= at % 60 < 12 else 1.0

        yield series("scaling job", seed, rate, "daily", change=change)


def wandering(seed: int) -> Iterator[Series]:
    """An autocorrelated rate, no anomaly."""
    for rate in RATES:
        draw = random.Random(f"{seed} wander {rate}")
        deviation = 0.4 / math.sqrt(rate)
        path, z = [], 0.0
        for _ in range(MONTH):
            z = 0.9 * z + draw.gauss(0.0, deviation * math.sqrt(1.0 - 0.81))
            path.append(math.exp(z))
        yield series("wandering", seed, rate, "daily", unknown=path.__getitem__)


def _incidents(
    name: str, seed: int, pairs: list[tuple[float, int]], rates: tuple[float, ...]
) -> Iterator[Series]:
    """Factors for minutes, one in each equal part of the last two weeks."""
    for rate in rates:
        for shape in SHAPES:
            draw = random.Random(f"{seed} {name} places {rate} {shape}")
            order = draw.sample(pairs, len(pairs))
            part = 2 * WEEK // len(order)
            factors: dict[int, float] = {}
            labels = []
            for number, (factor, minutes) in enumerate(order):
                at = 2 * WEEK + number * part + draw.randrange(60, part - minutes - 60)
                labels.append((at, at + minutes))
                factors |= dict.fromkeys(range(at, at + minutes), factor)
            made = series(name, seed, rate, shape, unknown=at_minutes(factors))
            made.labels, made.pairs = labels, order
            yield made


SPIKES = [(factor, minutes) for factor in (1.5, 2.0, 3.0, 5.0, 10.0) for minutes in (1, 5, 15, 30)]
DROPS = [(factor, minutes) for factor in (0.0, 0.3) for minutes in (1, 5, 15, 60)]


def spikes(seed: int, rates: tuple[float, ...] = RATES) -> Iterator[Series]:
    """Twenty bursts a series."""
    return _incidents("spikes", seed, SPIKES, rates)


def drops(seed: int, rates: tuple[float, ...] = RATES[1:]) -> Iterator[Series]:
    """Eight outages, whole or partial, a series."""
    return _incidents("drops", seed, DROPS, rates)


def jobs(seed: int) -> Iterator[Series]:
    """A job by the clock that once doesn't run: the label is where it is missing."""
    missing = 3 * WEEK + 3 * DAY + 12 * 60 + 20
    for rate in (1.0, 5.0, 20.0, 100.0):
        for factor in (3.0, 10.0):
            for period in (60, DAY):

                def change(at: int, factor: float = factor, period: int = period) -> float:
                    into = (at - missing) % period
                    return factor if into < 10 and not missing <= at < missing + 10 else 1.0

                made = series(f"job {factor} {period}", seed, rate, "flat", change=change)
                made.labels = [(missing, missing + 10)]
                yield made


def shifts(seed: int) -> Iterator[Series]:
    """A new level for good: the label is its first minute."""
    for index, rate in enumerate((20.0, 50.0, 100.0, 500.0)):
        for number, factor in enumerate((0.2, 0.5, 0.7, 1.5, 2.0, 3.0, 5.0)):
            at = random.Random(f"{seed} shift {rate} {factor}").randrange(10 * DAY, 11 * DAY)
            shape = SHAPES[(index + number) % 2]
            made = series(
                f"shift {factor}",
                seed,
                rate,
                shape,
                minutes=2 * WEEK,
                unknown=at_minutes(dict.fromkeys(range(at, 2 * WEEK), factor)),
            )
            made.labels = [(at, 2 * WEEK)]
            yield made


def poisonings(seed: int) -> Iterator[Series]:
    """A huge hour, and a burst at the same time next day: the labels, in this order."""
    for rate in (1.0, 5.0, 20.0, 100.0, 500.0):
        for shape in ("flat", "daily"):
            for turn in range(2):
                hour = random.Random(f"{seed} poison {rate} {shape} {turn}").randrange(DAY - 60)
                hour += 9 * DAY
                burst = hour + DAY + 25
                factors = dict.fromkeys(range(hour, hour + 60), 20.0)
                factors |= dict.fromkeys(range(burst, burst + 10), 4.0)
                made = series(
                    f"poison {turn}",
                    seed,
                    rate,
                    shape,
                    minutes=11 * DAY,
                    unknown=at_minutes(factors),
                )
                made.labels = [(hour, hour + 60), (burst, burst + 10)]
                yield made


def cold_starts(seed: int, hours: int) -> Iterator[Series]:
    """A short recording with one burst."""
    burst = hours * 45
    for rate in RATES:
        for shape in SHAPES:
            made = series(
                f"cold {hours}",
                seed,
                rate,
                shape,
                minutes=hours * 60,
                first=14 * 60,
                unknown=at_minutes(dict.fromkeys(range(burst, burst + 10), 5.0)),
            )
            made.labels = [(burst, burst + 10)]
            yield made
