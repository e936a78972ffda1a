"""Which groups of which monitors an expectation is about, and the words for what they did."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.datadog.monitor.model import Finds
from grantex_tui.rehearsal.measure.stays import without_waiting
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts, instant_text
from grantex_tui.words.numbers import number


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Pass, Span

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Meant:
    """A monitor that an expectation names, and its groups that are meant."""

    index: int
    """Its position in the plan."""
    name: str
    """As the expectation names it."""
    pairs: Group = ()
    """What a group must hold; nothing: every group is meant."""

    def covers(self, index: int, group: Group) -> bool:
        """Whether a monitor's group is meant."""
        return index == self.index and all(pair in group for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class About:
    """Monitors and groups, one or several or all."""

    meant: tuple[Meant, ...]
    everything: bool = False
    """Whether no monitor was named."""
    may_be_absent: bool = False
    """Whether the group need not be in the events at all."""

    @property
    def monitors(self) -> tuple[int, ...]:
        """Their positions."""
        return tuple(each.index for each in self.meant)

    @property
    def text(self) -> str:
        """Their names, and the group."""
        if self.everything:
            return "every monitor"
        names = ", ".join(each.name for each in self.meant[:_NAMED])
        more = len(self.meant) - _NAMED
        pairs = self.meant[0].pairs
        group = f" {group_text(pairs)}" if pairs else ""
        return printable(names + (f" and {more} more" if more > 0 else "") + group, limit=200)

    def covers(self, index: int, group: Group) -> bool:
        """Whether a monitor's group is meant."""
        return any(each.covers(index, group) for each in self.meant)

    def unseen(self, rehearsed: Pass) -> str:
        """Why nothing can be said, since there is no such group; "" if something can.

        Whatever is said of a group that isn't there holds, and most often its name is misspelt.
        """
        if self.may_be_absent or not (absence := self.absence(rehearsed)):
            return ""
        return f"{absence}\nallow_absent: true lets it pass without one"

    def absence(self, rehearsed: Pass) -> str:
        """That the group was never evaluated, and which were; "" if it was."""
        pairs = self.meant[0].pairs if self.meant else ()
        if not pairs or any(self.covers(span.monitor, span.group) for span in rehearsed.spans):
            return ""
        return f"there was no group {group_text(pairs)}{_seen(self.meant, rehearsed)}"

    def changes(self, rehearsed: Pass) -> Iterator[Transition]:
        """Their changes of state, by time; repeated notifications are none."""
        return (
            each
            for each in rehearsed.transitions
            if each.source is not each.destination and self.covers(each.index, each.group)
        )

    def spans(self, rehearsed: Pass) -> Iterator[Span]:
        """Their states; without the time in which a group waited for its first data."""
        covered = (each for each in rehearsed.spans if self.covers(each.monitor, each.group))
        return without_waiting(covered)


def _seen(meant: Sequence[Meant], rehearsed: Pass) -> str:
    """Which groups there were, the one of the likest name alone."""
    indices = {each.index for each in meant}
    groups = dict.fromkeys(span.group for span in rehearsed.spans if span.monitor in indices)
    names = {_values(group): group_text(group) for group in groups if group}
    if not names:
        return ", nor any other"
    near = difflib.get_close_matches(_values(meant[0].pairs), names, 1, cutoff=0.75)
    if near:
        return f"; did you mean {names[near[0]]}?"
    first = list(names.values())
    more = f" and {len(first) - _NAMED} more" if first[_NAMED:] else ""
    return f"; there were {', '.join(first[:_NAMED])}{more}"


def _values(group: Group) -> str:
    """What is compared: of the facets all groups have the same."""
    return ",".join(value for _, value in group)


def listed(what: str, texts: Sequence[str], total: int) -> str:
    """``2 alerts:``, and each on a line of its own; one alone beside it.

    Args:
        what: there is.
        texts: the first of them.
        total: how many there are.
    """
    if total < 2:
        return ": ".join([what, *texts])
    more = [f"  and {total - len(texts)} more"] if total > len(texts) else []
    return "\n".join([f"{what}:", *(f"  {text}" for text in texts), *more])


def group_text(group: Group) -> str:
    """``facet:value`` for each facet, as in a notification's title."""
    pairs = ",".join(f"{facet}:{value}" for facet, value in group)
    return printable(pairs, limit=120)


def value_text(value: float | None, threshold: float | None = None, comparator: str = "") -> str:
    """A value as people write it, with what it was compared with: ``13 > 10``."""
    if value is None:
        return "no value"
    text = f"{value:.6g}"
    return text if threshold is None else f"{text} {comparator or 'against'} {threshold:.6g}"


def transition_text(transition: Transition, start: float | None = None) -> str:
    """``+2h3m (2026-…): Warn → Alert, value 13, threshold 10, group``.

    Args:
        transition: a change of state.
        start: of its pass, if it is to be said how long after that it came.
    """
    at = transition.at
    when = instant_text(at) if start is None else both_texts(at, start)
    value = "no value" if transition.value is None else f"value {number(transition.value)}"
    if transition.threshold is not None:
        value += f", threshold {number(transition.threshold)}"
    group = f", {group_text(transition.group)}" if transition.group else ""
    return f"{when}: {transition.source} → {transition.destination}, {value}{group}"


def unsaid(rehearsed: Pass) -> str:
    """That an instant lies outside the rehearsal."""
    starts = instant_text(rehearsed.start)
    ends = both_texts(rehearsed.end, rehearsed.start)
    return f"the rehearsal has nothing to say about it: it runs from its start, {starts}, to {ends}"


def nearest_approach(about: About, rehearsed: Pass) -> str:
    """How near monitors that alert on much or little came to their thresholds; "" if unknown."""
    found = [_approach(meant, rehearsed) for meant in about.meant]
    return "; ".join(text for text in found if text)


def _approach(meant: Meant, rehearsed: Pass) -> str:
    monitor = rehearsed.monitors[meant.index]
    own = {
        group: extremes
        for (index, group), extremes in rehearsed.extremes.items()
        if meant.covers(index, group)
    }
    comparator = monitor.query.comparator
    if monitor.query.finds is Finds.FRACTIONS or not comparator.has_side:
        return ""
    if not own:
        return f"{meant.name} had no value at all"
    below = comparator.is_low
    group, (lowest, highest) = (
        min(own.items(), key=lambda item: item[1][0])
        if below
        else max(own.items(), key=lambda item: item[1][1])
    )
    which, value = ("lowest", lowest) if below else ("highest", highest)
    of = f" of {group_text(group)}" if group else ""
    threshold = monitor.options.thresholds.critical
    limit = monitor.query.threshold if threshold is None else threshold
    return f"the {which} value{of} was {value_text(value)}, it alerts at {comparator} {limit:.6g}"


def ordinal(number: int) -> str:
    """A place in a list, for people: ``1st``, ``2nd``, ``3rd``, ``4th``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def outside(at: float, rehearsed: Pass) -> str:
    """Why nothing can be said about an instant; "" if something can."""
    return "" if rehearsed.start <= at <= rehearsed.end else unsaid(rehearsed)
