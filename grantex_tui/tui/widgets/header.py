"""The header: the connection, where all events are, and in between what is wrong, if anything is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.tui.drawing.accounts import accounts
from grantex_tui.tui.drawing.banner import connection_spans, fact_items, rate_spans
from grantex_tui.tui.drawing.format import clock
from grantex_tui.tui.drawing.rows import cells, packed, row, spread
from grantex_tui.tui.drawing.worst import worst_row
from grantex_tui.tui.widgets.panel import View
from grantex_tui.watch.troubles.found import found
from grantex_tui.words.display import clip_cells, settled


if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from grantex_tui.tui.drawing.banner import Banner
    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span

_NAME = "grantex-tui"
_LEAST = 2
"""Rows without one for what is wrong."""


def draw_header(banner: Banner, look: Look, width: int, height: int) -> list[Strip]:
    """The connection, then what is wrong, then where all events are: bad news before good."""
    frame = banner.frame
    room = max(0, width - 2)
    rows = [_first(banner, look, width)]
    troubles = found(frame)
    if height > _LEAST and troubles:
        rows.append(row(width, [(" ", None), *worst_row(troubles, look, room)]))
    elif height > _LEAST and frame.warnings:
        rows.append(_warning(frame.warnings, look, width))
    rows.append(row(width, [(" ", None), *_facts(banner, look, room)]))
    return rows


def _warning(warnings: Sequence[str], look: Look, width: int) -> Strip:
    """The newest standing warning."""
    more = f" (+{len(warnings) - 1} more)" if len(warnings) > 1 else ""
    text = clip_cells(settled(warnings[-1], limit=400), max(0, width - 4 - len(more)))
    return row(width, [(f" {look.glyphs.warn} {text}{more}", look.palette.warn)])


def _facts(banner: Banner, look: Look, width: int) -> list[Span]:
    """The accounts, and what else there is room for."""
    line = accounts(banner.frame, look, width)
    separator: Span = (f" {look.glyphs.dot} ", look.palette.faint)
    room = width - cells(line) - cells([separator])
    more = packed(room, fact_items(banner, look), separator)
    return [*line, separator, *more] if more else line


def _first(banner: Banner, look: Look, width: int) -> Strip:
    palette, frame = look.palette, banner.frame
    badge = badge_spans(banner, look)
    right: list[Span] = [*badge, *([(" ", None)] if badge else [])]
    left: list[Span] = [(" ", None)]
    if width >= 80:
        left += [(_NAME, palette.accent), ("  ", None)]
    left += connection_spans(frame, look)
    left += [("  ", None), *rate_spans(frame, look)]
    time = f"{clock(frame.now)} "
    source = clip_cells(settled(frame.source, limit=200), max(0, width - 90))
    if (
        width >= 110
        and cells(left) + cells(right) + cells([(source, None)]) + len(time) + 6 <= width
    ):
        left += [("  ", None), (source, palette.muted)]
    if cells(left) + cells(right) + len(time) + 2 <= width:
        right.append((time, palette.muted))
    return spread(width, left, right)


def badge_spans(banner: Banner, look: Look) -> list[Span]:
    """What the person has asked for and the view is in the middle of."""
    palette = look.palette
    spans: list[Span] = []
    if banner.missed is not None:
        spans.append((f" PAUSED +{banner.missed:,} ", palette.warn_banner))
    if banner.leaving:
        text = f" draining, {banner.frame.delivery.pending:,} pending, q leaves at once "
        spans.append((text, palette.bad_banner))
    return spans


def header_key(banner: Banner) -> tuple[object, ...]:
    """Whole seconds of now: the header goes on while nothing happens, once a second."""
    frame = banner.frame
    tally, delivery = frame.tally, frame.delivery
    return (
        int(frame.now),
        banner.missed,
        banner.leaving,
        frame.connection,
        frame.paths,
        frame.gaps,
        frame.warnings,
        frame.troubles,
        frame.monitors_version,
        tuple(monitor.state for monitor in frame.monitors),
        (tally.version, tally.received, tally.rate),
        (delivery.version, delivery.state, delivery.pending, delivery.last_flush_at),
        (delivery.last_verdict, delivery.dropped, delivery.dead_lettered, delivery.detail),
    )


HEADER: View[Banner] = View(draw=draw_header, key=header_key)
