from __future__ import annotations

import json

import pytest

from grantex_tui.delivery import dispatch
from grantex_tui.delivery.dispatch import MAX_SPANS
from grantex_tui.delivery.status import DeliveryState
from grantex_tui.delivery.verdict import Verdict, VerdictKind
from grantex_tui.errors import JournalError
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.memory import MemoryJournal
from grantex_tui.events.kept.spool import DeadLetter


DELIVERED = Verdict(VerdictKind.DELIVERED, 202)
BAD = Verdict(VerdictKind.SPLIT, 400, "Malformed payload")
TOO_LARGE = Verdict(VerdictKind.SPLIT, 413, "too large", too_large=True)
FAILED = Verdict(VerdictKind.RETRY, 500, "oops")
REFUSED = Verdict(VerdictKind.HOLD, 403, "the API key is refused")


def test_a_batch_goes_when_it_is_full_and_not_before(make_desk, event) -> None:
    desk = make_desk(flush_interval=0.0)
    desk.append([event(n) for n in range(9)])
    assert desk.next() is None
    assert desk.dispatcher.wake_at(0.0) is None
    desk.append([event(9)])
    assert desk.numbers(desk.next()) == list(range(10))
    assert desk.next() is None


def test_a_batch_goes_when_its_oldest_entry_is_old_enough(make_desk, event) -> None:
    desk = make_desk(flush_interval=5.0)
    desk.append([event(0)])
    desk.clock.advance(3.0)
    desk.append([event(1)])
    assert desk.next() is None
    wake_at = desk.dispatcher.wake_at(desk.clock.monotonic())
    assert wake_at == pytest.approx(desk.clock.monotonic() + 2.0)
    desk.clock.advance(2.0)
    assert desk.numbers(desk.next()) == [0, 1]


def test_events_of_an_earlier_run_are_due_at_once(make_desk, event) -> None:
    desk = make_desk(flush_interval=5.0)
    desk.spool.append([event(0)], desk.clock.now() - 100.0)
    assert desk.numbers(desk.next()) == [0]


def test_a_clock_set_back_delays_a_flush_by_no_more_than_its_interval(make_desk, event) -> None:
    desk = make_desk(flush_interval=5.0)
    desk.spool.append([event(0)], desk.clock.now() + 86400.0)
    assert desk.next() is None
    desk.clock.advance(5.0)
    assert desk.numbers(desk.next()) == [0]


def test_a_quick_stream_fills_its_batches(make_desk, event) -> None:
    desk = make_desk(linger=0.03, flush_interval=0.0)
    desk.append([event(n) for n in range(10)])
    assert desk.next() is None
    desk.clock.advance(0.02)
    desk.append([event(n) for n in range(10, 25)])
    assert desk.next() is None
    desk.clock.advance(0.01)
    assert desk.numbers(desk.next()) == list(range(25))


def test_who_is_behind_sends_as_much_as_a_request_takes(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(2500)])
    sizes = []
    while batch := desk.next():
        sizes.append(len(batch.entries))
    assert sizes[:2] == [1000, 1000]
    assert desk.dispatcher.pending == 2500


def test_a_request_is_limited_by_its_bytes(make_desk, event) -> None:
    desk = make_desk(max_bytes=10_000)
    desk.append([event(n, padding=1000) for n in range(30)])
    desk.dispatcher.draining = True
    batches = []
    while batch := desk.next():
        batches.append(batch)
        desk.finish(batch, DELIVERED)
    assert all(batch.size <= 10_000 for batch in batches)
    assert [n for batch in batches for n in desk.numbers(batch)] == list(range(30))


def test_a_batch_knows_how_long_its_body_is(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n, padding=n) for n in range(10)])
    batch = desk.next()
    assert batch.size == len(b"[" + b",".join(entry.body for entry in batch.entries) + b"]")
    desk.finish(batch, DELIVERED)
    desk.append([event(n) for n in range(10, 30)])
    larger = desk.next()
    desk.finish(larger, BAD)
    halves = [desk.next(), desk.next()]
    for half in halves:
        assert half.size == len(b"[" + b",".join(entry.body for entry in half.entries) + b"]")


def test_draining_makes_everything_due(make_desk, event) -> None:
    desk = make_desk(flush_interval=0.0)
    desk.append([event(0)])
    desk.dispatcher.draining = True
    assert desk.numbers(desk.next()) == [0]


def test_the_checkpoint_waits_for_the_first_verdict(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(1000)])
    first = desk.next()
    desk.append([event(n) for n in range(1000, 1010)])
    second = desk.next()
    desk.finish(second, DELIVERED)
    assert desk.spool.checkpoint.offset == 0
    assert (desk.dispatcher.delivered, desk.dispatcher.pending) == (10, 1000)
    desk.finish(first, DELIVERED)
    assert desk.spool.checkpoint.delivered == 1010
    assert desk.dispatcher.idle


def test_what_fails_is_sent_again_whole_and_before_the_rest(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(1010)])
    batch = desk.next()
    desk.finish(batch, FAILED)
    desk.clock.advance(1.0)
    again = desk.next()
    assert desk.numbers(again) == list(range(1000))
    assert desk.next() is None  # one at a time until it answers
    desk.finish(again, DELIVERED)
    assert desk.numbers(desk.next()) == list(range(1000, 1010))
    assert (desk.dispatcher.retries, desk.dispatcher.requests) == (1, 2)


def test_a_refused_key_keeps_everything(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(1010)])
    first, second = desk.next(), desk.next()
    desk.finish(first, REFUSED)
    desk.finish(second, REFUSED)
    assert desk.next() is None
    assert desk.gate.state is DeliveryState.HELD
    assert desk.dispatcher.pending == 1010
    assert desk.dispatcher.wake_at(desk.clock.monotonic()) == desk.clock.monotonic() + 5.0
    desk.gate.reopen()
    numbers = set()
    while batch := desk.next():
        numbers |= set(desk.numbers(batch))
        desk.finish(batch, DELIVERED)
    assert numbers == set(range(1010))


@pytest.mark.parametrize("guilty", [{0}, {9}, {4}, {0, 9}, {3, 4, 5}, set(range(7))])
def test_bisecting_finds_exactly_the_guilty(make_desk, event, guilty: set[int]) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(10)])
    delivered: set[int] = set()
    while batch := desk.next():
        numbers = set(desk.numbers(batch))
        bad = bool(numbers & guilty)
        delivered |= set() if bad else numbers
        desk.finish(batch, BAD if bad else DELIVERED)
    assert delivered == set(range(10)) - guilty
    assert desk.dispatcher.dead_lettered == len(guilty)
    kept = desk.spool.checkpoint
    assert (kept.delivered, kept.dead_lettered) == (len(delivered), len(guilty))
    assert desk.dispatcher.pending == 0
    letters = (desk.spool.directory / "dead-letter.ndjson").read_text().splitlines()
    assert len(letters) == len(guilty)
    assert all('"status":400,"reason":"Malformed payload"' in letter for letter in letters)


def test_where_nothing_is_accepted_nothing_is_buried(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(1000)])
    for _ in range(200):
        desk.clock.advance(60.0)
        while batch := desk.next():
            desk.finish(batch, BAD)
    assert desk.gate.state == "held"
    assert desk.gate.detail == "refuses every log by itself: Malformed payload"
    accounts = desk.dispatcher
    assert (accounts.pending, accounts.dead_lettered, accounts.delivered) == (1000, 0, 0)
    assert accounts.requests < 300, "it is asked slowly"
    delivered: list[int] = []
    while not accounts.idle:
        desk.clock.advance(60.0)
        while batch := desk.next():
            delivered += desk.numbers(batch)
            desk.finish(batch, DELIVERED)
    assert sorted(delivered) == list(range(1000))
    assert desk.gate.state is DeliveryState.OK


def test_after_a_refused_key_a_bad_log_is_looked_for_at_once(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(100)])
    desk.finish(desk.next(), REFUSED)
    desk.clock.advance(5.0)
    while batch := desk.next():
        desk.finish(batch, BAD if 7 in desk.numbers(batch) else DELIVERED)
    assert (desk.dispatcher.delivered, desk.dispatcher.dead_lettered) == (99, 1)


def test_a_single_refused_event_waits_for_another_to_be_accepted(make_desk, event) -> None:
    desk = make_desk(batch_size=1)
    desk.append([event(0)])
    desk.finish(desk.next(), BAD)
    assert (desk.gate.state, desk.dispatcher.dead_lettered) == (DeliveryState.HELD, 0)
    desk.append([event(1)])
    desk.clock.advance(5.0)
    asked = []
    while batch := desk.next():
        asked.append(desk.numbers(batch))
        desk.finish(batch, BAD if 0 in desk.numbers(batch) else DELIVERED)
    assert asked == [[1], [0], [0], [0]]
    assert (desk.gate.state, desk.dispatcher.dead_lettered) == (DeliveryState.OK, 1)


@pytest.mark.parametrize("phase", [0, 1])
@pytest.mark.parametrize("answer", [TOO_LARGE, BAD], ids=["413", "400"])
def test_who_refuses_every_second_request_buries_nothing(make_desk, event, phase, answer) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(300)])
    desk.dispatcher.draining = True
    for _ in range(10_000):
        desk.clock.advance(60.0)
        while batch := desk.next():
            desk.finish(batch, answer if desk.dispatcher.requests % 2 == phase else DELIVERED)
        if desk.dispatcher.idle:
            break
    assert (desk.dispatcher.delivered, desk.dispatcher.dead_lettered) == (300, 0)


def test_a_small_entry_is_never_buried_for_its_size(make_desk, event) -> None:
    desk = make_desk(batch_size=1)
    desk.append([event(n) for n in range(50)])
    for _ in range(100):
        desk.clock.advance(60.0)
        while batch := desk.next():
            desk.finish(batch, TOO_LARGE if 7 in desk.numbers(batch) else DELIVERED)
    accounts = desk.dispatcher
    assert (accounts.delivered, accounts.pending, accounts.dead_lettered) == (49, 1, 0)
    assert desk.gate.state is DeliveryState.HELD


def test_a_gateway_with_a_limit_gets_less_and_blames_nobody(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(1000)])
    page = Verdict(VerdictKind.RETRY, 413, "413, text/html", too_large=True)
    for _ in range(100):
        desk.clock.advance(60.0)
        while batch := desk.next():
            desk.finish(batch, page if batch.size > 20_000 else DELIVERED)
    assert (desk.dispatcher.delivered, desk.dispatcher.dead_lettered) == (1000, 0)


def test_one_guilty_of_a_thousand_costs_few_requests(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(1000)])
    while batch := desk.next():
        desk.finish(batch, BAD if 617 in desk.numbers(batch) else DELIVERED)
    assert desk.dispatcher.delivered == 999
    assert desk.dispatcher.requests <= 24


def test_after_a_413_requests_stay_below_what_was_refused(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n, padding=1000) for n in range(2000)])
    limit, sizes = 300_000, []
    while batch := desk.next():
        sizes.append(batch.size)
        desk.finish(batch, TOO_LARGE if batch.size > limit else DELIVERED)
    assert desk.dispatcher.delivered == 2000
    assert sum(size > limit for size in sizes) <= 4
    assert desk.dispatcher.dead_lettered == 0


def test_however_little_fits_requests_stay_worth_their_while(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n, padding=1000) for n in range(2000)])
    desk.dispatcher.draining = True
    sizes = []
    while batch := desk.next():
        sizes.append(batch.size)
        too_large = len(batch.entries) > 1 and batch.size > 20_000
        desk.finish(batch, TOO_LARGE if too_large else DELIVERED)
    assert desk.dispatcher.delivered == 2000
    halved = max(size for size in sizes[-100:])
    assert 63_000 < halved <= 64 * 1024


def test_of_an_event_over_a_megabyte_a_shortened_copy_is_delivered(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(0), event(1, padding=1_000_000), *(event(n) for n in range(2, 10))])
    desk.dispatcher.draining = True
    sent = []
    while batch := desk.next():
        sent += [json.loads(entry.body) for entry in batch.entries]
        desk.finish(batch, DELIVERED)
    assert [json.loads(entry["message"])["id"] for entry in sent] == [f"evt_{n}" for n in range(10)]
    marked = [entry for entry in sent if "truncated" in entry["ddtags"]]
    assert [entry["ddtags"] for entry in marked] == ["type:grant.created,truncated:true"]
    accounts = desk.dispatcher
    assert (accounts.delivered, accounts.dead_lettered, accounts.truncated) == (10, 0, 1)
    (whole,) = (desk.spool.directory / "truncated.ndjson").read_text().splitlines()
    assert json.loads(whole)["entry"] == json.loads(event(1, padding=1_000_000).raw)
    assert "over Datadog's limit of 1 MB" in whole


def test_a_whole_that_cannot_be_kept_holds_up_no_delivery(make_desk, event, monkeypatch) -> None:
    desk = make_desk(batch_size=1)
    desk.append([event(0, padding=1_000_000)])

    def refuse(_: object) -> None:
        raise JournalError("no space left")

    with monkeypatch.context() as full:
        full.setattr(desk.spool, "keep_whole", refuse)
        desk.finish(desk.next(), DELIVERED)
    accounts = desk.dispatcher
    assert (accounts.delivered, accounts.pending, accounts.trouble) == (1, 0, "no space left")
    desk.clock.advance(1.0)
    assert desk.next() is None
    assert accounts.trouble == ""
    assert (desk.spool.directory / "truncated.ndjson").exists()


def test_what_goes_out_late_is_counted_until_it_is_in_time(make_desk, event) -> None:
    desk = make_desk(batch_size=1, max_entries=2)
    desk.spool.append([event(0), event(1)], desk.clock.now() - 7200.0)
    desk.spool.append([event(2)], desk.clock.now() - 299.0)
    late = desk.dispatcher.late
    desk.finish(desk.next(), DELIVERED)
    assert (late.count, late.longest) == (2, 7200.0)
    desk.finish(desk.next(), DELIVERED)
    assert (late.count, late.longest) == (2, 0.0)


def test_a_dead_letter_that_cannot_be_written_stays_pending(make_desk, event, monkeypatch) -> None:
    desk = make_desk(batch_size=2)
    desk.append([event(0), event(1)])

    def refuse(_: object) -> None:
        raise JournalError("no space left")

    with monkeypatch.context() as full:
        full.setattr(desk.spool, "bury", refuse)
        while batch := desk.next():
            desk.finish(batch, BAD if 0 in desk.numbers(batch) else DELIVERED)
        assert (desk.dispatcher.pending, desk.dispatcher.dead_lettered) == (1, 0)
        assert desk.dispatcher.trouble == "no space left"
        assert desk.dispatcher.wake_at(desk.clock.monotonic()) is not None
    desk.clock.advance(1.0)
    assert desk.next() is None
    assert (desk.dispatcher.pending, desk.dispatcher.dead_lettered) == (0, 1)
    assert desk.dispatcher.trouble == ""
    assert desk.dispatcher.idle


def test_a_checkpoint_that_cannot_be_written_stops_nothing(make_desk, event, monkeypatch) -> None:
    desk = make_desk(batch_size=1)
    desk.append([event(0)])

    def refuse(*_: object, **__: object) -> None:
        raise JournalError("no space left")

    monkeypatch.setattr(desk.spool, "settle", refuse)
    desk.finish(desk.next(), DELIVERED)
    assert desk.dispatcher.delivered == 1
    assert desk.dispatcher.trouble == "no space left"


def test_dead_letters_of_an_earlier_run_are_counted_and_not_sent(make_desk, event) -> None:
    earlier = make_desk()
    earlier.append([event(n) for n in range(10)])
    chunk = earlier.spool.take(10, 1_000_000)
    for entry in chunk.entries[:3]:
        earlier.spool.bury(DeadLetter(chunk.end.segment, entry.end, b"{}", "too bad", 400))
    earlier.spool.close()
    desk = make_desk(Journal.open(earlier.spool.directory, clock=earlier.clock))
    batch = desk.next()
    assert desk.numbers(batch) == list(range(3, 10))
    desk.finish(batch, DELIVERED)
    accounts = desk.dispatcher
    assert (accounts.delivered, accounts.dead_lettered, accounts.pending) == (7, 3, 0)
    desk.spool.close()


def test_nothing_is_looked_for_while_requests_on_their_way_hold_all_the_memory(
    make_desk, event, monkeypatch
) -> None:
    desk = make_desk(batch_size=1, max_entries=1, max_bytes=1)
    desk.append([event(n) for n in range(3)])
    first, second = desk.next(), desk.next()
    desk.finish(first, FAILED)
    desk.clock.advance(60.0)
    monkeypatch.setattr(dispatch, "MAX_BYTES_IN_FLIGHT", 1)
    assert desk.next() is None
    assert desk.dispatcher.wake_at(desk.clock.monotonic()) is None, "until the second has ended"
    desk.finish(second, DELIVERED)
    assert desk.next() is not None


def test_one_stuck_request_lets_others_pass_but_not_without_end(make_desk, event) -> None:
    desk = make_desk(batch_size=1, max_entries=1, max_bytes=1)
    desk.append([event(n) for n in range(MAX_SPANS + 50)])
    stuck = desk.next()
    passed = 0
    while batch := desk.next():
        desk.finish(batch, DELIVERED)
        passed += 1
    assert passed == MAX_SPANS - 1
    assert desk.dispatcher.wake_at(desk.clock.monotonic()) is None
    desk.finish(stuck, DELIVERED)
    assert desk.next() is not None


def test_only_what_is_in_flight_is_in_memory(make_desk, event) -> None:
    desk = make_desk()
    for _ in range(40):
        desk.append([event(n, padding=100_000) for n in range(20)])
    in_flight = []
    while batch := desk.next():
        in_flight.append(batch.size)
        desk.gate.answered(desk.gate.epoch, 0.0, 0.1)  # the window opens to its limit
    assert sum(in_flight) < 24 * 1024 * 1024 + 4_250_000
    assert desk.spool.unread > 500


def test_without_a_journal_the_accounts_are_the_same(make_desk, event) -> None:
    desk = make_desk(MemoryJournal(max_bytes=2_000))
    desk.append([event(n) for n in range(100)])
    batch = desk.next()
    desk.finish(batch, BAD if len(batch.entries) == 1 else DELIVERED)
    accounts = desk.dispatcher
    dropped = sum(desk.spool.dropped.values())
    assert dropped > 0
    assert accounts.delivered + accounts.pending + dropped == 100


def test_a_request_that_hangs_holds_up_no_other_after_a_failure(make_desk, event) -> None:
    desk = make_desk()
    desk.append([event(n) for n in range(3000)])
    hanging, failed = desk.next(), desk.next()
    now = desk.clock.monotonic()
    desk.dispatcher.finish(failed, FAILED, now, 0.1)
    while desk.dispatcher.gate.closed_until > desk.clock.monotonic():
        assert desk.next() is None
        desk.clock.advance(1.0)
    delivered = 0
    while batch := desk.next():
        assert delivered or desk.next() is None, "one at a time until the intake answers again"
        desk.dispatcher.finish(batch, DELIVERED, desk.clock.monotonic(), 0.1)
        delivered += len(batch.entries)
    assert delivered == 2000
    assert (desk.dispatcher.in_flight, desk.dispatcher.pending) == (1, 1000)
    desk.dispatcher.finish(hanging, FAILED, desk.clock.monotonic(), 60.0)
    assert desk.dispatcher.in_flight == 0
