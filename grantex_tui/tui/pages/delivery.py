"""Delivery: since when, what Datadog said in full, what comes next, how long the disk lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.delivery.status import DeliveryState
from grantex_tui.tui.drawing.format import brief, clock, countdown, size, span
from grantex_tui.tui.pages.content import trouble_rows
from grantex_tui.tui.pages.parts import facts, heading, paragraph
from grantex_tui.watch.troubles import delivery, journal
from grantex_tui.words.durations import duration_text


if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.pages.content import Beside
    from grantex_tui.watch.frame import Frame

TITLE = "Delivery"
_LETTERS = 20


def rows(frame: Frame, look: Look, width: int, beside: Beside) -> list[Strip]:
    """The whole page."""
    view, palette = frame.delivery, look.palette
    told: list[Strip] = []
    for trouble in (*journal.find(frame), *delivery.find(frame)):
        told += [*trouble_rows(trouble, frame.now, look, width), *paragraph("", None, width)]
    if not told:
        told = paragraph(f"{look.glyphs.ok} delivery is well", palette.good, width)
    told += heading("How it stands", look, width)
    told += facts(_standing(frame, beside), look, width)
    if view.dead_letters:
        told += heading(f"Dead letters, the newest of {view.dead_lettered:,}", look, width)
        for letter in view.dead_letters[: -_LETTERS - 1 : -1]:
            told += paragraph(letter.event_id, palette.strong, width)
            told += paragraph(letter.reason, palette.text, width, indent=2)
    if view.last_requests:
        told += heading("Last requests", look, width)
        told += facts(_requests(frame), look, width)
    return told


def _standing(frame: Frame, beside: Beside) -> Iterator[tuple[str, str]]:
    view = frame.delivery
    yield "state", f"{view.state} since {clock(view.since)}, for {span(frame.now - view.since)}"
    yield "goes to", view.target
    yield "Datadog said", view.detail or view.last_verdict or "nothing yet"
    yield "next", next_words(frame)
    waits = delivery.behind_by(view, frame.now)
    age = f", the oldest for {duration_text(round(waits))}" if view.pending and waits else ""
    yield "waiting", f"{view.pending:,} events{age}"
    yield "in flight", f"{view.in_flight} requests; {view.retries:,} retries so far"
    yield "journal", frame.journal or "none: what is pending is in memory only"
    yield "disk lasts", disk_words(frame, beside)


def next_words(frame: Frame) -> str:
    """What happens next, and what can be done about it."""
    view = frame.delivery
    if view.state is DeliveryState.OFF:
        return "nothing: this run does not forward"
    if view.retry_at is not None:
        return f"the next attempt in {countdown(view.retry_at - frame.now)}; R tries now"
    if view.next_flush_at is not None:
        return f"a request in {countdown(view.next_flush_at - frame.now)}"
    return "a request once a batch is full" if view.pending else "nothing to do"


def disk_words(frame: Frame, beside: Beside) -> str:
    """How long what is free takes what comes in at the present rate."""
    free = beside.disk_free(frame.journal) if frame.journal else None
    if free is None:
        return ""
    recent = frame.tally.recent
    each = sum(len(event.raw) for event in recent) / len(recent) if recent else 0.0
    a_second = each * frame.tally.rate
    if not a_second:
        return f"{size(free)} are free, and nothing comes in"
    return f"about {brief(free / a_second)} at the present rate; {size(free)} are free"


def _requests(frame: Frame) -> Iterator[tuple[str, str]]:
    for record in frame.delivery.last_requests:
        status = "no answer" if record.status is None else str(record.status)
        said = f": {record.error}" if record.error else ""
        yield (
            clock(record.at),
            f"{status}, {record.entries:,} logs in {brief(record.duration)}{said}",
        )
