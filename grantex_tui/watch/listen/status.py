"""A run's state as JSON, for `grantex-tui status` and for programs.

Version 1. Instants are RFC 3339 in UTC, durations seconds, names as in the summary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grantex_tui.clock import rfc3339
from grantex_tui.watch.headless import status_line
from grantex_tui.watch.listen.health import hindrances
from grantex_tui.watch.troubles.found import found


if TYPE_CHECKING:
    from grantex_tui.delivery.status import DeliveryView
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.live.connection import PathView
    from grantex_tui.watch.frame import Frame, MonitorView
    from grantex_tui.watch.listen.room import Room

VERSION = 1


def status_of(frame: Frame, *, version: str, process: int, room: Room | None) -> dict[str, object]:
    """Everything that a view of *frame* says in words and figures."""
    reasons = list(hindrances(frame))
    tally = frame.tally
    return {
        "status": VERSION,
        "version": version,
        "process": process,
        "at": rfc3339(frame.now),
        "startedAt": rfc3339(frame.started_at),
        "source": frame.source,
        "ready": not reasons,
        "reasons": reasons,
        "line": status_line(frame),
        "troubles": [
            {
                "about": trouble.about.value,
                "word": trouble.word,
                "what": trouble.what,
                "remedy": trouble.remedy,
                "since": _instant(trouble.since),
            }
            for trouble in found(frame)
        ],
        "stream": {
            "state": frame.connection.state.value,
            "since": _instant(frame.connection.since),
            "lastByteAt": _instant(frame.connection.last_byte_at),
            "paths": [_path(path) for path in frame.paths],
        },
        "received": tally.received,
        "byType": dict(tally.by_type),
        "rate": round(tally.rate, 3),
        "malformed": tally.malformed,
        "skipped": tally.skipped,
        "gaps": [_gap(gap) for gap in frame.gaps],
        "delivery": _delivery(frame.delivery),
        "journal": {
            "path": frame.journal,
            "bytes": None if room is None else room.journal,
            "limit": None if room is None else room.limit,
            "diskFree": None if room is None else room.free,
        },
        "monitors": [_monitor(monitor) for monitor in frame.monitors],
        "warnings": list(frame.warnings),
    }


def _instant(at: float | None) -> str | None:
    return None if not at else rfc3339(at)


def _gap(gap: Gap) -> dict[str, object]:
    return {"from": rfc3339(gap.start), "to": _instant(gap.end), "reason": gap.reason}


def _path(path: PathView) -> dict[str, object]:
    view = path.connection
    return {
        "path": path.name,
        "state": view.state.value,
        "detail": view.detail,
        "awaySince": _instant(path.away_since),
        "retryAt": _instant(view.retry_at),
        "lastByteAt": _instant(view.last_byte_at),
        "reconnects": path.reconnects,
        "brought": path.brought,
        "first": path.first,
        "holes": path.holes,
    }


def _delivery(view: DeliveryView) -> dict[str, object]:
    return {
        "state": view.state.value,
        "since": _instant(view.since),
        "detail": view.detail,
        "target": view.target,
        "carriedOver": view.carried_over,
        "delivered": view.delivered,
        "pending": view.pending,
        "pendingSince": _instant(view.pending_since),
        "deadLettered": view.dead_lettered,
        "dropped": sum(count for _, count in view.dropped),
        "droppedBy": dict(view.dropped),
        "truncated": view.truncated,
        "late": view.late,
        "lateBy": view.late_by,
        "requests": view.requests,
        "retries": view.retries,
        "inFlight": view.in_flight,
        "retryAt": _instant(view.retry_at),
    }


def _monitor(view: MonitorView) -> dict[str, object]:
    return {
        "name": view.name,
        "state": view.state,
        "since": _instant(view.since),
        "value": view.value,
        "comparator": view.comparator,
        "critical": view.critical,
        "warning": view.warning,
        "note": view.note,
        "alerts": view.triggered,
        "groups": [
            {"group": group.label, "state": group.state, "value": group.value}
            for group in view.groups
        ],
    }
