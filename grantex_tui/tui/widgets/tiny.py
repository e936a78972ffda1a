"""Everything in one row each, for a terminal too small for panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.tui.drawing.accounts import accounts
from grantex_tui.tui.drawing.banner import connection_spans, gap_items
from grantex_tui.tui.drawing.format import rate, short_count
from grantex_tui.tui.drawing.rows import packed, row
from grantex_tui.tui.drawing.text import fit
from grantex_tui.tui.drawing.worst import badges
from grantex_tui.tui.widgets.header import badge_spans, header_key
from grantex_tui.tui.widgets.monitors import monitors_info
from grantex_tui.tui.widgets.panel import View
from grantex_tui.watch.troubles.found import found


if TYPE_CHECKING:
    from textual.strip import Strip

    from grantex_tui.tui.drawing.banner import Banner
    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import Frame


def draw_tiny(banner: Banner, look: Look, width: int, height: int) -> list[Strip]:
    """As many states as there are rows: what is wrong first."""
    frame = banner.frame
    lines = [
        badge_spans(banner, look),
        *badges(found(frame), look),
        connection_spans(frame, look),
        _traffic(frame, look),
        accounts(frame, look, width),
        monitors_info(frame, look),
        _values(frame, look),
        *(packed(width, [item], ("", None)) for item in gap_items(frame.gaps, frame.now, look)),
        _newest(frame, look, width),
    ]
    return [row(width, line) for line in lines if line][:height]


def _traffic(frame: Frame, look: Look) -> list[Span]:
    palette = look.palette
    return [
        (f"{rate(frame.tally.rate)} ev/s ", palette.strong),
    ]


def _values(frame: Frame, look: Look) -> list[Span]:
    tally, palette = frame.tally, look.palette
    return [
        (f"+{short_count(tally.grants_created)} ", palette.good),
        (f"-{short_count(tally.grants_revoked)} grants ", palette.bad),
        (f"{short_count(tally.budget_alerts)} budget", palette.warn),
    ]


def _newest(frame: Frame, look: Look, width: int) -> list[Span]:
    if not frame.tally.recent:
        return []
    event = frame.tally.recent[-1]
    return [(fit(event.type or "malformed", width), look.type_style(event.type))]


TINY: View[Banner] = View(draw=draw_tiny, key=header_key)
