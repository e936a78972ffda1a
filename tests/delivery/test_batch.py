from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.delivery.batch import (
    BatchSettings,
    Encoded,
    EntryFormat,
    bisect,
    due_at,
    split_by_size,
)


SETTINGS = BatchSettings(batch_size=100, flush_interval=5.0, linger=0.03)


@pytest.mark.parametrize(
    ("waiting", "waiting_bytes", "due"),
    [
        (0, 0, None),
        (1, 300, 15.0),
        (99, 30_000, 15.0),
        (100, 30_000, 10.03),
        (999, 300_000, 10.03),
        (1000, 300_000, 10.0),
        (3, 4_250_000, 10.0),
    ],
)
def test_a_batch_is_due_by_age_by_count_and_by_bytes(waiting, waiting_bytes, due) -> None:
    assert due_at(SETTINGS, waiting=waiting, waiting_bytes=waiting_bytes, oldest_at=10.0) == due


def test_without_a_timer_a_batch_waits_until_it_is_full() -> None:
    settings = BatchSettings(batch_size=100, flush_interval=0.0)
    assert due_at(settings, waiting=99, waiting_bytes=1, oldest_at=0.0) is None
    assert due_at(settings, waiting=100, waiting_bytes=1, oldest_at=0.0) == settings.linger


def test_a_batch_never_lingers_beyond_its_flush_interval() -> None:
    settings = BatchSettings(batch_size=2, flush_interval=0.01, linger=0.05)
    assert due_at(settings, waiting=2, waiting_bytes=1, oldest_at=0.0) == 0.01


RAW = (
    '{"id":"evt_1","type":"grant.created","data":{"x":"\u2028é\\u001b\U0001f680\\"\\\\"}}'.encode()
)


def test_an_entry_is_exactly_what_the_guide_says() -> None:
    entry = json.loads(EntryFormat().encode("grant.created", RAW))
    assert entry == {
        "ddsource": "grantex",
        "ddtags": "type:grant.created",
        "hostname": "grantex-auth-service",
        "service": "grantex",
        "message": RAW.decode(),
    }


def test_source_service_and_further_tags_are_the_users() -> None:
    entry = json.loads(
        EntryFormat(source="s", service='my "svc"', tags=["env:prod", "team:id"]).encode("t", RAW)
    )
    assert (entry["ddsource"], entry["service"]) == ("s", 'my "svc"')
    assert entry["ddtags"] == "type:t,env:prod,team:id"


def test_an_entry_may_carry_the_events_date_beside_its_message() -> None:
    raw = b'{"id":"evt_1","type":"t","createdAt":"2026-01-05T09:00:00.000Z","data":{}}'
    entry = json.loads(EntryFormat(entry_date=True).encode("t", raw))
    assert entry == {
        **json.loads(EntryFormat().encode("t", raw)),
        "timestamp": "2026-01-05T09:00:00.000Z",
    }
    dateless = EntryFormat(entry_date=True).encode("t", b'{"id":"evt_1","type":"t"}')
    assert "timestamp" not in json.loads(dateless)


def test_an_event_cannot_bring_tags_of_its_own() -> None:
    assert json.loads(EntryFormat().encode("a,env:prod", RAW))["ddtags"] == "type:a_env:prod"


def test_ever_new_types_do_not_fill_the_memory() -> None:
    entries = EntryFormat()
    for number in range(3000):
        assert f"type:t{number}".encode() in entries.encode(f"t{number}", RAW)
    assert len(entries._heads) <= 1000


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_message_is_the_payload_byte_for_byte(text: str) -> None:
    entry = json.loads(EntryFormat().encode("t", text.encode()))
    assert entry["message"].encode() == text.encode()


def encoded(sizes: list[int]) -> list[Encoded]:
    return [Encoded(b"x" * size, index) for index, size in enumerate(sizes)]


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(10, 60))
def test_parts_keep_order_and_size_and_are_as_few_as_order_allows(sizes, limit) -> None:
    entries = encoded(sizes)
    parts = split_by_size(entries, limit)
    assert [entry for part in parts for entry in part] == entries
    bodies = [b"[" + b",".join(entry.body for entry in part) + b"]" for part in parts]
    assert all(
        len(body) <= limit for body, part in zip(bodies, parts, strict=True) if len(part) > 1
    )
    for body, following in zip(bodies, parts[1:], strict=False):
        assert len(body) + len(b",") + len(following[0].body) > limit


def test_a_request_is_filled_to_the_last_byte() -> None:
    entries = encoded([3, 3, 3, 3])
    assert split_by_size(entries, len(b"[xxx,xxx]")) == [entries[:2], entries[2:]]
    assert split_by_size(entries, len(b"[xxx,xxx]") - 1) == [[entry] for entry in entries]


@given(st.integers(2, 100))
def test_halves_are_two_and_whole(count: int) -> None:
    entries = encoded([1] * count)
    left, right = bisect(entries)
    assert [*left, *right] == entries
    assert abs(len(left) - len(right)) <= 1
