"""What stands at the top whatever else is shown: the connection, the rates, what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.clock import parse_rfc3339
from grantex_tui.delivery.status import DeliveryState
from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.tui.drawing.format import age, brief, countdown, ordinal, rate, span
from grantex_tui.words.display import settled


if TYPE_CHECKING:
    from rich.style import Style

    from grantex_tui.delivery.status import DeliveryView
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.live.connection import ConnectionView
    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import EventRow, Frame

_DAY = 86_400.0
_CREATED_AT = re.compile(rb'"createdAt"\s*:\s*"([^"]{10,40})"')


@dataclass(frozen=True, slots=True)
class Banner:
    """A frame, and how the dashboard itself stands."""

    frame: Frame
    missed: int | None = None
    """Events since the view was paused; None while it is not."""
    leaving: bool = False


def connection_spans(frame: Frame, look: Look) -> list[Span]:
    """The connection in words that need no colour: ``● live 00:12:31``."""
    connection, glyphs, palette = frame.connection, look.glyphs, look.palette
    mark, style = {
        ConnectionState.IDLE: (glyphs.waiting, palette.muted),
        ConnectionState.CONNECTING: (glyphs.waiting, palette.accent),
        ConnectionState.LIVE: (glyphs.live, palette.good),
        ConnectionState.WAITING: (glyphs.warn, palette.warn),
        ConnectionState.LOCKED_OUT: (glyphs.alert, palette.bad),
        ConnectionState.ABSENT: (glyphs.warn, palette.warn),
        ConnectionState.REFUSED: (glyphs.alert, palette.bad),
        ConnectionState.ENDED: (glyphs.unknown, palette.muted),
    }[connection.state]
    word, rest = connection_text(connection, frame.now)
    return [(f"{mark} {word}", style), (rest, palette.text)]


def connection_text(connection: ConnectionView, now: float) -> tuple[str, str]:
    """The state's word, and what there is to say about it."""
    state, since = connection.state, span(now - connection.since)
    wait = 0.0 if connection.retry_at is None else connection.retry_at - now
    detail = settled(connection.detail, limit=300)
    if state is ConnectionState.LIVE:
        return "live", f" {since}"
    if state is ConnectionState.CONNECTING:
        return "connecting", f" {since} (headers may take 30 s)"
    if state is ConnectionState.WAITING:
        attempt = ordinal(connection.attempt + 1)
        return f"retry in {countdown(wait)}", f" ({attempt})" + (f" {detail}" if detail else "")
    if state is ConnectionState.LOCKED_OUT:
        return "locked out", f", {countdown(wait)} left" + (f": {detail}" if detail else "")
    if state is ConnectionState.REFUSED:
        return "refused", f": {detail}" if detail else ""
    return str(state), f": {detail}" if detail else ""


def rate_spans(frame: Frame, look: Look) -> list[Span]:
    """Events a second."""
    return [(rate(frame.tally.rate), look.palette.strong), (" ev/s", look.palette.muted)]


def fact_items(banner: Banner, look: Look) -> list[list[Span]]:
    """What else there is to know, most important first."""
    frame, palette = banner.frame, look.palette
    tally, delivery = frame.tally, frame.delivery
    items = [*path_items(frame, look), *gap_items(frame.gaps, frame.now, look)]
    for name, number in (("malformed", tally.malformed), ("oversized", tally.skipped)):
        if number:
            items.append(_named(name, f"{number:,}", look, palette.warn))
    if delivery.state is not DeliveryState.OFF:
        items.append(_flush(delivery, frame.now, look))
    if (lag := newest_lag(tally.recent)) is not None:
        items.append(_lag(lag, look))
    return items


def _lag(lag: float, look: Look) -> list[Span]:
    """How late the newest event was; one of another day is a replay, whose clock says nothing."""
    if lag >= _DAY:
        return _named("events are", f"{age(lag)} old", look)
    return _named("lag", brief(lag), look, look.palette.warn if lag >= 5 else None)


def path_items(frame: Frame, look: Look) -> list[list[Span]]:
    """The path that is away while the other is live: nothing is lost, but nothing may go wrong now."""
    palette, glyphs = look.palette, look.glyphs
    if frame.connection.state is not ConnectionState.LIVE:
        return []
    items: list[list[Span]] = []
    for path in frame.paths:
        name = settled(path.name, limit=20)
        if path.connection.state is ConnectionState.ABSENT:
            items.append([(f"no {name} here", palette.muted)])
        elif path.away_since is not None:
            away = f"{glyphs.warn} {name} away {span(frame.now - path.away_since)}"
            detail = settled(path.connection.detail, limit=60)
            items.append([(away, palette.warn), (f" {detail}" if detail else "", palette.text)])
        elif path.holes:
            items.append([(f"{name} lacked {path.holes:,}", palette.warn)])
    return items


def _named(name: str, value: str, look: Look, style: Style | None = None) -> list[Span]:
    return [(f"{name} ", look.palette.muted), (value, style or look.palette.strong)]


def _flush(delivery: DeliveryView, now: float, look: Look) -> list[Span]:
    palette, glyphs = look.palette, look.glyphs
    if delivery.state in (DeliveryState.RETRYING, DeliveryState.HELD, DeliveryState.UNANSWERED):
        style = palette.bad if delivery.state is DeliveryState.HELD else palette.warn
        return [(f"{glyphs.warn} delivery {delivery.state}", style)]
    if delivery.last_flush_at is None:
        return _named("flush", "none yet", look)
    verdict = settled(delivery.last_verdict, limit=24)
    return [
        ("flush ", palette.muted),
        (verdict or "done", palette.good),
        (f" {age(now - delivery.last_flush_at)} ago", palette.text),
    ]


def gap_items(gaps: tuple[Gap, ...], now: float, look: Look) -> list[list[Span]]:
    """How often and how long the stream was away: events of then are missing for good."""
    if not gaps:
        return [_named("gaps", "0", look)]
    total = sum((now if gap.end is None else gap.end) - gap.start for gap in gaps)
    style = look.palette.bad if gaps[-1].end is None else look.palette.warn
    return [_named("gaps", f"{len(gaps)} ({span(total)})", look, style)]


def newest_lag(recent: tuple[EventRow, ...]) -> float | None:
    """Seconds from the newest event's creation to its arrival, by the two machines' clocks."""
    if not recent:
        return None
    row = recent[-1]
    match = _CREATED_AT.search(row.raw, 0, 4096)
    if match is None:
        return None
    try:
        return max(0.0, row.received_at - parse_rfc3339(match[1].decode()))
    except ValueError:
        return None
