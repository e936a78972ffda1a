"""The header: two rows, and a third while there is something to warn of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.tui.banner import connection_spans, fact_items
from grantex_tui.tui.format import clock
from grantex_tui.tui.rows import cells, packed, row, spread
from grantex_tui.tui.text import clip, safe_text
from grantex_tui.tui.widgets.panel import View


if TYPE_CHECKING:
    from textual.strip import Strip

    from grantex_tui.tui.banner import Banner
    from grantex_tui.tui.palette import Look
    from grantex_tui.tui.rows import Span

_NAME = "grantex-tui"


def draw_header(banner: Banner, look: Look, width: int, height: int) -> list[Strip]:
    """The connection's row, the row of numbers, the newest standing warning."""
    palette = look.palette
    separator: Span = (f" {look.glyphs.dot} ", palette.faint)
    facts = packed(width - 2, fact_items(banner, look), separator)
    rows = [_first(banner, look, width), row(width, [(" ", None), *facts])]
    warnings = banner.frame.warnings
    if warnings and height > 2:
        more = f" (+{len(warnings) - 1} more)" if len(warnings) > 1 else ""
        text = clip(safe_text(warnings[-1], limit=400), max(0, width - 4 - len(more)))
        rows.append(row(width, [(f" {look.glyphs.warn} {text}{more}", palette.warn)]))
    return rows


def _first(banner: Banner, look: Look, width: int) -> Strip:
    palette, frame = look.palette, banner.frame
    badge = badge_spans(banner, look)
    right: list[Span] = [*badge, *([(" ", None)] if badge else [])]
    left: list[Span] = [(" ", None)]
    if width >= 80:
        left += [(_NAME, palette.accent), ("  ", None)]
    left += connection_spans(frame, look)
    time = f"{clock(frame.now)} "
    source = clip(safe_text(frame.source, limit=200), max(0, width - 90))
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
        tuple(monitor.state for monitor in frame.monitors),
        (tally.version, tally.received, tally.rate),
        (delivery.version, delivery.state, delivery.pending, delivery.last_flush_at),
        (delivery.last_verdict, delivery.dropped, delivery.dead_lettered),
    )


HEADER: View[Banner] = View(draw=draw_header, key=header_key)
