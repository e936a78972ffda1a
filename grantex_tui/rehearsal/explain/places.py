"""Where in the files of a recording events stand: looked up for the few that are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_tui.events.event import Event


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grantex_tui.events.recorded.recording import Recording
    from grantex_tui.rehearsal.explain.explanation import End, Explanation, Place, Silence

_AROUND = 5.0
"""Seconds of a recording that are read before the first and after the last event."""


def with_offsets(told: Explanation, recordings: Iterable[Recording]) -> Explanation:
    """*told*, each event with the ``file:line`` where it stands first.

    Args:
        told: an explanation.
        recordings: that can be read again.
    """
    wanted = {place.id: place for place in _places(told)}
    if not wanted:
        return told
    received = [place.received for place in wanted.values()]
    found: dict[str, str] = {}
    for recording in recordings:
        span = min(received) - _AROUND, max(received) + _AROUND
        for offset, item in recording.located(*span):
            event: object = getattr(item, "event", None)
            if isinstance(event, Event) and event.id in wanted:
                found.setdefault(event.id, offset)
    return _placed(told, lambda place: replace(place, offset=found.get(place.id, "")))


def _places(told: Explanation) -> list[Place]:
    single = [told.tipped]
    single += [told.end.leaving if told.end is not None else None]
    single += [told.silence.last if told.silence is not None else None]
    return [*told.events, *told.late_events, *(place for place in single if place is not None)]


def _placed(told: Explanation, put: Callable[[Place], Place]) -> Explanation:
    def maybe(place: Place | None) -> Place | None:
        return None if place is None else put(place)

    end: End | None = told.end
    silence: Silence | None = told.silence
    return replace(
        told,
        events=[put(place) for place in told.events],
        late_events=[put(place) for place in told.late_events],
        tipped=maybe(told.tipped),
        end=None if end is None else replace(end, leaving=maybe(end.leaving)),
        silence=None if silence is None else replace(silence, last=maybe(silence.last)),
    )
