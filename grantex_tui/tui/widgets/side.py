"""The panels beside the chart and the stream, from the top down: a new one is a module, and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.tui.widgets.agents import AGENTS
from grantex_tui.tui.widgets.delivery import DELIVERY
from grantex_tui.tui.widgets.monitors import MONITORS


if TYPE_CHECKING:
    from collections.abc import Mapping

    from grantex_tui.tui.widgets.panel import View
    from grantex_tui.watch.frame import Frame

SIDE: Mapping[str, View[Frame]] = {
    "monitors": MONITORS,
    "agents": AGENTS,
    "delivery": DELIVERY,
}
"""By the name of the place; those that the layout has no room for are left out."""
