from __future__ import annotations

from dataclasses import replace

import pytest

from grantex_tui.delivery.status import Buried, DeliveryState, DeliveryView
from grantex_tui.watch.delivery_news import DeliveryNews, standing_words


NOW = 1_767_603_600.0
OK = DeliveryView(state=DeliveryState.OK)
DOWN = DeliveryView(
    state=DeliveryState.RETRYING,
    since=NOW,
    detail="503 Service Unavailable",
    pending=7,
    retry_at=NOW + 4,
)


def test_trouble_is_told_once_and_its_end_too() -> None:
    news = DeliveryNews()
    assert news.look(OK, NOW) == []
    (line,) = news.look(DOWN, NOW)
    assert line.startswith("delivery retrying since ")
    assert line.endswith("(503 Service Unavailable); pending 7, kept; next attempt in 4 s")
    assert news.look(DOWN, NOW + 1) == []
    assert news.look(OK, NOW + 2) == ["delivery goes on; pending 0"]
    assert news.look(OK, NOW + 3) == []


@pytest.mark.parametrize(
    "state", [DeliveryState.RETRYING, DeliveryState.HELD, DeliveryState.UNANSWERED]
)
def test_every_trouble_is_one(state) -> None:
    (line,) = DeliveryNews().look(replace(DOWN, state=state), NOW)
    assert line.startswith(f"delivery {state} since ")


def test_another_trouble_is_told_at_once_another_reason_after_a_minute() -> None:
    news = DeliveryNews()
    news.look(DOWN, NOW)
    other = replace(DOWN, detail="reset")
    assert news.look(other, NOW + 59) == []
    assert "reset" in news.look(other, NOW + 60)[0]
    (line,) = news.look(replace(DOWN, state=DeliveryState.HELD), NOW + 61)
    assert "held" in line


def test_each_dead_letter_is_told_with_its_id_and_reason() -> None:
    news = DeliveryNews()
    letters = tuple(Buried(f"evt_{n}", "400 Bad Request") for n in range(3))
    lines = news.look(replace(OK, dead_lettered=3, dead_letters=letters), NOW)
    assert lines[2] == "dead letter: evt_2 is refused for good: 400 Bad Request"
    assert len(lines) == 3
    lines = news.look(replace(OK, dead_lettered=9, dead_letters=letters), NOW)
    assert lines[3] == "3 dead letters more; see dead-letter.ndjson in the journal"


def test_foreign_text_is_made_safe() -> None:
    nasty = Buried("evt", "\x1b[2J")
    lines = DeliveryNews().look(
        replace(DOWN, detail="\x1b[31m", dead_lettered=1, dead_letters=(nasty,)), NOW
    )
    assert "\x1b" not in "".join(lines)


def test_late_delivery_is_told_when_it_begins_and_when_it_is_over() -> None:
    news = DeliveryNews()
    late = replace(OK, late=100, late_by=7260.0)
    (line,) = news.look(late, NOW)
    assert line.startswith("delivering late events, up to 2h1m old: Datadog dates them on arrival")
    assert "18 h" not in line
    assert standing_words(late) == [line]
    assert news.look(replace(late, late=200), NOW + 1) == []
    caught_up = replace(OK, late=200)
    assert news.look(caught_up, NOW + 2) == ["delivery is in time again; 200 events went out late"]
    assert news.look(caught_up, NOW + 3) == []
    assert standing_words(caught_up) == []


def test_beyond_18_hours_datadog_may_drop_and_dated_entries_are_said_to_be() -> None:
    (line,) = DeliveryNews().look(replace(OK, late=1, late_by=65_000.0, entry_date=True), NOW)
    assert "each carries its createdAt" in line
    assert "may drop" in line


def test_shortened_logs_are_told() -> None:
    news = DeliveryNews()
    (line,) = news.look(replace(OK, truncated=1), NOW)
    assert "truncated.ndjson" in line
    assert news.look(replace(OK, truncated=1), NOW) == []
