"""Advice: what Datadog takes without a word and people regret later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.messages import message_advice
from grantex_tui.datadog.monitor.searches import metric_advice, search_advice, searches
from grantex_tui.datadog.monitor.silence import Delivery, silence_advice
from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.datadog.monitor.searches import UnknownFacets


_NO_DELIVERY = Delivery()


def advise(
    monitor: Monitor,
    *,
    known_types: Collection[str],
    delivery: Delivery = _NO_DELIVERY,
    silence_seen: bool = False,
    unknown_facets: UnknownFacets | None = None,
) -> list[Problem]:
    """Advice for a monitor that `validate_monitor` finds no error in.

    Args:
        monitor: The monitor.
        known_types: The event types that exist.
        delivery: How logs reach Datadog.
        unknown_facets: The conditions of a search about facets that no event has.
        silence_seen: Another monitor beside this one tells when no log comes at all.
    """
    return [
        *_search_advice(monitor, known_types, unknown_facets),
        *silence_advice(monitor, delivery, silence_seen=silence_seen),
        *message_advice(monitor),
        *_recovery_thresholds(monitor),
    ]


def _search_advice(
    monitor: Monitor, known_types: Collection[str], unknown_facets: UnknownFacets | None
) -> Iterator[Problem]:
    options = monitor.source.get("options")
    variables = options.get("variables") if isinstance(options, dict) else None
    for placed in searches(monitor.query, variables):
        yield from search_advice(placed, known_types, unknown_facets)
    if monitor.query.band is not None:
        yield from metric_advice(monitor.query.band.metric, known_types)


def _recovery_thresholds(monitor: Monitor) -> Iterator[Problem]:
    thresholds = monitor.options.thresholds
    if not monitor.query.log_queries:
        return
    for key in ("critical_recovery", "warning_recovery"):
        if getattr(thresholds, key) is None:
            continue
        yield Problem(
            "advice",
            "recovery-threshold-unconfirmed",
            f"whether log monitors take {key} is not documented; sibling types answer "
            f"'Invalid threshold statuses found: {key}.'",
            f"options.thresholds.{key}",
            "Datadog: monitors/guide/recovery-thresholds",
            "leave it out if Datadog refuses the monitor; it is evaluated here",
        )
    if thresholds.critical_recovery is not None and thresholds.warning is not None:
        yield Problem(
            "advice",
            "recovery-ignored-with-warning",
            "with a warning threshold an alert drops to Warn at once; users report that "
            "critical_recovery is then ignored",
            "options.thresholds.critical_recovery",
            "Datadog: monitors/guide/recovery-thresholds",
            "use one of the two: a warning, or a recovery threshold",
        )
