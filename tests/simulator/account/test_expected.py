from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.account.expected import SHOWN, Broken, Expected, summary
from grantex_sim.account.ledger import Ledger


def report(**changes):
    import msgspec

    if "missing" in changes:
        changes.setdefault("missing_count", len(changes["missing"]))
    return msgspec.structs.replace(Ledger().report(), **changes)


def said(expected, **changes):
    return [str(broken) for broken in expected.broken_by(report(**changes))]


GOOD = {"emitted": 3, "delivered": 3}


@pytest.mark.parametrize(
    ("expected", "changes", "words"),
    [
        (Expected(delivered_all=True), GOOD, []),
        (Expected(delivered_all=True), {}, ["nothing was emitted, which proves nothing"]),
        (
            Expected(delivered_all=True),
            {"emitted": 3, "delivered": 1, "missing": ["evt_1", "evt_2"]},
            ["2 of 3 events missing: evt_1 evt_2"],
        ),
        (
            Expected(delivered_all=True),
            {"emitted": 3, "delivered": 2, "forgotten": 1},
            ["1 of 3 events missing"],
        ),
        (Expected(max_missing=1), {"missing": ["evt_1"]}, []),
        (
            Expected(max_missing=0),
            {"missing": ["evt_1"]},
            ["1 event missing, 0 allowed: evt_1"],
        ),
        (Expected(min_delivered=3), GOOD, []),
        (Expected(min_delivered=4), GOOD, ["3 events delivered, 4 expected"]),
        (Expected(max_duplicates=2), {"duplicates": 2}, []),
        (
            Expected(max_duplicates=1),
            {"duplicates": 2, "duplicate_ids": ["evt_1", "evt_1"]},
            ["2 duplicates, 1 allowed: evt_1 evt_1"],
        ),
        (
            Expected(max_altered=0),
            {"altered": 1, "altered_ids": ["evt_7"]},
            ["1 altered event, 0 allowed: evt_7"],
        ),
        (
            Expected(max_reordered=0),
            {"reordered": 1, "reordered_ids": ["evt_7"]},
            ["1 reordered event, 0 allowed: evt_7"],
        ),
        (
            Expected(max_late=0),
            {"late": 1, "late_ids": ["evt_7"]},
            ["1 late event, 0 allowed: evt_7"],
        ),
        (Expected(no_refused=True), {"refused": 2}, ["2 requests refused"]),
        (Expected(), {"refused": 2, "missing": ["evt_1"], "duplicates": 1}, []),
    ],
)
def test_each_expectation_says_what_does_not_hold(expected, changes, words):
    assert said(expected, **changes) == words


def test_a_text_names_some_ids_and_counts_the_rest():
    text = str(Broken("lost", [f"evt_{number}" for number in range(SHOWN + 3)]))
    assert text.endswith(f"evt_{SHOWN - 1} … 3 more")


def test_a_text_counts_what_the_ledger_does_not_list():
    missing = [f"evt_{number}" for number in range(SHOWN)]
    (text,) = said(Expected(delivered_all=True), emitted=5000, missing=missing, missing_count=5000)
    assert text.startswith("5,000 of 5,000 events missing: evt_0 ")
    assert text.endswith(f"evt_{SHOWN - 1} … 4,980 more")


def test_all_that_does_not_hold_is_said_at_once():
    expected = Expected(delivered_all=True, max_duplicates=0, max_altered=0, no_refused=True)
    broken = said(expected, emitted=1, missing=["evt_1"], duplicates=1, altered=1, refused=1)
    assert len(broken) == 4


def test_the_summary_tells_of_events_that_nobody_heard():
    assert "2 emitted while nobody listened" in summary(report(emitted=2, unheard=2))
    assert "nobody" not in summary(report(emitted=2))


def test_the_summary_tells_that_there_is_more_to_come():
    assert summary(report(emitting=True)).endswith(", more to come")
    assert "more" not in summary(report())


def test_one_is_one_in_every_text():
    said = summary(report(emitted=1, duplicates=1, refused=1))
    assert "1 duplicate," in said
    assert "1 request refused" in said


@given(st.integers(0, 5), st.integers(0, 5))
def test_a_bound_holds_up_to_itself(most, count):
    assert bool(said(Expected(max_duplicates=most), duplicates=count)) == (count > most)
