"""The same logs say the same: watched, or as events, as a journal that notes its sender, as an archive."""

from __future__ import annotations

import io
import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.read import read_monitor
from grantex_tui.events.entry import Sender
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.kept.lines import encode_items
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines
from grantex_tui.monitoring.count.presence import foreseen
from grantex_tui.rehearsal.engine.input import Recordings
from grantex_tui.rehearsal.engine.model import INSTANT
from grantex_tui.rehearsal.engine.plan import RehearsalPlan
from grantex_tui.rehearsal.engine.run import run_pass
from grantex_tui.watch.monitors import LiveMonitors


BEGAN = 1_780_000_000.0
PIPELINES = bundled_pipelines()
KINDS = ["grant.revoked", "token.issued", "budget.exhausted"]
SENDERS = st.builds(
    Sender,
    tags=st.lists(st.sampled_from(["env:prod", "team:a", "Env:Dev"]), unique=True).map(tuple),
    service=st.sampled_from(["grantex", "authz"]),
    source=st.sampled_from(["grantex", "agents"]),
    host=st.sampled_from(["grantex-auth-service", "h1"]),
)
SEARCHES = st.sampled_from(
    ["*", "env:prod", "service:authz", "host:h1", "source:grantex", "team:a type:grant.revoked",
     "@grantex.event_type:grant.revoked", "env:prod @data.grantId:grnt_1", "@nothing:1",
     "service:nginx", "-env:prod", "@grantex.grant_id:*"]
)  # fmt: skip
FACETS = st.sampled_from([(), ("@data.grantId",), ("service",), ("env",), ("@grantex.grant_id",)])
EVENTS = st.lists(st.tuples(st.integers(0, 900), st.sampled_from(KINDS)), min_size=1, max_size=30)


def monitor(search: str, facets: tuple[str, ...], critical: int):
    by = f'.by("{",".join(facets)}")' if facets else ""
    query = f'logs("{search}").index("*").rollup("count"){by}.last("5m") > {critical}'
    return read_monitor(
        {"name": search, "type": "log alert", "query": query, "message": "{{value}} {{log.service}}",
         "options": {"thresholds": {"critical": critical}, "new_group_delay": 0}}
    )  # fmt: skip


def event(number: int, kind: str, at: float) -> Event:
    value = {"id": f"evt_{number}", "type": kind, "createdAt": rfc3339(at),
             "data": {"grantId": f"grnt_{number % 3}"}}  # fmt: skip
    decoded = decode_event(json.dumps(value, separators=(",", ":")).encode())
    assert isinstance(decoded, Event)
    return decoded


def archived(events, logs: EventLogs) -> bytes:
    lines = []
    for at, each in events:
        log = logs.log(each, at)
        lines.append(json.dumps({
            "_id": each.id, "date": rfc3339(log.timestamp / 1000), "host": log.host,
            "service": log.service, "source": log.source, "status": log.status,
            "tags": list(log.tags), "message": log.message, "attributes": log.attributes,
        }))  # fmt: skip
    return "\n".join(lines).encode()


def header(sender: Sender) -> bytes:
    """The first line of a journal that notes its sender."""
    log = {"ddtags": ",".join(sender.tags), "service": sender.service, "ddsource": sender.source,
           "hostname": sender.host}  # fmt: skip
    return (
        json.dumps(
            {"journal": 2, "segment": 1, "first": 1, "log": log}, separators=(",", ":")
        ).encode()
        + b"\n"
    )


def said(data: bytes, plan: RehearsalPlan) -> tuple:
    recordings = Recordings([Recording(io.BytesIO(data))])
    result = run_pass(
        recordings, plan, source="x", delivery=INSTANT, start=BEGAN, end=BEGAN + 2000.0
    )
    notified = [(each.title, each.body) for each in result.notifications]
    return result.transitions, result.spans, result.events, notified, result.unmatched


LAG = 0.05
"""Seconds after a full one at which `watch` looks for ticks."""


def watched(events, plan: RehearsalPlan) -> tuple:
    """What `watch` says of the events while they come in, and what it foresees of the searches."""
    told: list = []
    monitors = LiveMonitors(
        plan.monitors, plan.pipelines, plan.logs, started_at=BEGAN, tell=told.append,
        site=plan.site, metrics=(),
    )  # fmt: skip
    looked = int(BEGAN)
    for at, each in events:
        while looked + 1 + LAG <= at:
            looked += 1
            monitors.advance(looked + LAG)
        monitors.on_read([each], at)
    monitors.advance(BEGAN + 2000.0)
    searches = [query.search for each in plan.monitors for query in each.query.log_queries.values()]
    notified = [(each.title, each.body) for each in told]
    return tuple(each.transition for each in told), notified, tuple(foreseen(searches, plan.logs))


@settings(max_examples=60, deadline=None)
@given(EVENTS, SENDERS, SEARCHES, FACETS, st.integers(0, 3))
def test_watch_events_of_a_sender_their_journal_and_their_archive_say_the_same(
    happened, sender, search, facets, critical
):
    events = [
        (BEGAN + offset, event(number, kind, BEGAN + offset))
        for number, (offset, kind) in enumerate(sorted(happened))
    ]
    plan = RehearsalPlan(
        [monitor(search, facets, critical)], PIPELINES, (), EventLogs(PIPELINES, sender)
    )
    journal = b"".join(encode_items([each], at) for at, each in events)
    here = said(journal, plan)
    assert watched(events, plan) == (tuple(here[0]), *here[3:])
    elsewhere = replace(plan, logs=EventLogs(PIPELINES))
    there = said(archived(events, plan.logs), elsewhere)
    if sender.source != "grantex":
        # No pipeline takes these logs; only a plan that knows the sender knows so before any log.
        there, here = there[:-1], here[:-1]
    assert there == here
    assert said(header(sender) + journal, elsewhere)[: len(here)] == here
