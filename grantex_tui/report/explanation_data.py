"""An explanation as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from grantex_tui.report.data import instant, transition


if TYPE_CHECKING:
    from grantex_tui.datadog.monitor.model import Group
    from grantex_tui.monitoring.evaluate.states import State
    from grantex_tui.rehearsal.explain.explanation import Band, BandPoint, Explanation, Place
    from grantex_tui.report.data import Data


def explanation_data(told: Explanation) -> Data:
    """The explanation as data; instants are RFC 3339, durations seconds."""
    return {
        "monitor": told.monitor.name,
        "group": dict(told.group),
        "asked": instant(told.asked),
        "at": instant(told.at),
        "after_end": told.after_end,
        "state": str(told.state),
        "since": instant(told.since),
        "before": str(told.before),
        "window": {"after": instant(told.window[0]), "until": instant(told.window[1])},
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
            "at": instant(told.end.at),
            "state": str(told.end.state),
            "value": told.end.value,
            "leaving": _maybe_place(told.end.leaving),
        },
        "endless": told.endless,
        "next": None if told.next is None else transition(told.next),
        "silence": None
        if told.silence is None
        else {"last": _maybe_place(told.silence.last), "gap": told.silence.gap},
        "late": told.late,
        "late_events": [_json_place(place) for place in told.late_events],
        "value_with_late": told.value_with_late,
        "fires_with": [asdict(change) for change in told.changes],
        "nearest_miss": None
        if told.miss is None
        else {**asdict(told.miss), "at": instant(told.miss.at)},
        "renotify": None
        if told.renotify is None
        else {
            "told_at": instant(told.renotify.told_at),
            "next_at": instant(told.renotify.next_at),
            "times": told.renotify.times,
            "most": told.renotify.most,
        },
        "groups": [_json_group(*other) for other in told.groups],
        "group_count": told.group_count,
        "phase": told.phase,
        "phases": [{**asdict(each), "state": str(each.state)} for each in told.phases],
        "approximations": list(told.approximations),
    }


def _json_group(group: Group, state: State, value: float | None) -> Data:
    return {"group": dict(group), "state": str(state), "value": value}


def _json_band(band: Band | None) -> Data | None:
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


def _json_point(point: BandPoint) -> Data:
    return {**asdict(point), "start": instant(point.start), "end": instant(point.end)}


def _maybe_place(place: Place | None) -> Data | None:
    return None if place is None else _json_place(place)


def _json_place(place: Place) -> Data:
    return {
        "id": place.id,
        "type": place.type,
        "date": instant(place.dated),
        "received": instant(place.received),
        "arrived": instant(place.arrived),
        "offset": place.offset or None,
    }
