from __future__ import annotations

import pytest

from grantex_tui.events.event import Event
from grantex_tui.monitoring.count.newest import Counted, Newest


SOMETHING = Event("evt_1", "grant.revoked", "", "", "", "", b"{}")


@pytest.fixture
def newest() -> Newest:
    """Of question 3, groups by an agent and a user; each with its number, in the order given."""
    noted = Newest([3])
    groups = [("a", "x"), ("b", "x"), ("a", "y"), ("b", "y"), ("a", "x")]
    for sequence, group in enumerate(groups, 1):
        noted.note(3, group, Counted(sequence, SOMETHING, 0.0))
    return noted


def test_the_last_event_of_a_group_is_found(newest: Newest) -> None:
    found = [newest.find(3, group) for group in (("a", "x"), ("b", "x"), ("c", "x"))]
    assert [counted and counted.sequence for counted in found] == [5, 2, None]
    assert newest.find(4, ("a", "x")) is None


def test_an_event_that_is_noted_late_replaces_no_newer_one(newest: Newest) -> None:
    newest.note(3, ("b", "y"), Counted(1, SOMETHING, 0.0))
    found = newest.find(3, ("b", "y"))
    assert found is not None
    assert found.sequence == 4


@pytest.mark.parametrize(
    ("wanted", "sequence"),
    [
        ({0: "a"}, 5),
        ({0: "b"}, 4),
        ({1: "x"}, 5),
        ({1: "y"}, 4),
        ({0: "b", 1: "x"}, 2),
        ({}, 5),
        ({0: "c"}, None),
    ],
)
def test_the_last_event_of_several_groups_is_found(newest, wanted, sequence) -> None:
    found = newest.find_among(3, wanted)
    assert (found and found.sequence) == sequence
    assert newest.find_among(4, wanted) is None


def test_what_is_outstanding_is_settled_before_anything_is_looked_up(newest: Newest) -> None:
    counted = Counted(9, SOMETHING, 0.0)
    newest.settle = lambda: newest.note(3, ("a", "x"), counted)
    assert newest.find(3, ("a", "x")) == counted
    newest.settle = lambda: newest.note(3, ("a", "z"), Counted(10, SOMETHING, 0.0))
    found = newest.find_among(3, {0: "a"})
    assert found is not None
    assert found.sequence == 10


def test_of_ever_new_groups_the_latest_are_remembered() -> None:
    noted = Newest([0])
    for sequence in range(30_001):
        noted.note(0, (str(sequence),), Counted(sequence, SOMETHING, 0.0))
    remembered = [s for s in range(30_001) if noted.find(0, (str(s),)) is not None]
    assert remembered == list(range(20_000, 30_001))
