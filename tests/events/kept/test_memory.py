from __future__ import annotations

from grantex_tui.events.event import Event, Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.memory import MEMORY_FULL, MemoryJournal


def event(number: int) -> Event:
    decoded = decode_event(b'{"id":"evt_%03d","type":"t"}' % number)
    assert isinstance(decoded, Event)
    return decoded


SIZE = len(event(0).raw)


def ids(journal: MemoryJournal, count: int, max_bytes: int = 1_000_000) -> list[bytes]:
    chunk = journal.take(count, max_bytes)
    return [entry.raw[11:14] for entry in chunk.entries] if chunk else []


def test_events_wait_in_order_and_nothing_else_does() -> None:
    journal = MemoryJournal()
    journal.append([event(1), Malformed(b"{", "not JSON"), event(2)], 5.0)
    journal.append_gap(Gap(5.0, 6.0, "cut"))
    journal.append([event(3)], 7.0)
    assert (journal.received, journal.unread, journal.unread_bytes) == (3, 3, 3 * SIZE)
    assert journal.oldest_unread_at() == 5.0
    assert ids(journal, 2) == [b"001", b"002"]
    assert journal.oldest_unread_at() == 7.0
    assert ids(journal, 2) == [b"003"]
    assert ids(journal, 2) == []
    assert (journal.unread, journal.unread_bytes, journal.oldest_unread_at()) == (0, 0, None)


def test_a_take_is_limited_by_bytes_but_gives_at_least_one() -> None:
    journal = MemoryJournal()
    journal.append([event(n) for n in range(4)], 0.0)
    assert ids(journal, 10, max_bytes=1) == [b"000"]
    assert ids(journal, 10, max_bytes=2 * SIZE) == [b"001", b"002"]


def test_a_take_is_limited_by_the_bytes_of_what_it_takes() -> None:
    journal = MemoryJournal()
    small, large = event(0), decode_event(b'{"id":"evt_001","type":"t","data":"%b"}' % (b"x" * 99))
    assert isinstance(large, Event)
    journal.append([small, large, small], 0.0)
    assert ids(journal, 10, max_bytes=len(large.raw) + SIZE - 1) == [b"000"]
    assert journal.unread_bytes == len(large.raw) + SIZE
    assert ids(journal, 10, max_bytes=len(large.raw) + SIZE) == [b"001", b"000"]


def test_when_it_is_full_the_oldest_goes_and_is_counted() -> None:
    journal = MemoryJournal(max_bytes=3 * SIZE)
    journal.append([event(n) for n in range(3)], 0.0)
    assert journal.dropped == {}
    ids(journal, 1)
    journal.append([event(n) for n in range(3, 8)], 0.0)
    assert journal.dropped == {MEMORY_FULL: 4}
    assert ids(journal, 10) == [b"005", b"006", b"007"]
    assert journal.received == 8
