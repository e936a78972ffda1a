from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.delivery.progress import Progress, Span
from grantex_tui.events.kept.spool import Position


@given(st.permutations(range(6)))
def test_the_checkpoint_moves_only_over_a_contiguous_run(order: list[int]) -> None:
    progress = Progress()
    spans = [Span(Position(1, 10 * number), open=1) for number in range(6)]
    for span in spans:
        progress.begin(span)
    done: set[int] = set()
    delivered = 0
    for number in order:
        spans[number].open = 0
        spans[number].delivered = 1
        done.add(number)
        reached = progress.advance()
        contiguous = next((n for n in range(6) if n not in done), 6)
        if reached is not None:
            delivered += reached.delivered
            assert reached.end == Position(1, 10 * (contiguous - 1))
        assert delivered == contiguous
    assert len(progress) == 0
    assert progress.advance() is None


def test_counts_of_a_run_add_up() -> None:
    progress = Progress()
    progress.begin(Span(Position(1, 1), 0, delivered=1, dead_lettered=2, unreadable=3))
    progress.begin(Span(Position(1, 2), 0, delivered=10, dead_lettered=20, unreadable=30))
    assert progress.advance() == Span(
        Position(1, 2), 0, delivered=11, dead_lettered=22, unreadable=33
    )
