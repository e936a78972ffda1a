"""The groups of a monitor in a reply (Datadog: api/v1/monitors, ``group_states``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from grantex_sim.datadog_api.monitors.evaluation import Times
from grantex_sim.datadog_api.replies import refused


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.run import GroupSnapshot


STATES: Final = ("alert", "warn", "no data", "ok", "ignored", "skipped", "unknown")
"""Those of a group or a monitor, as requests write them."""


class GroupObject(TypedDict, total=False):
    """One value of ``state.groups``; an instant that never was is left out."""

    name: str
    status: str
    last_triggered_ts: int
    last_notified_ts: int
    last_resolved_ts: int
    last_nodata_ts: int


def wanted_states(text: str) -> frozenset[str]:
    """The states in ``group_states=alert,no data``, in lower case; ``all`` stands for every one.

    Raises:
        RefusedError: One of them is none.
    """
    states = frozenset(state.strip().lower() for state in text.split(",") if state.strip())
    if unknown := sorted(states - {"all", *STATES}):
        words = f"{unknown[0]!r} is not one of all, {', '.join(STATES)}"
        raise refused(400, "Invalid group_state filters.", words)
    return states


def group_name(group: Group) -> str:
    """``agent:a,env:prod``; ``*`` for a simple alert."""
    return ",".join(f"{facet}:{value}" for facet, value in group) or "*"


def group_object(snapshot: GroupSnapshot, times: Mapping[Group, Times]) -> GroupObject:
    """A group, its state, and when it was last triggered, told of, resolved and without data."""
    found = GroupObject(name=group_name(snapshot.group), status=snapshot.state.value)
    known = times.get(snapshot.group, Times())
    if known.triggered is not None:
        found["last_triggered_ts"] = int(known.triggered)
    if known.notified is not None:
        found["last_notified_ts"] = int(known.notified)
    if known.resolved is not None:
        found["last_resolved_ts"] = int(known.resolved)
    if known.no_data is not None:
        found["last_nodata_ts"] = int(known.no_data)
    return found
