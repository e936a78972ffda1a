"""What a forecast rests on, in words for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.monitoring.anomaly.experts import SEASONS_NEEDED, Expert


if TYPE_CHECKING:
    from collections.abc import Sequence


_UNITS = {3600: "hour", 86_400: "day", 604_800: "week"}


def length(seconds: float) -> str:
    """A span in minutes, hours or days: ``45 minutes``, ``6.2 hours``, ``2.4 days``."""
    if seconds < 3600:
        return f"{seconds / 60:.0f} minutes"
    if seconds < 2 * 86_400:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 86_400:.1f} days"


def article(season: str) -> str:
    """``an hourly``, ``a daily``."""
    return f"{'an' if season == 'hourly' else 'a'} {season}"


def basis(experts: Sequence[Expert], chosen: Expert, seconds: float) -> str:
    """The pattern in use; or why there is none, after so many seconds of history."""
    needed = f"{SEASONS_NEEDED:.0f}"
    profile = chosen.profile
    if profile is not None:
        if profile.seasons >= SEASONS_NEEDED:
            return f"{chosen.name} pattern"
        unit = _UNITS[profile.season]
        return (
            f"{chosen.name} pattern, {profile.seasons:.1f} {unit}s (provisional, {needed} needed)"
        )
    for expert in experts:
        if expert.profile is None:
            continue
        if expert.profile.seasons >= SEASONS_NEEDED:
            return f"recent level only ({article(expert.name)} pattern does not predict better)"
        unit = _UNITS[expert.profile.season]
        lacking = f"{article(expert.name)} pattern needs {needed} {unit}s"
        return f"recent level only ({length(seconds)} of history; {lacking})"
    return "recent level only"
