"""Which transition of one run is the same as which of another, moved in time.

Two instants can be the same only within a tolerance. Of all ways to pair them the one is taken
that leaves the fewest alone, and of those the one with the least moving in all. Such pairs never
cross, so what lies further apart than the tolerance is settled on its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Pair = tuple[int | None, int | None]
"""Positions in the one and the other list; None: it is alone."""
_Cost = tuple[int, float]
_MOST = 4_000_000
"""Pairs of one cluster that are all looked at: two seconds' work."""


def match(one: Sequence[float], other: Sequence[float], tolerance: float) -> list[Pair]:
    """Pair instants, both ascending.

    Args:
        one: instants.
        other: instants.
        tolerance: the farthest that two of a pair may lie apart.
    """
    pairs: list[Pair] = []
    for first, second in _clusters(one, other, tolerance):
        pairs += _paired(one, other, first, second, tolerance)
    return pairs


def _clusters(
    one: Sequence[float], other: Sequence[float], tolerance: float
) -> Iterator[tuple[range, range]]:
    """Runs of instants with no gap wider than the tolerance between neighbours of either list."""
    tagged = sorted(
        [(at, 0, n) for n, at in enumerate(one)] + [(at, 1, n) for n, at in enumerate(other)]
    )
    begin = [0, 0]
    end = [0, 0]
    last: float | None = None
    for at, side, number in tagged:
        if last is not None and at - last > tolerance:
            yield range(begin[0], end[0]), range(begin[1], end[1])
            begin = list(end)
        end[side] = number + 1
        last = at
    if last is not None:
        yield range(begin[0], end[0]), range(begin[1], end[1])


def _paired(
    one: Sequence[float], other: Sequence[float], first: range, second: range, tolerance: float
) -> list[Pair]:
    """The best pairs of a cluster, as an edit distance finds them."""
    if not first or not second:
        return [(number, None) for number in first] + [(None, number) for number in second]
    if len(first) * len(second) > _MOST:
        return _in_turn(one, other, first, second, tolerance)
    costs = _costs([one[n] for n in first], [other[n] for n in second], tolerance)
    pairs: list[Pair] = []
    a, b = len(first), len(second)
    while a or b:
        gap = abs(one[first[a - 1]] - other[second[b - 1]]) if a and b else tolerance + 1
        if gap <= tolerance and costs[a][b] == _plus(costs[a - 1][b - 1], 0, gap):
            a, b = a - 1, b - 1
            pairs.append((first[a], second[b]))
        elif a and costs[a][b] == _plus(costs[a - 1][b], 1, 0.0):
            a -= 1
            pairs.append((first[a], None))
        else:
            b -= 1
            pairs.append((None, second[b]))
    return pairs[::-1]


def _in_turn(
    one: Sequence[float], other: Sequence[float], first: range, second: range, tolerance: float
) -> list[Pair]:
    """Pairs for a monitor that flaps all the time: each with the next that is near enough."""
    pairs: list[Pair] = []
    a, b = first.start, second.start
    while a < first.stop and b < second.stop:
        gap = other[b] - one[a]
        near = abs(gap) <= tolerance
        pairs.append((a if near or gap > 0 else None, b if near or gap < 0 else None))
        a += near or gap > 0
        b += near or gap < 0
    rest: list[Pair] = [(number, None) for number in range(a, first.stop)]
    return [*pairs, *rest, *((None, number) for number in range(b, second.stop))]


def _costs(one: Sequence[float], other: Sequence[float], tolerance: float) -> list[list[_Cost]]:
    """For every pair of beginnings how many stay alone, and how far the others move, at least."""
    rows: list[list[_Cost]] = [[(number, 0.0) for number in range(len(other) + 1)]]
    for at in one:
        before = rows[-1]
        row = [_plus(before[0], 1, 0.0)]
        for number, counterpart in enumerate(other):
            best = min(_plus(before[number + 1], 1, 0.0), _plus(row[number], 1, 0.0))
            gap = abs(at - counterpart)
            if gap <= tolerance:
                best = min(best, _plus(before[number], 0, gap))
            row.append(best)
        rows.append(row)
    return rows


def _plus(cost: _Cost, alone: int, moved: float) -> _Cost:
    return cost[0] + alone, cost[1] + moved
