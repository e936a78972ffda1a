"""A monitor: value against thresholds, its query, the next evaluation, and why it stands so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.tui.drawing.format import clock, countdown, span
from grantex_tui.tui.drawing.plot import plot, state_strip
from grantex_tui.tui.drawing.rows import row
from grantex_tui.tui.drawing.text import fit, group_label
from grantex_tui.tui.pages.content import trouble_rows
from grantex_tui.tui.pages.parts import facts, heading, paragraph
from grantex_tui.watch.troubles import monitors
from grantex_tui.words.durations import duration_text
from grantex_tui.words.numbers import number


if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.pages.content import Beside
    from grantex_tui.watch.frame import Frame, MonitorView

_PLOT = 6
_GROUPS = 20


def title(frame: Frame, index: int) -> str:
    """The monitor's name."""
    return frame.monitors[index].name if index < len(frame.monitors) else "Monitor"


def link(frame: Frame, index: int) -> str:
    """The monitor in Datadog."""
    return frame.monitors[index].link if index < len(frame.monitors) else ""


def rows(frame: Frame, look: Look, width: int, beside: Beside, index: int) -> list[Strip]:
    """The whole page of the monitor at *index*."""
    if index >= len(frame.monitors):
        return paragraph("there is no such monitor any more", look.palette.faint, width)
    monitor = frame.monitors[index]
    told: list[Strip] = []
    for trouble in monitors.find(frame):
        if trouble.monitor == index:
            told += trouble_rows(trouble, frame.now, look, width)
    if not told:
        told = paragraph(f"{look.glyphs.ok} {monitor.state}", look.palette.good, width)
    told += paragraph("", None, width)
    told += _course(monitor, look, width)
    told += facts(_facts(monitor, frame.now), look, width)
    if monitor.link:
        link = look.palette.accent + Style(link=monitor.link)
        told.append(
            row(
                width,
                [
                    (fit("in Datadog", 13), look.palette.muted),
                    (fit(monitor.link, max(0, width - 13)), link),
                ],
            )
        )
    told += _groups(monitor, look, width)
    told += heading("Why, by the events in the journal (rehearse explain)", look, width)
    for line in beside.explanations.get(index, "being worked out…").splitlines():
        told += paragraph(line, look.palette.text, width) if line.strip() else []
    told += heading("The message", look, width)
    for line in (monitor.message or "it has none").splitlines():
        told += paragraph(line, look.palette.text, width)
    return told


def _course(monitor: MonitorView, look: Look, width: int) -> list[Strip]:
    """The values of the last evaluations, with a line for each threshold, and the states."""
    palette = look.palette
    limits = [
        (limit, style)
        for limit, style in ((monitor.warning, palette.warn), (monitor.critical, palette.bad))
        if limit is not None
    ]
    if not any(value is not None for value in monitor.history):
        return paragraph("no evaluation has found a value yet", palette.faint, width)
    drawn = plot(monitor.history, limits, look, width, _PLOT)
    return [*drawn, state_strip(monitor.states, look, width)]


def _facts(monitor: MonitorView, now: float) -> Iterator[tuple[str, str]]:
    limits = [
        f"{name} {monitor.comparator} {number(value)}"
        for name, value in (("critical", monitor.critical), ("warning", monitor.warning))
        if value is not None
    ]
    yield "value", f"{number(monitor.value)} ({', '.join(limits)})"
    if monitor.since is not None:
        since = f"since {clock(monitor.since)}, for {span(now - monitor.since)}"
        yield "state", f"{monitor.state} {since}; alerted {monitor.triggered}× in this run"
    yield "query", monitor.query
    yield "window", duration_text(monitor.window) if monitor.window else ""
    if monitor.next_at is not None:
        yield "evaluated", f"again in {countdown(monitor.next_at - now)}"
    yield "note", monitor.note


def _groups(monitor: MonitorView, look: Look, width: int) -> list[Strip]:
    groups = [group for group in monitor.groups if group.label]
    if not groups:
        return []
    order = [State.ALERT, State.WARN, State.NO_DATA, State.OK]
    groups.sort(key=lambda group: (order.index(State(group.state)), group.label))
    told = heading(f"Groups: {len(groups)}", look, width)
    for group in groups[:_GROUPS]:
        head = f"{group.state:<8}{number(group.value):>10}  "
        label = group_label(group.label, max(0, width - len(head)))
        told.append(row(width, [(head, look.palette.strong), (label, look.palette.text)]))
    return told
