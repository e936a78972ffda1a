"""The event with which a value crossed a threshold: the last that made the difference.

A count only grows as events arrive. A ratio, a mean or a monitor that alerts on little can cross
more than once, and by an event that leaves the window; so it is searched for from the end.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from grantex_tui.rehearsal.explain.counted import Counted
    from grantex_tui.rehearsal.explain.running import Running

    Crosses = Callable[[float], bool]


class Tip(NamedTuple):
    """An event that made the difference, and the value before and after it."""

    event: Counted
    before: float | None
    """None: there was no value."""
    after: float
    leaving: bool = False
    """Whether it left the window; else it arrived."""


def by_arrival(running: Running, events: Sequence[Counted], crosses: Crosses) -> Tip | None:
    """The event from whose arrival on the value is across.

    Args:
        running: holds *events*; they are taken out of it.
        events: in the order of arrival.
        crosses: whether a value is across.
    """
    after = running.value()
    if after is None or not crosses(after):
        return None
    for together in reversed(list(_together(events))):
        for each in together:
            running.leave(each)
        before = running.value()
        if before is None or not crosses(before):
            return Tip(together[0], before, after)
        after = before
    return None


def by_leaving(running: Running, gone: Sequence[Counted], crosses: Crosses) -> Tip | None:
    """The event since whose leaving the value is across.

    Args:
        running: holds what is left; the others are put into it.
        gone: in the order in which they left.
        crosses: whether a value is across.
    """
    after = running.value()
    if after is None or not crosses(after):
        return None
    for together in reversed(list(_together(gone))):
        for each in together:
            running.enter(each)
        before = running.value()
        if before is None or not crosses(before):
            return Tip(together[0], before, after, leaving=True)
        after = before
    return None


def _together(events: Sequence[Counted]) -> Iterator[list[Counted]]:
    """What several queries of a formula count of one event comes and goes at once."""
    for _, same in groupby(events, key=lambda each: id(each.event)):
        yield list(same)
