"""Monitors that alert, warn, or can't be evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.watch.troubles.trouble import About, Rank, Trouble
from grantex_tui.words.numbers import number


if TYPE_CHECKING:
    from collections.abc import Iterator

    from grantex_tui.watch.frame import Frame, MonitorView

_RANKS = {State.ALERT: Rank.ALERT, State.WARN: Rank.WARN}
_BLIND = ("not evaluated", "waits until", "learning")


def find(frame: Frame) -> Iterator[Trouble]:
    """One for each monitor that is not simply fine."""
    for index, monitor in enumerate(frame.monitors):
        state = monitor.state
        if state in (State.ALERT, State.WARN):
            yield _loud(monitor, State(state), index)
        elif is_blind(monitor):
            yield Trouble(
                Rank.BLIND, About.MONITOR, "not evaluated",
                f"{monitor.name} is not evaluated: {_reason(monitor.note)}",
                "It can neither alert nor say that all is well.", monitor.since, index,
            )  # fmt: skip


def is_blind(monitor: MonitorView) -> bool:
    """Whether *monitor* says nothing because it can't: still learning, an option not modelled."""
    return any(word in monitor.note for word in _BLIND)


def _reason(note: str) -> str:
    return note.removeprefix("not evaluated: ").removeprefix("approximate: ")


def _loud(monitor: MonitorView, state: State, index: int) -> Trouble:
    threshold = monitor.critical if state is State.ALERT else monitor.warning
    reading = f"{number(monitor.value)} {monitor.comparator} {number(threshold)}"
    worst = [group.label for group in monitor.groups if group.state == state and group.label]
    who = (
        f", {worst[0]}" + (f" and {len(worst) - 1} more" if len(worst) > 1 else "") if worst else ""
    )
    return Trouble(
        _RANKS[state],
        About.MONITOR,
        state.value.lower(),
        f"{monitor.name}: {state}, {reading}{who}",
        "Its page shows which events made it so, and when it ends; its message says what to do.",
        monitor.since,
        index,
    )
