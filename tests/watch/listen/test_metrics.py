"""What a scrape says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from grantex_tui.delivery.status import DeliveryState, DeliveryView
from grantex_tui.events.gap import Gap
from grantex_tui.events.live.connection import ConnectionState, ConnectionView, PathView
from grantex_tui.watch.frame import Frame, MonitorView, TallyView
from grantex_tui.watch.listen.blind import OTHER, Blindness
from grantex_tui.watch.listen.metrics import openmetrics
from grantex_tui.watch.listen.room import Room


LIVE = ConnectionView(state=ConnectionState.LIVE, since=90.0, last_byte_at=99.0, path="SSE")
FRAME = Frame(
    now=100.0,
    started_at=50.0,
    source="http://grantex.example/v1/events/stream",
    connection=LIVE,
    paths=(PathView("SSE", LIVE, brought=7, reconnects=2), PathView("WebSocket", ConnectionView())),
    tally=TallyView(received=7, by_type=(("grant.created", 4), ("grant.revoked", 3))),
    delivery=DeliveryView(
        state=DeliveryState.RETRYING, delivered=3, pending=4, pending_since=60.0,
        answers=((("503", "retry"), 2), (("202", "delivered"), 1)), dropped=(("disk full", 5),),
    ),
    monitors=(
        MonitorView("storm", "Alert", 90.0, 12.0, 10.0, None, ">", triggered=1),
        MonitorView("storm", "OK", None, None, 10.0, None, ">"),
    ),
)  # fmt: skip


def scrape(frame: Frame = FRAME, blindness: Blindness | None = None) -> dict[tuple, float]:
    text = openmetrics(
        frame, blindness or Blindness(), version="1.2.3", room=Room(10, 100, 1000)
    ).decode()
    assert text.endswith("# EOF\n")
    return {
        (sample.name.removeprefix("grantex_tui_"), *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_figures_are_those_of_the_frame():
    samples = scrape()
    assert samples["received_total",] == 7
    assert samples["received_by_type_total", "grant.revoked"] == 3
    assert samples["pending",] == 4
    assert samples["oldest_pending_seconds",] == 40
    assert samples["dropped_total", "disk full"] == 5
    assert samples["answers_total", "503", "retry"] == 2
    assert samples["path_silence_seconds", "SSE"] == 1
    assert ("path_silence_seconds", "WebSocket") not in samples
    assert samples["path_reconnects_total", "SSE"] == 2
    assert samples["stream_state", "live"] == 1
    assert samples["delivery_state", "retrying"] == 1
    assert samples["delivery_state", "ok"] == 0
    assert samples["monitor_value", "storm"] == 12
    assert samples["journal_bytes",] == 10
    assert samples["build_info", "1.2.3"] == 1


def test_two_monitors_of_one_name_are_two_series():
    samples = scrape()
    assert samples["monitor_state", "Alert", "storm"] == 1
    assert samples["monitor_state", "OK", "storm (2)"] == 1


def test_gaps_are_added_up_by_cause_and_causes_are_bounded():
    blindness = Blindness()
    for number in range(3):
        blindness.on_gap(Gap(10.0, 12.5, f"reset after {number} s"))
    blindness.on_gap(Gap(10.0, None, "still open"))
    samples = scrape(blindness=blindness)
    assert samples["gaps_total", "reset after N s"] == 3
    assert samples["blind_seconds_total", "reset after N s"] == 7.5
    for letter in "abcdefghijklmnopqrstuvwxyz":
        blindness.on_gap(Gap(1.0, 2.0, letter))
    causes = {cause: gaps for cause, gaps, _ in blindness.by_cause()}
    assert len(causes) == 21
    assert causes[OTHER] == 26 - 18


def test_an_open_gap_lasts_until_now():
    assert scrape()["gap_open_seconds",] == 0
    assert scrape(replace(FRAME, gaps=(Gap(70.0, None, "cut"),)))["gap_open_seconds",] == 30


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=12), st.integers(0, 10**9), max_size=130), st.text())
def test_whatever_types_and_monitors_are_called_the_scrape_can_be_read(by_type, name):
    monitor = replace(FRAME.monitors[0], name=name)
    frame = replace(
        FRAME,
        tally=replace(FRAME.tally, by_type=tuple(by_type.items())),
        monitors=(monitor, monitor),
    )
    samples = scrape(frame)
    counted = {key: value for key, value in samples.items() if key[0] == "received_by_type_total"}
    assert len(counted) <= 101
    assert sum(counted.values()) == sum(by_type.values())


def test_the_page_names_every_metric():
    page = (Path(__file__).parents[3] / "docs" / "operation.md").read_text()
    named = {key[0] for key in scrape()}
    assert sorted(name for name in named if f"`{name}`" not in page) == []
