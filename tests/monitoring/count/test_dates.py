"""Cells found by searching a column of texts are those that each text has by itself."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import parse_rfc3339, rfc3339
from grantex_tui.monitoring.count.dates import NEVER, CreationDates


START = 1_780_000_020
GRIDS = st.sampled_from([1, 2, 5, 10, 12, 30, 60]).flatmap(
    lambda width: st.tuples(st.just(width), st.integers(0, width - 1))
)
MILLISECONDS = st.integers(0, 7_200_000) | st.integers(0, 7200).map(lambda second: second * 1000)


def text_of(milliseconds: int) -> str:
    return rfc3339(START + milliseconds / 1000)


@given(GRIDS, st.lists(MILLISECONDS, max_size=40))
def test_runs_are_the_cells_of_each_text(grid: tuple[int, int], instants: list[int]) -> None:
    dates = CreationDates(*grid)
    texts = sorted(map(text_of, instants))
    cells = [
        cell for begin, end, cell in dates.runs(texts, 0, len(texts)) for _ in texts[begin:end]
    ]
    assert cells == [dates.cell(text) for text in texts]


@given(GRIDS, MILLISECONDS)
def test_a_cell_is_the_first_point_of_the_grid_that_is_not_before_the_date(
    grid: tuple[int, int], instant: int
) -> None:
    width, offset = grid
    cell = CreationDates(width, offset).cell(text_of(instant))
    second = ceil(START + instant / 1000 - 1e-6)
    assert (cell - offset) % width == 0
    assert second <= cell < second + width


def test_runs_keep_to_the_part_that_is_asked_for() -> None:
    texts = [text_of(n * 20_000) for n in range(9)]
    found = list(CreationDates(60, 0).runs(texts, 2, 8))
    assert found[0].begin == 2
    assert found[-1].end == 8
    assert all(a.end == b.begin for a, b in pairwise(found))


@pytest.mark.parametrize(
    "odd",
    ["", "yesterday", "2026-01-05T09:00:07Z", "2026-01-05T09:61:07.250Z", "2026-01-05T09:00:60.000Z",
     "2026-02-30T09:00:07.250Z", "2026-01-05T24:00:00.000Z", "2026-01-05T09:00:07.250+00:00"],
)  # fmt: skip
def test_what_is_no_date_has_no_cell_and_spoils_a_column(odd: str) -> None:
    dates = CreationDates(60, 0)
    good = ["2026-01-05T08:59:07.250Z", "2026-03-05T09:00:07.250Z"]
    assert dates.cell(odd) == NEVER
    assert not dates.are_dates([good[0], odd, good[1]])
    assert not dates.are_dates([odd])
    assert dates.are_dates(good)


def test_what_is_trusted_is_taken_for_the_date_by_datadog_whenever_it_arrived_and_little_is_not():
    hour, width = 3600, 60
    first, last = START + 0.25, START + 30.75
    low, high = CreationDates.trusted(first, last)
    for cell in range(START - 19 * hour, START + 3 * hour):
        taken = [
            arrival - 18 * hour < second - 1 and second < arrival + 2 * hour
            for second in (cell - width + 1, cell)
            for arrival in (first, last)
        ]
        if low < cell < high:
            assert all(taken), cell
    assert (low, high) == (last - 18 * hour + width + 1, first + 2 * hour - 1)


@given(st.lists(st.sampled_from([f"2026-01-05T09:{n:02}:07.250Z" for n in (0, 7, 59, 60, 75, 99)])))
def test_a_column_is_of_dates_if_each_text_is(texts: list[str]) -> None:
    dates = CreationDates(60, 0)
    assert dates.are_dates(texts) == all(dates.cell(text) != NEVER for text in texts)
    for text in texts:
        assert (dates.cell(text) == NEVER) == (not _parses(text))


def _parses(text: str) -> bool:
    try:
        parse_rfc3339(text)
    except ValueError:
        return False
    return True
