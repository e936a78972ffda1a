"""A gap: a span in which events may have been missed, since Grantex replays nothing.

Instants are epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which events may have been missed: Grantex replays nothing."""

    start: float
    end: float | None
    """None while it is still open."""
    reason: str
