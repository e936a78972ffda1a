"""The dashboard's panels on one board: who is where, and what each is shown of a frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from grantex_tui.tui.drawing.chart import Chart
from grantex_tui.tui.incidents import Incidents, with_gaps
from grantex_tui.tui.layout import PlannedLayout, Wish, arrange, bar_columns, has_footer
from grantex_tui.tui.widgets.chart import AXIS, CURRENT, HISTORY, LEGEND
from grantex_tui.tui.widgets.header import HEADER
from grantex_tui.tui.widgets.panel import Panel, View
from grantex_tui.tui.widgets.side import SIDE
from grantex_tui.tui.widgets.stream import Stream
from grantex_tui.tui.widgets.tabs import Tabs
from grantex_tui.tui.widgets.tiny import TINY
from grantex_tui.tui.widgets.values import VALUES, counter_view
from grantex_tui.watch.troubles.found import found


if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Region, Size
    from textual.layout import Layout

    from grantex_tui.tui.drawing.banner import Banner
    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.layout import Plan
    from grantex_tui.watch.frame import Frame

_BANNER_PANELS: dict[str, View[Banner]] = {"header": HEADER, "tiny": TINY}

_CHART_PANELS: dict[str, View[Chart]] = {
    "chart": AXIS,
    "chart-history": HISTORY,
    "chart-current": CURRENT,
    "chart-legend": LEGEND,
}
# Many rows that all change with every event, and that nobody reads four times a second.
_ONCE_A_SECOND = ("agents", "chart-legend")


class Board(Widget):
    """Holds all panels; a plan for the terminal's size says which are to be seen, and where."""

    class Arranged(Message):
        """The panels have been placed anew."""

        def __init__(self, *, footer: bool) -> None:
            super().__init__()
            self.footer = footer

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__(id="board")
        self._look = look
        self.wish = Wish()
        self.incidents = Incidents()
        """What was wrong in this run."""
        self._panels: dict[str, Panel[Any]] = {}
        self._plan: tuple[object, Plan] | None = None
        self._counts_for: tuple[object, ...] = ()
        self._shown_at = 0.0
        self._versions: tuple[object, ...] = ()
        self.stream = Stream(look, id="stream")
        self.budget = Stream(
            look,
            id="budget",
            title="Budget alerts",
            empty="no budget.threshold or budget.exhausted yet",
        )
        self.tabs = Tabs(look)
        self._layout = PlannedLayout(self._regions)

    def compose(self) -> ComposeResult:
        """All panels, in the order in which tab goes through them."""
        yield self._panel("header", _BANNER_PANELS["header"], focus=False)
        yield self._panel("tiny", _BANNER_PANELS["tiny"], focus=False)
        yield self.tabs
        for value in VALUES:
            yield self._panel(value.id, counter_view(value.title, value.types[0]))
        for name, view in _CHART_PANELS.items():
            yield self._panel(name, view, focus=name == "chart")
        for name, panel in SIDE.items():
            yield self._panel(name, panel)
        yield self.stream
        yield self.budget
        yield Input(placeholder='type:grant.* agent:ag_1 !calendar "two words"', id="filter")

    def _panel(self, name: str, view: View[Any], *, focus: bool = True) -> Panel[Any]:
        panel = self._panels[name] = Panel(view, self._look, id=name)
        panel.can_focus = focus
        return panel

    @property
    def layout(self) -> Layout:
        """Textual asks how to lay out the children; styles know only its own layouts."""
        return self._layout

    # --- places -----------------------------------------------------------------------------

    def plan(self) -> Plan:
        """The plan for the terminal's size and what is wished for."""
        made_for = (self.app.size, self.wish)
        if self._plan is None or self._plan[0] != made_for:
            self._plan = (made_for, arrange(*self.app.size, self.wish))
        return self._plan[1]

    def shows(self, name: str) -> bool:
        """Whether panel *name* has a place now."""
        return name in self.plan().regions

    def _regions(self, _size: Size) -> dict[str, Region]:
        return self.plan().regions

    def arrange_for(self, wish: Wish) -> None:
        """Put the panels where *wish* wants them."""
        if wish != self.wish:
            self.wish = wish
            self.replan()

    def on_resize(self, _event: events.Resize) -> None:
        """Another size, another plan."""
        self.replan()

    def replan(self) -> None:
        """Show what has a place, and lay it out again."""
        regions, boxed = self.plan()
        for child in self.children:
            child.display = child.id in regions
            if isinstance(child, Panel | Stream):
                child.boxed = boxed
            child.refresh(layout=True)
        if self.screen.focused is None and self.stream.display:
            self.stream.focus()  # what had the focus may have gone
        self.post_message(self.Arranged(footer=has_footer(*self.app.size)))

    # --- what is shown ----------------------------------------------------------------------

    def show(self, banner: Banner, frame: Frame) -> None:
        """Show *banner* at the top and *frame* everywhere else; only what changed is drawn.

        Panels see whole seconds, so that all ages and countdowns move on in the same frame: an
        idle dashboard is painted once a second, not once for each of them.
        """
        banner = replace(banner, frame=_at_whole_second(banner.frame))
        frame = _at_whole_second(frame)
        troubles = found(banner.frame)
        self.incidents.look((one for one in troubles if not one.is_gap), banner.frame.now)
        warnings = bool(banner.frame.warnings or troubles)
        self.arrange_for(replace(self.wish, warnings=warnings, monitors=len(frame.monitors)))
        versions = _versions(banner, frame, self.plan())
        if versions == self._versions:
            return
        self._versions = versions
        regions = self.plan().regions
        for name in regions.keys() & _BANNER_PANELS.keys():
            self._panels[name].show(banner)
        slow, self._shown_at = frame.now == self._shown_at, frame.now
        for name in regions.keys() & SIDE.keys():
            self._show(name, frame, slow=slow)
        self._show_counts(frame, regions, slow=slow)
        self.stream.show(frame.tally.recent)
        self.budget.show(frame.tally.budget)
        self.tabs.show(frame, self.wish.maximised)

    def _show(self, name: str, model: object, *, slow: bool) -> None:
        """Show *model*; with *slow*, not on panels that are drawn but once a second."""
        panel = self._panels[name]
        if not (slow and name in _ONCE_A_SECOND and panel.draws):
            panel.show(model)

    def _show_counts(self, frame: Frame, regions: dict[str, Region], *, slow: bool) -> None:
        """The panels made of counts over time, made anew only once a version and size."""
        tally = frame.tally
        incidents = with_gaps(self.incidents.all(), frame.gaps)
        made_for = (
            tally.version, tally.buckets.version, tally.buckets.width, self.plan(), slow, incidents
        )  # fmt: skip
        if made_for == self._counts_for:
            return
        self._counts_for = made_for
        for value in VALUES:
            if value.id in regions:
                self._panels[value.id].show(value.counter(frame))
        if "chart" in regions:
            bar = bar_columns(regions["chart"].width)
            legend = regions.get("chart-legend")
            chart = Chart.of(
                tally.buckets,
                tally.by_type,
                capacity=regions["chart-history"].width // bar + 1,
                bar=bar,
                legend_below=legend is not None and legend.height == 1,
                incidents=incidents,
            )
            for name in regions.keys() & _CHART_PANELS.keys():
                self._show(name, chart, slow=slow)

    def redraw(self) -> None:
        """Draw everything again, for new looks."""
        for panel in self._panels.values():
            panel.update()
        self.stream.update()
        self.budget.update()
        self.tabs.update()


def _at_whole_second(frame: Frame) -> Frame:
    return replace(frame, now=float(int(frame.now)))


def _versions(banner: Banner, frame: Frame, plan: Plan) -> tuple[object, ...]:
    """Equal as long as there is nothing new to show: the cheap question before the dear ones."""
    live = banner.frame
    return (
        *((part.now, part.tally.version, part.tally.buckets.version) for part in (live, frame)),
        *((part.delivery, part.monitors_version, part.connection) for part in (live, frame)),
        (live.gaps, live.warnings, banner.missed, banner.leaving),
        plan,
    )
