"""``notify_by``: one notification for several groups that share some of their facets.

Datadog: monitors/configuration, "notification aggregation". The groups that share the facets of
``notify_by`` are told of as one, whose state is the worst of theirs: a second group that alerts
changes nothing, and only when the last one recovers has it recovered. ``["*"]`` makes one of all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.states import State, Transition, TransitionKind, worst


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Group, Monitor


_KIND = {
    State.OK: TransitionKind.RECOVERED,
    State.WARN: TransitionKind.WARN,
    State.ALERT: TransitionKind.TRIGGERED,
    State.NO_DATA: TransitionKind.NO_DATA,
}
_ALL = ("*",)


@dataclass(slots=True)
class _Bucket:
    members: dict[Group, State] = field(default_factory=dict)
    """Those that aren't OK."""
    state: State = State.OK
    first: float | None = None
    last: float | None = None


class NotifyBy:
    """Turns the transitions of a monitor's groups into those that people are told of."""

    def __init__(self, monitor: Monitor) -> None:
        options = monitor.options
        asked = _ALL if options.groupby_simple_monitor else options.notify_by
        self._facets = None if not asked else () if asked == _ALL else asked
        self._buckets: dict[Group, _Bucket] = {}

    def merge(self, transitions: Sequence[Transition]) -> list[Transition]:
        """The transitions to tell of, from the monitor's own in their order (`advance`)."""
        if self._facets is None:
            return list(transitions)
        merged = []
        for _, tick in groupby(transitions, key=lambda transition: transition.at):
            together: dict[Group, list[Transition]] = {}
            for transition in tick:
                together.setdefault(self._bucket_of(transition.group), []).append(transition)
            for group, members in sorted(together.items()):
                bucket = self._buckets.setdefault(group, _Bucket())
                merged += _told(group, bucket, members)
                if not bucket.members:
                    del self._buckets[group]
        return merged

    def _bucket_of(self, group: Group) -> Group:
        assert self._facets is not None
        return tuple(pair for pair in group if pair[0] in self._facets)


def _told(group: Group, bucket: _Bucket, transitions: Sequence[Transition]) -> list[Transition]:
    """What one tick means for a bucket: nothing, or one transition."""
    for transition in transitions:
        if transition.destination is State.OK:
            bucket.members.pop(transition.group, None)
        else:
            bucket.members[transition.group] = transition.destination
    source, bucket.state = bucket.state, worst(bucket.members.values())
    fitting = [t for t in transitions if t.destination is bucket.state]
    if bucket.state is source:
        repeats = [t for t in fitting if t.source is t.destination]
        return [_as_one(repeats[0], group, bucket)] if repeats else []
    first = (fitting or transitions)[0]
    if bucket.state is not State.OK:
        bucket.last = first.at
        bucket.first = first.at if bucket.first is None else bucket.first
    changed = replace(
        first,
        source=source,
        destination=bucket.state,
        kind=_KIND[bucket.state],
        notify=any(transition.notify for transition in fitting or transitions),
    )
    return [_as_one(changed, group, bucket)]


def _as_one(transition: Transition, group: Group, bucket: _Bucket) -> Transition:
    return replace(
        transition,
        group=group,
        first_triggered_at=bucket.first,
        last_triggered_at=bucket.last,
    )
