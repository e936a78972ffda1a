"""The evaluations of one group, run through a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.rehearsal.engine.tracks import replay_track


if TYPE_CHECKING:
    from grantex_tui.monitoring.evaluate.rule import Rule
    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Track


def scan_track(track: Track, rule: Rule, monitor: str = "") -> list[Transition]:
    """What the group would have gone through under *rule*: `machine.scan`, without the repeats.

    A group that left its monitor ends as it does there: by a recovery that nobody is told of.

    Args:
        track: its evaluations.
        rule: with the thresholds to try.
        monitor: the name for the transitions.
    """
    return replay_track(track, rule, monitor)[1]
