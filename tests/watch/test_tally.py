from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.events.event import Event, Malformed
from grantex_tui.watch.tally import Tally


def event(kind: str, agent: str = "", size: int = 2) -> Event:
    return Event("e", kind, "", "", agent, "", b"x" * size)


READS = st.lists(
    st.tuples(
        st.floats(0, 5),
        st.lists(
            st.sampled_from(["grant.created", "grant.revoked", "token.issued", "budget.exhausted"])
        ),
    ),
    max_size=30,
)


@given(READS, st.sampled_from([1, 5, 60]))
def test_the_bars_add_up_to_the_events(reads, width):
    tally = Tally(1000.0)
    now = 1000.0
    types: Counter[str] = Counter()
    for pause, kinds in reads:
        now += pause
        tally.add([event(kind) for kind in kinds], now)
        types.update(kinds)
    view = tally.view(now, width=width, bars=1000)
    per_type = dict(
        zip(view.buckets.types, map(sum, zip(*view.buckets.counts, strict=True)), strict=False)
    )
    assert {name: n for name, n in per_type.items() if n} == dict(types)
    assert view.received == types.total()
    assert dict(view.by_type) == dict(types)


def test_buckets_are_contiguous_and_end_with_now():
    tally = Tally(1000.0)
    tally.add([event("a")], 1003.2)
    buckets = tally.view(1010.9, width=5).buckets
    assert buckets.starts == (1000.0, 1005.0, 1010.0)
    assert buckets.counts == ((1,), (0,), (0,))


def test_a_chart_shows_no_more_than_the_bars_asked_for():
    tally = Tally(0.0)
    for second in range(100):
        tally.add([event("a")], float(second))
    buckets = tally.view(99.5, bars=10).buckets
    assert buckets.starts == tuple(float(s) for s in range(90, 100))


def test_the_rate_is_of_the_last_whole_seconds():
    tally = Tally(0.0)
    for second in range(20):
        tally.add([event("a")] * 10, second + 0.5)
    assert tally.view(20.5).rate == 10.0
    assert tally.view(40.0).rate == 0.0


def test_values_count_grants_and_budget_alerts():
    tally = Tally(0.0)
    kinds = ["grant.created"] * 3 + ["grant.revoked"] + ["budget.threshold", "budget.exhausted"]
    tally.add([event(kind) for kind in kinds], 1.0)
    view = tally.view(1.0)
    assert (view.grants_created, view.grants_revoked, view.budget_alerts) == (3, 1, 2)


def test_agents_are_ranked_by_their_events():
    tally = Tally(0.0)
    tally.add([event("grant.created", "ag_b"), event("token.issued", "ag_b")], 1.0)
    tally.add([event("x", "ag_a"), event("x")], 2.0)
    rows = [(a.agent_id, a.events, a.grants, a.tokens, a.last_at) for a in tally.view(2.0).agents]
    assert rows == [("ag_b", 2, 1, 1, 1.0), ("ag_a", 1, 0, 0, 2.0)]


def test_malformed_payloads_are_counted_apart_and_shown():
    tally = Tally(0.0)
    tally.add([Malformed(b"oops", "not JSON"), event("a")], 1.0)
    view = tally.view(1.0)
    assert (view.received, view.malformed) == (1, 1)
    assert [(row.sequence, row.malformed) for row in view.recent] == [(1, "not JSON"), (2, "")]


def test_recent_events_are_bounded_in_number_and_in_bytes():
    tally = Tally(0.0)
    tally.add([event("a")] * 5000, 1.0)
    recent = tally.view(1.0).recent
    assert len(recent) == 2000
    assert recent[-1].sequence == 5000
    tally.add([event("big", size=10_000_000)] * 500, 2.0)
    assert sum(len(row.raw) for row in tally.view(2.0).recent) <= 16_000_000


def test_unbounded_agent_names_do_not_take_unbounded_memory():
    tally = Tally(0.0)
    tally.add([event("x", "ag_busy")] * 5, 0.0)
    for block in range(3):
        tally.add([event("x", f"ag_{block}_{n}") for n in range(9_000)], 1.0)
    assert len(tally._agents) <= 10_000
    assert tally.view(1.0).agents[0].agent_id == "ag_busy"


def test_a_plain_tally_keeps_totals_only():
    tally = Tally(0.0, detailed=False)
    tally.add([event("a", "ag_1")], 1.0)
    view = tally.view(1.0)
    assert (view.received, view.recent, view.agents) == (1, (), ())


def test_a_plain_tally_knows_its_rate():
    tally = Tally(0.0, detailed=False)
    for second in range(10):
        tally.add([event("a", "ag_1")] * 50, float(second))
    assert tally.view(10.0).rate == 50.0
