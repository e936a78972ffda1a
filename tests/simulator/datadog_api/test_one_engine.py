"""The bundled monitors, posted, tell what one evaluator over the same logs tells."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from grantex_sim.datadog_api.monitors.alerting import Alerting
from grantex_sim.datadog_api.monitors.evaluation import Counting
from grantex_sim.datadog_api.store import LogStore
from grantex_sim.http.wire import Request
from grantex_sim.scenario.generate import generated
from grantex_tui.clock import rfc3339
from grantex_tui.datadog.entry import take_entry
from grantex_tui.datadog.monitor.read import read_monitor
from grantex_tui.datadog.pipeline import compile_pipelines
from grantex_tui.monitoring.count.event_logs import bundled_pipelines
from grantex_tui.monitoring.count.metrics import read_log_metric
from grantex_tui.monitoring.evaluate.evaluator import Evaluator
from grantex_tui.monitoring.notify.notify_by import NotifyBy
from grantex_tui.pack import metric_text, monitor_texts
from tests.support.feed import LogFeed


START = 1_772_452_800.0
MONITORS = [read_monitor(json.loads(text)) for _, text in monitor_texts()]
METRIC = read_log_metric(json.loads(metric_text()))
BATCH = 40


def batches(rate, count):
    """Entries as a forwarder sends them, and when: all with the last one's date."""
    timed = list(islice(generated(rate=rate, seed=3, start=START)(START), count))
    for at in range(0, len(timed), BATCH):
        entries = [
            {
                "message": each.payload.decode(),
                "ddsource": "grantex",
                "hostname": "grantex-auth-service",
                "service": "grantex",
                "ddtags": f"type:{json.loads(each.payload)['type']}",
            }
            for each in timed[at : at + BATCH]
        ]
        yield START + (at + BATCH) / rate, entries


def posted(sent, end):
    store = LogStore(bundled_pipelines())
    alerting = Alerting(store, lambda: [Counting(METRIC, START)])
    for number, monitor in enumerate(MONITORS):
        alerting.put(number, monitor, START)
    for at, entries in sent:
        body = json.dumps(entries).encode()
        store.take(Request("POST", "/api/v2/logs", "1.1", (), body), len(entries), at)
    alerting.advance(end)
    return [
        (each.at, each.monitor_id, tuple(each.group.items()), each.transition, each.value)
        for each in alerting.notifications
    ]


def evaluated(sent, end):
    evaluator = Evaluator(MONITORS, start=START, metrics=[METRIC])
    feed, process = LogFeed(evaluator.counters), compile_pipelines(bundled_pipelines())
    found = []
    for at, entries in sent:
        found += evaluator.advance_before(at)
        for entry in entries:
            received_at = int(at * 1000)
            log = take_entry(entry, received_at=received_at).log
            feed.observe(process(log, received_at=received_at))
    found += evaluator.advance(end)
    merged = [
        told
        for index, monitor in enumerate(MONITORS)
        for told in NotifyBy(monitor).merge([each for each in found if each.index == index])
    ]
    told = sorted((each for each in merged if each.notify), key=lambda each: (each.at, each.index))
    return [(rfc3339(t.at), t.index, t.group, t.kind.value, t.value) for t in told]


@pytest.mark.parametrize(("rate", "count"), [(1.0, 2000), (0.05, 120)])
def test_posted_monitors_tell_what_the_evaluator_tells(rate, count):
    sent = list(batches(rate, count))
    end = START + count / rate + 1800
    told = posted(sent, end)
    assert told == evaluated(sent, end)
    assert len({index for _, index, *_ in told}) >= 1
