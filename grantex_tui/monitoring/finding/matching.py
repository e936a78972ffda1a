"""How many logs of recordings a search finds, counted in blocks as a rehearsal counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.clock import parse_rfc3339
from grantex_tui.datadog.monitor.schedule import MINUTE
from grantex_tui.events.event import Event
from grantex_tui.events.recorded.line import Arrival
from grantex_tui.events.recorded.sketch import Sketches
from grantex_tui.monitoring.count.counters import Counters
from grantex_tui.monitoring.count.question import Question
from grantex_tui.monitoring.count.senders import SenderRouter
from grantex_tui.monitoring.finding.needle import needle_of


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grantex_tui.datadog.pipeline import Pipeline
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.recorded.recording import Recording
    from grantex_tui.events.recorded.sketch import Sketcher
    from grantex_tui.monitoring.count.event_logs import EventLogs
    from grantex_tui.monitoring.count.presence import Presence


def matching_logs(
    recordings: Sequence[Recording],
    search: str,
    logs: EventLogs,
    pipelines: Sequence[Pipeline],
    presence: Presence,
) -> int:
    """How many logs *search* finds.

    Args:
        recordings: in which.
        search: Datadog's.
        logs: makes logs of events.
        pipelines: those that it makes them with.
        presence: is shown all that there is.

    Raises:
        RecordingError: A recording can't be read.
    """
    counters = Counters()
    counters.window(Question(search), MINUTE, 0, 0)
    router = SenderRouter(counters, logs, pipelines)
    can_be_read_again = all(recording.is_kept for recording in recordings)
    needle = needle_of(search, pipelines) if can_be_read_again else None
    _count(recordings, router, presence, needle)
    found = sum(
        n
        for slots in counters.slots(0)
        for groups in slots.by_slot.values()
        for n in groups.values()
        if isinstance(n, int)
    )
    if any(each.passed_over for each in recordings) and presence.unmatched():
        # What is said to be in no log has to be looked for in all of them.
        _count(recordings, router, presence, None)
    return found


def _count(
    recordings: Sequence[Recording],
    router: SenderRouter,
    presence: Presence,
    needle: bytes | None,
) -> None:
    """Count what *router* asks for; of lines without *needle*, nothing need be known."""
    sketcher = router.sketcher(needle)
    for recording in recordings:
        for part in _parts(recording, sketcher):
            if isinstance(part, Sketches):
                presence.see_sketches(part, 0, len(part))
                router.route_sketches(part)
            else:
                timed = list(arrived(part))
                presence.see_events([event for event, _ in timed])
                router.route_each([event for event, _ in timed], [at for _, at in timed])


def _parts(
    recording: Recording, sketcher: Sketcher | None
) -> Iterator[Sketches | Sequence[Arrival | Gap]]:
    if sketcher is not None:
        return recording.sketched(sketcher)
    return ((item,) for item in recording)


def arrived(items: Iterable[Arrival | Gap]) -> Iterator[tuple[Event, float]]:
    """The events among *items* and when the intake took them: on their receipt, or creation."""
    for item in items:
        if not isinstance(item, Arrival) or not isinstance(item.event, Event):
            continue
        at = item.received_at
        if at is None:
            try:
                at = parse_rfc3339(item.event.created_at)
            except ValueError:
                at = 0.0
        yield item.event, at
