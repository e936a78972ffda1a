"""What can be expected in a rehearsal file: the keys of ``expect``, and what each takes."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from grantex_tui.rehearsal.spec.types import (
    Count,
    Duration,
    Group,
    Instant,
    MonitorName,
    Monitors,
    Number,
    State,
    Text,
    shape,
)


AllowAbsent = Annotated[
    bool,
    Meta(description="Whether it is right that there may be no such group at all."),
]


class NamesEntry(Struct, frozen=True):
    """Whom an entry names, whatever else is in it."""

    monitor: Monitors | None = None
    group: Group | None = None


class TransitionEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A change of state."""

    monitor: MonitorName
    to: Annotated[State, Meta(description="The state that the group enters.")]
    source: Annotated[State, Meta(description="The state that it leaves.")] | None = field(
        name="from", default=None
    )
    group: (
        Annotated[
            Group, Meta(description="Which group; by default those that the list doesn't name.")
        ]
        | None
    ) = None
    at: Annotated[Instant, Meta(description="When, give or take within.")] | None = None
    within: (
        Annotated[
            Duration, Meta(description="How far from at it may be, either way; 1m by default.")
        ]
        | None
    ) = None
    after: Annotated[Instant, Meta(description="Not before it.")] | None = None
    before: Annotated[Instant, Meta(description="Not after it.")] | None = None
    value: Annotated[Number, Meta(description="What was compared with the threshold.")] | None = (
        None
    )


class NeverEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A state that no group is ever in."""

    monitor: Monitors | None = None
    state: (
        Annotated[
            State | Annotated[list[State], Meta(min_length=1)],
            Meta(description="One or several; alert by default."),
        ]
        | None
    ) = None
    group: Group | None = None
    allow_absent: AllowAbsent | None = None
    since: Annotated[Instant, Meta(description="From when on.")] | None = field(
        name="from", default=None
    )
    until: Annotated[Instant, Meta(description="Until when.")] | None = field(
        name="to", default=None
    )


class CountEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """How often things happen, all groups and monitors that are meant together."""

    monitor: Monitors | None = None
    group: Group | None = None
    allow_absent: AllowAbsent | None = None
    alerts: Annotated[int, Meta(ge=0, description="Changes to alert.")] | None = None
    warnings: Annotated[int, Meta(ge=0, description="Changes to warn.")] | None = None
    no_data: Annotated[int, Meta(ge=0, description="Changes to no_data.")] | None = None
    recoveries: Annotated[int, Meta(ge=0, description="Changes to ok.")] | None = None
    flaps: (
        Annotated[int, Meta(ge=0, description="Alerts within ten evaluations of a recovery.")]
        | None
    ) = None
    alert_minutes: (
        Annotated[float, Meta(ge=0, description="Minutes in alert, of every group.")] | None
    ) = None
    notifications: Annotated[int, Meta(ge=0, description="Messages to people.")] | None = None


class DetectEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """How soon after its beginning an incident is noticed."""

    monitor: Monitors | None = None
    incident: Annotated[Text, Meta(description="Its label; by default every incident.")] | None = (
        None
    )
    p50: Annotated[Duration, Meta(description="The median at most.")] | None = None
    p100: Annotated[Duration, Meta(description="The slowest at most.")] | None = None


class ByMonitorEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Which monitors are meant; without them all."""

    monitor: Monitors


class NotificationEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What people are told."""

    count: Annotated[Count, Meta(description="How many; by default at least one.")] | None = None
    to: Annotated[Text, Meta(description="A handle, such as @pagerduty-x.")] | None = None
    monitor: Monitors | None = None
    group: Group | None = None
    allow_absent: AllowAbsent | None = None
    about: Annotated[State, Meta(description="The state that the message is about.")] | None = None
    title_contains: Text | None = None
    body_contains: Text | None = None


class StateEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """The state at an instant."""

    monitor: MonitorName
    at: Instant
    expected: State = field(name="is")
    group: Annotated[Group, Meta(description="By default the worst of all groups.")] | None = None
    allow_absent: AllowAbsent | None = None


class ValueEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """What an evaluation found: the latest at an instant."""

    monitor: MonitorName
    at: Instant
    expected: Annotated[
        Number | Literal["none"],
        shape("a value", "write a number, {min: 10, max: 20}, or none"),
    ] = field(name="is")
    group: Group | None = None
    allow_absent: AllowAbsent | None = None


class Expect(Struct, frozen=True, forbid_unknown_fields=True):
    """What must hold; each entry is judged by itself."""

    transitions: (
        Annotated[
            list[TransitionEntry],
            Meta(
                description="Every change of state, in order, of the monitors and groups that it "
                "names: the whole list, nothing else may happen to them.",
                min_length=1,
            ),
        ]
        | None
    ) = None
    transitions_include: (
        Annotated[
            list[TransitionEntry],
            Meta(
                description="The same, but others may come before, between and after.", min_length=1
            ),
        ]
        | None
    ) = None
    never: NeverEntry | Annotated[list[NeverEntry], Meta(min_length=1)] | None = None
    at_most: CountEntry | Annotated[list[CountEntry], Meta(min_length=1)] | None = None
    at_least: CountEntry | Annotated[list[CountEntry], Meta(min_length=1)] | None = None
    time_to_detect: DetectEntry | Annotated[list[DetectEntry], Meta(min_length=1)] | None = None
    detects_all_incidents: (
        Annotated[
            Literal[True] | ByMonitorEntry,
            shape("true or a monitor", "write true (any monitor), or {monitor: …}"),
            Meta(description="Every incident is noticed by an alert."),
        ]
        | None
    ) = None
    no_false_alerts: (
        Annotated[
            Literal[True] | ByMonitorEntry,
            shape("true or a monitor", "write true (all monitors), or {monitor: …}"),
            Meta(description="Every alert is about an incident."),
        ]
        | None
    ) = None
    notifications: (
        NotificationEntry | Annotated[list[NotificationEntry], Meta(min_length=1)] | None
    ) = None
    state: StateEntry | Annotated[list[StateEntry], Meta(min_length=1)] | None = None
    value: ValueEntry | Annotated[list[ValueEntry], Meta(min_length=1)] | None = None
