"""A gap: a span in which events may have been missed, since Grantex replays nothing.

Instants are epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from grantex_tui.clock import parse_rfc3339


CLOCKS_DISAGREE = 30.0
"""Seconds between creation and receipt from which the two clocks are not compared."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which events may have been missed: Grantex replays nothing."""

    start: float
    end: float | None
    """None while it is still open."""
    reason: str


def created_instant(created_at: str, received_at: float) -> float:
    """When an event was created, or its receipt where its own word can't be taken."""
    try:
        created = parse_rfc3339(created_at)
    except ValueError:
        return received_at
    return created if 0 <= received_at - created <= CLOCKS_DISAGREE else received_at
