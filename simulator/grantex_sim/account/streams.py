"""The stream's side of the account: what each client was sent, was spared, and did not get."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_sim.events.emission import Emission

KEPT_STREAMS: Final = 200
"""Streams that have ended and are still listed."""


class StreamReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One client's stream: ``emitted = sent + filteredOut + missed``, always."""

    client: int
    """Counted from 1 on since the start, or since the last reset."""
    kind: str
    """``sse`` or ``websocket``."""
    open: bool
    emitted: int
    """Events emitted while it was open."""
    sent: int
    """Events written to it whole; a client that reads to the end has got them all."""
    filtered_out: int
    """Events that its own ``types`` kept away."""
    missed: int
    """Events that a fault kept away."""
    cut: bool
    """Whether it was reset because too much waited for it; what waited is lost to it."""


class StreamAccount:
    """Counts for one stream.

    Args:
        kind: ``sse`` or ``websocket``.
        sent: How many events have been written to it whole.
    """

    def __init__(self, kind: str, sent: Callable[[], int]) -> None:
        self.kind = kind
        self.cut = False
        self._sent = sent
        self.emitted = 0
        self.filtered_out = 0

    def count(self, events: Sequence[Emission], types: frozenset[str] | None) -> None:
        """*events* were emitted while it listened for *types* (None: all)."""
        self.emitted += len(events)
        if types is not None:
            self.filtered_out += sum(bool(event.type) for event in events) - sum(
                event.type in types for event in events if event.type
            )

    def report(self, client: int, *, is_open: bool) -> StreamReport:
        """The account so far."""
        sent = self._sent()
        return StreamReport(
            client=client,
            kind=self.kind,
            open=is_open,
            emitted=self.emitted,
            sent=sent,
            filtered_out=self.filtered_out,
            missed=self.emitted - sent - self.filtered_out,
            cut=self.cut,
        )


class Streams:
    """The accounts of all streams, in the order in which they were opened."""

    def __init__(self, *, kept: int = KEPT_STREAMS) -> None:
        self._open: dict[StreamAccount, int] = {}
        self._ended: deque[StreamReport] = deque(maxlen=kept)
        self.opened = 0

    def begin(self, account: StreamAccount) -> None:
        """A stream has been opened."""
        self.opened += 1
        self._open[account] = self.opened

    def end(self, account: StreamAccount) -> None:
        """A stream has ended; nothing happens the second time."""
        number = self._open.pop(account, None)
        if number is not None:
            self._ended.append(account.report(number, is_open=False))

    def forget_ended(self) -> None:
        """Begin a new list; those that are open stay, with what they have counted."""
        self._ended.clear()

    def report(self) -> list[StreamReport]:
        """Every stream that is open or ended lately."""
        still = [account.report(number, is_open=True) for account, number in self._open.items()]
        return sorted([*self._ended, *still], key=lambda report: report.client)
