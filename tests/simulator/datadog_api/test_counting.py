"""Entries counted without making their logs count, and are quoted, as their logs would be."""

from __future__ import annotations

import json
from itertools import islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grantex_sim.datadog_api.entries import Accepted
from grantex_sim.datadog_api.monitors import counting
from grantex_sim.datadog_api.monitors.alerting import Alerting
from grantex_sim.datadog_api.monitors.counting import EntryCounter
from grantex_sim.datadog_api.monitors.evaluation import Counting, Evaluation
from grantex_sim.datadog_api.store import LogStore
from grantex_sim.http.wire import Request
from grantex_sim.scenario.generate import generated
from grantex_tui.datadog.entry import take_entry
from grantex_tui.datadog.monitor.read import read_monitor
from grantex_tui.datadog.pipeline import parse_pipelines
from grantex_tui.monitoring.count.event_logs import bundled_pipelines
from grantex_tui.monitoring.count.metrics import read_log_metric
from grantex_tui.pack import metric_text, monitor_texts


START = 1_772_452_800.0
METRIC = read_log_metric(json.loads(metric_text()))
QUOTING = (
    "{{#is_alert}}{{log.message}} {{log.tags.team}} {{log.service}} of {{value}} @x{{/is_alert}}"
)


def monitor(search, *, condition="> 1", measure="count", by="", **options):
    rollup = f'"{measure}"' if measure == "count" else f'"cardinality", "{measure}"'
    query = f'logs("{search}").index("*").rollup({rollup}){by}.last("5m") {condition}'
    fields = {
        "name": search,
        "type": "log alert",
        "query": query,
        "message": QUOTING,
        "options": options,
    }
    return read_monitor(fields)


MONITORS = [
    *(read_monitor(json.loads(text)) for _, text in monitor_texts()),
    monitor("*"),
    monitor("type:grant.revoked"),
    monitor("team:core"),
    monitor("host:h OR service:shop", by='.by("service")'),
    monitor("@data.cascade:true"),
    monitor("source:grantex @data.agentId:a OR @type:token.issued", by='.by("@data.agentId")'),
    monitor("*", measure="@data.agentId", by='.by("type")'),
    monitor("status:error OR @status:error OR hello"),
    monitor("@grantex.event_type:*", by='.by("@grantex.agent_id")'),
    monitor("@date:*"),
    monitor("@odd:1"),
]
DATED = {
    "name": "dated",
    "is_enabled": True,
    "filter": {"query": "source:nodejs"},
    "processors": [
        {"type": "date-remapper", "is_enabled": True, "name": "d", "sources": ["createdAt"]},
        {"type": "service-remapper", "is_enabled": True, "name": "s", "sources": ["data.agentId"]},
    ],
}
PIPELINES = {
    "bundled": bundled_pipelines(),
    "none": [],
    "dated": parse_pipelines([DATED]),
    "both": [*bundled_pipelines(), *parse_pipelines([DATED])],
}


def event(number, kind="grant.revoked", created=0.0, **data):
    stamp = f"2026-03-02T12:{int(created) // 60:02d}:{int(created) % 60:02d}.500Z"
    return {"id": f"evt_{number}", "type": kind, "createdAt": stamp, "data": data}


def as_sent(number, kind, shape, at):
    """An entry of one of the many kinds that forwarders send."""
    found = event(number, kind, max(0.0, at - 3), agentId="ab"[number % 2], cascade=number % 3 == 0)
    text = json.dumps(found)
    usual = {"ddsource": "grantex", "hostname": "grantex-auth-service", "service": "grantex"}
    return {
        "usual": {**usual, "ddtags": f"type:{kind}", "message": text},
        "tagged": {**usual, "ddtags": f"type:{kind},team:core", "message": text},
        "other order": {**usual, "ddtags": f"team:core,type:{kind}", "message": text},
        "another type": {**usual, "ddtags": "type:grant.revoked,team:a", "message": text},
        "only tags": {"ddtags": f"type:{kind}", "message": text},
        "bare": {"message": text},
        "node": {"ddsource": "nodejs", "service": "shop", "hostname": "h", "message": text},
        "null": {**usual, "ddtags": None, "message": text},
        "number": {**usual, "service": 7, "message": text},
        "more keys": {**usual, "status": "error", "message": text},
        "outer keys": {**usual, "odd": 1, "message": text},
        "own date": {**usual, "message": json.dumps({**found, "date": int(START * 1000)})},
        "old": {**usual, "message": json.dumps({**found, "timestamp": 1000})},
        "more in it": {**usual, "message": json.dumps({**found, "status": "error", "odd": 1})},
        "odd data": {**usual, "message": json.dumps({**found, "data": {"agentId": ["a", "b"]}})},
        "no date": {**usual, "message": json.dumps({"id": "evt", "type": kind, "data": {}})},
        "object": {**usual, "message": found},
        "text": {**usual, "message": "hello"},
        "surrogate": {**usual, "message": text, "ddtags": f"type:{kind},team:\ud800"},
        "no message": {**usual},
        "long": {**usual, "message": text[:-1] + " " * 300_000 + "}"},
    }[shape]


SHAPES = [
    "usual", "tagged", "other order", "another type", "only tags", "bare", "node", "null", "number",
    "more keys", "outer keys", "own date", "old", "more in it", "odd data", "no date", "object",
    "text", "surrogate", "no message", "long",
]  # fmt: skip
KINDS = ["grant.revoked", "token.issued", "grant.created", "budget.exhausted", "Odd, type"]
ENTRIES = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(SHAPES)), max_size=5)
TARGETS = ["/api/v2/logs", "/api/v2/logs?ddtags=team:core", "/api/v2/logs?ddsource=nodejs"]
REQUESTS = st.lists(
    st.tuples(st.integers(0, 900), ENTRIES, st.sampled_from(TARGETS), st.booleans()), max_size=8
)


def sent(drawn):
    number = 0
    for at, entries, target, agent_json in sorted(drawn, key=lambda each: each[0]):
        made = []
        for kind, shape in entries:
            number += 1
            made.append(as_sent(number, kind, shape, at))
        agent = (("dd-protocol", "agent-json"),) if agent_json else ()
        headers = (("content-type", "application/json"), *agent)
        body = json.dumps(made).encode()
        yield START + at, Request("POST", target, "1.1", headers, body), len(made)


def told_of_logs(requests, pipelines, end):
    """Every monitor looks at every log: the plain way."""
    store = LogStore(pipelines)
    metrics = [Counting(METRIC, START)]
    evaluations = [
        Evaluation(each, start=START, metrics=metrics, covered_from=float("-inf"))
        for each in MONITORS
    ]
    found: list[object] = []

    def tell(number, transitions):
        evaluation = evaluations[number]
        found.extend(
            (
                each.at,
                number,
                each.group,
                each.kind.value,
                each.value,
                evaluation.notification(each).body,
            )
            for each in transitions
            if each.notify
        )

    for at, request, count in requests:
        store.take(request, count, at)
    sequence = 0
    for at, logs in store.by_arrival():
        for number, evaluation in enumerate(evaluations):
            tell(number, evaluation.advance_before(at))
            for place, each in enumerate(logs):
                evaluation.count(each.log, sequence + place)
        sequence += len(logs)
    for number, evaluation in enumerate(evaluations):
        tell(number, evaluation.advance(end))
    return sorted(found, key=lambda each: (each[0], each[1], each[2]))


def told_of_entries(requests, pipelines, end):
    store = LogStore(pipelines)
    alerting = Alerting(store, lambda: [Counting(METRIC, START)])
    for number, each in enumerate(MONITORS):
        alerting.put(number, each, START)
    for at, request, count in requests:
        store.take(request, count, at)
    alerting.advance(end)
    return sorted(
        (
            (
                each.at,
                each.monitor_id,
                tuple(each.group.items()),
                each.transition,
                each.value,
                each.body,
            )
            for each in alerting.notifications
        ),
        key=lambda each: (each[0], each[1], each[2]),
    )


def dated(found):
    from grantex_tui.clock import rfc3339

    return [(rfc3339(at), *rest) for at, *rest in found]


@settings(max_examples=40, deadline=None)
@given(REQUESTS, st.sampled_from(sorted(PIPELINES)))
@example(
    [(60, [(kind, shape)] * 2, TARGETS[0], False) for kind in KINDS for shape in SHAPES], "both"
)
@example([(60, [("grant.revoked", shape) for shape in SHAPES], TARGETS[1], True)] * 2, "bundled")
def test_entries_tell_what_their_logs_would(drawn, name):
    requests = list(sent(drawn))
    pipelines = PIPELINES[name]
    expected = told_of_logs(requests, pipelines, START + 1800)
    assert told_of_entries(requests, pipelines, START + 1800) == dated(expected)


def a_day(count):
    """A forwarder's requests, and how many logs a full account of them needs."""
    timed = islice(generated(rate=50, seed=5, start=START)(START), count)
    entries = [
        {
            "ddsource": "grantex",
            "hostname": "grantex-auth-service",
            "service": "grantex",
            "ddtags": f"type:{json.loads(each.payload)['type']}",
            "message": each.payload.decode(),
        }
        for each in timed
    ]
    headers = (("content-type", "application/json"),)
    for at in range(0, count, 100):
        body = json.dumps(entries[at : at + 100]).encode()
        yield START + at / 50, Request("POST", "/api/v2/logs", "1.1", headers, body), 100


def test_a_forwarder_s_entries_become_logs_only_where_a_monitor_looks(monkeypatch):
    made = []

    def noted(entry, **more):
        made.append(entry)
        return take_entry(entry, **more)

    monkeypatch.setattr(counting, "take_entry", noted)
    store = LogStore(bundled_pipelines())
    alerting = Alerting(store, lambda: [Counting(METRIC, START)])
    for number, (_, text) in enumerate(monitor_texts()):
        alerting.put(number, read_monitor(json.loads(text)), START)
    for at, request, count in a_day(2000):
        store.take(request, count, at)
    alerting.advance(START + 41)
    assert store.pending == 20
    assert len(made) < 400


@pytest.mark.parametrize("most", [0, 1, 3])
def test_what_has_more_makings_than_are_remembered_counts_all_the_same(most, monkeypatch):
    drawn = [(60, [("grant.revoked", shape)] * 2, TARGETS[0], False) for shape in SHAPES[:7]]
    requests = list(sent(drawn))
    expected = dated(told_of_logs(requests, PIPELINES["bundled"], START + 1800))
    monkeypatch.setattr(counting, "MOST_MAKINGS", most)
    assert told_of_entries(requests, PIPELINES["bundled"], START + 1800) == expected
    assert expected


def test_who_asks_the_same_counts_apart():
    asks = monitor("type:a.b", condition="> 1")
    evaluations = [
        Evaluation(asks, start=START, metrics=(), covered_from=float("-inf")) for _ in range(2)
    ]
    entry = {"ddtags": "type:a.b", "message": json.dumps(event(1, "a.b"))}
    request = Request("POST", "/api/v2/logs", "1.1", (), json.dumps([entry] * 2).encode())
    EntryCounter([], evaluations).count(Accepted(START + 1, request, 2), 0)
    told = [evaluation.advance(START + 60) for evaluation in evaluations]
    assert [[each.value for each in each_told if each.notify] for each_told in told] == [
        [2.0],
        [2.0],
    ]
