"""What an evaluation without logs means: a value after all, or one of four ways to have none.

Datadog: monitors/guide/on_missing_data; monitors/types/log on ``below`` with a group by.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Monitor, OnMissingData


class Absent(Enum):
    """What becomes of a group's state when there is nothing to compare."""

    KEEP = "keep"
    """The last known state stays."""
    SHOW = "show"
    """No Data, and nobody is told."""
    NOTIFY = "notify"
    """No Data, and people are told."""
    RESOLVE = "resolve"
    """OK."""


Outcome = float | Absent
"""What one evaluation of one group found; all that its state machine needs to know."""

_EXPLICIT = {
    "show_no_data": Absent.SHOW,
    "show_and_notify_no_data": Absent.NOTIFY,
    "resolve": Absent.RESOLVE,
}


@dataclass(frozen=True, slots=True)
class MissingData:
    """How a monitor treats missing data.

    ``no_data_after``: the legacy pair ``notify_no_data`` and ``no_data_timeframe``, in seconds;
    None if it isn't used. It comes on top of the default: what that does, it does until then.
    """

    option: OnMissingData = "default"
    below: bool = False
    """Whether the monitor alerts on few (``<`` or ``<=``)."""
    no_data_after: float | None = None

    @property
    def minds_others(self) -> bool:
        """Whether a silent group's outcome depends on other groups."""
        return self.below and self.option == "default"

    def outcome(self, zero: float | None, *, others: bool, silent_for: float | None) -> Outcome:
        """What an evaluation without a value finds.

        Args:
            zero: what Datadog evaluates instead (0 for a count), None if there is no such value.
            others: whether other groups have logs, for a monitor that `minds_others`. A group
                under a ``below`` threshold alerts only if it has logs, or if no group has any.
            silent_for: seconds since the last evaluation that had data, None if there was none.
        """
        if self.option != "default":
            return _EXPLICIT[self.option]
        legacy = self.no_data_after
        if legacy is not None and silent_for is not None and silent_for >= legacy:
            return Absent.NOTIFY
        if zero is None:
            return Absent.KEEP
        return Absent.RESOLVE if others else zero


def missing_data_of(monitor: Monitor) -> MissingData:
    """How *monitor* treats missing data; ``on_missing_data`` wins over the legacy pair."""
    options, query = monitor.options, monitor.query
    minutes = options.no_data_timeframe
    after = float(2 * query.window if minutes is None else minutes * 60)
    return MissingData(
        option=options.on_missing_data,
        below=query.comparator.is_low,
        no_data_after=after if options.notify_no_data else None,
    )
