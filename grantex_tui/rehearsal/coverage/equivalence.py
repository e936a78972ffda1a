"""Whether any value that a monitor can find would tell two versions of its thresholds apart.

What a rule decides changes at its thresholds only, so a value at each of them and one between any
two are all that there is to try. A count is never between two whole numbers, and the share of an
anomaly monitor's points never between two parts of their number: there `> 2.5` and `> 2.2` are the
same, and no event could tell them apart.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import Finds
from grantex_tui.monitoring.evaluate.rule import rule_of
from grantex_tui.monitoring.evaluate.states import State


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.monitoring.evaluate.rule import Rule


def is_whole_valued(monitor: Monitor) -> bool:
    """Whether a monitor finds whole numbers from 0 on, and nothing else."""
    return monitor.query.finds is Finds.WHOLE


def telling_value(one: Monitor, other: Monitor) -> float | None:
    """A value of which two monitors make different states; None: no event tells them apart.

    Args:
        one: a monitor.
        other: the same with other thresholds or another comparator.
    """
    first, second = rule_of(one), rule_of(other)
    candidates = _candidates(one, sorted({*_limits(first), *_limits(second)}))
    return next((value for value in candidates if _differ(first, second, value)), None)


def _differ(one: Rule, other: Rule, value: float) -> bool:
    return any(one.decide(state, value) is not other.decide(state, value) for state in State)


def _limits(rule: Rule) -> list[float]:
    limits = rule.thresholds
    all_four = (
        limits.critical, limits.warning, limits.critical_recovery, limits.warning_recovery,
    )  # fmt: skip
    return [limit for limit in all_four if limit is not None]


def _candidates(monitor: Monitor, limits: Sequence[float]) -> Iterable[float]:
    """Of every stretch of values that are decided alike at least one, if there is any."""
    band = monitor.query.band
    if is_whole_valued(monitor):
        around = {float(n + d) for limit in limits for n in (floor(limit), ceil(limit)) for d in (-1, 0, 1)}  # fmt: skip
        return sorted(value for value in {0.0, *around} if value >= 0)
    if band is not None and band.count_default_zero:
        return [number / band.points for number in range(band.points + 1)]
    if not limits:
        return []
    between = [(low + high) / 2 for low, high in pairwise(limits)]
    return sorted({limits[0] - 1, *limits, *between, limits[-1] + 1})
