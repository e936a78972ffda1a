"""Plain data that the JSON forms share: one spelling of instants, transitions and measures.

``docs/rehearsal-json.md`` has the keys. Instants are RFC 3339 in UTC, durations seconds; what isn't
known, or isn't finite, is None.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from grantex_tui.words.durations import instant_text


if TYPE_CHECKING:
    from collections.abc import Sequence

    from grantex_tui.monitoring.evaluate.states import Transition
    from grantex_tui.rehearsal.engine.model import Incident
    from grantex_tui.rehearsal.measure.measures import Margin, Measures
    from grantex_tui.rehearsal.sweep.trial import Trial

Data = dict[str, object]


def instant(epoch: float | None) -> str | None:
    """``2026-01-05T09:00:00Z``."""
    return None if epoch is None else instant_text(epoch)


def finite(value: float | None) -> float | None:
    """JSON knows no infinity."""
    return value if value is not None and isfinite(value) else None


def incident(each: Incident) -> Data:
    """What really happened."""
    return {"label": each.label, "from": instant(each.start), "to": instant(each.end)}


def transition(each: Transition) -> Data:
    """A change of state, without whose it is."""
    return {
        "at": instant(each.at),
        "from": str(each.source),
        "to": str(each.destination),
        "kind": str(each.kind),
        "value": finite(each.value),
        "threshold": each.threshold,
        "notify": each.notify,
    }


def measures(measured: Measures, *, with_each: bool = True) -> Data:
    """What people would have had of a monitor in a rehearsal."""
    return {
        "alerts": measured.alerts,
        "alert_seconds": measured.alert_seconds,
        "duty_cycle": measured.duty_cycle,
        "alerts_per_day": measured.alerts_per_day,
        "warnings": measured.warnings,
        "warning_seconds": measured.warning_seconds,
        "no_data": measured.no_data,
        "no_data_seconds": measured.no_data_seconds,
        "flaps": measured.flaps,
        "false_alerts": measured.false_alerts,
        "precision": measured.precision,
        "recall": measured.recall,
        "time_to_detect": _times(measured.typical_delay, measured.worst_delay)
        | ({"each": list(measured.delays)} if with_each else {}),
        "time_to_recover": _times(measured.typical_recovery, measured.worst_recovery)
        | ({"each": list(measured.recoveries)} if with_each else {}),
        "margin": _margin(measured.margin),
    }


def trial(found: Trial, counted: Sequence[int]) -> Data:
    """The same measures of a setting, as far as a sweep or a comparison takes them."""
    return {
        "alerts": found.alerts,
        "alert_seconds": found.alert_seconds,
        "warnings": found.warnings,
        "flaps": found.flaps,
        "false_alerts": found.false_alerts,
        "wrong_seconds": found.wrong_seconds,
        "time_to_detect": _times(found.typical_delay(counted), found.worst_delay(counted))
        | {"each": list(found.delays)},
    }


def _times(typical: float | None, worst: float | None) -> Data:
    return {"p50": typical, "worst": worst}


def _margin(margin: Margin | None) -> Data | None:
    if margin is None:
        return None
    return {
        "value": finite(margin.peak),
        "threshold": margin.threshold,
        "room": finite(margin.room),
    }
