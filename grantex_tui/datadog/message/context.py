"""What a message is rendered for: one transition of one group, as plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.message.link import log_link
from grantex_tui.datadog.sites import DEFAULT_SITE


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.log import Log
    from grantex_tui.datadog.monitor.model import Group, Monitor


_RENOTIFY = "Re-"


@dataclass(frozen=True, slots=True)
class MessageContext:
    """One transition. States are ``OK``, ``Warn``, ``Alert``, ``No Data``; instants epoch seconds.

    *kind* is ``$ALERT_TRANSITION``: ``Triggered``, ``Warn``, ``Recovered``, ``Re-Triggered`` …
    *threshold* is the critical one and *warn_threshold* the warning one, whichever was crossed.
    """

    source_state: str
    destination_state: str
    kind: str
    at: float
    value: float | None = None
    group: Group = ()
    threshold: float | None = None
    warn_threshold: float | None = None
    alert_recovery_threshold: float | None = None
    warn_recovery_threshold: float | None = None
    comparator: str = ""
    first_triggered_at: float | None = None
    last_triggered_at: float | None = None
    priority: int | None = None
    log: Log | None = None
    """One log that matches the query; None on a recovery, without data, or if it isn't known."""
    log_link: str = ""
    tags: tuple[str, ...] = ()
    """The monitor's own tags."""

    @property
    def is_renotify(self) -> bool:
        """Whether people are told again of a state that has not changed."""
        return self.kind.startswith(_RENOTIFY)

    @property
    def is_recovery(self) -> bool:
        """From Alert, Warn, No Data or Unknown to OK."""
        bad = self.source_state in ("Alert", "Warn", "No Data", "Unknown")
        return bad and self.destination_state == "OK"

    @property
    def triggered_duration(self) -> float | None:
        """Seconds since the first of the triggers, None before any."""
        first = self.first_triggered_at
        return None if first is None else max(0.0, self.at - first)

    def holds(self, condition: str) -> bool | None:
        """Whether a conditional without arguments is true; None for a name Datadog doesn't have."""
        check = CONDITIONS.get(condition)
        return None if check is None else check(self)


_Condition = Callable[[MessageContext], bool]


def _to(state: str) -> _Condition:
    return lambda context: context.destination_state == state


def _between(source: str, destination: str) -> _Condition:
    return lambda context: (
        context.source_state == source and context.destination_state == destination
    )


CONDITIONS: dict[str, _Condition] = {
    "is_alert": _to("Alert"),
    "is_warning": _to("Warn"),
    "is_no_data": _to("No Data"),
    "is_unknown": _to("Unknown"),
    "is_recovery": lambda context: context.is_recovery,
    "is_alert_recovery": _between("Alert", "OK"),
    "is_warning_recovery": _between("Warn", "OK"),
    "is_no_data_recovery": _between("No Data", "OK"),
    "is_alert_to_warning": _between("Alert", "Warn"),
    "is_renotify": lambda context: context.is_renotify,
}
"""Monitors/notify/variables, "conditional variables". There is no ``is_warning_to_alert``."""


def message_context(
    monitor: Monitor,
    *,
    source: str,
    destination: str,
    kind: str,
    at: float,
    value: float | None,
    group: Sequence[tuple[str, str]] = (),
    first_triggered_at: float | None = None,
    last_triggered_at: float | None = None,
    log: Log | None = None,
    site: str = DEFAULT_SITE,
) -> MessageContext:
    """The context of a monitor's transition; thresholds and priority come from the monitor.

    *log* is one log that the query matched; *site* is whose Log Explorer ``{{log.link}}`` opens.
    """
    thresholds = monitor.options.thresholds
    return MessageContext(
        source_state=source,
        destination_state=destination,
        kind=kind,
        at=at,
        value=value,
        group=tuple(group),
        threshold=thresholds.critical,
        warn_threshold=thresholds.warning,
        alert_recovery_threshold=thresholds.critical_recovery,
        warn_recovery_threshold=thresholds.warning_recovery,
        comparator=monitor.query.comparator,
        first_triggered_at=first_triggered_at,
        last_triggered_at=last_triggered_at,
        priority=monitor.priority,
        log=log,
        log_link=log_link(monitor.query, tuple(group), at, site),
        tags=monitor.tags,
    )
