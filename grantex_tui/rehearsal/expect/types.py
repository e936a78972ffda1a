"""What values in a rehearsal file look like, and what a mistake in one is told with.

A ``title`` names what a value should be, a ``$comment`` says how to write it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from grantex_tui.words.durations import DURATION, INSTANT, OFFSET


def shape(title: str, write: str) -> Meta:
    """What a mistake is told with: what a value should be, and how to write it."""
    return Meta(title=title, extra_json_schema={"$comment": write})


def spelling(pattern: str) -> Meta:
    """What a text beside a list has to look like: checked by the schema, which is looked at first.

    ``Meta(pattern=…)`` would say it to msgspec, too. But a type that takes either such a text or a list is
    freed twice by msgspec 0.22 when the process ends: a segmentation fault after all was done.
    """
    return Meta(extra_json_schema={"pattern": pattern})


Duration = Annotated[
    Annotated[float, Meta(ge=0)] | Annotated[str, Meta(pattern=f"^{DURATION}$")],
    shape("a duration", "write seconds, or such as 90s, 5m or 1h30m"),
]
Instant = Annotated[
    Annotated[float, Meta(ge=0)] | Annotated[str, Meta(pattern=f"^(?:{OFFSET}|{INSTANT})$")],
    shape("an instant", "write +2h10m (after the start) or 2026-01-05T09:00:00Z"),
]
Absolute = Annotated[
    str,
    Meta(pattern=f"^{INSTANT}$"),
    shape("a date with a time", "write it as 2026-01-05T09:00:00Z"),
]
Text = Annotated[
    str,
    Meta(min_length=1),
    shape("a text", "write some text, in quotes if it looks like something else"),
]
State = Annotated[
    Literal["ok", "warn", "alert", "no_data"],
    shape("a state", "write ok, warn, alert or no_data"),
]
MonitorName = Annotated[
    Text | int,
    shape("a monitor", "write its name, its file's name without the ending, or its id"),
]
Monitors = Annotated[
    MonitorName | Annotated[list[MonitorName], Meta(min_length=1)],
    shape("a monitor or a list of them", "write its name, its file's name, or its id"),
]
Group = Annotated[
    Text | dict[str, str],
    shape("a group", "write facet:value, with a comma between several, or {facet: value}"),
]


class Bounds(Struct, frozen=True, forbid_unknown_fields=True):
    """A range, both ends in it."""

    min: float | None = None
    max: float | None = None


class CountBounds(Struct, frozen=True, forbid_unknown_fields=True):
    """How many, both ends in it."""

    min: Annotated[int, Meta(ge=0)] | None = None
    max: Annotated[int, Meta(ge=0)] | None = None


Number = Annotated[
    float | Bounds,
    shape("a number", "write a number, or {min: 10, max: 20}"),
]
Count = Annotated[
    Annotated[int, Meta(ge=0)] | CountBounds,
    shape("a count", "write a whole number, or {min: 1, max: 3}"),
]

AllowAbsent = Annotated[
    bool,
    Meta(description="Whether it is right that there may be no such group at all."),
]


class ByMonitorEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Which monitors are meant; without them all."""

    monitor: Monitors
