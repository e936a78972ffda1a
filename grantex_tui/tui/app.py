"""The dashboard: one paint loop over frames, keys, and the way out."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from io import StringIO
from traceback import format_exception
from typing import TYPE_CHECKING, ClassVar

import rich
from rich.console import Console
from rich.segment import Segments
from rich.traceback import Traceback
from textual.app import App
from textual.widgets import Footer, Input

from grantex_tui.delivery.status import DeliveryState
from grantex_tui.errors import ExitCode, GrantexTuiError
from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.tui import keymap
from grantex_tui.tui.board import Board
from grantex_tui.tui.disk import disk_free
from grantex_tui.tui.drawing.banner import Banner
from grantex_tui.tui.drawing.format import clock
from grantex_tui.tui.drawing.glyphs import glyphs_for
from grantex_tui.tui.drawing.palette import THEME, Look, Palette
from grantex_tui.tui.driver import is_behind, left_out, set_mouse
from grantex_tui.tui.layout import PANELS, PLACES, TABBED, VALUES
from grantex_tui.tui.pages.all import of_place, of_troubles
from grantex_tui.tui.pages.content import Beside
from grantex_tui.tui.screens.detail import Detail
from grantex_tui.tui.screens.help import Help, help_entries
from grantex_tui.tui.screens.quit import Quit
from grantex_tui.tui.screens.sheet import Sheet
from grantex_tui.tui.widgets.row_widget import RowWidget
from grantex_tui.tui.widgets.stream import Stream


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.theme import Theme
    from textual.timer import Timer

    from grantex_tui.tui.pages.content import Content
    from grantex_tui.tui.source import Explain, Source
    from grantex_tui.tui.widgets.tabs import Tabs
    from grantex_tui.watch.frame import EventRow, Frame

INTERVALS = (0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds between two frames that ``+`` and ``-`` choose from."""
BLURRED = 1.0
"""At most so often while the terminal says that nobody is looking."""
BUCKETS = (1, 5, 15, 60, 300)
"""Seconds a bar that ``t`` goes through."""


class Dashboard(App[int]):
    """Shows a `Source` and ends it gracefully.

    The first frame is painted before the source starts, so that the screen is there before the
    network is. Nothing of the source waits for the screen: a terminal that doesn't keep up misses
    frames, never events.
    """

    TITLE = "grantex-tui"
    CSS_PATH = "dashboard.tcss"
    AUTO_FOCUS = "#stream"
    BINDINGS: ClassVar[list[BindingType]] = keymap.BINDINGS
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        source: Source,
        *,
        interval: float = 0.25,
        mouse: bool = True,
        driver_class: type[Driver] | None = None,
        detach: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        explain: Explain | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self._source = source
        self._goes_on_detached = detach
        self._monotonic = monotonic
        self._explain = explain
        self._beside = Beside(disk_free=disk_free)
        self._left_out = 0
        self.is_detached = False
        """Whether the terminal is gone and the source was left running."""
        self.last_words = ""
        """What an unexpected failure has to say, once the terminal is restored."""
        self._failed: set[str] = set()
        self._interval = interval
        self._mouse_on = mouse
        self._timer: Timer | None = None
        self._focused_terminal = True
        self._paused: Frame | None = None
        self._leaving = False
        self._ended = False
        self._exit_code: int = ExitCode.OK
        self.failure: GrantexTuiError | None = None
        """Why the source could not go on."""
        self.register_theme(THEME)
        self.theme = THEME.name
        self._look = self._make_look()

    def compose(self) -> ComposeResult:
        """The board and the keys."""
        yield Board(self.look)
        yield Footer(compact=True)

    def on_board_arranged(self, message: Board.Arranged) -> None:
        """The footer makes way where there is hardly any room."""
        if not self.screen_stack:  # it came as the screen was taken down
            return
        footer = self.screen_stack[0].query_one(Footer)
        footer.display = message.footer
        footer.show_command_palette = self.size.width >= 80
        self.call_after_refresh(self.paint)

    def on_mount(self) -> None:
        """Paint, then start the source."""
        self.theme_changed_signal.subscribe(self, self._on_theme)
        self.board.replan()
        self._restart_timer()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.paint()
        self.run_worker(self._drive(), name="source", exit_on_error=True)

    async def _drive(self) -> None:
        """Run the source to its end; a refused stream stays on the screen until somebody quits."""
        try:
            await self._source.run()
        except GrantexTuiError as error:
            self.failure = error
            self.exit(error.exit_code, return_code=error.exit_code)
            return
        self._ended = True
        refused = self._source.frame().connection.state is ConnectionState.REFUSED
        if self._leaving or not refused:
            self._leave()
        else:
            self.paint()

    # --- painting ---------------------------------------------------------------------------

    @property
    def board(self) -> Board:
        """The panels, whatever screen is on top."""
        return self.screen_stack[0].query_one(Board)

    def look(self) -> Look:
        """The present colours and characters."""
        return self._look

    def _make_look(self) -> Look:
        return Look(
            palette=Palette.of(
                self.current_theme.to_color_system().generate(), dark=self.current_theme.dark
            ),
            glyphs=glyphs_for(os.environ, sys.__stderr__.encoding if sys.__stderr__ else ""),
            colour=not self.no_color,
        )

    def _on_theme(self, _theme: Theme) -> None:
        self._look = self._make_look()
        self.board.redraw()

    def paint(self) -> None:
        """Show the newest frame, unless the terminal has yet to take the last one."""
        if is_behind(self._driver) or not self.is_running:
            return
        if self._left_out != left_out(self._driver):
            # It stopped reading for a while and lost part of a picture: all of it anew.
            self._left_out = left_out(self._driver)
            self.screen.refresh(layout=True)
        frame = self._source.frame()
        missed = None
        if self._paused is not None:
            missed = frame.tally.received - self._paused.tally.received
        self.board.show(Banner(frame, missed, self._leaving), self._paused or frame)

    def _restart_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        interval = self._interval if self._focused_terminal else max(self._interval, BLURRED)
        self._timer = self.set_interval(interval, self.paint)

    def on_app_blur(self) -> None:
        """Nobody is looking: paint less often."""
        self._focused_terminal = False
        self._restart_timer()

    def on_app_focus(self) -> None:
        """Somebody is looking again; a terminal that was reattached has forgotten the mouse."""
        self._focused_terminal = True
        self._restart_timer()
        set_mouse(self._driver, on=self._mouse_on)
        self.paint()

    # --- keys -------------------------------------------------------------------------------

    def action_pause(self) -> None:
        """Freeze the panels below the header, or show the present again."""
        self._paused = None if self._paused is not None else self._source.frame()
        self.paint()

    def action_follow(self) -> None:
        """Follow the newest event, or stay on what is visible."""
        stream = self.board.stream
        if stream.following:
            stream.hold()
        else:
            stream.action_follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual asks whether a key may act: the filter's, which comes first, only on the board."""
        if action == "filter":
            return len(self.screen_stack) == 1 and not isinstance(self.focused, Input)
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Open the filter."""
        self.board.arrange_for(replace(self.board.wish, filtering=True))
        # At once: what is typed behind the slash may have come in the same read.
        self.screen.set_focus(self.board.query_one("#filter", Input))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        self.board.stream.set_filter(event.value)

    def on_input_submitted(self) -> None:
        """Keep the filter, close its row."""
        self._close_filter()

    def _close_filter(self) -> None:
        self.board.stream.focus()
        self.board.arrange_for(replace(self.board.wish, filtering=False))

    async def action_back(self) -> None:
        """Undo the innermost of: filter, zoom, scrolling."""
        board = self.board
        entry = board.query_one("#filter", Input)
        if board.wish.filtering or entry.value:
            entry.value = ""
            self._close_filter()
        elif board.wish.maximised is not None:
            self._maximise(None)
        else:
            board.stream.action_follow()

    def action_maximise(self) -> None:
        """The focused panel alone, or all of them again."""
        if self.board.wish.maximised is not None:
            self._maximise(None)
            return
        name = self.focused.id if self.focused is not None else "stream"
        name = "values" if name in VALUES else name
        self._maximise(name if name in (*PANELS, *PLACES) else "stream")

    def action_place(self, name: str) -> None:
        """Go to place *name*; a second time, fill the screen with it, and back."""
        board = self.board
        if name in {"all", board.wish.maximised}:
            self._maximise(None)
            return
        panel = board.query_one(f"#{name}")
        alone = self.size.width < TABBED or not board.shows(name) or panel.has_focus
        if alone or board.wish.maximised is not None:
            self._maximise(name)
        panel.focus()

    def on_tabs_chosen(self, message: Tabs.Chosen) -> None:
        """A tab was clicked."""
        self.action_place(message.place)

    def _maximise(self, name: str | None) -> None:
        self.board.arrange_for(replace(self.board.wish, maximised=name))

    def action_toggle_panel(self, name: str) -> None:
        """Show or hide panel *name*."""
        hidden = self.board.wish.hidden ^ {name}
        self.board.arrange_for(replace(self.board.wish, hidden=hidden, maximised=None))

    def action_bucket(self) -> None:
        """The next bar width."""
        present = self._source.bucket_width
        self._source.bucket_width = next((b for b in BUCKETS if b > present), BUCKETS[0])
        self.paint()

    def action_refresh(self, step: int) -> None:
        """Paint more or less often."""
        nearest = min(range(len(INTERVALS)), key=lambda i: abs(INTERVALS[i] - self._interval))
        self._interval = INTERVALS[max(0, min(len(INTERVALS) - 1, nearest + step))]
        self._restart_timer()
        self.notify(f"a frame every {self._interval:g} s", timeout=2)

    def action_mouse(self) -> None:
        """Mouse reports off, so that the terminal selects text, or on."""
        self._mouse_on = not self._mouse_on
        set_mouse(self._driver, on=self._mouse_on)
        self.notify("mouse on" if self._mouse_on else "mouse off: select text as usual", timeout=3)

    async def action_help(self) -> None:
        """Open the help, made from the bindings."""
        groups = (
            ("Dashboard", keymap.BINDINGS),
            ("Events", Stream.BINDINGS),
            ("Event detail", Detail.BINDINGS),
            ("Pages", Sheet.BINDINGS),
        )
        await self.push_screen(Help(help_entries(groups), self.look))

    async def action_worst(self) -> None:
        """What is worst now, with its cause and its remedy; the others behind it."""
        if pages := of_troubles(self._source.frame()):
            await self._open(pages)
        else:
            self.notify("nothing is wrong now", timeout=2)

    async def action_open_place(self) -> None:
        """The pages behind the panel that has the focus."""
        name = self.focused.id if self.focused is not None else None
        if pages := of_place(name or "", self._source.frame()):
            await self._open(pages)

    async def _open(self, pages: Sequence[Content]) -> None:
        await self.push_screen(Sheet(pages, self._source.frame, self._beside, self.look))

    def on_sheet_retry(self) -> None:
        """Deliver now, whatever wait there is."""
        self._source.retry_delivery()
        self.notify("trying to deliver now", timeout=2)

    def on_sheet_explain(self, message: Sheet.Explain) -> None:
        """Have a monitor explained, unless that was done since its last evaluation."""
        if self._explain is None:
            self._beside.explanations[message.monitor] = "this run can't explain its monitors"
        elif message.again or message.monitor not in self._beside.explanations:
            self._beside.explanations.pop(message.monitor, None)
            self.run_worker(
                self._work_out(self._explain, message.monitor), group=f"explain-{message.monitor}",
                exclusive=True, exit_on_error=False,
            )  # fmt: skip

    async def _work_out(self, explain: Explain, index: int) -> None:
        frame = self._source.frame()
        monitor = frame.monitors[index]
        text = await explain(monitor.name, frame.journal, frame.now)
        self._beside.explanations[index] = (
            f"as of {clock(frame.now)}; e explains it as of now\n{text}"
        )

    async def on_stream_opened(self, message: Stream.Opened) -> None:
        """Show an event in full."""
        stream = message.stream
        await self.push_screen(Detail(message.event, lambda: stream.rows, self._recent, self.look))

    def _recent(self) -> Sequence[EventRow]:
        return self._source.frame().tally.recent

    # --- failures ---------------------------------------------------------------------------

    def note_failure(self, name: str, error: Exception) -> None:
        """Keep the first traceback of a panel for the end; the screen goes on."""
        if name in self._failed:
            return
        self._failed.add(name)
        lines = "".join(format_exception(error))
        self.last_words += f"the {name} panel failed, and the run went on without it:\n{lines}"

    async def _dispatch_action(self, namespace: DOMNode, action_name: str, params: object) -> bool:
        """Textual runs the actions of keys here: one that fails is told of, and ends nothing."""
        try:
            return await super()._dispatch_action(namespace, action_name, params)
        except Exception as error:  # noqa: BLE001 - as `RowWidget` says
            if isinstance(namespace, RowWidget):
                namespace.fail(error)
            else:
                self.note_failure(action_name, error)
            self.notify(
                f"{action_name} failed: {type(error).__name__}; reading and delivery go on",
                severity="error",
                markup=False,
            )
            return True

    # --- the way out ------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Ask first where delivery would end with the screen; then drain; again, leave at once."""
        asks = self._source.frame().delivery.state is not DeliveryState.OFF
        if not asks or self._leaving or self._ended:
            await self.leave()
        elif not isinstance(self.screen, Quit):
            await self.push_screen(
                Quit(self._source.frame, self.look, self._monotonic), self._answered
            )

    async def _answered(self, quits: bool | None) -> None:  # noqa: FBT001 - Textual's
        if quits:
            await self.leave()

    async def leave(self, exit_code: int = ExitCode.OK) -> None:
        """The graceful way out, and the quick one when it is asked for a second time."""
        self._exit_code = exit_code or self._exit_code
        if self._leaving:
            self._source.abort()
            self._leave()
        elif self._ended:
            self._leave()
        else:
            self._leaving = True
            while len(self.screen_stack) > 1:
                await self.pop_screen()
            self.paint()
            await self._source.stop()

    async def on_terminal_gone(self) -> None:
        """The terminal was closed: drain, or leave the source running if that was asked for."""
        if self._goes_on_detached and not self._leaving:
            self.is_detached = True
            self.exit(ExitCode.OK)
        elif not self._leaving:
            await self.leave()

    def _leave(self) -> None:
        self.exit(self._exit_code, return_code=self._exit_code)

    def _fatal_error(self) -> None:
        """As Textual does it, but without the values of local variables: they may hold keys."""
        self.bell()
        traceback = Traceback(show_locals=False, width=None, suppress=[rich])
        segments = self.console.render(traceback, self.console.options)
        self._exit_renderables.append(Segments(segments))
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Keep them instead: Textual would print them on a terminal that may take nothing."""
        text = StringIO()
        page = Console(file=text, width=self.error_console.width)
        for renderable in self._exit_renderables[:1]:
            page.print(renderable)
        self.last_words += text.getvalue()
        self._exit_renderables.clear()
