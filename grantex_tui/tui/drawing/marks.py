"""A row below the bars for what happened then: gaps, refusals, alerts, each with its reason."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from grantex_tui.tui.drawing.rows import row
from grantex_tui.words.display import cell_width, clip_cells, settled


if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.tui.incidents import Incident

_LONGEST = 200


def visible_marks(
    incidents: Sequence[Incident], starts: Sequence[float], bucket: float
) -> tuple[Incident, ...]:
    """Those of *incidents* that fall into the bars that begin at *starts*."""
    if not starts:
        return ()
    first, last = starts[0], starts[-1] + bucket
    return tuple(
        one for one in incidents if one.start < last and (one.end is None or one.end >= first)
    )


def marks_row(
    marks: Sequence[Incident], starts: Sequence[float], bar: int, look: Look, width: int, pad: int
) -> Strip:
    """The marks in *width* cells, of which the first *pad* lie before the first bar.

    A mark is a glyph under the bar in which it began (a gap is hatched to its end); its reason
    follows, up to the next mark.
    """
    spans: list[Span] = []
    used = 0
    places = [_columns(one, starts, bar, pad) for one in marks]
    for index, (one, (begin, end)) in enumerate(zip(marks, places, strict=True)):
        at = max(begin, used)
        limit = places[index + 1][0] if index + 1 < len(marks) else width
        if at >= min(limit, width):
            continue
        spans += [(" " * (at - used), None), *_mark(one, limit - at, end - at, look)]
        used = limit
    return row(width, spans)


def _mark(one: Incident, room: int, hatched: int, look: Look) -> list[Span]:
    """Exactly *room* cells."""
    palette, glyphs = look.palette, look.glyphs
    style = palette.bad if one.is_bad else palette.warn
    head = glyphs.alert if one.is_bad else glyphs.warn
    if one.is_gap:
        head = glyphs.hatch * max(1, min(room, hatched))
    text = settled(one.what, limit=_LONGEST)
    rest = room - len(head) - 2
    said = f" {clip_cells(text, rest)}" if rest >= 4 else ""
    blank = " " * (room - len(head) - cell_width(said))
    return [(head, style), (said, palette.muted), (blank, None)]


def _columns(one: Incident, starts: Sequence[float], bar: int, pad: int) -> tuple[int, int]:
    """Where it begins and ends."""
    begin = max(0, bisect_right(starts, one.start) - 1)
    last = len(starts) - 1 if one.end is None else max(begin, bisect_right(starts, one.end) - 1)
    return pad + begin * bar, pad + (last + 1) * bar
