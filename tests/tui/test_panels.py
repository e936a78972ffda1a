from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.delivery.status import DeliveryState, DeliveryView, RequestRecord
from grantex_tui.events.gap import Gap
from grantex_tui.events.live.connection import ConnectionState, ConnectionView, PathView
from grantex_tui.tui.drawing.banner import Banner, connection_text, newest_lag
from grantex_tui.tui.drawing.chart import Chart
from grantex_tui.tui.drawing.event_line import columns_for, event_line
from grantex_tui.tui.widgets.agents import AGENTS
from grantex_tui.tui.widgets.chart import AXIS, CURRENT, HISTORY, LEGEND
from grantex_tui.tui.widgets.delivery import DELIVERY
from grantex_tui.tui.widgets.header import HEADER
from grantex_tui.tui.widgets.monitors import MONITORS, severity, without_common_prefix
from grantex_tui.tui.widgets.tiny import TINY
from grantex_tui.tui.widgets.values import Counter, draw_counter
from grantex_tui.watch.frame import (
    AgentRow,
    Buckets,
    EventRow,
    Frame,
    GroupView,
    MonitorView,
    TallyView,
)


NOW = 1_800_000_000.0
UNSAFE = {"Cc", "Cs", "Zl", "Zp", "Cn", "Co"}
hostile = st.text(max_size=30) | st.sampled_from(
    ["\x1b[2J\x1b[H", "[bold red]x[/]", "\u202eevil", "x" * 100_000, "日" * 300, "\x00\r\n\t", ""]
)
sizes = st.tuples(st.integers(1, 170), st.integers(1, 40))
count = st.integers(0, 10**7)
instant = st.floats(NOW - 1e6, NOW + 1e4)
maybe = st.none() | st.floats(-1e6, 1e9)
states = st.sampled_from(["OK", "Warn", "Alert", "No Data", "Something new"])
groups = st.builds(GroupView, hostile, states, maybe, instant)
monitors = st.builds(
    MonitorView, hostile, states, st.none() | instant, maybe, maybe, maybe, hostile,
    st.lists(groups, max_size=5).map(tuple), hostile, st.lists(maybe, max_size=30).map(tuple), count,
)  # fmt: skip
requests = st.builds(
    RequestRecord, instant, st.none() | st.integers(100, 599), hostile, count, count,
    st.floats(0, 1e4), hostile,
)  # fmt: skip
deliveries = st.builds(
    DeliveryView,
    version=count, state=st.sampled_from(DeliveryState), since=instant, detail=hostile,
    target=hostile, delivered=count, pending=count, dead_lettered=count,
    dropped=st.lists(st.tuples(hostile, count), max_size=4).map(tuple), requests=count,
    retries=count, in_flight=count, batch_fill=count, batch_size=count,
    next_flush_at=st.none() | instant, retry_at=st.none() | instant,
    last_flush_at=st.none() | instant, last_verdict=hostile,
    last_requests=st.lists(requests, max_size=5).map(tuple), pending_since=st.none() | instant,
)  # fmt: skip
rows = st.builds(
    EventRow, count, instant, hostile, hostile, hostile, hostile, st.binary(max_size=60), hostile
)
agents = st.builds(AgentRow, hostile, st.integers(1, 10**7), count, count, instant)


@st.composite
def frames(draw):
    types = tuple(draw(st.lists(hostile, max_size=12, unique=True)))
    bars = draw(st.integers(0, 90))
    rng = Random(draw(st.integers(0, 2**32)))  # not `randoms`: a thousand draws a frame
    counts = tuple(tuple(rng.choice([0, 0, 1, 7, 900]) for _ in types) for _ in range(bars))
    width = draw(st.sampled_from([1.0, 15.0, 300.0]))
    buckets = Buckets(1, width, tuple(NOW - (bars - i) * width for i in range(bars)), types, counts)
    tally = TallyView(
        1, draw(count), draw(count), draw(count), draw(st.floats(0, 1e6)),
        tuple((name, draw(count)) for name in types), draw(count), draw(count), draw(count),
        buckets, tuple(draw(st.lists(agents, max_size=6))), tuple(draw(st.lists(rows, max_size=3))),
    )  # fmt: skip
    connection = ConnectionView(
        draw(st.sampled_from(ConnectionState)), draw(instant), draw(hostile), draw(count),
        draw(st.none() | instant), 1, None,
    )  # fmt: skip
    return Frame(
        NOW, NOW - 100, draw(hostile), connection, tally, draw(deliveries),
        tuple(draw(st.lists(st.builds(Gap, instant, st.none() | instant, hostile), max_size=3))),
        tuple(draw(st.lists(monitors, max_size=5))), 1, "",
        tuple(draw(st.lists(hostile, max_size=2))),
        paths=tuple(
            PathView(draw(hostile), connection, draw(st.none() | instant), 1, 2, 1, draw(count))
            for _ in range(draw(st.integers(0, 2)))
        ),
    )  # fmt: skip


def check(strips, width, most):
    assert len(strips) <= most
    assert {strip.cell_length for strip in strips} <= {width}
    for strip in strips:
        assert not {category(character) for character in strip.text} & UNSAFE


@given(frames(), sizes)
def test_every_panel_keeps_to_its_cells_whatever_the_text(looks, frame, size):
    width, height = size
    banner = Banner(frame, 12, leaving=True)
    for look in looks:
        for view in (AGENTS, MONITORS, DELIVERY):
            check(view.draw(frame, look, width, height), width, max(height, 4))
            assert all("\x1b" not in text for text, _ in view.info(frame, look))
            hash(repr(view.key(frame)))
        for top in (HEADER, TINY):
            check(top.draw(banner, look, width, height), width, max(height, 3))
        for row in frame.tally.recent:
            check([event_line(row, look, width)], width, 1)


@given(frames(), sizes, st.integers(1, 2))
def test_every_part_of_the_chart_keeps_to_its_cells(looks, frame, size, bar):
    width, height = size
    width = max(bar, width - width % bar)
    chart = Chart.of(frame.tally.buckets, frame.tally.by_type, capacity=width // bar, bar=bar)
    counter = Counter.of(frame, 12_345, ("grant.created",))
    for look in looks:
        check(HISTORY.draw(chart, look, width, height), width, max(1, height))
        check(CURRENT.draw(chart, look, bar, height), bar, height)
        check(AXIS.draw(chart, look, max(8, width), height), max(8, width), height)
        check(LEGEND.draw(chart, look, width, height), width, height)
        drawn = draw_counter(counter, look, width, height, title="x", of="grant.created")
        check(drawn, width, height)


@given(st.integers(1, 400))
def test_columns_of_the_stream_never_exceed_the_row(width):
    columns = columns_for(width)
    assert min(columns) >= 0
    if width >= 40:
        assert sum(columns) == width


def test_a_counter_counts_its_types_and_the_last_minute(frame):
    counter = Counter.of(frame, frame.tally.grants_created, ("grant.created",))
    assert sum(counter.series) == frame.tally.grants_created == counter.total
    assert counter.last_minute == sum(counter.series[-60:])


def test_the_chart_keeps_every_event_of_the_visible_buckets(frame):
    chart = Chart.of(frame.tally.buckets, frame.tally.by_type, capacity=10_000)
    assert sum(map(sum, chart.counts)) == frame.tally.received
    assert chart.peak == max(map(sum, frame.tally.buckets.counts))
    assert chart.scale >= chart.peak


def test_series_are_stacked_in_a_lasting_order_not_by_count(frame):
    buckets = frame.tally.buckets
    shuffled = replace(
        buckets,
        types=buckets.types[::-1],
        counts=tuple(row[::-1] for row in buckets.counts),
    )
    charts = [Chart.of(b, frame.tally.by_type, capacity=60) for b in (buckets, shuffled)]
    assert charts[0].types == charts[1].types
    assert charts[0].counts == charts[1].counts


@pytest.mark.parametrize(
    ("connection", "text"),
    [
        (ConnectionView(ConnectionState.LIVE, NOW - 751), "live 00:12:31"),
        (
            ConnectionView(ConnectionState.CONNECTING, NOW - 7),
            "connecting 00:00:07 (headers may take 30 s)",
        ),
        (
            ConnectionView(ConnectionState.WAITING, NOW, "503", 1, NOW + 3.5),
            "retry in 4 s (2nd) 503",
        ),
        (
            ConnectionView(ConnectionState.LOCKED_OUT, NOW, "", 1, NOW + 252),
            "locked out, 04:12 left",
        ),
        (ConnectionView(ConnectionState.REFUSED, NOW, "401 bad key"), "refused: 401 bad key"),
        (ConnectionView(ConnectionState.IDLE, NOW), "idle"),
        (ConnectionView(ConnectionState.ENDED, NOW, "done"), "ended: done"),
    ],
)
def test_the_connections_state_is_said_in_words(connection, text):
    assert "".join(connection_text(connection, NOW)) == text


def header_text(frame, look, width=240):
    return "\n".join(strip.text for strip in HEADER.draw(Banner(frame), look, width, 3))


def test_the_header_tells_of_everything_that_is_wrong(frame, look):
    frame = replace(
        frame,
        gaps=(Gap(NOW - 100, NOW - 93, "reset"),),
        warnings=("first", "the disk is full"),
        tally=replace(frame.tally, malformed=3),
    )
    text = header_text(frame, look)
    for fact in (
        "✖ alert", "✖ 1 dead letter", "✖ 2 dropped", "dead-lettered 1", "dropped 2 (journal full)",
        "gaps 1 (00:00:07)", "malformed 3", "pending 54", "flush 202 2 s ago",
    ):  # fmt: skip
        assert fact in text


def test_without_trouble_the_newest_standing_warning_has_the_row(frame, look):
    calm = replace(
        frame, monitors=(), delivery=DeliveryView(), warnings=("first", "the timer is off")
    )
    assert "the timer is off (+1 more)" in header_text(calm, look)


def test_a_replays_clock_is_no_lag(frame, look):
    old = replace(frame.tally.recent[-1], raw=b'{"createdAt":"2026-02-05T00:00:00.000Z"}')
    text = header_text(replace(frame, tally=replace(frame.tally, recent=(old,))), look)
    assert "events are 344 d old" in text
    assert "lag" not in text


def test_a_held_delivery_is_said_in_the_header_and_with_its_reason_in_the_panel(frame, look):
    delivery = replace(frame.delivery, state=DeliveryState.HELD, detail="403: check DD_API_KEY")
    frame = replace(frame, delivery=delivery)
    assert "delivery held" in header_text(frame, look)
    assert "403: check DD_API_KEY" in DELIVERY.draw(frame, look, 60, 10)[0].text


def test_the_delivery_panel_accounts_for_everything(frame, look):
    text = "\n".join(strip.text for strip in DELIVERY.draw(frame, look, 60, 12))
    for fact in (
        "54/100", "flush in 4 s", "delivered 300", "pending 54", "in flight 1",
        "dead-lettered 1", "dropped 2", "journal full 2",
        "✓ 202   100 logs  12.3 kB  48 ms", "✖ ---", "connection refused",
    ):  # fmt: skip
        assert fact in text


def test_states_of_monitors_read_without_colour_worst_first(frame, look):
    drawn = [strip.text for strip in MONITORS.draw(frame, look, 60, 10)]
    assert drawn[0].startswith("✖ Alert   Revocation rate")
    assert "57 > 50" in drawn[0]
    assert any(line.startswith("✓ OK      Heartbeat") for line in drawn)
    assert severity("Alert") < severity("Warn") < severity("No Data") < severity("OK")


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["Grantex: many", "Grantex: budget"], ["many", "budget"]),
        (["Grantex: many"], ["Grantex: many"]),
        (["Grants: a", "Grant: b"], ["Grants: a", "Grant: b"]),
        (["a - x: 1", "a - x: 2"], ["1", "2"]),
        (["same: ", "same: "], ["same: ", "same: "]),
    ],
)
def test_what_all_names_begin_with_is_left_out(frame, names, shown):
    monitors = [replace(frame.monitors[0], name=name) for name in names]
    assert [monitor.name for monitor in without_common_prefix(monitors)] == shown


def test_no_monitors_is_said(frame, look):
    text = MONITORS.draw(replace(frame, monitors=()), look, 40, 5)[0].text
    assert text.strip() == "No monitors"


def test_groups_that_are_fine_are_not_listed(frame, look):
    groups = (GroupView("agent:a", "Alert", 9.0, NOW), GroupView("agent:b", "OK", 1.0, NOW))
    monitor = replace(frame.monitors[0], groups=groups)
    text = "\n".join(
        strip.text for strip in MONITORS.draw(replace(frame, monitors=(monitor,)), look, 60, 8)
    )
    assert "agent:a" in text
    assert "agent:b" not in text


def test_the_lag_is_the_newest_events_way_and_never_negative():
    def row(created):
        raw = json.dumps({"createdAt": created}).encode()
        return (EventRow(1, NOW, "", "", "", "", raw),)

    assert newest_lag(row("2027-01-15T07:59:58.500Z")) == 1.5
    assert newest_lag(row("2027-01-15T08:30:00.000Z")) == 0.0
    assert newest_lag(row("no date at all")) is None
    assert newest_lag(()) is None


def test_an_events_row_shows_its_ids_by_their_ends_and_the_rest_of_its_data(look):
    raw = b'{"data":{"grantId":"g","scopes":["a:read","b"],"pct":50,"nested":{"x":1}}}'
    event = EventRow(1, NOW, "grant.created", "grnt_01M85QNSC547A4TTWSCVEQEHN4", "", "u", raw)
    text = event_line(event, look, 160).text
    assert "SCVEQEHN4" in text
    assert 'scopes=a:read,b pct=50 nested={"x":1}' in text


def test_a_malformed_payload_says_why(look):
    event = EventRow(1, NOW, "", "", "", "", b"\x1b[2Jnope", "not JSON")
    text = event_line(event, look, 100).text
    assert "malformed: not JSON" in text
    assert "␛[2Jnope" in text
