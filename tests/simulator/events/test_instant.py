from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.events.instant import Instant, iso


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
moments = st.integers(0, 4_102_444_800_000)
"""Milliseconds, to the year 2100."""


def expected(epoch_ms):
    moment = datetime.fromtimestamp(epoch_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{epoch_ms % 1000:03d}Z"


@given(moments)
def test_a_moment_as_text(epoch_ms):
    assert iso(epoch_ms) == expected(epoch_ms)


@given(st.lists(moments | st.integers(1_767_571_199_000, 1_767_571_262_000), min_size=1))
def test_moving_to_and_fro_leaves_nothing_of_the_moment_before(visited):
    now = Instant()
    for epoch_ms in visited:
        now.move(epoch_ms)
        assert now.ms == epoch_ms
        assert now.text == expected(epoch_ms)
        digits = [CROCKFORD[epoch_ms >> shift & 31] for shift in range(45, -1, -5)]
        assert now.ulid == "".join(digits)
