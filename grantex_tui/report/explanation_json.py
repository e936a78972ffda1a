"""An explanation as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from grantex_tui.clock import rfc3339


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.states import State, Transition
    from grantex_tui.rehearsal.explain.explanation import Band, BandPoint, Explanation, Place

SCHEMA_VERSION = 1


def explanation_json(told: Explanation) -> dict[str, object]:
    """The explanation as data; instants are RFC 3339, durations seconds."""
    return {
        "version": SCHEMA_VERSION,
        "kind": "explanation",
        "monitor": told.monitor.name,
        "group": dict(told.group),
        "asked": rfc3339(told.asked),
        "at": rfc3339(told.at),
        "after_end": told.after_end,
        "state": str(told.state),
        "since": _instant(told.since),
        "before": str(told.before),
        "window": {"after": rfc3339(told.window[0]), "until": rfc3339(told.window[1])},
        "value": told.value,
        "absent": None if told.absent is None else told.absent.value,
        "comparator": told.comparator,
        "thresholds": asdict(told.thresholds),
        "held": told.held,
        "counted": told.counted,
        "by_query": dict(told.by_query),
        "shares": [asdict(share) for share in told.shares],
        "events": [_json_place(place) for place in told.events],
        "tipped_by": None
        if told.tipped is None
        else {
            **_json_place(told.tipped),
            "value_before": told.tipped_from,
            "value_after": told.tipped_to,
            "leaving": told.tipped_by_leaving,
        },
        "band": _json_band(told.band),
        "ends": None
        if told.end is None
        else {
            "at": rfc3339(told.end.at),
            "state": str(told.end.state),
            "value": told.end.value,
            "leaving": _maybe_place(told.end.leaving),
        },
        "endless": told.endless,
        "next": _json_transition(told.next),
        "silence": None
        if told.silence is None
        else {"last": _maybe_place(told.silence.last), "gap": told.silence.gap},
        "late": told.late,
        "late_events": [_json_place(place) for place in told.late_events],
        "value_with_late": told.value_with_late,
        "fires_with": [asdict(change) for change in told.changes],
        "nearest_miss": None
        if told.miss is None
        else {**asdict(told.miss), "at": rfc3339(told.miss.at)},
        "renotify": None
        if told.renotify is None
        else {
            "told_at": _instant(told.renotify.told_at),
            "next_at": _instant(told.renotify.next_at),
            "times": told.renotify.times,
            "most": told.renotify.most,
        },
        "groups": [_json_group(*other) for other in told.groups],
        "group_count": told.group_count,
        "phase": told.phase,
        "phases": [{**asdict(each), "state": str(each.state)} for each in told.phases],
        "approximations": list(told.approximations),
    }


def _json_group(group: Group, state: State, value: float | None) -> dict[str, object]:
    return {"group": dict(group), "state": str(state), "value": value}


def _json_band(band: Band | None) -> dict[str, object] | None:
    if band is None:
        return None
    return {
        "points": [_json_point(each) for each in band.points],
        "known": band.known,
        "outside": band.outside,
        "missed": band.missed,
        "tipped_by": None if band.tipped is None else _json_point(band.tipped),
        "rests_on": band.rests_on,
    }


def _json_point(point: BandPoint) -> dict[str, object]:
    return {**asdict(point), "start": rfc3339(point.start), "end": rfc3339(point.end)}


def _maybe_place(place: Place | None) -> dict[str, object] | None:
    return None if place is None else _json_place(place)


def _json_place(place: Place) -> dict[str, object]:
    return {
        "id": place.id,
        "type": place.type,
        "date": rfc3339(place.dated),
        "received": rfc3339(place.received),
        "arrived": _instant(place.arrived),
        "offset": place.offset or None,
    }


def _json_transition(transition: Transition | None) -> dict[str, object] | None:
    if transition is None:
        return None
    return {
        "at": rfc3339(transition.at),
        "from": str(transition.source),
        "to": str(transition.destination),
        "value": transition.value,
    }


def _instant(at: float | None) -> str | None:
    return None if at is None else rfc3339(at)
