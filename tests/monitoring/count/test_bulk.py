"""Sketched events counted in bulk add what the router adds of each, and note what it notes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.events.event import Event, decode_event
from grantex_tui.events.recorded.sketch import Sketcher
from grantex_tui.monitoring.count.bulk import BulkRouter
from grantex_tui.monitoring.count.counters import Counters
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines
from grantex_tui.monitoring.count.newest import Newest
from grantex_tui.monitoring.count.question import Question, question_of
from grantex_tui.monitoring.count.router import Router
from grantex_tui.monitoring.notify.telling import QuotedEvents


START = 1_780_000_020.0
PIPELINES = bundled_pipelines()
QUESTIONS = (
    Question("source:grantex"),
    Question("@type:grant.revoked", group_by=("@grantex.principal_id",)),
    Question("@type:budget.exhausted", group_by=("@grantex.grant_id", "@data.agentId")),
    Question("@type:grant.revoked @data.cascade:true", group_by=("@data.x",)),
    Question("source:grantex", "max", "@data.pct", group_by=("@grantex.agent_id",)),
)
WINDOWS = (60, 300)


class Logs:
    """Makes logs, and says of how many events."""

    def __init__(self) -> None:
        self._logs = EventLogs(PIPELINES)
        self.made = 0

    def log(self, event: Event, received_at: float):
        self.made += 1
        return self._logs.log(event, received_at)


class Counting:
    """Windows over the questions, and whoever counts for them."""

    def __init__(self) -> None:
        self.logs = Logs()
        counters = Counters()
        self.windows = [counters.window(q, w, 0, 0) for q in QUESTIONS for w in WINDOWS]
        self.newest = Newest(range(len(QUESTIONS)))
        self.router = Router(counters, self.logs, PIPELINES, self.newest)

    def found(self, tick: int) -> tuple:
        for window in self.windows:
            window.move_to(tick)
        noted = {
            (number, group): (found.sequence, found.arrived_at, payload_of(found.event))
            for number in range(len(QUESTIONS)) for group in GROUPS
            if (found := self.newest.find(number, group)) is not None
        }  # fmt: skip
        return [dict(window.values()) for window in self.windows], noted


def payload_of(event) -> bytes:
    return event.raw if isinstance(event, Event) else event.event().raw


def payload(number: int, at: float, kind: str, data: dict[str, object]) -> bytes:
    value = {"id": f"evt_{number}", "type": kind, "createdAt": rfc3339(at), "data": data}
    return json.dumps(value, separators=(",", ":")).encode()


texts = st.sampled_from(["a", "b", "", "1", "true"])
values = texts | st.sampled_from([1, 1.0, True, False, None, 2.5]) | st.lists(texts, max_size=2)
KEYS = ["principalId", "userId", "grantId", "agentId", "cascade", "x", "pct"]
datas = st.dictionaries(st.sampled_from(KEYS), values, max_size=5)
KINDS = ["grant.revoked", "budget.exhausted", "token.issued"]
events = st.tuples(
    st.sampled_from(KINDS), datas, st.sampled_from([0.0, 0.0, 0.5, 30.0, 70.0]),
    st.sampled_from([0.0, 0.0, 0.02, 65.0, 70_000.0]),
)  # fmt: skip


SAID = ["a", "b", "", "1", "true", "2.5", "false"]
GROUPS = [(), *((one,) for one in SAID), *((one, two) for one in SAID for two in SAID)]
"""All that could be the group of a question."""


@given(st.lists(events, min_size=1, max_size=40), st.lists(st.integers(1, 9), max_size=8))
def test_counts_and_newest_are_those_of_the_router_at_every_tick(drawn, cuts) -> None:
    plain, bulk = Counting(), Counting()
    in_bulk = BulkRouter(bulk.router)
    at, arrivals, payloads = START, [], []
    for number, (kind, data, later, age) in enumerate(drawn):
        at += later
        arrivals.append(at)
        payloads.append(payload(number, at - age, kind, data))
    sketches = Sketcher(in_bulk.keys).read(b"\n".join(payloads))
    assert sketches is not None
    in_bulk.take(sketches, 0, arrivals)
    first = 0
    for cut in [*cuts, len(drawn)]:
        last = min(first + cut, len(drawn))
        if first == last:
            break
        in_bulk.count(last)
        for number in range(first, last):
            event = decode_event(payloads[number])
            assert isinstance(event, Event)
            plain.router.route([event], arrivals[number])
        tick = int(arrivals[last - 1] // 60 + 1) * 60
        assert bulk.found(tick) == plain.found(tick)
        first = last


def test_taking_and_counting_may_be_one_step() -> None:
    payloads = [payload(n, START, "grant.revoked", {"principalId": "a"}) for n in range(3)]
    both, one = Counting(), Counting()
    separately, together = BulkRouter(both.router), BulkRouter(one.router)
    sketches = Sketcher(separately.keys).read(b"\n".join(payloads))
    assert sketches is not None
    separately.take(sketches, 0, [START] * 3)
    separately.count(3)
    together.route(sketches, 0, 2, [START] * 2)
    together.route(sketches, 2, 3, [START])
    tick = int(START // 60 + 1) * 60
    assert one.found(tick) == both.found(tick)
    assert one.router.events == 3


@pytest.mark.parametrize(
    ("data", "logs"),
    [
        ([{"grantId": f"g{n}", "agentId": "a"} for n in range(100)], 2),
        ([{"grantId": "g", "agentId": f"a{n}"} for n in range(100)], 2),
        ([{"grantId": f"g{n % 3}", "agentId": "a"} for n in range(100)], 2),
    ],
)
def test_a_group_that_comes_for_the_first_time_needs_no_log_of_its_own(data, logs) -> None:
    counters = Counters()
    question = Question("@type:budget.exhausted", group_by=("@grantex.grant_id", "@data.agentId"))
    window = counters.window(question, 60, 0, 0)
    making = Logs()
    router = BulkRouter(Router(counters, making, PIPELINES))
    before = making.made
    lines = [payload(n, START + 1, "budget.exhausted", each) for n, each in enumerate(data)]
    sketches = Sketcher(router.keys).read(b"\n".join(lines))
    assert sketches is not None
    router.take(sketches, 0, [START + 1] * len(lines))
    router.count(len(lines))
    window.move_to(int(START) // 60 * 60 + 60)
    assert sum(window.values().values()) == 100
    assert making.made - before <= logs + 1


@pytest.mark.parametrize(
    ("message", "escalation", "quotes"),
    [
        ("{{log.link}} and ({{ log.link }})", "", False),
        ("{{log.link}} {{log.attributes.data.x}}", "", True),
        ("{{log.link}}", "{{log.id}}", True),
        ('{{#is_match "log.link_id" "x"}}', "", True),
        ("no log", "", False),
    ],
)
def test_a_link_to_the_logs_quotes_none_of_them(log_alert, message, escalation, quotes) -> None:
    monitor = replace(log_alert(escalation_message=escalation), message=message)
    quoted = QuotedEvents([monitor], [question_of(monitor.query.query)])
    assert bool(quoted.newest.questions) is quotes
