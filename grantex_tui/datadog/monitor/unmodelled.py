"""Options that change what Datadog evaluates or tells, and that nothing here models.

No option is ever ignored: a monitor that has one is not evaluated, and whoever asks is told why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_MODELLED = frozenset({
    "thresholds", "threshold_windows", "variables", "on_missing_data", "notify_no_data",
    "no_data_timeframe", "evaluation_delay", "new_group_delay", "group_retention_duration",
    "renotify_interval", "renotify_statuses", "renotify_occurrences", "escalation_message",
    "timeout_h", "notify_by", "include_tags", "enable_logs_sample", "groupby_simple_monitor",
})  # fmt: skip
_WITHOUT_EFFECT = frozenset({
    # Of other kinds of monitors, of how a notification looks, and of who may change the monitor.
    "new_host_delay", "require_full_window", "enable_samples", "device_ids", "synthetics_check_id",
    "notification_preset_name", "notify_audit", "locked", "assets", "avalanche_window",
    "queryConfig", "is_data_sensitive",
})  # fmt: skip


def unmodelled(options: Mapping[str, object]) -> Iterator[str]:
    """The keys of ``options`` that are set and not modelled, ``scheduling_options`` among them."""
    for key, value in options.items():
        if value and key not in _MODELLED and key not in _WITHOUT_EFFECT:
            yield str(key)
