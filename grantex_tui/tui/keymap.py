"""The dashboard's keys. Each has an id, by which it can be bound to another key."""

from __future__ import annotations

from textual.binding import Binding, BindingType


_TITLES = {
    "values": "counters",
    "chart": "chart",
    "monitors": "monitors",
    "agents": "agents",
    "delivery": "delivery",
    "stream": "events",
}
_PLACES = {
    "stream": "the events",
    "chart": "the chart",
    "monitors": "the monitors",
    "agents": "the agents",
    "delivery": "delivery",
    "budget": "the budget alerts",
}

BINDINGS: list[BindingType] = [
    Binding("q,ctrl+c", "quit", "Quit", id="quit", tooltip="deliver what is there and quit"),
    Binding("space", "pause", "Pause", id="pause", tooltip="freeze the view; collecting goes on"),
    Binding(
        "slash", "filter", "Filter", id="filter", tooltip="filter the events", priority=True
    ),
    Binding(
        "exclamation_mark", "worst", "Why", id="worst", tooltip="the worst now: cause and remedy"
    ),
    Binding(
        "enter", "open_place", "Open", id="open", show=False,
        tooltip="more about the focused panel: monitors, delivery"
    ),
    Binding("f", "follow", "Follow", id="follow", show=False, tooltip="follow the newest event, or stay"),
    Binding("z", "maximise", "Zoom", id="maximise", tooltip="the focused panel alone, or all"),
    Binding("t", "bucket", "Bars", id="bucket", tooltip="what a bar stands for: 1 s to 5 min"),
    Binding("question_mark,f1", "help", "Help", id="help", tooltip="these keys"),
    Binding("plus", "refresh(-1)", "Faster", id="faster", show=False, tooltip="paint more often"),
    Binding("minus", "refresh(1)", "Slower", id="slower", show=False, tooltip="paint less often"),
    Binding(
        "m", "mouse", "Mouse", id="mouse", show=False, tooltip="mouse off, to select text, or on"
    ),
    Binding("escape", "back", "Back", id="back", show=False, tooltip="end zoom, filter or scrolling"),
    *(
        Binding(
            f"f{number}",
            f"toggle_panel('{name}')",
            title.capitalize(),
            id=f"panel.{name}",
            show=False,
            tooltip=f"show or hide {title}",
        )
        for number, (name, title) in enumerate(_TITLES.items(), 2)
    ),
    *(
        Binding(
            str(number),
            f"place('{name}')",
            title.removeprefix("the ").capitalize(),
            id=f"place.{name}",
            show=False,
            tooltip=f"go to {title}; again: fill the screen",
        )
        for number, (name, title) in enumerate(_PLACES.items(), 1)
    ),
    Binding("0", "place('all')", "All", id="place.all", show=False, tooltip="all panels"),
    Binding("tab", "app.focus_next", "Next panel", id="next", show=False, tooltip="the next panel"),
    Binding(
        "shift+tab", "app.focus_previous", "Previous", id="previous", show=False,
        tooltip="the panel before",
    ),
]  # fmt: skip
