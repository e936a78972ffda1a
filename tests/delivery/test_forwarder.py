from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest

from grantex_tui.clock import WallClock
from grantex_tui.delivery.batch import BatchSettings
from grantex_tui.delivery.status import DeliveryState, DeliveryView
from grantex_tui.errors import JournalError
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.memory import MemoryJournal


def keep(journal, forwarder, events) -> None:
    journal.append(events, WallClock().now())
    forwarder.notify()


async def until(condition) -> None:
    """Let others run until *condition* holds; a test that waits in vain is ended from outside."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)


async def test_events_become_logs_and_the_accounts_say_so(journal, running, server, event) -> None:
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(10)])
    await until(lambda: forwarder.view().delivered == 10)
    assert server.requests[0].entries[3] == {
        "ddsource": "grantex",
        "ddtags": "type:grant.created",
        "hostname": "grantex-auth-service",
        "service": "grantex",
        "message": event(3).raw.decode(),
    }
    view = forwarder.view()
    assert (view.state, view.pending, view.requests, view.retries) == (DeliveryState.OK, 0, 1, 0)
    assert (view.target, view.batch_size, view.batch_fill) == ("test", 10, 0)
    assert view.last_verdict == "delivered"
    (record,) = view.last_requests
    assert (record.status, record.verdict, record.entries) == (202, "delivered", 10)
    assert record.wire_bytes == len(server.requests[0].body)
    assert record.duration > 0
    assert view.last_flush_at == record.at


async def test_a_part_filled_batch_waits_and_goes_by_its_timer(journal, running, event) -> None:
    forwarder = running(settings=BatchSettings(batch_size=100, flush_interval=0.05))
    keep(journal, forwarder, [event(0)])
    view = forwarder.view()
    assert (view.batch_fill, view.pending) == (1, 1)
    assert view.next_flush_at is not None
    await until(lambda: forwarder.view().delivered == 1)
    assert forwarder.view().next_flush_at is None


async def test_the_view_changes_its_version_with_its_content(journal, running, event) -> None:
    forwarder = running()
    before = forwarder.view()
    assert forwarder.view() is before
    keep(journal, forwarder, [event(0)])
    assert forwarder.view().version > before.version


@pytest.mark.parametrize(
    ("trouble", "retried"),
    [
        ({"status": 500}, True),
        ({"status": 503}, True),
        ({"status": 408}, True),
        ({"status": 429, "headers": {"Retry-After": "0"}}, True),
        ({"reset": True}, True),
        ({"status": 413}, False),
        ({"status": 400}, False),
    ],
)
async def test_one_failure_loses_nothing(
    journal, running, server, answer, event, trouble, retried
) -> None:
    server.script = [answer(**trouble)]
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(10)])
    await until(lambda: forwarder.view().delivered == 10)
    assert sorted(server.accepted) == list(range(10))
    view = forwarder.view()
    assert (view.retries, view.pending, view.dead_lettered) == (int(retried), 0, 0)
    assert view.state is DeliveryState.OK


async def test_the_guilty_entry_goes_to_the_dead_letters_alone(
    journal, running, server, answer, event
) -> None:
    server.otherwise = lambda request: answer(400 if 4 in request.numbers else 202)
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(10)])
    await until(lambda: forwarder.view().pending == 0)
    assert sorted(server.accepted) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert forwarder.view().dead_lettered == 1
    (letter,) = (journal.directory / "dead-letter.ndjson").read_text().splitlines()
    entry = json.loads(letter)["entry"]
    assert entry["message"].encode() == event(4).raw


async def test_what_the_server_asks_for_is_waited_for_and_shown(
    journal, running, server, answer, event
) -> None:
    server.script = [answer(429, {"Retry-After": "120"}, b'{"errors":["slow down"]}')]
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(10)])
    await until(lambda: forwarder.view().state is DeliveryState.RETRYING)
    view = forwarder.view()
    assert view.detail == "429 Too Many Requests (slow down)"
    assert view.retry_at is not None
    assert view.retry_at - view.since == pytest.approx(120, abs=5)
    assert (view.pending, view.in_flight) == (10, 0)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 307])
async def test_a_refusal_holds_everything_until_the_key_is_changed(
    journal, running, server, answer, event, status
) -> None:
    server.otherwise = lambda request: answer(
        202 if request.headers["dd-api-key"] == "good" else status
    )
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(25)])
    await until(lambda: forwarder.view().state is DeliveryState.HELD)
    view = forwarder.view()
    assert view.detail
    assert view.retry_at is not None
    assert view.retry_at - view.since == pytest.approx(5, abs=3)
    assert (view.pending, view.dead_lettered, view.dropped) == (25, 0, ())
    forwarder.change_key("good")
    await until(lambda: forwarder.view().delivered >= 20)
    assert forwarder.view().state is DeliveryState.OK


async def test_an_intake_that_never_answers_is_tried_again(
    journal, running, make_intake, server, answer, event
) -> None:
    server.script = [answer(never=True)]
    forwarder = running(intake=make_intake(timeout=0.05))
    keep(journal, forwarder, [event(n) for n in range(10)])
    await until(lambda: forwarder.view().delivered == 10)
    view = forwarder.view()
    # On a busy machine the second may be late as well.
    told = [request.verdict for request in view.last_requests]
    assert told == ["delivered", *["retry"] * view.retries]
    assert view.retries >= 1


async def test_several_requests_are_in_flight_at_a_time(
    journal, running, server, answer, event
) -> None:
    server.otherwise = lambda _: answer(never=True)
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(3500)])
    await until(lambda: len(server.requests) == 4)
    assert forwarder.view().in_flight == 4
    server.otherwise = lambda _: answer()
    server.hold.set()
    await until(lambda: forwarder.view().delivered >= 3500)


# --- the way out ------------------------------------------------------------------------------


async def test_drain_sends_a_part_filled_batch(journal, running, server, event) -> None:
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(3)])
    await forwarder.drain(10.0)
    assert server.accepted == [0, 1, 2]
    assert forwarder.view().state is DeliveryState.DRAINING
    assert journal.checkpoint.delivered == 3
    assert (journal.directory / "checkpoint.json").exists()


async def test_drain_gives_up_in_time_and_keeps_the_rest(
    journal, running, server, answer, event
) -> None:
    server.otherwise = lambda _: answer(never=True)
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(3)])
    async with asyncio.timeout(60):
        await forwarder.drain(0.05)
    assert forwarder.view().pending == 3
    assert journal.checkpoint.delivered == 0


@pytest.mark.parametrize(
    "trouble", [{"status": 403}, {"status": 503, "headers": {"Retry-After": "300"}}]
)
async def test_drain_tries_once_more_and_does_not_wait_in_vain(
    journal, running, server, answer, event, trouble
) -> None:
    server.otherwise = lambda _: answer(**trouble)
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(10)])
    await until(lambda: forwarder.view().retry_at is not None)
    async with asyncio.timeout(60):
        await forwarder.drain(200.0)
    assert len(server.requests) == 2
    assert forwarder.view().pending == 10


async def test_drain_of_nothing_is_over_at_once(running) -> None:
    await running().drain(10.0)


async def test_a_restart_delivers_what_was_left(tmp_path, running, server, answer, event) -> None:
    clock = WallClock()
    first = Journal.open(tmp_path / "j", clock=clock)
    server.otherwise = lambda _: answer(500, {"Retry-After": "60"})
    forwarder = running(spool=first)
    keep(first, forwarder, [event(n) for n in range(10)])
    await until(lambda: forwarder.view().retries == 1)
    await running.stop()
    first.close()
    server.otherwise = lambda _: answer()
    second = Journal.open(tmp_path / "j", clock=clock)
    forwarder = running(spool=second)
    assert (forwarder.view().pending, forwarder.view().carried_over) == (10, 10)
    await until(lambda: forwarder.view().delivered == 10)
    assert Counter(server.accepted) == Counter(range(10))
    second.close()


async def test_the_checkpoint_is_saved_while_running(journal, running, event) -> None:
    forwarder = running(persist_every=0.0)
    keep(journal, forwarder, [event(n) for n in range(10)])
    await until((journal.directory / "checkpoint.json").exists)


async def test_without_a_journal_events_are_delivered_just_the_same(running, server, event) -> None:
    spool = MemoryJournal()
    forwarder = running(spool=spool)
    keep(spool, forwarder, [event(n) for n in range(10)])
    await until(lambda: forwarder.view().delivered == 10)
    assert server.accepted == list(range(10))


async def test_another_key_shows_at_once(journal, running, server, answer, event) -> None:
    server.otherwise = lambda _: answer(403)
    forwarder = running()
    keep(journal, forwarder, [event(n) for n in range(10)])
    await until(lambda: forwarder.view().state is DeliveryState.HELD)
    assert forwarder.view().retry_at is not None
    forwarder.change_key("another")
    assert forwarder.view().retry_at is None


def test_who_forwards_nothing_has_nothing_in_any_account() -> None:
    view = DeliveryView()
    accounts = {name: getattr(view, name) for name in DeliveryView.__slots__}
    assert accounts.pop("state") is DeliveryState.OFF
    assert not any(accounts.values())


async def test_a_journal_that_cannot_be_read_ends_the_run(
    journal, make_intake, event, monkeypatch
) -> None:
    from grantex_tui.delivery.forwarder import Forwarder

    def refuse(*_: object) -> None:
        raise JournalError("input/output error")

    monkeypatch.setattr(journal, "take", refuse)
    journal.append([event(n) for n in range(1000)], WallClock().now())
    forwarder = Forwarder(journal, make_intake(), clock=WallClock(), target="test")
    with pytest.raises(JournalError, match="input/output"):
        await forwarder.run()


async def test_a_mistake_of_ours_is_not_swallowed(journal, event) -> None:
    from grantex_tui.delivery.forwarder import Forwarder

    class Broken:
        async def post(self, entries):
            raise ZeroDivisionError

        def change_key(self, key: str) -> None: ...

    journal.append([event(n) for n in range(1000)], WallClock().now())
    with pytest.raises(ZeroDivisionError):
        await Forwarder(journal, Broken(), clock=WallClock(), target="test").run()


async def test_a_forwarder_that_sleeps_is_woken_by_what_makes_a_batch(
    journal, running, server, event
) -> None:
    asleep = asyncio.Event()

    async def pause(wake: asyncio.Event, seconds: float | None) -> None:
        if seconds is None and not wake.is_set():
            asleep.set()  # without a timer: nothing but more events makes a batch
        await wake.wait()

    forwarder = running(pause=pause)
    await asleep.wait()
    keep(journal, forwarder, [event(n) for n in range(9)])
    assert not forwarder._wake.is_set(), "no batch yet"
    keep(journal, forwarder, [event(9)])
    await until(lambda: forwarder.view().delivered == 10)


async def test_an_idle_forwarder_sleeps(journal, make_intake) -> None:
    from grantex_tui.delivery.forwarder import Forwarder

    rests: list[float | None] = []

    async def pause(event: asyncio.Event, seconds: float | None) -> None:
        rests.append(seconds)
        await event.wait()

    forwarder = Forwarder(journal, make_intake(), clock=WallClock(), target="test", pause=pause)
    task = asyncio.create_task(forwarder.run())
    for _ in range(100):
        await asyncio.sleep(0)
    assert rests == [None]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
