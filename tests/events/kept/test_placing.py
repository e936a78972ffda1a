from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grantex_tui.events.event import decode_event
from grantex_tui.events.kept.care.absorbing import absorb
from grantex_tui.events.kept.care.looking import look
from grantex_tui.events.kept.care.placing import (
    Placed,
    _first_format_name,
    key_fingerprint,
    place_journal,
    place_watched,
)
from grantex_tui.events.kept.header import Identity, LogNote
from grantex_tui.events.kept.journal import Journal
from grantex_tui.events.kept.lines import encode_items
from grantex_tui.events.kept.settings import JournalSettings
from grantex_tui.events.kept.spool import DeadLetter
from tests.support.clock import VirtualClock


if TYPE_CHECKING:
    from pathlib import Path

AT = 1_767_603_600.0
URL = "https://api.grantex.dev/v1/events/stream"


def identity(tenant: str = "dev_A", key: str = "key-1", log: LogNote | None = None) -> Identity:
    return Identity(tenant, key_fingerprint(key), URL, (), True, log)


def place(base: Path, mine: Identity, key: str = "key-1", url: str = URL, *, named=False) -> Placed:
    return place_journal(base, mine, key=key, stream=url, is_named=named)


def written(directory: Path, mine: Identity, numbers: range = range(3), *, bury=False) -> None:
    journal = Journal.open(directory, clock=VirtualClock(AT), identity=mine)
    journal.append([decode_event(b'{"id":"evt_%d","type":"t"}' % n) for n in numbers], AT + 5)
    if bury:
        chunk = journal.take(1, 1)
        assert chunk is not None
        journal.bury(DeadLetter(1, chunk.entries[0].end, b'{"message":"m"}', "bad", 400))
        journal.settle(chunk.end, delivered=0, dead_lettered=1, unreadable=0)
    journal.close()


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("rotated", URL),
        ("key-1", URL + "?types=grant.created"),
        ("key-1", "https://API.grantex.dev:443/v1"),
    ],
)
def test_neither_key_nor_filter_nor_spelling_makes_another_journal(tmp_path, key, url) -> None:
    first = place(tmp_path, identity())
    written(first.directory, identity())
    again = place(tmp_path, identity(key=key), key, url)
    assert again == first
    assert again.directory.name == "dev_A"


def test_another_tenant_has_another_and_is_named(tmp_path: Path) -> None:
    written(tmp_path / "dev_A", identity())
    placed = place(tmp_path, identity("dev_B", "key-2"), "key-2")
    assert placed == Placed(tmp_path / "dev_B", [], [tmp_path / "dev_A"])


def test_the_key_tells_the_tenant_while_grantex_says_nothing(tmp_path: Path) -> None:
    written(tmp_path / "dev_A", identity())
    assert place(tmp_path, identity("")).directory == tmp_path / "dev_A"
    other = place(tmp_path, identity("", "key-2"), "key-2")
    assert (other.directory.name.startswith("api.grantex.dev-"), other.others) == (
        True,
        [tmp_path / "dev_A"],
    )


def test_what_an_unknown_tenant_left_is_ours_if_the_key_was_ours(tmp_path: Path) -> None:
    before = place(tmp_path, identity(""))
    written(before.directory, identity(""))
    placed = place(tmp_path, identity())
    assert placed == Placed(tmp_path / "dev_A", [], [])
    assert not before.directory.exists()
    assert look(placed.directory).pending == 3


def test_a_folder_that_was_named_is_the_identity_where_nothing_else_is_known(
    tmp_path: Path,
) -> None:
    before = place(tmp_path, identity(""), named=True)
    written(before.directory, identity(""))
    again = place(tmp_path, identity("", "rotated"), "rotated", named=True)
    assert again.directory == before.directory


def test_a_journal_of_the_first_format_of_this_key_is_taken_up(tmp_path: Path) -> None:
    folder = tmp_path / _first_format_name(URL, "key-1")
    folder.mkdir()
    items = [decode_event(b'{"id":"evt_1","type":"t"}')]
    (folder / "00000001.ndjson").write_bytes(encode_items(items, AT))
    placed = place(tmp_path, identity())
    assert placed == Placed(tmp_path / "dev_A", [], [])
    journal = Journal.open(placed.directory, clock=VirtualClock(AT), identity=identity())
    journal.append(items, AT)
    chunks = [journal.take(10, 1_000_000) for _ in range(2)]
    assert [(len(c.entries), c.log) for c in chunks if c] == [(1, None), (1, None)]
    assert journal.carried_over == 1
    journal.close()


def test_what_waits_in_several_folders_of_a_tenant_is_taken_over_as_it_was_noted(tmp_path) -> None:
    noted = LogNote(service="old", ddtags="env:prod")
    written(tmp_path / "dev_A", identity(), range(2))
    written(tmp_path / "elsewhere", identity(log=noted), range(2, 6), bury=True)
    placed = place(tmp_path, identity())
    assert placed == Placed(tmp_path / "dev_A", [tmp_path / "elsewhere"], [])
    mine = identity(log=LogNote(service="new"))
    clock = VirtualClock(AT + 100)
    into = Journal.open(placed.directory, clock=clock, identity=mine)
    assert absorb(tmp_path / "elsewhere", into, mine, clock=clock) == 3
    into.append([decode_event(b'{"id":"evt_9","type":"t"}')], AT + 100)
    into.close()
    assert (look(tmp_path / "elsewhere").pending, look(placed.directory).dead_letters) == (0, 1)
    journal = Journal.open(placed.directory, clock=clock, identity=mine)
    assert journal.oldest_unread_at() == AT + 5
    taken = []
    while chunk := journal.take(10, 1_000_000):
        taken += [(entry.raw[7:12], chunk.log and chunk.log.service) for entry in chunk.entries]
    journal.close()
    assert taken == [
        (b"evt_0", None), (b"evt_1", None),
        (b"evt_3", "old"), (b"evt_4", "old"), (b"evt_5", "old"), (b"evt_9", "new"),
    ]  # fmt: skip


def test_runs_that_only_watch_have_a_folder_each_and_old_ones_go(tmp_path: Path) -> None:
    mine = Identity("dev_A", "k", URL, (), False, None)
    where = place_watched(tmp_path, mine, stream=URL, now=AT, max_age=100.0)
    journal = Journal.open(
        where,
        clock=VirtualClock(AT),
        settings=JournalSettings(deliver=False),
        identity=mine,
        alone=True,
    )
    journal.append([decode_event(b'{"id":"evt_1","type":"t"}')], AT)
    second = place_watched(tmp_path, mine, stream=URL, now=AT + 1, max_age=100.0)
    assert second != where
    assert not (where / "lock").exists()
    assert (look(where).forward, look(where).pending) == (False, 0)
    assert place(tmp_path, identity()) == Placed(tmp_path / "dev_A", [], [])
    journal.close()
    place_watched(tmp_path, mine, stream=URL, now=AT + 10**9, max_age=100.0)
    assert not where.exists()
