"""A disk that refuses the journal, as it is told: once when it begins, once when it is over.

A disk that is full again and again, each second, is one trouble with a count, not a line each time.
"""

from __future__ import annotations


_QUIET = 5.0
"""Seconds for which the disk must take everything before it is called good again."""


class DiskTrouble:
    """What is wrong with the disk now, and what is to be said about it."""

    def __init__(self, room: int) -> None:
        self.standing = ""
        """What is wrong, as long as it is."""
        self._room = room
        self._times = 0
        """How often the disk has begun to refuse since all was well."""
        self._good_since: float | None = None

    def see(self, trouble: str, memory_used: int, now: float) -> str:
        """What is to be said now that the disk says *trouble*, or nothing; mostly nothing."""
        if trouble:
            return self._refuses(trouble, memory_used)
        if self.standing:
            self.standing, self._good_since = "", now
        if self._good_since is None or now - self._good_since < _QUIET:
            return ""
        return self._is_good()

    def _refuses(self, trouble: str, memory_used: int) -> str:
        is_new = not self.standing
        self.standing = (
            f"the journal can't be written: {trouble}; events go on from memory, "
            f"{memory_used / 1e6:.1f} of {self._room / 1e6:.0f} MB"
        )
        self._times += is_new
        return self.standing if is_new and self._times == 1 else ""

    def _is_good(self) -> str:
        times, self._times, self._good_since = self._times, 0, None
        often = f"; the disk had refused it {times:,} times" if times > 1 else ""
        return f"the journal is written again{often}"
