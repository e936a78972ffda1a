"""The conservation line: what came in, and where each event of it is now.

carried over + received = delivered + pending + dead-lettered + dropped, at every instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.delivery.status import DeliveryState
from grantex_tui.tui.drawing.format import short_count
from grantex_tui.tui.drawing.rows import cells
from grantex_tui.tui.drawing.text import fit


if TYPE_CHECKING:
    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import Frame


def accounts(frame: Frame, look: Look, width: int) -> list[Span]:
    """The line in *width* cells: words and all digits, else fewer words, else shorter numbers."""
    forms = (_in_full(frame, look), _in_short(frame, look, exact=True))
    fitting = (form for form in forms if cells(form) <= width)
    return next(fitting, None) or _in_short(frame, look, exact=False)


def _in_full(frame: Frame, look: Look) -> list[Span]:
    palette, delivery = look.palette, frame.delivery
    received = f"{frame.tally.received:,}"
    line: list[Span] = [("received ", palette.muted), (received, palette.strong)]
    if delivery.state is DeliveryState.OFF:
        return [*line, (", not forwarded", palette.muted), *_dropped(frame, look, ", dropped ")]
    if delivery.carried_over:
        line = [
            ("carried over ", palette.muted), (f"{delivery.carried_over:,}", palette.strong),
            (" + ", palette.faint), *line,
        ]  # fmt: skip
    dead = palette.bad if delivery.dead_lettered else palette.strong
    return [
        *line,
        (" = delivered ", palette.muted), (f"{delivery.delivered:,}", palette.strong),
        (" + pending ", palette.muted), (f"{delivery.pending:,}", palette.strong),
        *([(" (not all stored)", palette.bad)] if _unstored(frame) else []),
        (" + dead-lettered ", palette.muted), (f"{delivery.dead_lettered:,}", dead),
        *(_dropped(frame, look, " + dropped ") or [(" + dropped ", palette.muted), ("0", palette.strong)]),
    ]  # fmt: skip


def _dropped(frame: Frame, look: Look, before: str) -> list[Span]:
    """What was given up, with the reasons; nothing where nothing was."""
    dropped = frame.delivery.dropped
    if not dropped:
        return []
    total = sum(number for _, number in dropped)
    reasons = ", ".join(fit(reason, min(24, len(reason))) for reason, _ in dropped)
    return [
        (before, look.palette.muted), (f"{total:,}", look.palette.bad),
        (f" ({reasons})", look.palette.bad),
    ]  # fmt: skip


def _in_short(frame: Frame, look: Look, *, exact: bool) -> list[Span]:
    """``in 7,631 = 7,600 sent + 31 waiting``: what is nothing is left out."""
    palette, delivery = look.palette, frame.delivery
    lost = sum(number for _, number in delivery.dropped)

    def figure(value: int) -> str:
        return f"{value:,}" if exact else short_count(value)

    received = frame.tally.received + delivery.carried_over
    line: list[Span] = [("in ", palette.muted), (figure(received), palette.strong)]
    if delivery.state is DeliveryState.OFF:
        line.append((", not forwarded", palette.muted))
        return [*line, (f", {figure(lost)} lost", palette.bad)] if lost else line
    line += [(" = ", palette.muted), (figure(delivery.delivered), palette.strong), (" sent", palette.muted)]  # fmt: skip
    for name, value, style in (
        ("waiting", delivery.pending, palette.bad if _unstored(frame) else palette.strong),
        ("dead", delivery.dead_lettered, palette.bad),
        ("lost", lost, palette.bad),
    ):
        if value:
            line += [(" + ", palette.faint), (figure(value), style), (f" {name}", palette.muted)]
    return line


def _unstored(frame: Frame) -> bool:
    """Whether something of what is pending is in memory only."""
    return any("can't be written" in text for text in frame.troubles)
