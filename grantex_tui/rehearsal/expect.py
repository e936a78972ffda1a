"""From what is expected to verdicts: each expectation is judged at every phase, then once for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from grantex_tui.datadog.monitor.model import AnomalyQuery
from grantex_tui.rehearsal.verdict import Verdict


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.rehearsal.model import Pass


@dataclass(frozen=True, slots=True)
class Failure:
    """What happened instead of what was expected."""

    reason: str
    at: float | None = None
    """The instant to look at, epoch seconds."""


class Claim(Protocol):
    """One thing that is expected of a pass."""

    @property
    def kind(self) -> str:
        """Its key in the file."""
        ...

    @property
    def text(self) -> str:
        """What is expected, in one line."""
        ...

    @property
    def monitors(self) -> Sequence[int]:
        """The positions of the monitors that it is about."""
        ...

    def failure(self, rehearsed: Pass) -> Failure | None:
        """Why it doesn't hold, or None if it does."""
        ...


@dataclass(frozen=True, slots=True)
class Expectation:
    """A claim, and where it stands in its file."""

    claim: Claim
    line: int


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose expectations are judged, and how strictly."""

    rehearsal: str
    path: str
    allow_phase_sensitive: bool = False
    allow_approximate: bool = False


def judge(expectation: Expectation, passes: Sequence[Pass], terms: Terms) -> Verdict:
    """Whether an expectation holds in the passes of its rehearsal, one for each phase.

    What holds at some phases only is phase-sensitive: Datadog's own phase is unknown, so it passes
    only if the terms allow it. What rests on an anomaly monitor is approximate, likewise.
    """
    claim = expectation.claim
    failures = [(each, claim.failure(each)) for each in passes]
    failed = tuple(each.phase for each, failure in failures if failure is not None)
    first = next((pair for pair in failures if pair[1] is not None), None)
    sensitive = 0 < len(failed) < len(passes)
    reason, at = "", None
    if first is not None and not (sensitive and terms.allow_phase_sensitive):
        found = first[1]
        assert found is not None
        reason, at = _at_phases(found.reason, first[0], failed, passes), found.at
    elif approximate := _approximate(claim, passes, terms):
        reason = approximate
    return Verdict(
        rehearsal=terms.rehearsal,
        expectation=claim.text,
        kind=claim.kind,
        passed=not reason,
        reason=reason,
        monitor=_only_monitor(claim, passes),
        where=(terms.path, expectation.line),
        phases_failed=failed,
        phase_sensitive=sensitive,
        at=at,
    )


def _at_phases(reason: str, worst: Pass, failed: Sequence[int], passes: Sequence[Pass]) -> str:
    if len(passes) == 1:
        return reason
    if len(failed) == len(passes):
        return f"at every phase; at {worst.phase} s: {reason}"
    held = [each.phase for each in passes if each.phase not in failed]
    return (
        f"phase-sensitive: it holds at {_phases(held)}, but not at {_phases(failed)}; "
        f"allow_phase_sensitive: true lets it pass.\nAt {worst.phase} s: {reason}"
    )


def _phases(phases: Sequence[int]) -> str:
    return ", ".join(map(str, phases)) + " s"


def _approximate(claim: Claim, passes: Sequence[Pass], terms: Terms) -> str:
    if terms.allow_approximate or not passes:
        return ""
    names = [monitor.name for monitor in _monitors(claim, passes) if is_approximate(monitor)]
    if not names:
        return ""
    return (
        "it holds here, but rests on an anomaly monitor, whose algorithm Datadog doesn't publish "
        f"and which is only approximated: {', '.join(names)}; allow_approximate: true lets it pass"
    )


def is_approximate(monitor: Monitor) -> bool:
    """Whether what a monitor says is our approximation of Datadog's algorithm."""
    return isinstance(monitor.query, AnomalyQuery)


def _only_monitor(claim: Claim, passes: Sequence[Pass]) -> str | None:
    monitors = _monitors(claim, passes)
    return monitors[0].name if len(monitors) == 1 else None


def _monitors(claim: Claim, passes: Sequence[Pass]) -> list[Monitor]:
    return [passes[0].monitors[index] for index in claim.monitors] if passes else []
