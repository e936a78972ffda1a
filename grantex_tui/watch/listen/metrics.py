"""A frame as OpenMetrics, for Prometheus, the Datadog Agent and whoever reads it.

Names and labels: docs/operation.md. Counters begin with the run and never fall.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    StateSetMetricFamily,
)
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from grantex_tui.delivery.status import DeliveryState
from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.watch.listen.blind import OTHER
from grantex_tui.watch.listen.health import hindrances
from grantex_tui.watch.troubles.found import found


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric

    from grantex_tui.watch.frame import Frame
    from grantex_tui.watch.listen.blind import Blindness
    from grantex_tui.watch.listen.room import Room

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_PREFIX = "grantex_tui_"
_MOST_TYPES = 100
"""There are 28; a type is a text from outside, and each is a time series for years."""
_MONITOR_STATES = ("OK", "Warn", "Alert", "No Data")


def openmetrics(frame: Frame, blindness: Blindness, *, version: str, room: Room | None) -> bytes:
    """*frame* as a scrape."""
    families = [
        *_run(frame, version),
        *_stream(frame, blindness),
        *_events(frame),
        *_delivery(frame),
        *_monitors(frame),
        *(() if room is None else _room(room)),
    ]
    scrape: bytes = generate_latest(_Registry(families))  # type: ignore[no-untyped-call]
    return scrape


class _Registry(Collector):
    """What the library takes a scrape from."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _gauge(
    name: str, text: str, values: Iterable[tuple[tuple[str, ...], float]], *labels: str
) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def _counter(
    name: str, text: str, values: Iterable[tuple[tuple[str, ...], float]], *labels: str
) -> Metric:
    family = CounterMetricFamily(_PREFIX + name, text, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family


def _states(
    name: str, text: str, states: Iterable[str], current: Iterable[tuple[tuple[str, ...], str]],
    *labels: str,
) -> Metric:  # fmt: skip
    family = StateSetMetricFamily(_PREFIX + name, text, labels=labels)
    known = list(states)
    for label_values, state in current:
        family.add_metric(label_values, {each: each == state for each in known})
    return family


def _run(frame: Frame, version: str) -> Iterator[Metric]:
    info = InfoMetricFamily(_PREFIX + "build", "What is running.")
    info.add_metric((), {"version": version})
    yield info
    yield _gauge("start_time_seconds", "When the run began.", [((), frame.started_at)])
    ready = not any(hindrances(frame))
    yield _gauge("ready", "1 if /readyz answers 200.", [((), float(ready))])
    troubles = {(trouble.about.value, trouble.word): 1.0 for trouble in found(frame)}
    yield _gauge(
        "trouble", "1 for each thing that is wrong now.", troubles.items(), "about", "word"
    )


def _stream(frame: Frame, blindness: Blindness) -> Iterator[Metric]:
    paths = frame.paths
    yield _states(
        "stream_state", "How the stream stands: as the path that stands best.",
        [state.value for state in ConnectionState], [((), frame.connection.state.value)],
    )  # fmt: skip
    yield _states(
        "path_state", "How each path stands.", [state.value for state in ConnectionState],
        [((path.name,), path.connection.state.value) for path in paths], "path",
    )  # fmt: skip
    heard = [
        ((path.name,), frame.now - path.connection.last_byte_at)
        for path in paths
        if path.connection.last_byte_at is not None
    ]
    yield _gauge(
        "path_silence_seconds", "Since its last byte, keepalives included: over 45 s it is dead.",
        heard, "path",
    )  # fmt: skip
    for name, text, value in (
        ("path_reconnects", "Connections accepted after the first.", "reconnects"),
        ("path_events", "Events that it brought.", "brought"),
        ("path_events_first", "Those that it brought before the other path.", "first"),
        ("path_holes", "Events of the other path that it lacked for 2 s.", "holes"),
    ):
        yield _counter(
            name, text, [((path.name,), float(getattr(path, value))) for path in paths], "path"
        )
    causes = list(blindness.by_cause())
    yield _counter(
        "gaps", "Spans without a stream that have ended.",
        [((cause,), float(gaps)) for cause, gaps, _ in causes], "cause",
    )  # fmt: skip
    yield _counter(
        "blind_seconds", "Their length.",
        [((cause,), seconds) for cause, _, seconds in causes], "cause",
    )  # fmt: skip
    open_since = [gap.start for gap in frame.gaps if gap.end is None]
    yield _gauge(
        "gap_open_seconds", "How long the open gap has lasted; 0 without one.",
        [((), max((frame.now - start for start in open_since), default=0.0))],
    )  # fmt: skip


def _events(frame: Frame) -> Iterator[Metric]:
    tally = frame.tally
    yield _counter("received", "Events received.", [((), tally.received)])
    yield _counter(
        "received_by_type", "The same by type.",
        _capped(tally.by_type), "type",
    )  # fmt: skip
    yield _counter("malformed", "Payloads that are no event.", [((), tally.malformed)])
    yield _counter("skipped", "Events over the size limit, unread.", [((), tally.skipped)])


def _capped(by_type: Iterable[tuple[str, int]]) -> Iterator[tuple[tuple[str], float]]:
    """The types in the order of their names, so that which is beyond the limit does not change."""
    rest = 0
    for index, (name, count) in enumerate(sorted(by_type)):
        if index < _MOST_TYPES:
            yield (name,), float(count)
        else:
            rest += count
    if rest:
        yield (OTHER,), float(rest)


def _delivery(frame: Frame) -> Iterator[Metric]:
    view = frame.delivery
    yield _states(
        "delivery_state", "How forwarding stands.",
        [state.value for state in DeliveryState], [((), view.state.value)],
    )  # fmt: skip
    yield _gauge("carried_over", "Events that earlier runs left.", [((), view.carried_over)])
    yield _counter("delivered", "Events that Datadog has accepted.", [((), view.delivered)])
    yield _gauge("pending", "Events without a verdict.", [((), view.pending)])
    waiting = 0.0 if view.pending_since is None else max(0.0, frame.now - view.pending_since)
    yield _gauge("oldest_pending_seconds", "How long the oldest has waited.", [((), waiting)])
    yield _counter("dead_lettered", "Events refused for good.", [((), view.dead_lettered)])
    yield _counter(
        "dropped", "Events given up.",
        [((reason,), float(count)) for reason, count in view.dropped], "reason",
    )  # fmt: skip
    yield _counter("truncated", "Logs that went out shortened.", [((), view.truncated)])
    yield _counter("late", "Events sent over five minutes late.", [((), view.late)])
    yield _gauge("lag_seconds", "Age of the oldest late event on its way.", [((), view.late_by)])
    yield _counter("requests", "Requests to the intake.", [((), view.requests)])
    yield _counter("retries", "Requests that had to be sent again.", [((), view.retries)])
    yield _counter(
        "answers", "Answers of the intake, and what became of the request.",
        [(answer, float(count)) for answer, count in view.answers], "status", "verdict",
    )  # fmt: skip
    yield _gauge("in_flight", "Requests without an answer yet.", [((), view.in_flight)])


def _monitors(frame: Frame) -> Iterator[Metric]:
    names = _distinct([monitor.name for monitor in frame.monitors])
    each = list(zip(names, frame.monitors, strict=True))
    yield _states(
        "monitor_state", "As evaluated on this machine.", _MONITOR_STATES,
        [((name,), monitor.state) for name, monitor in each], "monitor",
    )  # fmt: skip
    yield _gauge(
        "monitor_value", "Of the worst group.",
        [((name,), monitor.value) for name, monitor in each if monitor.value is not None],
        "monitor",
    )  # fmt: skip
    yield _counter(
        "monitor_alerts", "How often it went to Alert.",
        [((name,), float(monitor.triggered)) for name, monitor in each], "monitor",
    )  # fmt: skip


def _distinct(names: list[str]) -> list[str]:
    """*names*, those that came before with a number: two series may not be the same."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


def _room(room: Room) -> Iterator[Metric]:
    yield _gauge("journal_bytes", "What the journal takes on disk.", [((), room.journal)])
    yield _gauge("journal_limit_bytes", "What it may take.", [((), room.limit)])
    yield _gauge("disk_free_bytes", "What its disk has left.", [((), room.free)])
