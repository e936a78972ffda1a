"""What one read of the stream brought: payloads, made into events for whoever asks for events.

At full speed nobody does: the journal and the forwarder want the payloads, the counts want types
and dates. One decode of all payloads together gives these for 0.6 µs an event; an `Event` for each
costs 1.1 more (measured).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, overload

from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.gap import created_instant


if TYPE_CHECKING:
    from collections.abc import Callable


class Envelope(Protocol):
    """The envelope of one event."""

    @property
    def id(self) -> str:
        """Never empty."""
        ...

    @property
    def type(self) -> str:
        """Never empty."""
        ...

    @property
    def createdAt(self) -> str:  # noqa: N802 - the wire's name
        """As received; empty when absent."""
        ...

    @property
    def data(self) -> object:
        """As much of it as was asked for."""
        ...


if TYPE_CHECKING:
    Opens = Callable[[Sequence[bytes]], Sequence[Envelope] | None]
    """Opens the envelopes of payloads, of all or of none."""


class Arrived(Sequence[Event | Malformed]):
    """One read's events, and what is known of all of them at once.

    Args:
        payloads: as received.
        envelopes: theirs, if each payload is an event of the usual form.
    """

    __slots__ = ("_items", "envelopes", "payloads")

    def __init__(self, payloads: Sequence[bytes], envelopes: Sequence[Envelope] | None) -> None:
        self.payloads = payloads
        self.envelopes = envelopes
        self._items: list[Event | Malformed] | None = None

    @property
    def items(self) -> list[Event | Malformed]:
        """The events, and what is none."""
        if self._items is None:
            self._items = list(map(decode_event, self.payloads))
        return self._items

    @overload
    def __getitem__(self, index: int) -> Event | Malformed: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event | Malformed]: ...
    def __getitem__(self, index: int | slice) -> Event | Malformed | Sequence[Event | Malformed]:
        """One of them, or some."""
        return self.items[index]

    def __len__(self) -> int:
        return len(self.payloads)

    def keys(self) -> list[str | bytes]:
        """What tells each from others: its id, or its payload if it is no event."""
        if self.envelopes is not None:
            return [envelope.id for envelope in self.envelopes]
        return [item.id if isinstance(item, Event) else item.raw for item in self.items]

    def newest_at(self, received_at: float) -> float:
        """When the last of them was created, as far as that can be told."""
        if self.envelopes is not None:
            return created_instant(self.envelopes[-1].createdAt, received_at)
        last = self.items[-1]
        if isinstance(last, Malformed):
            return received_at
        return created_instant(last.created_at, received_at)

    def at(self, positions: Sequence[int]) -> Arrived:
        """Some of them."""
        if len(positions) == len(self.payloads):
            return self
        envelopes = self.envelopes
        return Arrived(
            [self.payloads[at] for at in positions],
            None if envelopes is None else [envelopes[at] for at in positions],
        )


def no_envelopes(payloads: Sequence[bytes]) -> None:
    """Nobody counts: each payload is decoded by itself."""
    del payloads


def types_of(items: Sequence[Event | Malformed]) -> list[str]:
    """The types of the events among *items*."""
    if isinstance(items, Arrived) and items.envelopes is not None:
        return [envelope.type for envelope in items.envelopes]
    return [item.type for item in items if type(item) is Event]


def payloads_of(items: Sequence[Event | Malformed]) -> Sequence[bytes] | None:
    """The payloads of *items*, if each of them is an event."""
    if isinstance(items, Arrived) and items.envelopes is not None:
        return items.payloads
    payloads = [item.raw for item in items if type(item) is Event]
    return payloads if len(payloads) == len(items) else None
