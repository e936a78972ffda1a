"""The accounts hold at every instant, whatever the intake answers and whenever we are killed."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from grantex_tui.delivery.batch import BatchSettings, EntryFormat
from grantex_tui.delivery.dispatch import Dispatcher
from grantex_tui.delivery.gate import Gate
from grantex_tui.delivery.requests import Batch
from grantex_tui.delivery.verdict import Verdict, VerdictKind
from grantex_tui.events.event import Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.memory import MemoryJournal
from grantex_tui.events.kept.settings import JournalSettings
from tests.support.clock import VirtualClock


if TYPE_CHECKING:
    from grantex_tui.events.kept.spool import DeadLetter


class Delivery(RuleBasedStateMachine):
    """A forwarder's life against an intake that refuses some events for good."""

    limit = 1_000_000

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock(1_767_603_600.0)
        self.folder = Path(tempfile.mkdtemp())
        self.appended = 0
        self.guilty: set[int] = set()
        self.arrived: Counter[int] = Counter()
        self.may_repeat: set[int] = set()
        self.lost = 0
        self.open()

    def open_spool(self):
        return Journal.open(
            self.folder / "journal",
            clock=self.clock,
            settings=JournalSettings(fsync=False, max_bytes=self.limit, segment_bytes=600),
        )

    def open(self) -> None:
        self.spool = self.open_spool()
        self.dispatcher = Dispatcher(
            self.spool,
            Gate(random.Random(0).random),
            settings=BatchSettings(batch_size=3, flush_interval=5.0, linger=0.0, max_entries=7),
            entry_format=EntryFormat(),
            clock=self.clock,
        )
        self.in_flight: list[Batch] = []

    # --- what may happen ----------------------------------------------------------------------

    @rule(guilty=st.lists(st.booleans(), min_size=1, max_size=12), split=st.booleans())
    def events_arrive(self, guilty: list[bool], split: bool) -> None:
        space = "\n" if split else ""
        raws = [
            b'{"id":"%d",%b"type":"t"}' % (self.appended + k, space.encode())
            for k in range(len(guilty))
        ]
        self.spool.append([decode_event(raw) for raw in raws], self.clock.now())
        self.guilty |= {self.appended + k for k, bad in enumerate(guilty) if bad}
        self.appended += len(guilty)

    @rule()
    def something_else_arrives(self) -> None:
        self.spool.append([Malformed(b"{", "not JSON")], self.clock.now())
        self.spool.append_gap(Gap(self.clock.now(), None, "cut"))

    @rule(seconds=st.sampled_from([0.1, 1.0, 6.0, 70.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def requests_begin(self) -> None:
        while batch := self.dispatcher.next_batch(self.clock.monotonic()):
            self.in_flight.append(batch)

    @precondition(lambda self: self.in_flight)
    @rule(which=st.integers(0, 100))
    def the_intake_judges(self, which: int) -> None:
        batch = self.in_flight.pop(which % len(self.in_flight))
        numbers = self.numbers(batch)
        if self.guilty & set(numbers):
            self.finish(batch, Verdict(VerdictKind.SPLIT, 400, "bad"))
        else:
            self.arrived.update(numbers)
            self.finish(batch, Verdict(VerdictKind.DELIVERED, 202))

    @precondition(lambda self: self.in_flight)
    @rule(
        which=st.integers(0, 100),
        verdict=st.sampled_from(
            [
                Verdict(VerdictKind.RETRY, 500, "oops"),
                Verdict(VerdictKind.RETRY, 429, "too many", 7.0),
                Verdict(VerdictKind.RETRY, None, "reset"),
                Verdict(VerdictKind.HOLD, 403, "refused"),
            ]
        ),
    )
    def the_intake_fails(self, which: int, verdict: Verdict) -> None:
        self.finish(self.in_flight.pop(which % len(self.in_flight)), verdict)

    @rule()
    def the_checkpoint_is_saved(self) -> None:
        self.spool.persist()

    @rule(saved=st.booleans())
    def the_process_is_killed(self, saved: bool) -> None:
        self.may_repeat |= self.beyond_the_checkpoint()
        self.lost += sum(self.spool.dropped.values())
        if saved:
            self.spool.close()
        else:
            self.spool._lock.release()
            self.spool._reader.close()
            self.spool._verdicts.close()
        self.open()

    # --- what must hold -----------------------------------------------------------------------

    @invariant()
    def the_accounts_add_up(self) -> None:
        spool, accounts = self.spool, self.dispatcher
        dropped = sum(spool.dropped.values())
        in_hand = sum(len(batch.entries) for batch in [*self.in_flight, *accounts._ready])
        aside = len(accounts._suspects) + len(accounts.burials)
        assert accounts.pending == spool.unread + in_hand + aside
        assert (
            spool.carried_over + spool.received
            == accounts.delivered + accounts.pending + accounts.dead_lettered + dropped
        )

    @invariant()
    def nothing_guilty_is_delivered_and_little_twice(self) -> None:
        assert not self.guilty & set(self.arrived)
        assert {n for n, times in self.arrived.items() if times > 1} <= self.may_repeat

    def teardown(self) -> None:
        """In the end, all that was not dropped is delivered or, others being taken, buried."""
        self.dispatcher.draining = True
        while not self.dispatcher.idle:
            self.clock.advance(60.0)
            if self.dispatcher._suspects:
                self.events_arrive([False], split=False)
            self.requests_begin()
            while self.in_flight:
                self.the_intake_judges(0)
        self.the_accounts_add_up()
        self.nothing_guilty_is_delivered_and_little_twice()
        missing = set(range(self.appended)) - set(self.arrived) - self.buried()
        # One that was delivered or buried just before a kill and dropped after it counts as dropped.
        too_many = self.lost + sum(self.spool.dropped.values()) - len(missing)
        assert 0 <= too_many <= len(self.may_repeat & (set(self.arrived) | self.buried()))
        assert self.buried() <= self.guilty
        self.spool.close()
        shutil.rmtree(self.folder)

    # --- how it is looked at ------------------------------------------------------------------

    def finish(self, batch: Batch, verdict: Verdict) -> None:
        self.dispatcher.finish(batch, verdict, self.clock.monotonic(), 0.05)

    def numbers(self, batch: Batch) -> list[int]:
        return [int(json.loads(json.loads(e.body)["message"])["id"]) for e in batch.entries]

    def beyond_the_checkpoint(self) -> set[int]:
        """What a restart begins with: in flight, or decided ahead of one that is in flight."""
        found = set()
        start = self.spool.checkpoint.position
        for segment in self.spool._segments:
            if segment.number < start.segment:
                continue
            data = segment.path.read_bytes()[
                start.offset if segment.number == start.segment else 0 :
            ]
            for line in data.splitlines():
                said = json.loads(line)
                payload = json.loads(said["payload"]) if "payload" in said else said.get("event")
                if payload:
                    found.add(int(payload["id"]))
        return found

    def buried(self) -> set[int]:
        entries = [json.loads(letter) for letter in self.letters()]
        numbers = [int(json.loads(entry["message"])["id"]) for entry in entries]
        assert len(numbers) == len(set(numbers)), "a dead letter was sent again"
        return set(numbers)

    def letters(self) -> list[bytes]:
        path = self.folder / "journal" / "dead-letter.ndjson"
        lines = path.read_bytes().splitlines() if path.exists() else []
        return [json.dumps(json.loads(line)["entry"]).encode() for line in lines]


class DeliveryOnASmallDisk(Delivery):
    """The same, with so little space that undelivered events must go."""

    limit = 2_000


class _Remembering(MemoryJournal):
    """Memory that can be asked what was buried."""

    def __init__(self) -> None:
        super().__init__(max_bytes=1_000)
        self.letters: list[bytes] = []

    def bury(self, letter: DeadLetter) -> None:
        self.letters.append(letter.entry)


class DeliveryFromMemory(Delivery):
    """The same without a journal, and without a second life."""

    def open_spool(self):
        return _Remembering()

    @precondition(lambda _: False)
    @rule()
    def the_process_is_killed(self) -> None:
        """Then all is gone, as everybody who chose so was told."""

    def letters(self) -> list[bytes]:
        assert isinstance(self.spool, _Remembering)
        return self.spool.letters


TestDelivery = Delivery.TestCase
TestDeliveryOnASmallDisk = DeliveryOnASmallDisk.TestCase
TestDeliveryFromMemory = DeliveryFromMemory.TestCase
TestDelivery.settings = settings(max_examples=50, stateful_step_count=40)
TestDeliveryOnASmallDisk.settings = TestDelivery.settings
TestDeliveryFromMemory.settings = TestDelivery.settings
