"""The notifications of a pass that a report shows: a few of each monitor, or all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.rehearsal.engine.notifications import causes
from grantex_tui.words.display import printable


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.monitoring.evaluate.states import Notification, Transition, TransitionKind
    from grantex_tui.rehearsal.engine.model import Pass


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages to show, and how many there are beside them."""

    shown: Sequence[Notification]
    more: int
    """Messages that are not shown."""
    silent: int
    """Changes of state that nobody is told of."""


def messages(rehearsed: Pass, *, each: int | None, most: int = 12) -> Messages:
    """The notifications of a pass, by time.

    Args:
        rehearsed: one of the passes.
        each: at most so many of each kind of every monitor, the first; None: all there are.
        most: at most so many together, if *each* is given.
    """
    found = causes(rehearsed.notifications)
    told = [place for place, cause in enumerate(found) if cause.notify]
    kept = told if each is None else _first_of_each(told, found, each)[:most]
    return Messages(
        [rehearsed.notifications[place] for place in kept],
        len(told) - len(kept),
        len(found) - len(told),
    )


def _first_of_each(told: Sequence[int], found: Sequence[Transition], each: int) -> list[int]:
    counts: Counter[tuple[int, TransitionKind]] = Counter()
    kept = []
    for place in told:
        key = found[place].index, found[place].kind
        counts[key] += 1
        if counts[key] <= each:
            kept.append(place)
    return kept


def body_lines(body: str, most: int | None = None, limit: int | None = None) -> list[str]:
    """A body's lines that aren't empty, safe to show.

    Args:
        body: a rendered message.
        most: lines to keep; None: all.
        limit: characters of each.
    """
    lines = [text for text in map(str.rstrip, body.splitlines()) if text.strip()]
    kept = [printable(text.expandtabs(4), limit=limit) for text in lines[:most]]
    return kept + (["…"] if len(kept) < len(lines) else [])
