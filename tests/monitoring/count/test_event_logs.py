"""What makes logs can go to another process, and makes the same logs there."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

from grantex_tui.events.entry import Sender
from grantex_tui.events.event import Event, decode_event
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines


LINES = (Path(__file__).parents[3] / "fixtures/grantex-events.ndjson").read_bytes().splitlines()


def test_logs_made_in_another_process_are_the_same() -> None:
    here = EventLogs(bundled_pipelines(), Sender(("team:a",), "t", "s"))
    there = pickle.loads(pickle.dumps(here))
    for line in LINES[:50]:
        event = decode_event(line)
        assert isinstance(event, Event)
        assert there.log(event, 1_780_000_000.0) == here.log(event, 1_780_000_000.0)


def test_a_filter_that_was_sent_matches_what_it_matched() -> None:
    for pipeline in bundled_pipelines():
        sent = pickle.loads(pickle.dumps(pipeline.filter))
        assert sent == pipeline.filter
        log = EventLogs([]).log(_event(), 1_780_000_000.0)
        assert sent.matches(log) == pipeline.filter.matches(log)


def _event() -> Event:
    value = {"id": "evt_1", "type": "grant.revoked", "createdAt": "2026-05-28T20:26:40.000Z"}
    event = decode_event(json.dumps(value).encode())
    assert isinstance(event, Event)
    return event
