from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from grantex_tui.delivery.status import DeliveryState, DeliveryView
from grantex_tui.errors import ExitCode, GrantexRefusedError, JournalError
from grantex_tui.events.event import Event, Malformed
from grantex_tui.events.gap import Gap
from grantex_tui.events.live.connection import ConnectionState, ConnectionView, PathView
from grantex_tui.events.live.sse import Oversized
from grantex_tui.watch.engine import Engine, Limits
from grantex_tui.watch.headless import status_line
from grantex_tui.watch.tally import Tally
from tests.support.clock import VirtualClock


def event(number: int) -> Event:
    return Event(f"evt_{number}", "grant.created", "", "", "", "", b"{}")


class FakeJournal:
    def __init__(self) -> None:
        self.items: list = []
        self.gaps: list[Gap] = []
        self.closed = False
        self.full = False
        self.dropped: dict[str, int] = {}
        self.standing: list[str] = []
        self.said: list[str] = []
        self.undelivered: int | None = None

    def append(self, items, received_at):
        if self.full:
            self.standing = self.said = ["no space left on device: /journal"]
        self.items += items

    def notices(self):
        said, self.said = self.said, []
        return said

    def tend(self, now):
        if not self.full and self.standing:
            self.standing, self.said = [], ["the journal is written again"]

    def append_gap(self, gap):
        self.gaps.append(gap)

    def close(self, undelivered=None):
        self.closed, self.undelivered = True, undelivered


class FakeReader:
    """A stream that ends when told to, or with an error."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.view = ConnectionView(state=ConnectionState.LIVE, last_byte_at=5.0)
        self.open_gap: Gap | None = None
        self.paths: tuple[PathView, ...] = ()
        self._error = error
        self._stopped = asyncio.Event()

    async def run(self):
        if self._error:
            raise self._error
        await self._stopped.wait()

    def stop(self):
        self._stopped.set()


class FakeSender:
    tried = 0

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.shown = DeliveryView(state=DeliveryState.OK, delivered=3, requests=1)
        self.notified = 0
        self.drained: list[float] = []

    def try_now(self):
        self.tried += 1

    def notify(self):
        self.notified += 1

    async def run(self):
        if self.error:
            raise self.error
        await asyncio.Event().wait()

    async def drain(self, within):
        self.drained.append(within)

    def view(self):
        return self.shown


class FakeObserver:
    def __init__(self) -> None:
        self.items: list = []
        self.gaps: list = []
        self.views: list = []
        self.warnings: list[str] = []
        self.told: list = []
        self.on_seen: Callable = list

    def on_read(self, items, received_at):
        self.items += items
        self.on_seen(items)

    def on_gap(self, gap):
        self.gaps.append(gap)

    def on_connection(self, view):
        self.views.append(view)

    def on_notification(self, told):
        self.told.append(told)

    def on_warning(self, text):
        self.warnings.append(text)


class Run:
    """An engine with everything around it faked."""

    def __init__(self, limits=None, reader=None, sender=None) -> None:
        self.journal = FakeJournal()
        self.observer = FakeObserver()
        self.sender = sender or FakeSender()
        self.clock = VirtualClock(100.0)
        self.engine = Engine(
            source="http://x",
            journal=self.journal,
            journal_path="/journal",
            sender=self.sender,
            tally=Tally(100.0),
            clock=self.clock,
            limits=limits or Limits(),
            observers=[self.observer],
        )
        self.reader = reader or FakeReader()
        self.engine.attach(self.reader)


async def test_a_read_is_kept_before_anybody_sees_it():
    run = Run()
    kept_when_seen = []
    run.observer.on_seen = lambda _: kept_when_seen.append(list(run.journal.items))
    run.engine.on_read([event(1)], 1.0)
    assert kept_when_seen == [[event(1)]]
    assert run.sender.notified == 1


async def test_the_run_stops_reading_drains_and_closes():
    run = Run(Limits(shutdown=7.0))
    running = asyncio.create_task(run.engine.run())
    await asyncio.sleep(0)
    await run.engine.stop()
    await running
    assert run.sender.drained == [7.0]
    assert run.journal.closed


async def test_the_run_ends_with_the_number_of_events_asked_for_and_takes_no_more():
    run = Run(Limits(events=3))
    running = asyncio.create_task(run.engine.run())
    run.engine.on_read([event(1), Malformed(b"oops", "not JSON"), event(2)], 1.0)
    run.engine.on_read([event(3), event(4), Malformed(b"x", "not JSON")], 1.0)
    run.engine.on_read([event(5)], 1.0)
    await running
    assert run.engine.summary().received == 3
    assert [item.raw for item in run.journal.items] == [b"{}", b"oops", b"{}", b"{}"]


async def test_the_run_ends_after_the_time_asked_for():
    run = Run(Limits(seconds=0.01))
    async with asyncio.timeout(60):
        await run.engine.run()
    assert run.sender.drained


async def test_a_refused_stream_is_told_after_what_is_there_has_been_delivered():
    refusal = GrantexRefusedError("401", hint="Check the key.")
    run = Run(reader=FakeReader(error=refusal))
    await run.engine.run()
    assert run.engine.refusal is refusal
    assert run.sender.drained


async def test_an_unexpected_error_of_the_stream_is_not_swallowed():
    run = Run(reader=FakeReader(error=ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        await run.engine.run()
    assert run.journal.closed


async def test_a_sender_that_fails_ends_the_run_with_its_error():
    run = Run(sender=FakeSender(JournalError("gone")))
    with pytest.raises(JournalError, match="gone"):
        await run.engine.run()


async def test_trouble_with_the_journal_is_told_once_and_stands_while_it_lasts():
    run = Run()
    run.journal.full = True
    run.engine.on_read([event(1)], 1.0)
    run.engine.on_read([event(2)], 2.0)
    assert run.observer.warnings == ["no space left on device: /journal"] * 2
    assert run.engine.frame().warnings == ("no space left on device: /journal",)
    assert "no space left" in status_line(run.engine.frame())
    run.journal.full = False
    running = asyncio.create_task(run.engine.run())
    async with asyncio.timeout(60):
        while run.engine.frame().troubles:
            await asyncio.sleep(0.01)
    assert run.observer.warnings[-1] == "the journal is written again"
    await run.engine.stop()
    await running


async def test_a_loss_is_what_a_run_answers_for_first():
    run = Run(reader=FakeReader(error=GrantexRefusedError("401")))
    run.sender.shown = DeliveryView(
        state=DeliveryState.HELD, pending=2, dropped=(("disk full", 5), ("damaged", 1))
    )
    await run.engine.run()
    failure = run.engine.failure()
    assert failure is not None
    assert failure.exit_code is ExitCode.LOSS
    assert "5 disk full, 1 damaged" in failure.message
    assert run.journal.undelivered == 2


async def test_what_is_only_watched_can_be_lost_too():
    run = Run()
    run.engine._sender = None
    run.journal.dropped = {"disk full": 3}
    assert run.engine.frame().delivery.dropped == (("disk full", 3),)
    failure = run.engine.failure()
    assert failure is not None
    assert failure.exit_code is ExitCode.LOSS


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([ConnectionState.WAITING], 4),
        ([ConnectionState.LOCKED_OUT, ConnectionState.CONNECTING], 4),
        ([ConnectionState.WAITING, ConnectionState.LIVE, ConnectionState.WAITING], None),
        ([ConnectionState.CONNECTING], None),  # a quiet stream answers after 30 s
    ],
)
async def test_a_run_for_a_time_that_never_had_a_stream_says_so(states, code):
    run = Run(Limits(seconds=0.01))
    for state in states:
        run.engine.on_connection(ConnectionView(state=state, detail="connection refused"))
    async with asyncio.timeout(60):
        await run.engine.run()
    failure = run.engine.failure()
    assert (failure.exit_code if failure else None) == code
    assert failure is None or "connection refused" in failure.message


async def test_an_oversized_event_is_counted_and_named():
    run = Run()
    run.engine.on_oversized(Oversized(9_000_000, b'{"id":"evt_1","type":"x"'), 1.0)
    assert run.engine.frame().tally.skipped == 1
    assert "9,000,000 bytes" in run.observer.warnings[0]
    assert "evt_1" in run.observer.warnings[0]


async def test_gaps_are_kept_told_and_summed_up():
    run = Run()
    gap = Gap(1.0, 2.0, "cut")
    run.engine.on_gap(gap)
    assert (run.journal.gaps, run.observer.gaps) == ([gap], [gap])
    summary = json.loads(run.engine.summary().to_json())["summary"]
    assert summary["gaps"] == [
        {"from": "1970-01-01T00:00:01.000Z", "to": "1970-01-01T00:00:02.000Z", "reason": "cut"}
    ]


async def test_a_stream_that_is_away_shows_as_an_open_gap():
    run = Run()
    assert run.engine.frame().gaps == ()
    run.reader.open_gap = Gap(7.0, None, "cut: reset")
    assert run.engine.frame().gaps == (Gap(7.0, None, "cut: reset"),)


async def test_the_summary_has_every_account():
    run = Run()
    run.engine.on_read([event(1), event(2), Malformed(b"x", "not JSON")], 1.0)
    run.clock.advance(2.5)
    summary = json.loads(run.engine.summary().to_json())["summary"]
    assert summary == {
        "received": 2, "byType": {"grant.created": 2}, "malformed": 1, "skipped": 0, "gaps": [],
        "paths": [],
        "delivered": 3, "pending": 0, "deadLettered": 0, "dropped": 0, "droppedBy": {},
        "requests": 1, "retries": 0, "carriedOver": 0, "truncated": 0, "late": 0, "seconds": 2.5,
    }  # fmt: skip


async def test_the_summary_as_text_names_what_is_left():
    run = Run()
    run.sender.shown = DeliveryView(pending=4, dropped=(("disk full", 2),))
    text = run.engine.summary().to_text()
    assert "pending 4" in text
    assert "dropped 2: disk full" in text
    assert "go out at the next start" in text
