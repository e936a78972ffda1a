from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.grantex.limits import Budget, Slots


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


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["take", "free", "leak", "zombie", "all"]),
        st.sampled_from([0.0, 100.0, 299.0, 300.0, 1_000.0]),
    ),
    max_size=40,
)


@given(MOVES)
def test_leaked_slots_are_free_after_300_seconds_without_an_attempt(moves):
    slots, now, open_, leaked, zombies, touched = Slots(3), 0.0, 0, 0, 0, 0.0
    for move, wait in moves:
        now += wait
        if move == "take":
            if now - touched >= 300 and not open_ and not zombies:
                leaked = 0
            fits = open_ + leaked + zombies < 3
            assert slots.take("a", now) == fits
            open_, touched = open_ + fits, now
        elif move == "all":
            slots.leak_all("a", now)
            touched = now
            leaked += max(0, 3 - open_ - leaked - zombies)
        elif open_:
            open_ -= 1
            if move == "free":
                slots.free("a")
            else:
                slots.leak("a", zombie=move == "zombie")
                leaked, zombies = leaked + (move == "leak"), zombies + (move == "zombie")
    slots.forget_leaks()
    assert slots.take("a", now) == (open_ < 3)


def test_a_stream_that_is_alive_keeps_a_leak_alive():
    slots = Slots(2)
    assert slots.take("a", 0.0)
    assert slots.take("a", 0.0)
    slots.leak("a")
    slots.refresh("a", 1_000.0)
    slots.free("a")
    slots.leak_all("a", 1_001.0)
    assert not slots.take("a", 1_299.0)
    assert slots.take("a", 1_599.0)
