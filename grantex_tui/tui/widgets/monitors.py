"""The monitors: state, value against threshold, recent course, and the groups that stand out."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.tui.drawing.format import long_age, measure
from grantex_tui.tui.drawing.rows import cells, row, sparkline, spread
from grantex_tui.tui.drawing.text import fit, group_label
from grantex_tui.tui.widgets.panel import View


if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import Frame, GroupView, MonitorView

_SEVERITY = {State.ALERT: 0, State.WARN: 1, State.NO_DATA: 2, State.OK: 3}
_WORD = 7


def draw_monitors(frame: Frame, look: Look, width: int, height: int) -> list[Strip]:
    """The worst first. Two rows each where all of them fit so, else one."""
    if not frame.monitors:
        return [row(width, [(fit("No monitors", width), look.palette.faint)])]
    monitors = sorted(without_common_prefix(frame.monitors), key=lambda m: severity(m.state))
    if len(monitors) > height:
        monitors, rest = monitors[: height - 1], len(monitors) - height + 1
        more = row(width, [(f"{rest} more", look.palette.faint)])
        return [*(_headline(m, frame.now, look, width) for m in monitors), more]
    spare = height - len(monitors)
    rows: list[Strip] = []
    for monitor in monitors:
        details = _details(monitor, look, width)[:spare]
        spare -= len(details)
        rows += [_headline(monitor, frame.now, look, width), *details]
    return rows


def without_common_prefix(monitors: Sequence[MonitorView]) -> list[MonitorView]:
    """*monitors* without what all their names begin with (``Grantex: ``): the rest tells them apart.

    Only whole words that end in a colon or a dash are taken off.
    """
    names = sorted(monitor.name for monitor in monitors)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(names[0], names[-1], strict=False))
    common = "".join(one for one, _ in same) if len(names) > 1 else ""
    end = max(common.rfind(": "), common.rfind("- ")) + 2
    return [replace(m, name=m.name[end:] or m.name) if end > 1 else m for m in monitors]


def severity(state: str) -> int:
    """For sorting: 0 is the worst. An unknown state counts as no data."""
    return _SEVERITY.get(_known(state), 2)


def _known(state: str) -> State:
    return State(state) if state in set(State) else State.NO_DATA


def state_mark(state: str, look: Look) -> tuple[str, Style]:
    """A glyph whose shape alone tells the state, and its style."""
    palette, glyphs = look.palette, look.glyphs
    return {
        State.OK: (glyphs.ok, palette.good),
        State.WARN: (glyphs.warn, palette.warn),
        State.ALERT: (glyphs.alert, palette.bad),
        State.NO_DATA: (glyphs.unknown, palette.muted),
    }[_known(state)]


def _headline(monitor: MonitorView, now: float, look: Look, width: int) -> Strip:
    mark, style = state_mark(monitor.state, look)
    right: list[Span] = [(" ", None), (reading(monitor), look.palette.strong)]
    if width >= 44:
        since = "" if monitor.since is None else long_age(now - monitor.since)
        right.append((since.rjust(8), look.palette.muted))
    left: list[Span] = [(f"{mark} {fit(monitor.state, _WORD)} ", style)]
    name = max(0, width - cells(left) - cells(right))
    return spread(width, [*left, (fit(monitor.name, name), look.palette.text)], right)


def reading(monitor: MonitorView) -> str:
    """The value and the threshold that it is compared with: ``12 > 50``."""
    value = "–" if monitor.value is None else measure(monitor.value)
    threshold = monitor.critical if monitor.critical is not None else monitor.warning
    if threshold is None:
        return value
    return f"{value} {fit(monitor.comparator, len(monitor.comparator)) or '/'} {measure(threshold)}"


def _details(monitor: MonitorView, look: Look, width: int) -> list[Strip]:
    """What doesn't fit into the headline: course and thresholds, the note, the worst groups."""
    palette = look.palette
    indent: Span = (" " * (_WORD + 3), None)
    room = max(0, width - _WORD - 3)
    rows: list[Strip] = []
    course = sparkline(monitor.history, min(24, room), look.glyphs) if monitor.history else ""
    warning = f"warn {measure(monitor.warning)}" if monitor.warning is not None and course else ""
    times = f"{monitor.triggered}× alerted" if monitor.triggered else ""
    facts = [warning, times, monitor.note]
    text = f" {look.glyphs.dot} ".join(fact for fact in facts if fact)
    if course or text:
        course = course.lstrip()
        gap = "  " if course and text else ""
        rest = max(0, room - len(course) - len(gap))
        style = state_mark(monitor.state, look)[1]
        rows.append(
            row(width, [indent, (course, style), (gap, None), (fit(text, rest), palette.faint)])
        )
    groups = [group for group in monitor.groups if group.label and severity(group.state) < 2]
    groups.sort(key=lambda group: (severity(group.state), group.label))
    rows += [_group(group, look, width, room) for group in groups[:3]]
    if len(groups) > 3:
        rows.append(row(width, [indent, (f"{len(groups) - 3} more groups", palette.faint)]))
    return rows


def _group(group: GroupView, look: Look, width: int, room: int) -> Strip:
    mark, style = state_mark(group.state, look)
    value = "" if group.value is None else f" {measure(group.value)}"
    label = group_label(group.label, max(0, room - 2 - len(value)))
    spans: list[Span] = [(" " * (_WORD + 3), None), (f"{mark} ", style)]
    return row(width, [*spans, (label, look.palette.muted), (value, look.palette.strong)])


def monitors_info(frame: Frame, look: Look) -> list[Span]:
    """How many are in which state, if not all are fine."""
    states = [_known(monitor.state) for monitor in frame.monitors]
    spans: list[Span] = []
    for state in (State.ALERT, State.WARN, State.NO_DATA, State.OK):
        if number := states.count(state):
            mark, style = state_mark(state, look)
            spans += [(" " if spans else "", None), (f"{mark}{number}", style)]
    return spans


def _key(frame: Frame) -> tuple[object, ...]:
    ages = tuple("" if m.since is None else long_age(frame.now - m.since) for m in frame.monitors)
    return frame.monitors_version, frame.monitors, ages


MONITORS: View[Frame] = View(draw=draw_monitors, key=_key, title="Monitors", info=monitors_info)
