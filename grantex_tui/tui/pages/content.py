"""A page's content: what it is called, and its rows, made anew from each frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grantex_tui.tui.drawing.format import clock, span
from grantex_tui.tui.pages.parts import paragraph


if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.watch.frame import Frame
    from grantex_tui.watch.troubles.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Beside:
    """What a page needs that is in no frame."""

    explanations: dict[int, str] = field(default_factory=dict)
    """By monitor: what `rehearse explain` says, once it is there."""
    disk_free: Callable[[str], int | None] = lambda _: None
    """Bytes that are free where a path is; None where that can't be known."""


@dataclass(frozen=True, slots=True)
class Content:
    """One page."""

    title: Callable[[Frame], str]
    rows: Callable[[Frame, Look, int, Beside], list[Strip]]
    monitor: int | None = None
    """Of which monitor it is, if it is one's: it is explained then."""
    link: Callable[[Frame], str] = lambda _: ""
    """What `y` copies."""


def trouble_rows(trouble: Trouble, now: float, look: Look, width: int) -> list[Strip]:
    """The cause and the remedy: what every page about something wrong begins with."""
    palette = look.palette
    style = palette.bad if trouble.is_bad else palette.warn
    mark = look.glyphs.alert if trouble.is_bad else look.glyphs.warn
    rows = paragraph(f"{mark} {trouble.what}", style, width)
    if trouble.since is not None:
        text = f"since {clock(trouble.since)}, for {span(now - trouble.since)}"
        rows += paragraph(text, palette.muted, width)
    return rows + paragraph(trouble.remedy, palette.text, width)
