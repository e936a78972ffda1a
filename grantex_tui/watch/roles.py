"""What the engine asks of those around it: who keeps, reads, sends, judges, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.delivery.status import DeliveryView
    from grantex_tui.events.event import Event, Malformed
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.live.connection import ConnectionView, PathView
    from grantex_tui.monitoring.evaluate.states import Notification
    from grantex_tui.watch.frame import MonitorView


class Log(Protocol):
    """Where events are kept before anybody sees them."""

    @property
    def dropped(self) -> Mapping[str, int]:
        """Events that were lost, by reason."""
        ...

    @property
    def standing(self) -> Sequence[str]:
        """What is wrong now, a line each, for as long as it is."""
        ...

    def append(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """Keep one read, or count it in ``dropped``."""
        ...

    def append_gap(self, gap: Gap) -> None:
        """Keep a gap."""
        ...

    def notices(self) -> Sequence[str]:
        """What has begun or ended since this was last asked, to be said once."""
        ...

    def tend(self, now: float) -> None:
        """Mend what can be mended by now."""
        ...

    def close(self, undelivered: int | None = None) -> None:
        """Let go of the files; so many events have no verdict, if that is known."""
        ...


class Reader(Protocol):
    """The stream, as far as the engine drives it."""

    @property
    def view(self) -> ConnectionView:
        """How the stream stands as a whole."""
        ...

    @property
    def paths(self) -> tuple[PathView, ...]:
        """How each of its paths does."""
        ...

    @property
    def open_gap(self) -> Gap | None:
        """The gap that lasts while there is no stream."""
        ...

    async def run(self) -> None:
        """Read until stopped."""
        ...

    def stop(self) -> None:
        """Ask `run` to return."""
        ...


class Sender(Protocol):
    """The forwarder, as far as the engine drives it."""

    def notify(self) -> None:
        """There is more in the journal."""
        ...

    def try_now(self) -> None:
        """Ask the intake at once, whatever wait there is."""
        ...

    async def run(self) -> None:
        """Deliver until cancelled."""
        ...

    async def drain(self, within: float) -> None:
        """Deliver what is there, in at most *within* seconds."""
        ...

    def view(self) -> DeliveryView:
        """The accounts."""
        ...


class Observer(Protocol):
    """Who wants to know as it happens (printing, monitors). Must not block."""

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """One read, already in the journal."""
        ...

    def on_gap(self, gap: Gap) -> None:
        """A gap has ended."""
        ...

    def on_connection(self, view: ConnectionView) -> None:
        """The connection's state changed."""
        ...

    def on_warning(self, text: str) -> None:
        """Something a person should know now."""
        ...

    def on_notification(self, told: Notification) -> None:
        """A monitor changed its state."""
        ...


class Judge(Protocol):
    """The monitors, as far as the engine drives them."""

    @property
    def version(self) -> int:
        """Grows when the views change."""
        ...

    @property
    def alerted(self) -> bool:
        """Whether any of them has gone to Alert."""
        ...

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """One read, already in the journal."""
        ...

    def advance(self, now: float) -> None:
        """Everything received until *now* has been told."""
        ...

    def warnings(self) -> Sequence[str]:
        """What has come to be known of their limits since this was last asked."""
        ...

    def views(self) -> tuple[MonitorView, ...]:
        """How each of them stands."""
        ...
