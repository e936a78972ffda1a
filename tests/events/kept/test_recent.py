"""At its head the journal is read from memory, behind it from its segments: both give the same."""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from grantex_tui.events.arrived import Arrived
from grantex_tui.events.event import Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.header import Identity
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.settings import JournalSettings
from tests.support.clock import VirtualClock


def payload(number: int, note: str) -> bytes:
    text = f'{{"id":"evt_{number}","type":"type.{number % 3}","data":{{"note":"{note}"}}}}'
    return text.encode()


READS = st.lists(
    st.sampled_from(
        ["plain", "plain", "plain", "long", "multi-line", "malformed", "gap", "as whom"]
    ),
    min_size=1,
    max_size=4,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), READS),
        st.tuples(st.just("take"), st.tuples(st.integers(1, 5), st.sampled_from([1, 400, 10**6]))),
    ),
    max_size=25,
)


class Twin:
    """A journal, and all that was taken from it."""

    def __init__(self, folder, recent_bytes: int) -> None:
        self.clock = VirtualClock(1_780_000_000.0)
        chosen = JournalSettings(fsync=False, segment_bytes=1500, recent_bytes=recent_bytes)
        self.journal = Journal.open(folder, clock=self.clock, settings=chosen)
        self.taken: list = []

    def append(self, number: int, kinds: list[str]) -> None:
        self.clock.advance(1.0)
        if "gap" in kinds:
            self.journal.append_gap(Gap(1.0, 2.0, "cut"))
        if "as whom" in kinds:
            self.journal.change_identity(Identity(tenant=f"tenant {number}"))
        notes = {"long": "x" * 700, "multi-line": "", "plain": "é"}
        payloads = [payload(number, notes[kind]) for kind in kinds if kind in notes]
        if "multi-line" in kinds:
            payloads[-1] = payloads[-1].replace(b',"type"', b',\n"type"')
        items = [decode_event(each) for each in payloads]
        if "malformed" in kinds:
            items.append(Malformed(b"{", "not JSON"))
        self.journal.append(items, self.clock.now())

    def take(self, max_entries: int, max_bytes: int) -> bool:
        chunk = self.journal.take(max_entries, max_bytes)
        if chunk is None:
            return False
        end = chunk.end
        self.taken += [(e.raw, e.type, end.segment, e.end, chunk.log) for e in chunk.entries]
        self.journal.settle(
            end, delivered=len(chunk.entries), dead_lettered=0, unreadable=chunk.unreadable
        )
        return True


@given(STEPS, st.sampled_from([600, 4000, 10**6]))
@settings(max_examples=60, deadline=None, phases=[Phase.generate])
def test_both_ways_give_the_same_events_at_the_same_places(tmp_path_factory, steps, recent_bytes):
    folder = tmp_path_factory.mktemp("twins")
    behind, ahead = Twin(folder / "behind", 0), Twin(folder / "ahead", recent_bytes)
    for twin in (behind, ahead):
        for number, (what, how) in enumerate(steps):
            if what == "append":
                twin.append(number, how)
            else:
                twin.take(*how)
        while twin.take(100, 10**6):
            pass
    assert ahead.taken == behind.taken
    for twin in (behind, ahead):
        assert (twin.journal.unread, twin.journal.unread_bytes) == (0, 0)
        assert twin.journal.checkpoint.delivered == len(twin.taken)
        twin.journal.close()
    places = [twin.journal.checkpoint.place - behind_start(twin) for twin in (behind, ahead)]
    assert places[0] == places[1]


def behind_start(twin: Twin) -> int:
    """Where the journal's places begin: at random."""
    first = sorted(twin.journal.directory.glob("*.ndjson"))
    line = first[0].read_bytes().partition(b"\n")[0] if first else b""
    return int(line.partition(b'"first":')[2].partition(b",")[0] or twin.journal.checkpoint.place)


def test_what_was_just_appended_is_not_read_back(tmp_path):
    journal = Journal.open(tmp_path, clock=VirtualClock(), settings=JournalSettings(fsync=False))
    journal.append([decode_event(payload(1, ""))], 1.0)
    assert journal.take(10, 10**6) is not None
    payloads = [payload(number, "") for number in range(2, 5)]
    journal.append(Arrived(payloads, None), 2.0)
    (segment,) = tmp_path.glob("*.ndjson")
    segment.write_bytes(b"\0" * segment.stat().st_size)
    chunk = journal.take(10, 10**6)
    assert chunk is not None
    assert [entry.raw for entry in chunk.entries] == payloads
    journal.close()
