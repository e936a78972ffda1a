"""A condition that no log can fulfil is told, one that merely doesn't occur isn't."""

from __future__ import annotations

import json

import pytest

from grantex_tui.datadog.log import Log
from grantex_tui.events.entry import Sender
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.samples import sample_events
from grantex_tui.events.types import EVENT_TYPES
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines
from grantex_tui.monitoring.count.presence import Presence, unknown_conditions


LOGS = EventLogs(bundled_pipelines())


def event(kind: str = "grant.revoked", **data: object) -> Event:
    value = {"id": "evt_1", "type": kind, "createdAt": "2026-01-05T09:00:00.000Z", "data": data}
    decoded = decode_event(json.dumps(value).encode())
    assert isinstance(decoded, Event)
    return decoded


def missing(search: str, *events: Event, logs: EventLogs = LOGS) -> list[str]:
    presence = Presence([search], logs)
    presence.see_events(events)
    return [condition for _, condition in presence.unmatched()]


@pytest.mark.parametrize(
    ("search", "conditions"),
    [
        ("env:prod", ["env:prod"]),
        ("env:*", ["env:*"]),
        ("service:authz", ["service:authz"]),
        ("host:other source:nginx", ["host:other", "source:nginx"]),
        ("@nothing.like.it:1", ["@nothing.like.it:1"]),
        ("env:prod OR service:authz", ["env:prod", "service:authz"]),
        ("env:prod OR service:grantex", []),
        ("-env:prod", []),
        ("service:grantex type:grant.revoked", []),
        ("type:budget.exhausted", []),
        ("type:budget.*", []),
        ("type:no.such", ["type:no.such"]),
        ("@grantex.event_type:budget.exhausted", []),
        ("@data.pct:>50", []),
        ("status:error", []),
        ("anything at all", []),
    ],
)
def test_what_no_log_has_is_told(search, conditions):
    assert missing(search, event()) == conditions


def test_what_the_sender_puts_on_logs_is_there():
    mine = LOGS.of(Sender(("env:prod",), service="authz"))
    assert missing("env:prod service:authz", event(), logs=mine) == []
    assert missing("env:staging", event(), logs=mine) == ["env:staging"]


def test_a_field_that_no_event_of_the_service_has_is_there_if_one_here_has_it():
    assert missing("@data.riskScore:>5", event()) == ["@data.riskScore:>5"]
    assert missing("@data.riskScore:>5", event(), event(riskScore=9)) == []


def test_logs_that_datadog_held_count_as_they_are():
    presence = Presence(["@http.status_code:500 env:prod"], LOGS)
    presence.see_log(Log(attributes={"http": {"status_code": 200}}, tags=("env:prod",)))
    assert presence.unmatched() == []


def test_without_any_log_nothing_is_told_of_tags():
    assert unknown_conditions("env:prod @nix:1", LOGS) == ["@nix:1"]


def test_there_is_a_sample_of_each_type():
    assert [each.type for each in sample_events()] == sorted(EVENT_TYPES, key=EVENT_TYPES.index)
