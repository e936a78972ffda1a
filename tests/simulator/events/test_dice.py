from __future__ import annotations

from collections import Counter

from grantex_sim.events.dice import CROCKFORD, Dice
from grantex_sim.names import name_pool


def test_draws_are_the_same_on_every_machine():
    """Pinned: another value means other events for everybody."""
    dice = Dice(7)
    assert [dice.below(1_000) for _ in range(5)] == [481, 666, 619, 699, 902]
    assert [dice.tail() for _ in range(2)] == ["ASP076Y9N2Y94ZCW", "Y9ERBYT6YTDMQBK6"]


def test_streams_of_a_seed_have_nothing_to_do_with_each_other():
    assert len({Dice(1).random(), Dice(1, 1).random(), Dice(2).random(), Dice(2, 1).random()}) == 4


def test_tails_use_all_digits_alike_and_never_repeat():
    dice = Dice(3)
    tails = [dice.tail() for _ in range(5_000)]
    counts = Counter("".join(tails))
    assert len(set(tails)) == 5_000
    assert set(counts) == set(CROCKFORD)
    assert max(counts.values()) < 1.15 * min(counts.values())
    assert {len(tail) for tail in tails} == {16}


def test_picks():
    dice = Dice(4)
    values = tuple(range(10))
    even = Counter(dice.pick(values) for _ in range(10_000))
    skewed = Counter(dice.pick_skewed(values) for _ in range(10_000))
    assert set(even) == set(values)
    assert max(even.values()) < 1.3 * min(even.values())
    assert skewed[0] > 3 * skewed[1] > 3 * skewed[9]


def test_the_name_pool_is_fixed_and_its_users_all_differ():
    pool = name_pool()
    assert len(set(pool.users)) == len(pool.users) == 1_000
    assert pool.users[:2] == ("ashleypham", "scotttyler")
    assert all(name.isascii() and name.isprintable() for name in pool.users)
    assert not any(
        name.isascii() and name.isprintable() and "[" not in name for name in pool.hostile
    )
