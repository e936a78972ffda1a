from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.faults import (
    Answer,
    End,
    Fault,
    FaultError,
    Match,
    Opening,
    Passing,
    Rewriting,
    Side,
    When,
    keys,
    parse_fault_text,
    parse_faults,
    read_faults,
)
from grantex_sim.faults.kinds import huge_event
from grantex_sim.faults.kinds.intake import lost_202
from grantex_sim.faults.text import fault_text


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (
            {"on": "intake", "first": 2, "do": {"status": 503, "retry_after": "3s"}},
            Fault(on=Side.INTAKE, when=When(first=2), do=Answer(status=503, retry_after=3.0)),
        ),
        ({"on": "intake", "do": 500}, Fault(on=Side.INTAKE, do=Answer(status=500))),
        (
            {"on": "intake", "do": "lost-202"},
            Fault(on=Side.INTAKE, do=Answer(acts=(lost_202.KIND.act("reset"),))),
        ),
        (
            {"on": "sse", "between": ["30s", "1m"], "do": "reset"},
            Fault(
                on=Side.STREAM,
                when=When(between=(30.0, 60.0)),
                match=Match(path="sse"),
                do=Opening(end=End.RESET),
            ),
        ),
        (
            {"on": "websocket", "do": {"freeze": "30s", "after_events": 5}},
            Fault(
                on=Side.STREAM,
                match=Match(path="websocket"),
                do=Opening(freeze=30.0, after_events=5),
            ),
        ),
        (
            {"on": "stream", "after": "5m", "do": {"drain": True}, "times": 3},
            Fault(
                on=Side.STREAM,
                when=When(between=(300.0, math.inf)),
                do=Opening(drain=True),
                times=3,
            ),
        ),
        (
            {"on": "stream", "after": 5, "do": {"reset_after_bytes": "64kB"}},
            Fault(
                on=Side.STREAM, when=When(after=5), do=Opening(end=End.RESET, after_bytes=64_000)
            ),
        ),
        (
            {"on": "stream", "do": {"truncate_event": True}},
            Fault(on=Side.STREAM, do=Opening(end=End.TRUNCATE, after_events=0)),
        ),
        (
            {"on": "stream", "match": {"type": "grant.*"}, "every": 3, "do": "reset"},
            Fault(
                on=Side.STREAM,
                match=Match(type="grant.*"),
                when=When(every=3),
                do=Passing(end=End.RESET),
            ),
        ),
        (
            {"on": "stream", "p": 0.5, "do": {"huge_event": "1MiB"}},
            Fault(
                on=Side.STREAM,
                when=When(p=0.5),
                do=Rewriting(acts=(huge_event.KIND.act(1024 * 1024),)),
            ),
        ),
        (
            {True: "intake", "do": {"headers": {"X-A": 1, "X-B": "two words"}, "status": 204}},
            Fault(
                on=Side.INTAKE,
                do=Answer(status=204, headers=(("X-A", "1"), ("X-B", "two words"))),
            ),
        ),
    ],
)
def test_a_fault_is_read(value, fault):
    assert parse_faults(value) == (fault,)
    assert parse_faults([value, value]) == (fault, fault)


def test_no_faults_are_none():
    assert parse_faults(None) == parse_faults([]) == ()


WRONG = [
    ([{"on": "intake", "do": {"stauts": 503}}], "[0].do.stauts", "unknown key", "`status`"),
    ([{"on": "intake", "frist": 1, "do": 500}], "[0].frist", "unknown key", "`first`"),
    ([{"on": "intake"}], "[0]", "no `do`", "status: 503"),
    ([{"on": "intake", "do": {}}], "[0].do", "does nothing", "reset"),
    ([{"do": "reset"}], "[0]", "no `on`", "on: stream"),
    (
        [{"on": "client", "do": "reset"}],
        "[0].on",
        "is no side: intake, stream or tls",
        "on: intake",
    ),
    ("intake", "", "not a list of faults", ""),
    ([7], "[0]", "not a fault", ""),
    (["reset"], "[0]", "'reset' begins with no side", "intake is Datadog's side"),
    (["intake frist=1 503"], "[0]", "'intake frist=1 503': unknown key `frist`", "`first`"),
    ([{"on": "intake", "do": {"status": 99}}], "[0].do.status", "from 200 to 599", ""),
    ([{"on": "intake", "do": {"status": True}}], "[0].do.status", "needs a value", ""),
    ([{"on": "intake", "do": {"delay": "soon"}}], "[0].do.delay", "a duration such as 90s", ""),
    ([{"on": "intake", "do": {"delay": -1}}], "[0].do.delay", "a duration such as", ""),
    ([{"on": "intake", "do": {"reset": False}}], "[0].do.reset", "one of after, before", ""),
    ([{"on": "intake", "do": {"half_open": False}}], "[0].do.half_open", "or left out", ""),
    ([{"on": "intake", "do": {"headers": {"a b": 1}}}], "[0].do.headers", "a header's name", ""),
    ([{"on": "intake", "do": {"headers": {"a": "b\r\nc"}}}], "[0].do.headers.a", "one line", ""),
    ([{"on": "stream", "do": {"retry_after": 1, "body": 7}}], "[0].do.body", "not a text", ""),
    ([{"on": "stream", "nth": 0, "do": "reset"}], "[0].nth", "from 1 up", ""),
    ([{"on": "stream", "p": 2, "do": "reset"}], "[0].p", "from 0 to 1", ""),
    ([{"on": "stream", "between": [3, 2], "do": "reset"}], "[0].between", "ends after", ""),
    ([{"on": "stream", "between": 3, "do": "reset"}], "[0].between", "[30s, 45s]", ""),
    ([{"on": "stream", "times": 0, "do": "reset"}], "[0].times", "from 1 up", ""),
    (
        [{"on": "stream", "after": "3s", "between": [1, 2], "do": "reset"}],
        "[0].after",
        "exclude each other",
        "",
    ),
    ([{"on": "stream", "do": {"skip": True, "status": 1}}], "[0].do.status", "two faults", ""),
    ([{"on": "stream", "do": {"skip": True, "huge_event": 9}}], "[0].do.skip", "two faults", ""),
    (
        [{"on": "stream", "do": {"lost_202": True}}],
        "[0].do.lost_202",
        "a fault of the intake",
        "on: intake",
    ),
    ([{"on": "intake", "do": {"skip": True}}], "[0].do.skip", "fault of the stream", "on: stream"),
    ([{"on": "intake", "do": {"first": 2, "status": 500}}], "[0].do.first", "no place", "beside"),
    ([{"on": "intake", "status": 500, "do": "reset"}], "[0].status", "no place here", "under `do`"),
    ([{"on": "stream", "type": "x", "do": "skip"}], "[0].type", "no place here", "under `match`"),
    ([{"on": "stream", "do": {"type": "x"}}], "[0].do.type", "no place here", "under `match`"),
    ([{"type": "x", "do": "skip"}], "[0].type", "no place here", "under `match`"),
    (
        [{"on": "stream", "do": {"frist": 1}}],
        "[0].do.frist",
        "unknown",
        "`first`? It stands beside",
    ),
    ([{"on": "stream", "do": {"zzzz": 1}}], "[0].do.zzzz", "unknown key", "Known: status, "),
    ([{"on": "stream", "do": {"reset": True, "kill": True}}], "[0].do", "one end", ""),
    ([{"on": "stream", "do": {"after_events": 1}}], "[0].do.after_events", "nothing says what", ""),
    (
        [{"on": "stream", "do": {"kill": True, "after_events": 1, "after_time": 1}}],
        "[0].do",
        "exclude each other",
        "",
    ),
    ([{"on": "stream", "do": {"crlf": True, "cr_only": True}}], "[0].do", "exclude", ""),
    ([{"on": "stream", "now": True, "do": {"bom": True}}], "[0].now", "open can be hit", "kill"),
    (
        [{"on": "stream", "now": True, "do": {"kill": True, "after_events": 1}}],
        "[0].now",
        "open can be hit",
        "kill",
    ),
    (
        [{"on": "intake", "match": {"client": 1}, "do": 500}],
        "[0].match.client",
        "can't be told by `client`",
        "id, key, path, type",
    ),
    ([{"on": "stream", "match": {"typ": "x"}, "do": "skip"}], "[0].match.typ", "unknown", "`type`"),
    (
        [{"on": "stream", "match": {"key": "k"}, "do": "skip"}],
        "[0].match.key",
        "can't be",
        "client, id, path, type",
    ),
    ([{"on": "sse", "match": {"path": "/"}, "do": "kill"}], "[0].match.path", "already", ""),
    ([{"on": "intake", "match": {"path": "sse"}, "do": 500}], "[0].match.path", "Datadog's", ""),
    ([{"on": "websocket", "do": "bom"}], "[0].do.bom", "about Server-Sent Events", ""),
    (
        [{"on": "websocket", "match": {"type": "t"}, "do": "comments"}],
        "[0].do.comments",
        "about Server-Sent Events",
        "",
    ),
    ([{"on": "stream", "do": {"freeze": 1, "kill": True}}], "[0].do", "one end", ""),
    (
        [{"on": "stream", "do": {"freeze": 1, "after_bytes": 9}}],
        "[0].do.after_bytes",
        "it stays",
        "after_events",
    ),
    (
        [{"on": "stream", "do": {"dead_subscriber": True, "after_bytes": 9}}],
        "[0].do.after_bytes",
        "it stays",
        "after_events",
    ),
    ([{"on": "intake", "do": {"bad-chunk": True, "bad_chunk": True}}], "[0].do", "twice", ""),
]


@pytest.mark.parametrize(("value", "where", "said", "hint"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_named_where_it_stands(value, where, said, hint):
    with pytest.raises(FaultError) as caught:
        parse_faults(value, path="storm.yaml")
    error = caught.value
    assert error.where == where
    assert error.message.startswith("storm.yaml")
    assert said in f"{error.message} {error.hint}"
    assert hint in error.hint


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("200ms", 0.2), ("5m", 300), ("1.5h", 5400), ("2d", 172_800), ("7", 7), (7, 7)],
)
def test_durations(text, seconds):
    (fault,) = parse_faults({"on": "intake", "do": {"delay": text}})
    assert isinstance(fault.do, Answer)
    assert fault.do.delay == seconds


@pytest.mark.parametrize(
    "text",
    [
        "intake first=2 status=503 retry-after=3s",
        "intake nth=1 reset=before",
        "intake p=0.25 type='grant.*' status=400 body='two words'",
        "intake status=429 'header=X-A: b c' header=X-B:d",
        "intake lost-202=hang times=4",
        "stream every=2 reset after-events=50",
        "stream between=30s..45s half-open",
        "stream after=30s drain",
        "stream now client=2 kill",
        "stream split=utf8 cr-only bom comments=2 retry=5s",
        "stream nth=2 leak-slot=zombie reset",
        "stream nth=3 duplicate=2 multi-line",
        "stream id-inversion=0.05s huge-event=300000",
        "stream key-rotated status=503",
        "stream drain status=503",
    ],
)
def test_a_line_reads_as_it_is_shown(text):
    fault = parse_fault_text(text)
    assert parse_fault_text(fault_text(fault)) == fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begins with no side"),
        ("server reset", "begins with no side"),
        ("intake", "does nothing"),
        ("intake first=2", "does nothing"),
        ("intake status=503 status=500", "given twice"),
        ("intake status='503", "can't be split"),
        ("intake staus=503", "`staus`"),
    ],
)
def test_what_is_no_line_is_named(text, said):
    with pytest.raises(FaultError, match=said):
        parse_fault_text(text)


def test_new_keys_and_matched_keys_are_not_shown():
    text = "intake key=0123456789secret key-rotated=9876543210secret"
    assert "secret" not in str(parse_fault_text(text)) + repr(parse_fault_text(text))


def test_a_script_is_read_from_yaml_json_and_lines():
    expected = (parse_fault_text("intake first=2 status=503"), parse_fault_text("stream kill"))
    yaml = "faults:\n- on: intake\n  first: 2\n  do: {status: 503}\n- {on: stream, do: kill}\n"
    json = '[{"on":"intake","first":2,"do":503},{"on":"stream","do":{"kill":true}}]'
    text = "# two\nintake first=2 status=503\n\nstream kill\n"
    mixed = "- intake first=2 status=503\n- {on: stream, do: kill}\n"
    assert read_faults(yaml) == read_faults(json) == read_faults(text) == expected
    assert read_faults(mixed) == expected


def test_every_field_of_a_record_has_a_word():
    for kind, readers in (
        (Answer, {**keys.ANSWER, "latency": None}),  # a delay that is drawn
        (Opening, {**keys.OPENING, "end": None, "latency": None}),
        (Passing, {**keys.PASSING, "end": None}),
        (When, keys.WHEN),
        (Match, keys.MATCH),
    ):
        assert {field.name for field in fields(kind) if field.compare} - {"acts"} <= set(readers)


TOGETHER = [
    ("intake 429 path=/api/v1/monitor", "path", "it would never happen"),
    ("stream 429 path=/v1/me", "path", "it would never happen"),
    ("stream status=503 reset", "reset", "with `status` there is no stream"),
    ("stream status=503 kill after-time=3s", "after-time", "with `status` there is no stream"),
    ("stream drain bom", "bom", "with `drain` there is no stream"),
    ("stream redirect=/x wrong-mime", "wrong-mime", "with `redirect` there is no stream"),
    ("stream lock-out dribble", "dribble", "with `lock_out` there is no stream"),
    ("stream retry-after=3", "retry-after", "nothing says which answer"),
    ("stream drain body=no", "body", "nothing says which answer"),
    ("stream crlf cr-only", "", "exclude each other"),
    ("stream now after=3s kill", "now", "exclude each other"),
    ("stream skip duplicate", "duplicate", "with `skip` there is no event"),
    ("stream type=* kill split=3", "split", "with `kill` there is no event"),
    ("stream bom path=/v1/events/ws", "bom", "is a WebSocket"),
    ("stream retry=3s kill path=*ws", "retry", "is a WebSocket"),
    ("intake reset lost-202", "reset", "with `lost_202` there is no answer"),
    ("intake half-open status=500", "status", "with `half_open` there is no answer"),
    ("intake lost-202=hang dribble", "dribble", "with `lost_202` there is no answer"),
    ("intake reset=before delay=3s", "delay", "comes with the request's head"),
    ("intake reset=before type=grant.*", "type", "before the events are read"),
    ("intake slow-read=9 status=500 id=x", "id", "before the events are read"),
    ("intake body=x empty-body", "", "exclude each other"),
    ("intake status=204 body=x", "body", "has no body"),
    ("stream status=304 body=x", "body", "has no body"),
    ("intake nth=5 first=3 status=500", "", "nth=5 and first=3 together hit nothing"),
    ("intake nth=5 every=2 status=500", "", "nth=5 and every=2 together hit nothing"),
    ("intake first=3 after=3 status=500", "", "first=3 and after=3 together hit nothing"),
    ("intake first=4 after=2 every=5 status=500", "", "together hit nothing"),
]


@pytest.mark.parametrize(("text", "where", "said"), TOGETHER)
def test_what_could_have_no_effect_is_told_instead_of_ignored(text, where, said):
    with pytest.raises(FaultError, match=said) as caught:
        parse_fault_text(text)
    assert caught.value.where == where
    assert caught.value.message.startswith(repr(text))


@pytest.mark.parametrize(
    "text",
    [
        "stream drain status=503 retry-after=3",
        "stream lock-out status=429 retry-after=3",
        "stream lock-out key-rotated",
        "stream header=x-a:1 reset after-events=3",
        "stream bom path=/v1/events/*",
        "stream split=3 path=/v1/events/ws",
        "stream now nth=2 kill",
        "intake reset delay=1s key-rotated",
        "intake lost-202 slow-read=100",
        "intake reset-after-bytes=9 status=500",
        "intake nth=6 every=2 after=4 first=9 status=500",
        "intake first=5 every=5 status=500",
    ],
)
def test_what_has_an_effect_together_is_taken(text):
    fault = parse_fault_text(text)
    assert parse_fault_text(fault_text(fault)) == fault


@given(
    st.builds(
        When,
        nth=st.none() | st.integers(1, 9),
        first=st.none() | st.integers(1, 9),
        every=st.none() | st.integers(1, 4),
        after=st.none() | st.integers(0, 9),
        p=st.none() | st.just(0.0),
    )
)
def test_selectors_hit_nothing_exactly_if_no_number_fits(when):
    numbers = range(1, 100)
    assert when.hits_nothing == (not any(replace(when, p=None).picks(n, int) for n in numbers))


def test_no_end_after_nothing_is_at_once():
    at_once = parse_fault_text("stream reset")
    for text in (
        "stream reset-after-bytes=0",
        "stream reset after-time=0",
        "stream reset after-time=0s",
    ):
        assert parse_fault_text(text) == at_once


MEANT = [
    ("intake frist=2 status=503", "`first`"),
    ("stream frist=2 reset", "`first`"),
    ("stream tiems=2 reset", "`times`"),
    ("intake bewteen=3s..4s reset", "`between`"),
    ("stream typ=grant.* reset", "`type`"),
    ("stream types=grant.created skip", "`type`"),
    ("stream clinet=2 reset", "`client`"),
    ("intake stauts=503", "`status`"),
    ("intake --first=2 status=503", "`first`"),
    ("intake status:503", "`status`"),
    ("stream probability=0.1 skip", "`p`"),
    ("intake latency=3s", "`delay`"),
    ("stream skip-ids", "`skip`"),
    ("stream invalid-json", "`malformed-json`"),
    ("stream key-rotate", "`key-rotated`"),
    ("stream lost-202", "Begin the line with `intake`"),
    ("intake duplicate", "Begin the line with `stream`"),
    (
        "intake xyzzy",
        "when (after, between, every, first, now, nth, p, times), whom (id, key, path",
    ),
    ("Intake reset", "`intake`"),
    ("steam reset", "`stream`"),
    ("datadog reset", "intake is Datadog's side"),
    ("intake first 2 status 503", "joined by `=`"),
]


@pytest.mark.parametrize(("text", "hint"), MEANT)
def test_what_was_meant_is_among_what_fits_there(text, hint):
    with pytest.raises(FaultError) as caught:
        parse_fault_text(text)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("intake delay", "delay: it needs a value: a duration such as 90s"),
        ("intake status=", "status: it needs a value: an HTTP status"),
        ("intake status=5O3", "'5O3' is not an HTTP status"),
        ("stream p=often skip", "'often' is not a probability such as 0.05 or 5%"),
        ("stream p=50%% skip", "'50%%' is not a probability"),
        ("stream p=101% skip", "'101%' is not a probability"),
        ("stream between=45s..30s reset", "'45s..30s' is not a span that ends after it begins"),
        ("stream between=30s reset", "'30s' is not a span such as 30s..45s"),
        ("stream reset=before", "'before' is not true; it is given without a value"),
        ("intake header=x status=500", "headers: 'x' is not a header (Name: value)"),
    ],
)
def test_a_wrong_value_is_shown_as_it_was_written(text, said):
    with pytest.raises(FaultError) as caught:
        parse_fault_text(text)
    assert caught.value.message.startswith(repr(text))
    assert said in caught.value.message


def test_a_percentage_and_a_bare_status_are_understood():
    assert parse_fault_text("intake p=5% 503") == parse_fault_text("intake p=0.05 status=503")
    assert parse_faults({"on": "stream", "p": "12.5%", "do": "skip"})[0].when.p == 0.125


_words = st.text(st.sampled_from("abcdefgh .*-'\"$é"), min_size=1, max_size=8)
_texts = _words.map(str.strip).filter(bool)
_lines = st.fixed_dictionaries(
    {"on": st.just("intake"), "do": st.fixed_dictionaries({"status": st.integers(200, 599)})},
    optional={
        "nth": st.integers(10, 19),
        "after": st.integers(0, 9),
        "p": st.floats(0, 1),
        "times": st.integers(1, 9),
        "between": st.tuples(st.integers(0, 9), st.integers(10, 99)).map(list),
        "match": st.fixed_dictionaries(
            {},
            optional={
                "path": st.sampled_from(["/api/v2/logs", "/api/*", "*put", "/v?/[ij]*"]),
                "type": _texts,
                "id": _texts,
            },
        ),
    },
)


@given(_lines, st.dictionaries(st.sampled_from(["X-A", "X-B"]), _texts), st.floats(0, 1e6))
def test_any_fault_reads_as_it_is_shown(value, headers, delay):
    (fault,) = parse_faults({**value, "do": {**value["do"], "headers": headers, "delay": delay}})
    assert parse_fault_text(fault_text(fault)) == fault


@pytest.mark.parametrize(
    "value", [10**400, "9" * 400, "9" * 400 + "ms", 1e11, "400000d"], ids=range(5)
)
@pytest.mark.parametrize("key", ["delay", "reset_after_bytes"])
def test_a_number_beyond_all_reason_is_a_mistake_like_any_other(key, value):
    with pytest.raises(FaultError, match=key):
        parse_faults([{"on": "stream", "do": {key: value}}])
