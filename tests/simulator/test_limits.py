from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.limits import Budget, Slots


def test_a_budget_counts_down_and_says_when_it_starts_again():
    budget = Budget(3)
    taken = [budget.take(100.0 + second) for second in (0, 10, 35.5, 36)]
    assert [(one.remaining, one.reset, one.exceeded) for one in taken] == [
        (2, 60, False),
        (1, 50, False),
        (0, 25, False),
        (0, 24, True),
    ]
    assert dict(taken[0].headers()) == {
        "x-ratelimit-limit": "3",
        "x-ratelimit-remaining": "2",
        "x-ratelimit-reset": "60",
    }


@given(st.integers(1, 5), st.lists(st.floats(0, 50), max_size=40))
def test_each_window_of_a_budget_lets_its_limit_through(limit, waits):
    budget, now, end, used = Budget(limit), 0.0, 0.0, 0
    for wait in waits:
        now += wait
        if now >= end:
            end, used = now + 60.0, 0
        used += 1
        allowance = budget.take(now)
        assert allowance.exceeded == (used > limit)
        assert allowance.remaining == max(0, limit - used)
        assert 0 < allowance.reset <= 60


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=60))
def test_slots_are_as_many_as_are_open(moves):
    slots = Slots(2)
    count = {"a": 0, "b": 0}
    for key, opening in moves:
        if opening:
            assert slots.take(key, 0.0) == (count[key] < 2)
            count[key] = min(2, count[key] + 1)
        elif count[key]:
            slots.free(key)
            count[key] -= 1
