"""The busiest agents: events, grants and tokens of each, and when it was last seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.tui.drawing.format import age, short_count
from grantex_tui.tui.drawing.rows import gauge, row
from grantex_tui.tui.drawing.text import fit, short_id
from grantex_tui.tui.widgets.panel import View


if TYPE_CHECKING:
    from textual.strip import Strip

    from grantex_tui.tui.drawing.palette import Look
    from grantex_tui.tui.drawing.rows import Span
    from grantex_tui.watch.frame import AgentRow, Frame

_NUMBER = 7


def draw_agents(frame: Frame, look: Look, width: int, height: int) -> list[Strip]:
    """A heading, then an agent a row, most events first."""
    agents, palette = frame.tally.agents, look.palette
    if not agents:
        return [row(width, [(fit("no agents yet", width), palette.faint)])]
    columns = _columns(width)
    name = width - _NUMBER * len(columns)
    top = agents[0].events
    rows = [_agent(agent, columns, name, top, frame.now, look, width) for agent in agents]
    if height < 3:
        return rows[:height]
    heading: list[Span] = [(" " * max(0, name), None)]
    heading += [(label.rjust(_NUMBER), palette.faint) for label in columns]
    return [row(width, heading), *rows[: height - 1]]


def _columns(width: int) -> list[str]:
    """The columns that fit beside a name of a dozen cells, most telling first."""
    return ["events", "grants", "tokens", "seen"][: max(1, min(4, (width - 12) // _NUMBER))]


def _agent(
    agent: AgentRow,
    columns: list[str],
    name: int,
    top: int,
    now: float,
    look: Look,
    width: int,
) -> Strip:
    palette = look.palette
    texts = {
        "events": short_count(agent.events),
        "grants": short_count(agent.grants),
        "tokens": short_count(agent.tokens),
        "seen": age(now - agent.last_at),
    }
    bar = max(0, min(10, name - 18))
    filled, empty = gauge(agent.events / top, bar, look.glyphs)
    label = fit(short_id(agent.agent_id, name - bar - 1), max(0, name - bar - 1))
    spans: list[Span] = [(label, palette.text), (" ", None)]
    spans += [(filled, palette.accent), (empty, palette.track)]
    spans += [
        (texts[column].rjust(_NUMBER), palette.strong if column == "events" else palette.muted)
        for column in columns
    ]
    return row(width, spans)


def _key(frame: Frame) -> tuple[object, ...]:
    ages = tuple(age(frame.now - agent.last_at) for agent in frame.tally.agents)
    return frame.tally.agents, ages


AGENTS: View[Frame] = View(draw=draw_agents, key=_key, title="Top agents")
