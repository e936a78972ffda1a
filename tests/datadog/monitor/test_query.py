from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.datadog.monitor.kinds.anomaly import AnomalyQuery
from grantex_tui.datadog.monitor.kinds.formula import FormulaQuery
from grantex_tui.datadog.monitor.kinds.log import LogAlertQuery
from grantex_tui.datadog.monitor.model import Band, LogQuery, MetricQuery
from grantex_tui.datadog.monitor.query import parse_query
from grantex_tui.datadog.monitor.scanner import NotEvaluatedError, QueryError
from grantex_tui.datadog.monitor.variables import METHODS


VARIABLES = [
    {
        "data_source": "logs",
        "name": name,
        "search": {"query": f"service:{name}"},
        "indexes": ["*"],
        "compute": {"aggregation": "count"},
    }
    for name in ("a", "b")
]


def logs(tail, head='logs("a b").index("*").rollup("count")'):
    return parse_query(head + tail, type="log alert")


def test_every_part_of_a_log_alert_query():
    text = (
        'logs("source:grantex @a:\\"x y\\"").index("main,audit")'
        '.rollup("cardinality", "@grantex.agent_id").by("service,@grantex.event_type")'
        '.last("4h") >= 1.5'
    )
    assert parse_query(text, type="log alert") == LogAlertQuery(
        LogQuery(
            search='source:grantex @a:"x y"',
            method="cardinality",
            measure="@grantex.agent_id",
            group_by=("service", "@grantex.event_type"),
            indexes=("main", "audit"),
            group_limits=(None, None),
        ),
        window=4 * 3600,
        comparator=Comparator(">="),
        threshold=1.5,
    )


@pytest.mark.parametrize("key", ["revocations", "budget_by_agent", "heartbeat", "distinct_agents",
                                 "two_queries", "anomaly"])  # fmt: skip
def test_queries_that_datadogs_client_took_come_back_letter_by_letter(payloads, key):
    obj = payloads[f"monitor_{key}"]
    variables = obj["options"].get("variables", ())
    assert parse_query(obj["query"], type=obj["type"], variables=variables).text() == obj["query"]


@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">=", "==", "!="])
def test_comparators(comparator):
    query = logs(f'.last("5m") {comparator} 3')
    assert (query.comparator, query.threshold) == (comparator, 3.0)


@pytest.mark.parametrize(
    ("window", "seconds"),
    [("1m", 60), ("90m", 5400), ("2880m", 172_800), ("1h", 3600), ("48h", 172_800)],
)
def test_windows(window, seconds):
    assert logs(f'.last("{window}") > 3').window == seconds


def test_blanks_and_the_order_of_calls_do_not_matter():
    text = ' logs( "a" ) . last("5m") .rollup( "avg" , "@x" )\n.by("s") > -1.5e2 '
    query = parse_query(text, type="log alert")
    assert query.text() == 'logs("a").index("*").rollup("avg", "@x").by("s").last("5m") > -150'


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('logs("@a:\\"x y\\"")', '@a:"x y"'),
        (r'logs("@a:hello\:world")', r"@a:hello\:world"),
        (r'logs("@a:C\\:x")', r"@a:C\:x"),
        (r'logs("a\\")', "a\\"),
        ('logs("it\'s")', "it's"),
        ('logs("")', ""),
    ],
)
def test_escapes_inside_the_quotes(written, meant):
    query = parse_query(written + '.rollup("count").last("5m") > 1', type="log alert")
    assert isinstance(query, LogAlertQuery)
    assert query.query.search == meant


ERRORS = [
    ('logs("a").index("*").rollup("count").last("5m") => 3', "invalid operator specified: =>", "=>"),
    ('logs("a").index("*").rollup("count").last("5m") = 3', "invalid operator specified: =", "= 3"),
    ('logs("a").index("*").rollup("count").last("5m")', "invalid operator specified", ""),
    ('logs("a").index("*").rollup("count").last("5m") > many', "expected the threshold", "many"),
    ('logs("a").index("*").rollup("count").last("5m") > 3 or so', "unexpected 'or'", "or so"),
    ('logs("a").index("*").rollup("count").last("5x") > 3', "window '5x'", '"5x"'),
    ('logs("a").index("*").rollup("count").last("2881m") > 3', "window '2881m'", '"2881m"'),
    ('logs("a").index("*").rollup("count").last("49h") > 3', "window '49h'", '"49h"'),
    ('logs("a").index("*").rollup("count").last("0m") > 3', "window '0m'", '"0m"'),
    ('logs("a").index("*").rollup("sum").last("5m") > 3', "'sum' needs a measure", ").last"),
    ('logs("a").index("*").rollup("p95", "@x").last("5m") > 3', "method 'p95' is unknown", '"p95"'),
    ('logs("a").index("*").rolup("count").last("5m") > 3', "unknown call 'rolup'", "rolup"),
    ('logs("a").index("*").last("5m") > 3', "expected .rollup(…)", "> 3"),
    ('logs("a").index("*").rollup("count") > 3', "expected .last(…)", "> 3"),
    ('logs("a").rollup("count").rollup("count").last("5m") > 3', "given twice", 'rollup("count").last'),
    ('logs("a").rollup("count").by("x","y").last("5m") > 3', "by() takes one text", ',"y"'),
    ('logs("a").rollup("count").by("").last("5m") > 3', "by() needs", '"").last'),
    ('logs("a").rollup("count").by("x,x").last("5m") > 3', "by() needs different", '"x,x"'),
    ('logs("a").rollup("count").by("a,b,c,d,e").last("5m") > 3', "at most 4", '"a,b,c,d,e"'),
    ("logs('a').rollup(\"count\").last(\"5m\") > 3", "must be in double quotes", "'a'"),
    ('logs("a.rollup', "never closed", '"a.rollup'),
    ("log(1)", "unknown query", "log"),
    ("", "expected query", ""),
    ("avg(last_4h):anomalies(x) >= 1", "an anomaly query over a metric", "avg"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason", "at"), ERRORS, ids=[row[1] for row in ERRORS])
def test_errors_point_at_the_character(text, reason, at):
    with pytest.raises(QueryError) as caught:
        parse_query(text, type="log alert")
    assert reason in caught.value.reason
    assert text[caught.value.position :].startswith(at)
    assert caught.value.message.startswith("The value provided for parameter 'query' is invalid: ")


def test_the_caret_stands_under_the_character_even_in_a_long_query():
    text = f'logs("{"x " * 200}").rollup("count").last("5x") > 3'
    with pytest.raises(QueryError) as caught:
        parse_query(text, type="log alert")
    line, pointer = caught.value.picture.splitlines()
    assert line[pointer.index("^") :].startswith('"5x"')
    assert len(line) < 100


def test_types_that_are_not_evaluated_are_no_error_of_the_query():
    with pytest.raises(NotEvaluatedError, match="type 'rum alert' is not evaluated here"):
        parse_query("rum(…)", type="rum alert")
    with pytest.raises(NotEvaluatedError, match=r"without anomalies\(\)"):
        parse_query("avg(last_5m):sum:system.load.1{*} > 4", type="query alert")


def test_a_log_query_in_a_metric_monitor_is_told_its_type():
    with pytest.raises(QueryError) as caught:
        parse_query('logs("a").rollup("count").last("5m") > 3', type="query alert")
    assert "log alert" in caught.value.hint


def test_a_formula_computes_over_the_variables():
    query = parse_query(
        'formula("a / b * 100").last("15m") > 20', type="log alert", variables=VARIABLES
    )
    assert isinstance(query, FormulaQuery)
    assert query.formula == "a / b * 100"
    assert list(query.variables) == ["a", "b"]
    assert query.variables["b"].search == "service:b"
    assert (query.window, query.comparator, query.threshold) == (900, ">", 20.0)


@pytest.mark.parametrize(
    ("text", "reason", "at"),
    [
        ('formula("a / c").last("15m") > 20', "names 'c', but options.variables defines a, b", "c"),
        ('formula("a +").last("15m") > 20', "in the formula: expected", '").last'),
        (
            'formula("a").rollup("count").last("15m") > 20',
            ".rollup() of a formula is not evaluated here",
            "rollup",
        ),
    ],
)
def test_errors_of_a_formula(text, reason, at):
    with pytest.raises(QueryError) as caught:
        parse_query(text, type="log alert", variables=VARIABLES)
    assert reason in caught.value.reason
    assert text[caught.value.position :].startswith(at)


def anomalies(inside, head="avg(last_4h)", tail=">= 1"):
    return parse_query(f"{head}:anomalies({inside}) {tail}", type="query alert")


def test_what_an_anomaly_query_leaves_out_is_filled_in():
    query = anomalies("avg:system.cpu.system{name:cassandra}, 'basic', 3")
    band = Band(
        query_window=4 * 3600,
        metric=MetricQuery("avg", "system.cpu.system", "name:cassandra", as_count=False),
        algorithm="basic",
        deviations=3.0,
        direction="both",
        alert_window=4 * 3600,
        interval=60,
        count_default_zero=True,
        seasonality="",
    )
    assert query == AnomalyQuery(band, Comparator(">="), 1.0)


def test_metric_queries_with_groups_and_rollup():
    query = anomalies(
        "sum:grantex.events{a:b,!c:d} by {agent,host}.as_count().rollup(sum, 120), \"agile\", 2.5, timezone='utc'"
    )
    assert query.band.metric == MetricQuery(
        "sum", "grantex.events", "a:b,!c:d", ("agent", "host"), True, 120, "sum"
    )
    assert query.band.timezone == "utc"
    assert query.group_by == ("agent", "host")
    assert parse_query(query.text(), type="query alert") == query


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("count:source:grantex type:token.issued, 'agile', 3", "a log search, not a metric query"),
        ("sum:m{*}, 'clever', 3", "the algorithm 'clever' is not one of basic, agile, robust"),
        ("sum:m{*}, 'agile', -1", "positive number"),
        ("sum:m{*}, 'agile', 3, direction='up'", "direction 'up' is not one of"),
        ("sum:m{*}, 'agile', 3, windw='last_5m'", "unknown option of anomalies() 'windw'"),
        ("sum:m{*}, 'agile', 3, interval=0", "must not be 0"),
        ("sum:m{*}, 'agile', 3, alert_window='5m'", "not of the form 'last_15m'"),
        ("sum:m{*}, 'agile', 3, interval=20, interval=30", "given twice"),
        ("sum:m, 'agile', 3", "a scope such as {*}"),
        ("sum:m{*}", "expected ',' after the metric query"),
    ],
)  # fmt: skip
def test_errors_of_an_anomaly_query(inside, reason):
    with pytest.raises(QueryError) as caught:
        anomalies(inside)
    assert reason in caught.value.reason


def test_metric_functions_that_are_not_evaluated():
    with pytest.raises(NotEvaluatedError, match=r"as_rate\(\) is not evaluated here"):
        anomalies("sum:m{*}.as_rate(), 'agile', 3")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)
FACETS = st.lists(st.sampled_from(["service", "@a.b", "host", "@x"]), unique=True, max_size=4).map(
    tuple
)
NUMBERS = st.floats(-1e9, 1e9).map(lambda number: round(number, 6) + 0.0)
COMPARATORS = st.sampled_from(list(Comparator))


@st.composite
def log_queries(draw):
    group_by = draw(FACETS)
    method = draw(st.sampled_from(METHODS))
    measure = (
        "" if method == "count" else "@" + draw(st.from_regex(r"[a-z.\\\"]{1,8}", fullmatch=True))
    )
    return LogAlertQuery(
        LogQuery(
            search=draw(WORDS | st.text('a\\": ', max_size=12)),
            method=method,
            measure=measure,
            group_by=group_by,
            indexes=draw(st.sampled_from([("*",), ("main",), ("main", "audit")])),
            group_limits=(None,) * len(group_by),
        ),
        window=60 * draw(st.integers(1, 2880)),
        comparator=draw(COMPARATORS),
        threshold=draw(NUMBERS),
    )


@st.composite
def anomaly_queries(draw):
    rolled = draw(st.booleans())
    band = Band(
        query_window=60 * draw(st.integers(1, 20_000)),
        metric=MetricQuery(
            draw(st.sampled_from(["sum", "avg", "count"])),
            draw(st.from_regex(r"[a-z][a-z_.]{0,12}", fullmatch=True)),
            draw(st.sampled_from(["*", "a:b", "event_type:token.issued,!x:y z"])),
            draw(st.sampled_from([(), ("agent",), ("a", "b")])),
            draw(st.booleans()),
            draw(st.integers(1, 9000)) if rolled else None,
            "sum" if rolled else "",
        ),
        algorithm=draw(st.sampled_from(["basic", "agile", "robust"])),
        deviations=draw(st.integers(1, 9)) + draw(st.sampled_from([0.0, 0.5])),
        direction=draw(st.sampled_from(["above", "below", "both"])),
        alert_window=60 * draw(st.integers(1, 20_000)),
        interval=draw(st.integers(1, 9000)),
        count_default_zero=draw(st.booleans()),
        seasonality=draw(st.sampled_from(["", "hourly", "daily", "weekly"])),
        timezone=draw(st.sampled_from(["", "utc", "Asia/Tokyo"])),
    )
    return AnomalyQuery(
        band,
        draw(st.sampled_from([Comparator.ABOVE_OR_ON, Comparator.ABOVE])),
        draw(st.sampled_from([1.0, 0.8, 0.25])),
    )


@given(log_queries())
def test_printing_and_reading_a_log_query_gives_it_back(query):
    assert parse_query(query.text(), type="log alert") == query


@given(anomaly_queries())
def test_printing_and_reading_an_anomaly_query_gives_it_back(query):
    assert parse_query(query.text(), type="query alert") == query


@given(
    st.text("logs(\"a').by>= 5m,\\{}:_n", max_size=40),
    st.sampled_from(["log alert", "query alert"]),
)
def test_nonsense_is_an_error_inside_the_text_and_nothing_else(text, kind):
    position = 0
    try:
        parse_query(text, type=kind)
    except QueryError as error:
        position = error.position
    assert 0 <= position <= len(text)
