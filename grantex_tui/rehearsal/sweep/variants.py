"""A monitor with other thresholds, another window or other deviations: the same in all else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import Thresholds
from grantex_tui.monitoring.evaluate.rule import rule_of


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.comparator import Comparator
    from grantex_tui.datadog.monitor.model import Monitor

WINDOWS = (60, 300, 600, 900, 1800, 3600, 2 * 3600, 4 * 3600, 24 * 3600, 48 * 3600)
"""The sizes that Datadog's form offers for a log monitor, in seconds."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What of a monitor is tried."""

    thresholds: Thresholds
    window: int
    """Seconds; an anomaly monitor's alert window."""
    deviations: float | None = None
    """Of an anomaly monitor."""

    @property
    def critical(self) -> float:
        """The threshold that alerts."""
        assert self.thresholds.critical is not None
        return self.thresholds.critical


def setting_of(monitor: Monitor) -> Setting:
    """A monitor's own setting; what its query says is the critical threshold."""
    band = monitor.query.band
    deviations = None if band is None else band.deviations
    return Setting(rule_of(monitor).thresholds, monitor.query.window, deviations)


def with_setting(monitor: Monitor, setting: Setting) -> Monitor:
    """The monitor with another setting; its texts stay as they are."""
    query = monitor.query.with_values(
        threshold=setting.critical, window=setting.window, deviations=setting.deviations
    )
    options = replace(monitor.options, thresholds=setting.thresholds)
    before, held = monitor.query.window, options.recovery_window
    if query.band is not None and setting.window != before and held is not None:
        recovery = setting.window if held == before else min(held, setting.window)
        options = replace(options, trigger_window=setting.window, recovery_window=recovery)
    return replace(monitor, query=query, options=options)


def thresholds_at(own: Thresholds, comparator: Comparator, critical: float) -> Thresholds:
    """Thresholds for another *critical*: the others keep their proportion to it.

    A warning or a recovery that would end up on the wrong side is left out: Datadog wants both on
    the healthy side. Whole numbers stay whole.

    Args:
        own: the monitor's own, with a critical.
        comparator: the monitor's.
        critical: the one to try.
    """
    if own.critical is None or critical == own.critical:
        return replace(own, critical=critical)

    def moved(value: float | None, limit: float | None) -> float | None:
        if value is None or limit is None or own.critical is None:
            return None
        other = value * critical / own.critical if own.critical else value
        if value == int(value) and abs(critical) >= 2:
            other = float(round(other))
        return other if comparator.is_healthier(other, limit) else None

    warning = moved(own.warning, critical)
    return Thresholds(
        critical,
        warning,
        moved(own.critical_recovery, critical),
        moved(own.warning_recovery, warning),
    )


def next_window(window: int, *, larger: bool) -> int | None:
    """The next size that Datadog's form offers; None if there is none."""
    if larger:
        return next((size for size in WINDOWS if size > window), None)
    return next((size for size in reversed(WINDOWS) if size < window), None)
