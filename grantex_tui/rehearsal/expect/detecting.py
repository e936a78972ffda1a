"""How soon incidents are noticed by the monitors that an expectation is about, and in which words."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from grantex_tui.rehearsal.expect.about import nearest_approach, unsaid
from grantex_tui.rehearsal.measure.stays import times_to_detect
from grantex_tui.words.display import printable
from grantex_tui.words.durations import both_texts, duration_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.rehearsal.engine.model import Incident, Pass
    from grantex_tui.rehearsal.expect.about import About

NO_INCIDENTS = "there are no incidents; give them under incidents, or rehearse a scenario with some"


def delays(incidents: Sequence[Incident], about: About, rehearsed: Pass) -> list[float]:
    """Seconds until each was noticed; infinite if it never was."""
    times = times_to_detect(about.spans(rehearsed), incidents, rehearsed.monitors)
    return [inf if time is None else time for time in times]


def missed(incident: Incident, about: About, rehearsed: Pass) -> str:
    """That an incident was not noticed, and how near the values came."""
    when = both_texts(incident.start, rehearsed.start)
    lasted = duration_text(incident.end - incident.start)
    which = f"{printable(incident.label, limit=80)}, from {when} for {lasted},"
    if incident.start >= rehearsed.end or incident.end < rehearsed.start:
        return f"{which} lies outside it; {unsaid(rehearsed)}"
    text = f"{which} was not noticed"
    # Of many monitors the distances to all thresholds would say nothing.
    near = "" if about.everything else nearest_approach(about, rehearsed)
    return f"{text}; in the whole rehearsal {near}" if near else text
