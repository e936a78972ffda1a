"""What an evaluation says: states, transitions and notifications, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterable

    from grantex_tui.datadog.monitor.model import Group


class State(StrEnum):
    """A group's state in Datadog's words."""

    OK = "OK"
    WARN = "Warn"
    ALERT = "Alert"
    NO_DATA = "No Data"


_WORST_FIRST = (State.ALERT, State.WARN, State.NO_DATA, State.OK)


def worst(states: Iterable[State], default: State = State.OK) -> State:
    """The state that several have together: Alert, then Warn, No Data, OK."""
    return min(states, key=_WORST_FIRST.index, default=default)


class TransitionKind(StrEnum):
    """Why people are told, in the words of ``$ALERT_TRANSITION``."""

    TRIGGERED = "Triggered"
    WARN = "Warn"
    NO_DATA = "No Data"
    RECOVERED = "Recovered"
    RE_TRIGGERED = "Re-Triggered"
    RE_WARN = "Re-Warn"
    RE_NO_DATA = "Re-No Data"


@dataclass(frozen=True, slots=True)
class Transition:
    """A group of a monitor changed its state at one evaluation (or is renotified about).

    *at* is the evaluation's instant, epoch seconds. *value* is what was compared, None without
    data. *notify* is False for a change that Datadog shows without telling anyone
    (``show_no_data``).
    """

    monitor: str
    group: Group
    at: float
    source: State
    destination: State
    kind: TransitionKind
    value: float | None
    threshold: float | None
    notify: bool = True
    first_triggered_at: float | None = None
    last_triggered_at: float | None = None
    index: int = 0
    """The monitor's position among those evaluated together; names need not be unique."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What would be sent for a transition: handles as written (``@slack-x``), title and body."""

    transition: Transition
    recipients: tuple[str, ...]
    title: str
    body: str
