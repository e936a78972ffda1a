"""Which faults refuse whatever is sent to the intake, from now on and without an end. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from grantex_sim.events.emission import Emission
from grantex_sim.faults.matching import matches_event
from grantex_sim.faults.model import FOR_EVER, Answer
from grantex_sim.http.address import INTAKE


if TYPE_CHECKING:
    from collections.abc import Iterable

    from grantex_sim.events.hearing import Cause
    from grantex_sim.faults.in_force import InForce
    from grantex_sim.faults.model import When


def refuses(state: InForce, elapsed: float) -> bool:
    """Whether *state* refuses each request that it is about, and goes on to.

    One that has a probability, a count or an end lets a request pass that is sent once more: what
    is lost under it is lost by the forwarder, who might have tried again.

    Args:
        state: A fault in force.
        elapsed: Simulated seconds since its time began.
    """
    fault = state.fault
    if not isinstance(fault.do, Answer) or not _is_refusal(fault.do):
        return False
    reaches = not fault.match.path or fnmatchcase(INTAKE, fault.match.path)
    return reaches and fault.times is None and _is_for_good(fault.when, state.seen, elapsed)


def cause_of(states: Iterable[InForce], event_type: str, event_id: str) -> Cause | None:
    """The first of *states* that is about an event of that type and id, as the account names it."""
    event = Emission(event_id, event_type, b"")
    found = (each.cause for each in states if matches_event(each.fault.match, event))
    return next(found, None)


def _is_refusal(do: Answer) -> bool:
    status = do.status or (307 if do.redirect is not None else 200)
    leaving = do.leaving
    return (leaving is not None and not leaving.is_accepted) or not 200 <= status < 300


def _is_for_good(when: When, seen: int, elapsed: float) -> bool:
    return _is_certain(when, seen, elapsed) and (
        when.between is None or when.between[1] == FOR_EVER
    )


def refused_for(state: InForce, elapsed: float) -> float | None:
    """How long ago *state*, which has a span, last refused for certain; None: it never did.

    Simulated seconds; 0: it does now. A forwarder can do nothing against that but wait.
    """
    between = state.fault.when.between
    if between is None or not isinstance(state.fault.do, Answer) or not _is_refusal(state.fault.do):
        return None
    last = min(elapsed, between[1])
    within = max(between[0], min(last, between[1] - 1e-9))
    if elapsed < between[0] or not _is_certain(state.fault.when, state.seen, within):
        return None
    return elapsed - last


def _is_certain(when: When, seen: int, elapsed: float) -> bool:
    counts = when.nth is None and when.first is None and when.every in (None, 1)
    chance = when.p in (None, 1)
    begun = seen >= (when.after or 0) and when.in_time(elapsed)
    return counts and chance and begun
