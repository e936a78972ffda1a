"""A log that carries its date is dated by it in the mock, too, without any pipeline."""

from __future__ import annotations

import json

import pytest

from grantex_tui.clock import parse_rfc3339
from grantex_tui.datadog.entry import take_entry
from grantex_tui.delivery.batch import EntryFormat
from grantex_tui.events.event import Event, decode_event
from grantex_tui.monitoring.count.event_logs import EventLogs


CREATED = "2026-01-05T09:00:00.000Z"
RAW = b'{"id":"evt_1","type":"grant.revoked","createdAt":"%s","data":{}}' % CREATED.encode()
ARRIVAL = parse_rfc3339(CREATED) + 7200.0


@pytest.mark.parametrize("dated", [False, True])
def test_intake_and_local_monitors_date_a_late_log_alike(dated: bool) -> None:
    event = decode_event(RAW)
    assert isinstance(event, Event)
    entry = json.loads(EntryFormat(entry_date=dated).encode(event.type, event.raw))
    assert entry.get("timestamp", "") == (CREATED if dated else "")
    mock = take_entry(entry, received_at=int(ARRIVAL * 1000)).log
    local = EventLogs([], dated=dated).log(event, ARRIVAL)
    expected = parse_rfc3339(CREATED) if dated else ARRIVAL
    assert mock.timestamp == local.timestamp == int(expected * 1000)


@pytest.mark.parametrize("created", [b"", b"yesterday", b"2026-02-30T00:00:00Z"])
def test_what_is_no_instant_dates_no_log(created: bytes) -> None:
    raw = RAW.replace(CREATED.encode(), created)
    assert "timestamp" not in json.loads(EntryFormat(entry_date=True).encode("t", raw))
