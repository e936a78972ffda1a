from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import parse_rfc3339, rfc3339
from grantex_tui.datadog.pipeline import parse_pipelines
from grantex_tui.events.entry import Sender
from grantex_tui.events.event import Event, decode_event
from grantex_tui.monitoring.count.event_logs import EventLogs, bundled_pipelines
from grantex_tui.monitoring.count.question import Question
from grantex_tui.monitoring.count.router import Router
from tests.support.feed import LogFeed


FIXTURES = Path(__file__).parents[3] / "fixtures"
CAPTURED = [decode_event(r) for r in (FIXTURES / "grantex-events.ndjson").read_bytes().splitlines()]
EVENTS = [event for event in CAPTURED if isinstance(event, Event)]
AT = parse_rfc3339(EVENTS[-1].created_at) + 1.0
BUNDLED = bundled_pipelines()
SEARCHES = [
    "",
    "source:grantex",
    "source:other",
    "service:grantex @grantex.event_type:grant.*",
    "@grantex.event_type:(grant.revoked OR token.issued)",
    "@type:grant.created -@data.delegationDepth:*",
    "@type:budget.* @data.pct:>=80",
    "@grantex.event_type:grant.revoked @data.cascade:true",
    "type:token.issued",
    "status:warn",
    "status:error OR @type:sso.login",
    "@grantex.agent_id:*",
    f"@grantex.agent_id:{EVENTS[1].agent_id}",
    f"@data.agentId:{EVENTS[1].agent_id} @grantex.event_type:token.issued",
    "@grantex.principal_id:user_*",
    "grant.revoked",
    "*:calendar*",
    "@data.remaining:0",
    "-@grantex.event_type:token.issued",
]
QUESTIONS = [
    *(Question(search) for search in SEARCHES),
    Question("source:grantex", group_by=("@grantex.agent_id",)),
    Question("@type:grant.created", group_by=("@grantex.principal_id", "@data.scopes")),
    Question("source:grantex", "cardinality", "@grantex.agent_id"),
    Question("@type:budget.threshold", "max", "@data.pct"),
]


class Counted:
    """A sink that only remembers what was added."""

    def __init__(self, questions) -> None:
        self._asked = tuple(questions)
        self.added: dict[tuple, int] = {}

    @property
    def questions(self):
        return self._asked

    def add(self, question_id, second, group=(), value=None, n=1):
        key = (question_id, second, tuple(group), value)
        self.added[key] = self.added.get(key, 0) + n


def both_ways(events, questions, pipelines, reads=1):
    logs = EventLogs(pipelines)
    routed, fed = Counted(questions), Counted(questions)
    router = Router(routed, logs, pipelines)
    size = -(-len(events) // reads) or 1
    for start in range(0, len(events), size):
        router.route(events[start : start + size], AT)
    feed = LogFeed(fed)
    for event in events:
        feed.observe(logs.log(event, AT))
    return routed.added, fed.added


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_every_captured_event_counts_as_its_log_would(question):
    routed, fed = both_ways(EVENTS, [question], BUNDLED, reads=7)
    assert routed == fed


def test_the_questions_do_not_disturb_each_other():
    routed, fed = both_ways(EVENTS, QUESTIONS, BUNDLED, reads=3)
    assert routed == fed
    assert len(fed) > 100


def test_a_type_that_decides_is_looked_at_once():
    made = []

    class Noted(EventLogs):
        def log(self, event, received_at):
            made.append(event.type)
            return super().log(event, received_at)

    logs = Noted(BUNDLED)
    router = Router(
        Counted([Question("source:grantex @grantex.event_type:grant.*")]), logs, BUNDLED
    )
    made.clear()
    router.route(EVENTS, AT)
    assert sorted(made) == sorted({event.type for event in EVENTS})


def test_a_type_that_cannot_match_is_not_asked_again():
    logs = EventLogs(BUNDLED)
    router = Router(Counted([Question("@type:grant.revoked @data.cascade:true")]), logs, BUNDLED)
    asked = {event.type for event in EVENTS if router.plan(event, AT).looks}
    assert asked == {"grant.revoked"}


@pytest.mark.parametrize("edge", [-18 * 3600, 2 * 3600], ids=["past", "future"])
def test_a_date_counts_from_18_hours_before_the_arrival_to_2_hours_after(edge):
    known = next(event for event in EVENTS if event.type == "token.issued")
    for tenths in range(-300, 300, 5):
        created = rfc3339(AT + edge + tenths / 10)
        made = decode_event(json.dumps({**json.loads(known.raw), "createdAt": created}).encode())
        assert isinstance(made, Event)
        routed, fed = both_ways([made], [Question("source:grantex")], BUNDLED)
        assert routed == fed, created


def test_pipelines_that_take_no_log_of_this_sender_date_and_copy_nothing():
    logs = EventLogs(BUNDLED, Sender(source="elsewhere"))
    questions = [Question("*"), Question("@grantex.event_type:*"), Question("@type:token.*")]
    routed, fed = Counted(questions), Counted(questions)
    Router(routed, logs, BUNDLED).route(EVENTS, AT)
    feed = LogFeed(fed)
    for event in EVENTS:
        feed.observe(logs.log(event, AT))
    assert routed.added == fed.added
    assert {second for _, second, _, _ in fed.added} == {math.ceil(AT)}


ODD = [
    {"grantex": {"event_type": "grant.revoked"}},
    {"grantex": "text"},
    {"timestamp": 5},
    {"status": "error"},
    {"service": "theirs"},
    {"ddtags": "type:grant.revoked"},
    {"message": "grant.revoked"},
    {"createdAt": "yesterday"},
    {"createdAt": "2020-01-01T00:00:00.000Z"},
    {"createdAt": "2026-02-30T00:00:00.000Z"},
    {"createdAt": "2026-11-24T23:59:60.000Z"},
    {"createdAt": "0000-00-00T00:00:00.000Z"},
    {"createdAt": "٢٠٢٦-11-24T02:55:33.000Z"},
    {"createdAt": "2126-11-24T02:55:33.500Z"},
    {"createdAt": "2026-11-24T02:55:33.000Z"},
    {"createdAt": None},
    {"data": {"cascade": True, "agentId": ["a", "b"]}},
    {"data": {"pct": 80, "grantex": {"event_type": "x"}}},
    {"data": None},
    {"type": "grant.revoked,env:prod"},
    {"type": "GRANT.REVOKED"},
]


@given(
    st.lists(
        st.tuples(st.sampled_from(EVENTS), st.lists(st.sampled_from(ODD), max_size=2)),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.sampled_from(QUESTIONS), min_size=1, max_size=6, unique=True),
)
def test_odd_events_count_as_their_logs_would(drawn, questions):
    events = []
    for event, changes in drawn:
        value = json.loads(event.raw)
        for change in changes:
            value |= change
        made = decode_event(json.dumps(value).encode())
        assert isinstance(made, Event)
        events.append(made)
    routed, fed = both_ways(events, questions, BUNDLED, reads=2)
    assert routed == fed


def pipeline(*processors, query="source:grantex"):
    return {
        "name": "p",
        "is_enabled": True,
        "filter": {"query": query},
        "processors": [{"is_enabled": True, "name": "", **p} for p in processors],
    }


REMAP = {"type": "attribute-remapper", "preserve_source": True}
PIPELINES = [
    [],
    [pipeline(query="source:other")],
    [pipeline({"type": "date-remapper", "sources": ["createdAt"]}, query="@type:grant.*")],
    [
        pipeline(
            {
                "type": "pipeline",
                "filter": {"query": "@type:grant.*"},
                "processors": [
                    {"type": "date-remapper", "sources": ["createdAt"], "is_enabled": True}
                ],
            },
            query="source:grantex",
        )
    ],
    [pipeline({**REMAP, "sources": ["type"], "target": "data.kind"})],
    [pipeline({**REMAP, "sources": ["type"], "target": "type2", "target_type": "tag"})],
    [pipeline({"type": "service-remapper", "sources": ["data.service"]})],
    [pipeline({**REMAP, "sources": ["data.grantId"], "target": "type"})],
    [pipeline({**REMAP, "preserve_source": False, "sources": ["type"], "target": "kind"})],
]


@pytest.mark.parametrize("objects", PIPELINES, ids=range(len(PIPELINES)))
def test_any_pipeline_gives_what_its_logs_would(objects):
    searches = ["@kind:grant.*", "@data.kind:token.issued", "service:github", "type2:sso.login"]
    questions = [*QUESTIONS, *map(Question, searches)]
    routed, fed = both_ways(EVENTS, questions, parse_pipelines(objects), reads=3)
    assert routed == fed


def test_more_types_than_are_remembered_count_all_the_same():
    known, *_ = (event for event in EVENTS if event.type == "token.issued")
    invented = []
    for number in range(1001):
        value = {**json.loads(known.raw), "type": f"made.up{number}"}
        made = decode_event(json.dumps(value).encode())
        assert isinstance(made, Event)
        invented.append(made)
    routed, fed = both_ways([known, *invented, known], [Question("source:grantex")], BUNDLED)
    assert routed == fed
