"""An explanation where evaluations may lie anywhere within the minute: that of the worst phase."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grantex_tui.errors import UsageError
from grantex_tui.rehearsal.explain.explain import explain, glimpse
from grantex_tui.rehearsal.explain.explanation import AtPhase


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.recorded.line import Arrival
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.engine.plan import RehearsalPlan
    from grantex_tui.rehearsal.explain.explanation import Explanation


def explain_worst(
    passes: Sequence[Pass],
    plan: RehearsalPlan,
    make_events: Callable[[], Iterable[Arrival | Gap]],
    *,
    monitor: int,
    at: float,
    group: Group = (),
) -> Explanation:
    """Explain a monitor's state at the phase at which it is the worst; the others are told of.

    Args:
        passes: of the same events, one for each phase, with tracks.
        plan: what was evaluated in them.
        make_events: the events of them, from the beginning.
        monitor: position among the passes'.
        at: epoch seconds.
        group: as of `explain`.

    Raises:
        UsageError: At no phase there was an evaluation by then, or there is no such group.
        GrantexTuiError: The events can't be read again.
    """
    seen: list[tuple[Pass, AtPhase]] = []
    problem: UsageError | None = None
    for each in passes:
        try:
            state, value = glimpse(each, monitor=monitor, at=at, group=group)
        except UsageError as error:  # there was no evaluation yet at this phase
            problem = problem or error
        else:
            seen.append((each, AtPhase(each.phase, state, value)))
    if not seen:
        raise problem or UsageError("there is no pass to explain")
    comparator = passes[0].monitors[monitor].query.comparator
    worst, _ = min(seen, key=lambda pair: pair[1].badness(comparator))
    told = explain(worst, plan, make_events, monitor=monitor, at=at, group=group)
    return replace(told, phases=tuple(glimpsed for _, glimpsed in seen))
