"""Events that go out long after they were received: what Datadog makes of that, people should know."""

from __future__ import annotations


LATE = 300.0
"""Seconds between an event's receipt and its delivery from which it is late."""
TOO_LATE = 18 * 3600.0
"""Seconds back from which Datadog may drop a log without a word (log_date_remapper)."""


class Lateness:
    """Counts them. A request is as old as its first event."""

    def __init__(self) -> None:
        self.count = 0
        """Late events that were sent in this run."""
        self.now = 0.0
        """Age in seconds of what was taken last; 0 when that was not late."""
        self.longest = 0.0
        """The greatest age since it was last in time."""

    def took(self, count: int, age: float) -> None:
        """So many events go out, the first of which is so many seconds old."""
        if age < LATE:
            self.now = self.longest = 0.0
            return
        self.count += count
        self.now = age
        self.longest = max(self.longest, age)
