"""A moment as events show it: ISO 8601 text, and how a ULID of that moment begins."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from simulator.dice import CROCKFORD


_PAIRS: Final = tuple(a + b for a in CROCKFORD for b in CROCKFORD)
"""Every text of two base 32 digits: a lookup for ten bits."""
_TWO: Final = tuple(f"{number:02d}." for number in range(60))
_THREE: Final = tuple(f"{number:03d}Z" for number in range(1000))


@lru_cache(maxsize=4096)
def _minute_text(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%M:")


def iso(epoch_ms: int) -> str:
    """ISO 8601, UTC, milliseconds; 0.5 µs, a sixth of what `datetime` takes."""
    second, milli = divmod(epoch_ms, 1000)
    minute, second = divmod(second, 60)
    return f"{_minute_text(minute)}{_TWO[second]}{_THREE[milli]}"


class Instant:
    """One moment; its texts are made anew only as far as it moves."""

    def __init__(self) -> None:
        self.ms = -1
        self.text = ""
        """ISO 8601, UTC, milliseconds."""
        self.ulid = ""
        """The ten digits with which a ULID of this moment begins."""
        self._second = self._high = -1
        self._second_text = self._high_text = ""

    def move(self, epoch_ms: int) -> None:
        """Be at *epoch_ms* milliseconds since the epoch."""
        if epoch_ms == self.ms:
            return
        self.ms = epoch_ms
        second = epoch_ms // 1000
        if second != self._second:
            self._second = second
            self._second_text = f"{_minute_text(second // 60)}{_TWO[second % 60]}"
        high = epoch_ms >> 20
        if high != self._high:
            self._high = high
            pairs = _PAIRS
            self._high_text = f"{pairs[high >> 20]}{pairs[high >> 10 & 1023]}{pairs[high & 1023]}"
        self.text = f"{self._second_text}{_THREE[epoch_ms - second * 1000]}"
        self.ulid = f"{self._high_text}{_PAIRS[epoch_ms >> 10 & 1023]}{_PAIRS[epoch_ms & 1023]}"
