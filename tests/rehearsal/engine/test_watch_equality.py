"""What `watch` said while it ran is what a rehearsal of the journal that it wrote says."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.clock import as_recorded, parse_rfc3339, rfc3339
from grantex_tui.events.event import Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.settings import JournalSettings
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.rehearsal.engine.model import INSTANT
from grantex_tui.rehearsal.engine.plan import RehearsalPlan
from grantex_tui.rehearsal.engine.run import run_pass
from grantex_tui.settings import Settings
from grantex_tui.watch.engine import Engine, Limits
from grantex_tui.watch.monitor_files import MonitorPlan, plan_monitors
from grantex_tui.watch.tally import Tally
from tests.support.clock import VirtualClock


BEGAN = 1_780_000_000.0
LAG = 0.05  # how long after a full second `watch` looks for ticks
KINDS = ["grant.revoked", "token.issued", "budget.exhausted", "grant.created",
         "anomaly.auto_revoked"]  # fmt: skip


def quick(plan: MonitorPlan) -> MonitorPlan:
    """The same monitors with thresholds that a handful of events cross."""
    changed = []
    for monitor in plan.monitors:
        options = monitor.options
        few = replace(options.thresholds, critical=2.0, warning=0.0)
        if monitor.query.comparator == ">":
            options = replace(options, thresholds=few, renotify_interval=10)
        changed.append(replace(monitor, options=options))
    return replace(plan, monitors=changed)


PLAN = quick(plan_monitors(Settings()))


class Watched:
    """A run of `watch` on a clock that is moved by hand: a real engine, journal and monitors."""

    def __init__(self, folder: Path, started_at: float) -> None:
        self.clock = VirtualClock(started_at)
        self.told: list = []
        self.engine = Engine(
            source="x",
            journal=Journal.open(
                folder, clock=self.clock, settings=JournalSettings(fsync=False, deliver=False)
            ),
            journal_path=str(folder),
            sender=None,
            tally=Tally(started_at),
            clock=self.clock,
            limits=Limits(),
        )
        self.monitors = PLAN.start(started_at, self.told.append)
        self.engine.attach(None, self.monitors)  # type: ignore[arg-type] # nothing is read from it
        self._looked = int(started_at)

    def move_to(self, instant: float) -> None:
        """Let time pass; ticks are looked for a little after each full second."""
        while self._looked + 1 + LAG <= instant:
            self._looked += 1
            self.monitors.advance(self._looked + LAG)
        self.clock.advance(max(0.0, instant - self.clock.now()))


def event_at(number: int, kind: str, created: float):
    data = {
        "grantId": f"grnt_{number % 3}", "principalId": f"user_{number % 2}",
        "cascade": number % 2 == 0, "delegationDepth": number % 5,
    }  # fmt: skip
    value = {
        "id": f"evt_{number}", "type": kind, "createdAt": rfc3339(created), "data": data,
    }  # fmt: skip
    return decode_event(json.dumps(value, separators=(",", ":")).encode())


AROUND_A_TICK = st.integers(0, 40).flatmap(
    lambda minute: st.sampled_from([-0.001, -0.0004, 0, 0.0004, 0.0009, 0.001, 0.02]).map(
        lambda off: 20 + minute * 60 + off  # BEGAN is 20 s before a full minute
    )
)
READS = st.lists(
    st.tuples(
        AROUND_A_TICK | st.floats(0, 2400, allow_nan=False),
        st.lists(st.sampled_from(KINDS), min_size=1, max_size=6),
        st.sampled_from([0.0, 0.0, 0.5, 30.0, 400.0, -3.0]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(READS, st.sampled_from([0.0, 0.0007, 0.9]), st.floats(0, 2000), st.booleans())
def test_watch_and_a_rehearsal_of_its_journal_say_the_same(reads, started, longer, has_gap):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        watched = Watched(folder, BEGAN + started)
        number = 0
        for offset, kinds, age in sorted(reads):
            at = BEGAN + max(offset, started)
            watched.move_to(at)
            items: list = []
            for kind in kinds:
                number += 1
                items.append(event_at(number, kind, at - age))
            watched.engine.on_read([*items, Malformed(b"?", "not JSON")], watched.clock.now())
        if has_gap:
            watched.engine.on_gap(Gap(watched.clock.now(), watched.clock.now(), "reset"))
        end = watched.clock.now() + longer
        watched.move_to(end)
        watched.monitors.advance(end)
        watched.engine._journal.close()
        plan = RehearsalPlan(PLAN.monitors, PLAN.pipelines, PLAN.metrics, PLAN.logs, PLAN.site)
        items = list(Recording(folder)) if reads or has_gap else []
        for events in (items, Recording(folder)) if items else (items,):
            rehearsed = run_pass(
                events, plan, source="x", delivery=INSTANT, start=BEGAN + started, end=end
            )
            assert list(rehearsed.notifications) == watched.told
            assert [n.transition for n in rehearsed.notifications] == list(rehearsed.transitions)


@given(st.floats(0, 4e9))
def test_an_instant_survives_being_written_down(epoch):
    kept = as_recorded(epoch)
    assert parse_rfc3339(rfc3339(kept)) == kept
    assert abs(kept - epoch) <= 0.001001
