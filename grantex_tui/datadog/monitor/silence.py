"""Whether a monitor sees that logs stopped coming, and whether it sees it too easily.

Datadog: monitors/guide/on_missing_data; monitors/types/log, "notifications" (grouped ``below``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.spans import span_text
from grantex_tui.datadog.problem import Problem


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Monitor


_MISSING = "Datadog: monitors/guide/on_missing_data"
_LOG = "Datadog: monitors/types/log"
INGESTION = 180
"""Seconds from the intake to a log monitor's sight; measured by a user, not promised."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the logs reach Datadog: what a forwarder waits for before it sends.

    *flush_interval* in seconds; 0 or None: no timer, only full batches go out (the default of
    Grantex's own package).
    """

    batch_size: int = 100
    flush_interval: float | None = None


def is_zero_filled(monitor: Monitor) -> bool:
    """Whether no logs at all count as 0: ``default`` with count and sum queries."""
    query = monitor.query
    return monitor.options.on_missing_data == "default" and query.is_zero_filled


def is_heartbeat(monitor: Monitor) -> bool:
    """Whether it alerts on plain silence: ungrouped, zero-filled, and 0 is in alert."""
    query = monitor.query
    return (
        not query.formula
        and not query.group_by
        and is_zero_filled(monitor)
        and query.comparator.crosses(0, query.threshold)
    )


def sees_silence(monitor: Monitor) -> bool:
    """Whether anybody is told when logs stop: a heartbeat, or one that notifies of no data."""
    options = monitor.options
    notifies = options.on_missing_data == "show_and_notify_no_data" or options.notify_no_data
    return is_heartbeat(monitor) or notifies


def silence_advice(
    monitor: Monitor, delivery: Delivery, *, silence_seen: bool = False
) -> Iterator[Problem]:
    """What silence does to the monitor; *silence_seen*: another monitor watches for it."""
    if is_heartbeat(monitor):
        yield from _batches(monitor, delivery)
    yield from _delay(monitor, delivery)
    yield from _grouped_below(monitor)
    yield from _hidden(monitor, silence_seen=silence_seen)
    if monitor.options.notify_no_data and "on_missing_data" in _options(monitor):
        yield Problem(
            "advice",
            "no-data-twice",
            "notify_no_data and on_missing_data say the same thing twice, perhaps differently",
            "options.notify_no_data",
            _MISSING,
            "remove notify_no_data and no_data_timeframe: log monitors have on_missing_data",
        )


def _batches(monitor: Monitor, delivery: Delivery) -> Iterator[Problem]:
    window = monitor.query.window
    interval = delivery.flush_interval
    if interval and interval < window:
        return
    shown = span_text(window)
    waits = (
        f"a forwarder with a timer of {interval:g} s delivers less often than that"
        if interval
        else f"a forwarder that sends batches of {delivery.batch_size} without a timer delivers "
        f"nothing before {delivery.batch_size} events have come"
    )
    yield Problem(
        "advice",
        "heartbeat-batch",
        f"this alerts when no log comes for {shown}, but {waits}: a quiet tenant sets it off "
        "though all is well",
        "query",
        f"{_MISSING}: count queries evaluate no logs as 0; Grantex sends no event, and forwards "
        "no keepalive, where nothing happens",
        "set a flush interval of some seconds, and choose a window in which events surely come",
    )


def _delay(monitor: Monitor, delivery: Delivery) -> Iterator[Problem]:
    query = monitor.query
    if not query.log_queries:
        return
    delay = (delivery.flush_interval or 0) + INGESTION
    if query.window >= delay or monitor.options.evaluation_delay >= delay:
        return
    yield Problem(
        "advice",
        "window-shorter-than-delay",
        f"the window ({span_text(query.window)}) is shorter than the way of a log to the monitor "
        f"(about {delay:g} s): logs can arrive when their window is over",
        "query",
        f"{_LOG}: windows are over the log's date, which is the event's createdAt here",
        "widen the window to 5m, or set options.evaluation_delay",
    )


def _grouped_below(monitor: Monitor) -> Iterator[Problem]:
    query = monitor.query
    if not query.comparator.is_low or not query.group_by or not query.log_queries:
        return
    groups = ", ".join(query.group_by)
    yield Problem(
        "advice",
        "grouped-below",
        f"one {groups} that goes silent alone never alerts: a group without logs is not evaluated "
        "below a threshold unless all groups are silent",
        "query",
        f"{_LOG}: below, a group alerts only if it has logs and is under the threshold",
        "drop the group by, or make one monitor for each group that must not go silent",
    )
    if monitor.options.on_missing_data in ("default", "resolve"):
        yield Problem(
            "advice",
            "silence-recovers",
            f"one {groups} in Alert that goes silent altogether 'recovers': people are told that "
            "all is well when the last of its logs has gone",
            "options.on_missing_data",
            f"{_LOG}: below, a group without logs is not evaluated as 0 while others have logs",
            "set on_missing_data to show_and_notify_no_data, and read a recovery with that in mind",
        )


def _hidden(monitor: Monitor, *, silence_seen: bool) -> Iterator[Problem]:
    if not monitor.query.log_queries or monitor.options.on_missing_data != "default":
        return
    if sees_silence(monitor):
        return
    if not is_zero_filled(monitor):
        effect, others = "keeps the last status, be it OK or Alert", ""
    elif silence_seen:
        return
    else:
        effect = "counts as 0"
        others = ", or add a heartbeat beside it: an ungrouped count < 1"
    yield Problem(
        "advice",
        "missing-data-hides-silence",
        f"with on_missing_data 'default' silence {effect}: nobody is told when logs stop coming",
        "options.on_missing_data",
        _MISSING,
        f"set show_and_notify_no_data{others}",
    )


def _options(monitor: Monitor) -> Sequence[str]:
    options = monitor.source.get("options")
    return list(options) if isinstance(options, dict) else []
