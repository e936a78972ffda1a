"""The stretches of time that groups spent in their states, from what their machines went through."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.model import Span


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.machine import GroupMachine
    from grantex_tui.monitoring.evaluate.states import Transition

Key = tuple[int, "Group"]


class Life(NamedTuple):
    """A group from its first evaluation until it left its monitor, or the pass ended."""

    first_at: float
    said_at: float | None
    first_state: State
    """What it said at *said_at*; before that it was No Data."""
    lowest: float
    highest: float
    left_at: float | None


class Lives:
    """The lives of all groups in one pass; a group that leaves may come back for another."""

    def __init__(self) -> None:
        self._lives: dict[Key, list[Life]] = defaultdict(list)

    def end(self, machine: GroupMachine, at: float | None) -> None:
        """A group leaves at *at*; None: the pass ends, and the group is still there."""
        if machine.first_at is not None:
            self._lives[machine.index, machine.group].append(
                Life(
                    machine.first_at,
                    machine.said_at,
                    machine.first_state,
                    machine.lowest,
                    machine.highest,
                    at,
                )
            )

    def extremes(self) -> dict[Key, tuple[float, float]]:
        """The lowest and highest value of every group that had one."""
        return {
            key: (min(life.lowest for life in lives), max(life.highest for life in lives))
            for key, lives in sorted(self._lives.items())
            if any(life.lowest <= life.highest for life in lives)
        }

    def spans(self, transitions: Sequence[Transition], end: float) -> Iterator[Span]:
        """Every group's states up to *end*, by monitor, group and time."""
        by_group: dict[Key, list[Transition]] = defaultdict(list)
        for transition in transitions:
            if transition.source is not transition.destination:
                by_group[transition.index, transition.group].append(transition)
        for key, lives in sorted(self._lives.items()):
            for life in lives:
                own = _states(life, by_group.get(key, ()))
                yield from _spans(key, own, end if life.left_at is None else life.left_at)


def _states(life: Life, transitions: Iterable[Transition]) -> Iterator[tuple[float, State]]:
    """When a life's states began."""
    said = life.said_at
    if said is None or said > life.first_at:
        yield life.first_at, State.NO_DATA
    if said is None:
        return
    yield said, life.first_state
    for transition in transitions:
        if said < transition.at and (life.left_at is None or transition.at < life.left_at):
            yield transition.at, transition.destination


def _spans(key: Key, states: Iterable[tuple[float, State]], end: float) -> Iterator[Span]:
    began = list(states)
    ends = [at for at, _ in began[1:]] + [end]
    for (start, state), until in zip(began, ends, strict=True):
        yield Span(*key, state, start, until)
