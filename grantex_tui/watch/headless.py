"""`watch` without a screen: events on stdout, narration on stderr."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from grantex_tui.events.arrived import payloads_of
from grantex_tui.events.event import Malformed
from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.watch.delivery_news import state_words
from grantex_tui.words.display import printable
from grantex_tui.words.durations import duration_text


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grantex_tui.events.event import Event
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.live.connection import ConnectionView
    from grantex_tui.monitoring.evaluate.states import Notification
    from grantex_tui.watch.frame import Frame

_FIELD = 80
_SAME_AGAIN = 60.0
"""Seconds after which an attempt that failed like the one before is told of again."""


class PlainPrinter:
    """An observer that writes a readable line an event: time, type, grant, agent, principal.

    Args:
        out: Takes whole lines for stdout.
        narrate: Takes one line for stderr.
        warn: Takes one that a person should look at.
    """

    def __init__(
        self,
        out: Callable[[bytes], None],
        narrate: Callable[[str], None],
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._out = out
        self._narrate = narrate
        self._warn = warn or narrate
        self._connections = ConnectionNews()

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """One line each."""
        clock = datetime.fromtimestamp(received_at).astimezone().strftime("%H:%M:%S.%f")[:-3]
        lines = [f"{clock} {event_line(item)}\n" for item in items]
        self._out("".join(lines).encode())

    def on_gap(self, gap: Gap) -> None:
        """Tell of events that may have been missed."""
        length = "" if gap.end is None else f" of {gap.end - gap.start:.1f} s"
        self._warn(f"gap{length}: {gap.reason}; events in it are lost, Grantex replays none")

    def on_connection(self, view: ConnectionView) -> None:
        """Tell of a path's new state, unless that is no news."""
        if self._connections.is_news(view):
            self._narrate(connection_line(view))

    def on_warning(self, text: str) -> None:
        """Pass a warning on."""
        self._warn(text[:500])

    def on_notification(self, told: Notification) -> None:
        """The transition, with the message that would be sent."""
        self._narrate(notification_lines(told))


class JsonPrinter(PlainPrinter):
    """An observer that writes each event as received, one a line."""

    def on_read(self, items: Sequence[Event | Malformed], received_at: float) -> None:
        """The payloads, untouched; malformed ones are narrated, they are no data."""
        del received_at
        good = payloads_of(items)
        if good is None:
            good = [item.raw for item in items if not isinstance(item, Malformed)]
            for item in items:
                if isinstance(item, Malformed):
                    self._narrate(event_line(item))
        if good:
            # A line end inside JSON can only stand between tokens, where a blank says the same.
            lines = [raw.replace(b"\n", b" ") if b"\n" in raw else raw for raw in good]
            self._out(b"\n".join(lines) + b"\n")


class ConnectionNews:
    """Tells what of a path is worth a line: not each of a hundred attempts that fail alike."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[ConnectionState, str]] = {}
        self._told_at: dict[str, float] = {}

    def is_news(self, view: ConnectionView) -> bool:
        """Whether *view* says what the last line about its path did not."""
        if view.state is ConnectionState.CONNECTING and view.path in self._told:
            return False
        now = view.retry_at or view.since
        said = (view.state, view.detail)
        if self._told.get(view.path) == said and now - self._told_at[view.path] < _SAME_AGAIN:
            return False
        self._told[view.path], self._told_at[view.path] = said, now
        return True


def notification_lines(told: Notification) -> str:
    """A transition as people would be told of it, every foreign text neutralised."""
    transition = told.transition
    silent = "" if transition.notify else " (nobody is notified)"
    to = f" to {', '.join(told.recipients)}" if told.recipients else ""
    head = f"monitor {printable(told.title, limit=200)}{silent}{printable(to, limit=200)}"
    body = [f"    {printable(line, limit=500)}" for line in told.body.splitlines() if line.strip()]
    return "\n".join([head, *body])


def event_line(item: Event | Malformed) -> str:
    """An event as a person reads it, every foreign text neutralised and clipped."""
    if isinstance(item, Malformed):
        text = item.raw[:200].decode("utf-8", "replace")
        return f"malformed ({printable(item.reason, limit=_FIELD)}): {printable(text, limit=120)}"
    who = (item.grant_id or "-", item.agent_id or "-", item.principal_id or "-")
    columns = [f"{printable(item.type, limit=_FIELD):<26}"]
    columns += [f"{printable(text, limit=_FIELD):<31}" for text in who]
    return " ".join(columns).rstrip()


def connection_line(view: ConnectionView) -> str:
    """A path's state as a line."""
    words = [f"{view.path} stream {view.state.value}".lstrip()]
    if view.state is ConnectionState.CONNECTING and view.attempt == 0 and view.path != "WebSocket":
        words.append("(the answer may take 30 s on a quiet stream)")
    if view.detail:
        words.append(f"- {view.detail}")
    if view.retry_at is not None:
        words.append(f"- next attempt in {max(0.0, view.retry_at - view.since):.0f} s")
    return " ".join(words)


def status_line(frame: Frame) -> str:
    """The line that a plain run prints every ten seconds."""
    tally, delivery = frame.tally, frame.delivery
    return (
        f"{frame.connection.state.value}{_away(frame)}, received {tally.received:,} ({tally.rate:.1f}/s), "
        f"delivered {delivery.delivered:,}, pending {delivery.pending:,}, "
        f"dead-lettered {delivery.dead_lettered:,}, "
        f"dropped {sum(n for _, n in delivery.dropped):,}, malformed {tally.malformed:,}, "
        f"gaps {len(frame.gaps)}, {state_words(delivery)}"
        + (f", late by {duration_text(round(delivery.late_by))}" if delivery.late_by else "")
        + (f", truncated {delivery.truncated:,}" if delivery.truncated else "")
        + (f", {delivery.carried_over:,} taken over" if delivery.carried_over else "")
        + "".join(f"; {printable(text, limit=300)}" for text in frame.troubles)
    )


def _away(frame: Frame) -> str:
    """Which path is away while another is live, and for how long."""
    away = [
        f"{path.name} {path.connection.state.value} for {frame.now - path.away_since:.0f} s"
        for path in frame.paths
        if path.away_since is not None and frame.connection.state is ConnectionState.LIVE
    ]
    return f" ({', '.join(away)})" if away else ""
