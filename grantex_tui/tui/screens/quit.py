"""Asks whether to quit, where delivery would end with the screen."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from grantex_tui.tui.drawing.rows import Edge, enclosed, row
from grantex_tui.tui.drawing.text import fit
from grantex_tui.tui.screens.page import Page
from grantex_tui.tui.widgets.row_widget import RowWidget
from grantex_tui.words.numbers import count


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.watch.frame import Frame

_READING = 0.4
"""Seconds for which an answer is none: what was typed or pasted before the question was there."""


class QuitBody(RowWidget):
    """The question."""

    can_focus = True

    def __init__(self, frame: Callable[[], Frame], look: Callable[[], Look]) -> None:
        super().__init__(id="quit")
        self._frame = frame
        self._look = look

    def on_resize(self, _event: events.Resize) -> None:
        """Draw for the new size."""
        self.update()

    def redraw(self) -> None:
        """Draw it, with what is pending now."""
        width, height = self.size
        if width < 8 or height < 3:
            return
        look = self._look()
        edge = Edge([("Quit?", look.palette.title)], [], look.palette.warn, boxed=True)
        self.put(enclosed(self._body, width, height, edge, look.glyphs))

    def _body(self, width: int, height: int) -> Sequence[Strip]:
        palette = self._look().palette
        pending = self._frame().delivery.pending
        lines = (
            ("This is the process that delivers to Datadog.", palette.text),
            (f"It delivers {count(pending, 'pending event')}, then ends.", palette.strong),
            ("Events that come after that are lost: Grantex replays none.", palette.warn),
            ("", None),
            ("y  quit    esc or any other key  stay", palette.accent),
        )
        wrapped = [
            (part, style) for text, style in lines for part in textwrap.wrap(text, width) or [""]
        ]
        # Where it's too low for all, what is lost and how to answer stay.
        shown = wrapped[max(0, len(wrapped) - height) :]
        return [row(width, [(fit(text, width), style)]) for text, style in shown]


class Quit(Page[bool]):
    """Only ``y`` quits, and only when there was time to read."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Quit", id="quit.yes"),
        Binding("escape,n", "answer(False)", "Stay", id="quit.no"),
    ]

    def __init__(
        self,
        frame: Callable[[], Frame],
        look: Callable[[], Look],
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__()
        self._frame = frame
        self._look = look
        self._monotonic = monotonic
        self._asked_at = monotonic()

    def compose(self) -> ComposeResult:
        """The one widget."""
        yield QuitBody(self._frame, self._look)

    def action_answer(self, quits: bool) -> None:  # noqa: FBT001 - Textual's
        """Close with the answer, unless it can't be one to this question."""
        if not quits or self._monotonic() - self._asked_at >= _READING:
            self.close(quits)

    def on_key(self, event: events.Key) -> None:
        """Any other key stays."""
        if event.key not in ("y", "escape", "n"):
            event.stop()
            event.prevent_default()
            self.close(False)  # noqa: FBT003 - the answer
