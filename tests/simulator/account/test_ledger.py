from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.account.ledger import Ledger
from grantex_sim.account.report import Exchange
from grantex_sim.events.emission import emission


def payload(number: int) -> bytes:
    return b'{"id":"evt_%d","type":"t","data":{"n":"\xe2\x80\xa8 %d"}}' % (number, number)


def emit(ledger: Ledger, *numbers: int) -> None:
    ledger.emit([emission(payload(number)) for number in numbers])


def exchange(status: int) -> Exchange:
    return Exchange(
        at="2026-01-05T09:00:00.000Z",
        path="/api/v2/logs",
        key="valid",
        encoding="identity",
        status=status,
        reason="",
        entries=0,
        bytes=0,
        size=0,
        truncated=0,
        seconds=0.0,
    )


def post(ledger: Ledger, status: int, *numbers: int) -> None:
    ledger.answer(exchange(status), [payload(number).decode() for number in numbers])


def test_an_accepted_entry_is_delivered():
    ledger = Ledger()
    emit(ledger, 1, 2, 3)
    post(ledger, 202, 1, 3)
    report = ledger.report()
    assert (report.emitted, report.delivered, report.missing) == (3, 2, ["evt_2"])
    assert (report.duplicates, report.altered, report.unknown, report.refused) == (0, 0, 0, 0)


@pytest.mark.parametrize("status", [0, 200, 400, 403, 413, 429, 500])
def test_refused_and_then_accepted_is_delivered_once_and_no_duplicate(status):
    ledger = Ledger()
    emit(ledger, 1)
    post(ledger, status, 1)
    assert (ledger.delivered, ledger.refused, ledger.refused_entries) == (0, 1, 1)
    post(ledger, 202, 1)
    assert (ledger.delivered, ledger.duplicates) == (1, 0)


def test_accepted_twice_is_a_duplicate():
    ledger = Ledger()
    emit(ledger, 1)
    post(ledger, 202, 1, 1)
    post(ledger, 202, 1)
    assert (ledger.delivered, ledger.duplicates) == (1, 2)


def test_a_changed_message_is_delivered_and_altered():
    ledger = Ledger()
    emit(ledger, 1, 2)
    reserialised = payload(1).decode().replace(":", ": ")
    ledger.answer(exchange(202), [reserialised, payload(2).decode()])
    assert (ledger.delivered, ledger.altered) == (2, 1)


def test_a_truncated_message_is_not_called_altered():
    ledger = Ledger()
    emit(ledger, 1)
    ledger.answer(exchange(202), [payload(1).decode() + " "], frozenset({0}))
    assert (ledger.delivered, ledger.truncated, ledger.altered) == (1, 1, 0)


@pytest.mark.parametrize("message", ["", "text", "{}", '{"id":5}', '{"id":"evt_9"}', '{"id":"'])
def test_what_was_not_emitted_here_is_unknown(message):
    ledger = Ledger()
    emit(ledger, 1)
    ledger.answer(exchange(202), [message])
    assert (ledger.delivered, ledger.duplicates, ledger.unknown) == (0, 0, 1)


def test_an_id_is_found_wherever_it_stands():
    ledger = Ledger()
    for text in (r'{"id":"evt_\u00e9\"","a":1}', '{"a":1, "id": "evt_1"}'):
        ledger.emit([emission(text.encode())])
        ledger.answer(exchange(202), [text])
    assert (ledger.delivered, ledger.altered, ledger.unknown) == (2, 0, 0)


def test_what_is_no_event_is_emitted_in_no_number_but_its_own():
    ledger = Ledger()
    ledger.emit([emission(b"oops"), emission(b"[]"), emission(b'{"type":"t"}')])
    assert (ledger.emitted, ledger.unidentified, ledger.report().missing) == (0, 3, [])


def test_an_event_emitted_again_is_counted_once():
    ledger = Ledger()
    emit(ledger, 1, 1)
    post(ledger, 202, 1)
    emit(ledger, 1)
    assert (ledger.emitted, ledger.emitted_again, ledger.report().missing) == (1, 2, [])


def test_old_requests_and_undelivered_events_are_dropped_and_counted():
    ledger = Ledger(remembered=100, kept_requests=2)
    for number in range(150):
        emit(ledger, number)
    for _ in range(5):
        post(ledger, 500)
    report = ledger.report()
    assert len(report.missing) <= 100
    assert len(report.missing) + report.forgotten == report.emitted == 150
    assert report.missing[-1] == "evt_149"
    assert (len(report.requests), report.requests_dropped, report.refused) == (2, 3, 5)


def test_duplicates_are_known_for_as_many_events_as_promised():
    ledger = Ledger(remembered=10)
    for number in range(40):
        emit(ledger, number)
        post(ledger, 202, number)
    for number in range(30, 40):
        post(ledger, 202, number)
    assert (ledger.delivered, ledger.duplicates, ledger.unknown) == (40, 10, 0)


def test_reset_begins_a_new_account():
    ledger = Ledger()
    emit(ledger, 1)
    post(ledger, 500, 1)
    ledger.reset()
    assert ledger.report() == Ledger().report()


async def test_waiting_ends_with_the_delivery_that_was_waited_for():
    ledger = Ledger()
    emit(ledger, 1, 2, 3)
    waiting = asyncio.create_task(ledger.wait(2, 60))
    await asyncio.sleep(0)
    post(ledger, 202, 1)
    await asyncio.sleep(0)
    assert not waiting.done()
    post(ledger, 202, 2)
    assert await waiting


async def test_waiting_for_what_is_there_takes_no_time_and_for_what_is_not_gives_up():
    ledger = Ledger()
    assert await ledger.wait(0, 0)
    assert not await ledger.wait(1, 0)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("emit"), st.lists(st.integers(0, 8), max_size=4)),
        st.tuples(st.sampled_from(["202", "500"]), st.lists(st.integers(0, 9), max_size=4)),
    ),
    max_size=30,
)


@given(STEPS)
def test_the_account_is_what_counting_by_hand_gives(steps):
    ledger = Ledger()
    emitted: set[int] = set()
    accepted: list[int] = []
    unknown = 0
    for what, numbers in steps:
        if what == "emit":
            emit(ledger, *numbers)
            emitted |= set(numbers)
            continue
        post(ledger, int(what), *numbers)
        if what == "202":
            accepted += [number for number in numbers if number in emitted]
            unknown += sum(number not in emitted for number in numbers)
    report = ledger.report()
    assert report.emitted == len(emitted) == report.delivered + len(report.missing)
    assert report.delivered == len(set(accepted))
    assert report.duplicates == len(accepted) - len(set(accepted))
    assert set(report.missing) == {f"evt_{number}" for number in emitted - set(accepted)}
    assert (report.unknown, report.altered) == (unknown, 0)


# When it was delivered, in which order, and whether anybody could have had it.


def test_what_is_delivered_long_after_its_emission_is_late():
    time = [0.0]
    ledger = Ledger(now=lambda: time[0], late_after=60.0)
    emit(ledger, 1, 2, 3)
    for at, number in ((1.0, 1), (60.0, 2), (61.0, 3)):
        time[0] = at
        post(ledger, 202, number)
    report = ledger.report()
    assert (report.late, report.late_ids, report.late_after) == (1, ["evt_3"], 60.0)
    assert report.delay.max == 61.0
    assert report.delay.p50 == pytest.approx(60.0, rel=0.05)


def test_an_event_is_reordered_when_a_later_one_was_delivered_before():
    ledger = Ledger()
    emit(ledger, 1, 2, 3, 4)
    post(ledger, 202, 1, 4)
    post(ledger, 202, 3, 2)
    report = ledger.report()
    assert (report.reordered, report.reordered_ids) == (2, ["evt_3", "evt_2"])


@given(st.permutations(range(8)))
def test_reordered_is_the_number_of_events_behind_a_later_one(order):
    ledger = Ledger()
    emit(ledger, *range(8))
    post(ledger, 202, *order)
    behind = sum(max(order[:index], default=-1) > number for index, number in enumerate(order))
    assert ledger.report().reordered == behind


def test_the_ids_of_what_is_odd_are_listed_up_to_a_bound():
    ledger = Ledger()
    emit(ledger, *range(1_500))
    post(ledger, 202, *range(1_500))
    post(ledger, 202, *range(1_500))
    report = ledger.report()
    assert (report.duplicates, len(report.duplicate_ids)) == (1_500, 1_000)
    assert report.duplicate_ids[:2] == ["evt_0", "evt_1"]


def typed(number: int, kind: str) -> bytes:
    return b'{"id":"evt_%d","type":"%s"}' % (number, kind.encode())


def test_what_no_filter_let_pass_is_neither_delivered_nor_missing():
    ledger = Ledger()
    events = [emission(typed(1, "a")), emission(typed(2, "b")), emission(b'{"id":"evt_3"}')]
    ledger.emit(events, listening=2, types=frozenset({"a"}))
    report = ledger.report()
    assert (report.emitted, report.filtered_out) == (3, 1)
    assert report.missing == ["evt_1", "evt_3"]


def test_what_was_filtered_out_and_comes_all_the_same_is_delivered():
    ledger = Ledger()
    ledger.emit([emission(typed(2, "b"))], types=frozenset({"a"}))
    ledger.answer(exchange(202), [typed(2, "b").decode()])
    report = ledger.report()
    assert (report.delivered, report.filtered_out, report.unknown) == (1, 0, 0)


def test_what_was_emitted_while_nobody_listened_is_told_and_missing():
    ledger = Ledger()
    ledger.emit([emission(payload(1))], listening=0)
    assert (ledger.report().unheard, ledger.report().missing) == (1, ["evt_1"])


def test_filtered_events_are_forgotten_in_number_but_not_in_the_account():
    ledger = Ledger(remembered=100)
    for number in range(300):
        ledger.emit([emission(typed(number, "b"))], types=frozenset())
    report = ledger.report()
    assert (report.emitted, report.filtered_out, report.missing) == (300, 300, [])


MIXED = st.lists(
    st.one_of(
        st.tuples(st.just("emit"), st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abc")))),
        st.tuples(st.just("listen"), st.sets(st.sampled_from("abc")) | st.none()),
        st.tuples(st.just("post"), st.lists(st.integers(0, 13), max_size=5)),
    ),
    max_size=25,
)


@given(MIXED)
def test_at_every_instant_emitted_is_delivered_missing_filtered_and_forgotten(steps):
    ledger = Ledger(remembered=6)
    types = None
    for what, value in steps:
        if what == "listen":
            types = None if value is None else frozenset(value)
        elif what == "emit":
            events = [emission(typed(number, kind)) for number, kind in value]
            ledger.emit(events, types=types)
        else:
            ledger.answer(exchange(202), [typed(number, "a").decode() for number in value])
        report = ledger.report()
        accounted = report.delivered + len(report.missing) + report.filtered_out + report.forgotten
        assert report.emitted == accounted
