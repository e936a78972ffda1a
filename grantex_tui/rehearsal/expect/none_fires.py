"""``expect: none-fires``: no monitor leaves OK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grantex_tui.monitoring.count.presence import unmatched_text
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.expect.about import transition_text
from grantex_tui.rehearsal.expect.judge import Failure


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Pass
    from grantex_tui.rehearsal.expect.about import About

_LISTED = 5


@dataclass(frozen=True, slots=True)
class NoneFiresClaim:
    """No monitor leaves OK: no Alert, no Warn, and nobody is told of No Data."""

    about: About
    kind: str = "none-fires"

    @property
    def monitors(self) -> Sequence[int]:
        """All of them."""
        return self.about.monitors

    @property
    def text(self) -> str:
        """The same words for every rehearsal."""
        return "no monitor fires"

    def failure(self, rehearsed: Pass) -> Failure | None:
        """The first that did, and how many more."""
        fired = [each for each in self.about.changes(rehearsed) if _fires(each)]
        if not fired:
            return self._blind(rehearsed)
        lines = [
            f"{each.monitor}: {transition_text(each, rehearsed.start)}" for each in fired[:_LISTED]
        ]
        more = len(fired) - _LISTED
        lines += [f"and {more} more"] if more > 0 else []
        reason = "\n  ".join(["what fired:", *lines])
        return Failure(reason, fired[0].at, f"{len(fired)} changes", len(fired))

    @staticmethod
    def _blind(rehearsed: Pass) -> Failure | None:
        """That nothing fired says nothing of a monitor whose query no log could match."""
        if not rehearsed.unmatched:
            return None
        lines = [unmatched_text(*each) for each in rehearsed.unmatched[:_LISTED]]
        more = len(rehearsed.unmatched) - _LISTED
        lines += [f"and {more} more"] if more > 0 else []
        reason = "\n  ".join(["nothing fired, but some of it could not have:", *lines])
        return Failure(reason, None, "queries that match no log", len(rehearsed.unmatched))


def _fires(transition: Transition) -> bool:
    state = transition.destination
    return state in (State.ALERT, State.WARN) or (state is State.NO_DATA and transition.notify)
