"""How much a journal keeps, and how well."""

from __future__ import annotations

from dataclasses import dataclass


SEGMENT_BYTES = 16 * 1024 * 1024
MAX_BYTES = 1_000_000_000
MAX_AGE = 14 * 86400.0
MEMORY_BYTES = 64 * 1024 * 1024
RECENT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """How much a journal keeps, and how well. Ages in seconds."""

    fsync: bool = True
    """Whether an append is safe from a power cut when it returns."""
    max_bytes: int = MAX_BYTES
    """Size above which old segments go, delivered ones first."""
    max_age: float = MAX_AGE
    """After which a delivered segment goes."""
    segment_bytes: int = SEGMENT_BYTES
    """Size at which the next segment begins."""
    memory_bytes: int = MEMORY_BYTES
    """How much is kept in memory while the disk refuses."""
    recent_bytes: int = RECENT_BYTES
    """How much of what was appended last is kept in memory for delivery."""
    deliver: bool = True
    """Whether somebody will `take` the events; without, nothing is ever pending."""
