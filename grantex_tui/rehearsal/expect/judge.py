"""From what is expected to verdicts: each expectation is judged at every phase, then once for all."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Protocol

from grantex_tui.rehearsal.expect.verdict import Verdict


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grantex_tui.datadog.monitor.model import Monitor
    from grantex_tui.rehearsal.engine.model import Pass


@dataclass(frozen=True, slots=True)
class Failure:
    """What happened instead of what was expected."""

    reason: str
    at: float | None = None
    """The instant to look at, epoch seconds."""
    short: str = ""
    """What happened in two or three words, for a list of phases."""
    excess: float = 0.0
    """How much is wrong, in whatever unit; the phase with the most of it is the worst."""


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
    failures = {each.phase: claim.failure(each) for each in passes}
    failed = tuple(phase for phase, failure in failures.items() if failure is not None)
    worst = max(failed, key=lambda phase: _excess(failures[phase]), default=None)
    sensitive = 0 < len(failed) < len(passes)
    reason, at = "", None
    if worst is not None and not (sensitive and terms.allow_phase_sensitive):
        found = failures[worst]
        assert found is not None
        reason, at = _at_phases(found, worst, failures), found.at
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
        phase=None if at is None else worst,
    )


def _excess(failure: Failure | None) -> float:
    return -inf if failure is None else failure.excess


def _at_phases(worst: Failure, phase: int, failures: Mapping[int, Failure | None]) -> str:
    """The reason at the worst phase, and what came of the others."""
    if len(failures) == 1:
        return worst.reason
    held = [each for each, failure in failures.items() if failure is None]
    differ = len({_excess(failure) for failure in failures.values()}) > 1
    where = f"at {phase} s, where it is worst" if differ and not held else f"at {phase} s"
    if not held:
        return f"at every phase; {where}: {worst.reason}{_each_phase(failures)}"
    failed = [each for each in failures if each not in held]
    return (
        f"phase-sensitive: it holds at {_phases(held)}, but not at {_phases(failed)}; "
        f"allow_phase_sensitive: true lets it pass\n"
        f"A{where[1:]}: {worst.reason}{_each_phase(failures)}"
    )


def _each_phase(failures: Mapping[int, Failure | None]) -> str:
    """``by phase: 0 s holds, 10 s 1m10s``, where that tells more."""
    shorts = {
        phase: "holds" if failure is None else failure.short for phase, failure in failures.items()
    }
    if len(set(shorts.values())) < 2 or not all(shorts.values()):
        return ""
    return "\nby phase: " + ", ".join(f"{phase} s {short}" for phase, short in shorts.items())


def _phases(phases: Sequence[int]) -> str:
    return ", ".join(map(str, phases)) + " s"


def _approximate(claim: Claim, passes: Sequence[Pass], terms: Terms) -> str:
    if terms.allow_approximate or not passes:
        return ""
    if missing := _unevaluated(claim, passes):
        return missing
    names = [monitor.name for monitor in _monitors(claim, passes) if is_approximate(monitor)]
    if not names:
        return ""
    return (
        "it holds here, but rests on an anomaly monitor, whose algorithm Datadog doesn't publish "
        f"and which is only approximated: {', '.join(names)}; allow_approximate: true lets it pass"
    )


def _unevaluated(claim: Claim, passes: Sequence[Pass]) -> str:
    """Why the claim can't be judged, if it is about a monitor that is not evaluated."""
    for rehearsed in passes:
        for position in claim.monitors:
            if why := rehearsed.unevaluated.get(position):
                name = rehearsed.monitors[position].name
                return (
                    f"it holds here, but {name!r} is not evaluated: {why}; "
                    "allow_approximate: true lets it pass"
                )
    return ""


def is_approximate(monitor: Monitor) -> bool:
    """Whether what a monitor says is our approximation of Datadog's algorithm."""
    return monitor.query.band is not None


def _only_monitor(claim: Claim, passes: Sequence[Pass]) -> str | None:
    monitors = _monitors(claim, passes)
    return monitors[0].name if len(monitors) == 1 else None


def _monitors(claim: Claim, passes: Sequence[Pass]) -> list[Monitor]:
    return [passes[0].monitors[index] for index in claim.monitors] if passes else []
