"""A rehearsal file as it is written: its keys, what each takes, and what each means.

With `expect.types` and `expect.kinds` the single source of the JSON schema, of what is checked, and
of what editors and mistakes say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct, field

from grantex_tui.rehearsal.expect.registry import expect_type
from grantex_tui.rehearsal.expect.types import Absolute, Duration, Instant, Text, shape, spelling


if TYPE_CHECKING:
    from msgspec import Struct as Expect
else:
    Expect = expect_type()


class Outage(Struct, frozen=True, forbid_unknown_fields=True):
    """A time in which nothing reaches Datadog."""

    since: Annotated[Instant, Meta(description="When it begins.")] = field(name="from")
    until: Annotated[Instant, Meta(description="When it ends.")] = field(name="to")


class DeliveryOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """How events reach Datadog, piece by piece; what is left out is as for `watch`."""

    batch_size: Annotated[int, Meta(ge=1, le=1000, description="Events in a request.")] = 100
    flush_interval: Annotated[
        Duration,
        Meta(description="After which time a part-filled batch leaves; 0: never."),
    ] = 5.0
    latency: Annotated[Duration, Meta(description="From leaving to arriving.")] = 0.0
    outages: Annotated[
        list[Outage],
        Meta(description="Times in which nothing arrives; what is due arrives at the end."),
    ] = []
    entry_date: Annotated[
        bool,
        Meta(description="Each log carries its createdAt as timestamp, as with --entry-date."),
    ] = False


Delivery = Annotated[
    Literal["guide", "watch", "instant"] | DeliveryOptions,
    shape(
        "a delivery",
        "write guide, watch, instant, or {batch_size: 100, flush_interval: 5s, latency: 1s}",
    ),
    Meta(
        description="How events reach Datadog: guide (batches of 100 and no timer, as Grantex's "
        "guide does by default), watch (batches of 100, 5 s, as grantex-tui watch does) or "
        "instant; or its parts."
    ),
]
_Second = Annotated[
    Annotated[int, Meta(ge=0, le=59)] | Annotated[str, Meta(pattern="^[0-5]?[0-9]s?$")],
    shape("a second of a minute", "write such as 20 or 20s, from 0 to 59"),
]
Phase = Annotated[
    Annotated[int, Meta(ge=0, le=59)]
    | Annotated[str, spelling("^(?:sweep|[0-5]?[0-9]s?)$")]
    | Annotated[list[_Second], Meta(min_length=1)],
    shape("a phase", "write sweep, seconds from 0 to 59, or a list such as [0, 20, 40]"),
    Meta(
        description="Seconds by which evaluations lie past the full minute. Datadog's own is "
        "unknown: sweep runs 0, 10, … 50, and what must hold must hold at each."
    ),
]


class Events(Struct, frozen=True, forbid_unknown_fields=True):
    """What is rehearsed: recordings, or a scenario that is generated."""

    recording: (
        Annotated[
            Text,
            Meta(description="A recording: file, folder or pattern, relative to this file."),
        ]
        | None
    ) = None
    recordings: (
        Annotated[
            list[Text],
            Meta(description="Several, merged by time.", min_length=1),
        ]
        | None
    ) = None
    scenario: (
        Annotated[
            Text,
            Meta(description="A bundled scenario's name, or a file; as grantex-sim list shows."),
        ]
        | None
    ) = None
    simulate: Annotated[Text, Meta(description="The same as scenario.")] | None = None
    seed: (
        Annotated[int, Meta(description="Of a scenario; the same seed, the same events.")] | None
    ) = None
    start: (
        Annotated[
            Absolute,
            Meta(
                description="When evaluations begin; by default with the first event, or as the "
                "scenario says. What was recorded before it is known all the same."
            ),
        ]
        | None
    ) = None
    end: Annotated[Instant, Meta(description="What comes after it is left out.")] | None = None
    duration: Annotated[Duration, Meta(description="The same, from the start.")] | None = None


class IncidentEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that really happened, which monitors should find."""

    label: Annotated[Text, Meta(description="Its name, for expectations and reports.")]
    since: Annotated[Instant, Meta(description="When it began.")] = field(name="from")
    until: Annotated[Instant, Meta(description="When it was over.")] = field(name="to")


Incidents = Annotated[
    Text | list[IncidentEntry],
    shape(
        "a list of incidents or a path",
        "write a list of {label, from, to}, or the path of an .incidents.json file",
    ),
    Meta(
        description="What really happened: a list, or a file as grantex-sim generate writes it. "
        "A scenario brings its own; RECORDING.incidents.json beside a recording is found."
    ),
]


class LogOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """What is on the log of each event whose recording doesn't tell, besides the event."""

    service: Annotated[Text, Meta(description="Its service; grantex by default.")] | None = None
    source: Annotated[Text, Meta(description="Its source; grantex by default.")] | None = None
    host: Annotated[Text, Meta(description="Its host.")] | None = None
    tags: (
        Annotated[
            list[Annotated[Text, Meta(pattern="^[^,]+$")]],
            Meta(description="Its tags, such as env:prod, besides the event's type."),
        ]
        | None
    ) = None


class Defaults(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for every rehearsal that doesn't say otherwise."""

    delivery: Delivery | None = None
    log: (
        Annotated[
            LogOptions,
            Meta(
                description="What is on the logs of simulated events, and of recorded ones whose "
                "recording doesn't tell: as watch is given with --service, --source and --tag."
            ),
        ]
        | None
    ) = None
    phase: Phase | None = None
    ingest_lag: (
        Annotated[
            Duration,
            Meta(description="What Datadog takes until it counts a log: added to latency."),
        ]
        | None
    ) = None
    evaluation_delay: (
        Annotated[Duration, Meta(description="For monitors that have none of their own.")] | None
    ) = None
    allow_phase_sensitive: (
        Annotated[bool, Meta(description="Whether what holds at some phases only is good enough.")]
        | None
    ) = None
    allow_approximate: (
        Annotated[
            bool,
            Meta(
                description="Whether what rests on an anomaly monitor may pass: Datadog's algorithm "
                "is not published, ours only approximates it; or on what a pipeline leaves out here."
            ),
        ]
        | None
    ) = None


class Rehearsal(Defaults, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Events, and what the monitors must make of them."""

    name: Text
    events: Events
    incidents: Incidents | None = None
    monitors: (
        Annotated[list[Text], Meta(description="Instead of the file's.", min_length=1)] | None
    ) = None
    pipelines: (
        Annotated[list[Text], Meta(description="Instead of the file's.", min_length=1)] | None
    ) = None
    expect: Annotated[
        Literal["none-fires"] | Expect,
        shape("what can be expected", "write none-fires, or keys such as transitions and never"),
        Meta(description="What must hold. None-fires: no monitor leaves OK."),
    ]


class SpecFile(Struct, frozen=True, forbid_unknown_fields=True):
    """Rehearsals of Datadog monitors: grantex-tui rehearse runs them as tests."""

    version: Annotated[Literal[1], shape("a version that is known", "write version: 1")]
    rehearsals: Annotated[
        Annotated[list[Rehearsal], Meta(min_length=1)],
        shape("a list", "write a list of them, each with name, events and expect"),
    ]
    monitors: (
        Annotated[
            list[Text],
            Meta(
                description="Files or patterns, relative to this file; pack: those that come with "
                "grantex-tui, pack/heartbeat: one of them. All of pack by default.",
                min_length=1,
            ),
        ]
        | None
    ) = None
    pipelines: (
        Annotated[
            list[Text],
            Meta(
                description="Files or patterns, in Datadog's order; the bundled one by default.",
                min_length=1,
            ),
        ]
        | None
    ) = None
    defaults: Defaults | None = None
