from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.tui.drawing.bars import (
    EMPTY,
    column,
    gutter,
    nice_ceiling,
    runs,
    sections,
    time_labels,
)
from grantex_tui.tui.drawing.glyphs import UNICODE


counts = st.lists(st.integers(0, 5000), max_size=30)
heights = st.integers(1, 40)
scales = st.floats(1, 20_000)


@given(counts, scales, heights)
def test_the_parts_of_a_bar_add_up_to_its_height_in_eighths(series, scale, height):
    parts = sections(series, scale, height)
    total = sum(series)
    wanted = min(height * 8, max(1, round(total / scale * height * 8))) if total else 0
    assert sum(part.high - part.low for part in parts) == wanted


@given(counts, scales, heights)
def test_parts_are_stacked_without_gap_or_overlap_in_the_order_of_the_series(series, scale, height):
    parts = sections(series, scale, height)
    assert [p.low for p in parts] == [0, *(p.high for p in parts)][: len(parts)]
    assert [p.series for p in parts] == sorted({p.series for p in parts})


@given(counts.filter(any), heights)
def test_each_part_is_within_an_eighth_of_what_its_count_says(series, height):
    total = sum(series)
    exact = {i: c / total * height * 8 for i, c in enumerate(series)}
    drawn = {p.series: p.high - p.low for p in sections(series, total, height)}
    assert all(abs(drawn.get(i, 0) - share) <= 1 for i, share in exact.items())


@given(counts, scales, heights)
def test_the_cells_show_the_height_that_the_sections_have(series, scale, height):
    cells = column(tuple(series), scale, height, UNICODE.eighths)
    assert len(cells) == height
    shown = sum(8 if c.paper is not None else UNICODE.eighths.index(c.glyph) for c in cells)
    assert shown == sum(p.high - p.low for p in sections(series, scale, height))


@given(counts, scales, heights)
def test_no_cell_has_more_than_two_colours_and_both_belong_to_it(series, scale, height):
    parts = sections(series, scale, height)
    cells = column(tuple(series), scale, height, UNICODE.eighths)
    for base, cell in zip(range((height - 1) * 8, -1, -8), cells, strict=True):
        here = {p.series for p in parts if p.low < base + 8 and p.high > base}
        assert {cell.ink, cell.paper} - {None} <= here


def test_without_colour_each_series_has_its_own_fill():
    cells = column((8, 8), 16, 2, UNICODE.eighths, "█▓")
    assert [cell.glyph for cell in cells] == ["▓", "█"]
    assert {cell.ink for cell in cells} == {None}


def test_a_single_event_shows_however_large_the_scale():
    assert column((1,), 100_000, 10, UNICODE.eighths)[-1].glyph == "▁"
    assert column((0,), 100_000, 10, UNICODE.eighths) == (EMPTY,) * 10


@given(st.floats(0, 1e9))
def test_the_scale_is_a_round_number_not_below_the_peak_and_not_twice_as_high(value):
    scale = nice_ceiling(value)
    assert scale >= value
    assert scale <= max(4, value * 2)


@pytest.mark.parametrize(
    ("scale", "height", "labels"),
    [
        (100, 2, ["100", ""]),
        (100, 8, ["100", "", "", "", "50", "", "", "0"]),
        (15, 6, ["15", "", "", "7.5", "", "0"]),
        (250_000, 3, ["250k", "", "0"]),
    ],
)
def test_the_gutter_names_top_middle_and_zero(scale, height, labels):
    assert [label.strip() for label in gutter(scale, height, 4)] == labels


@given(st.integers(0, 300), st.sampled_from([1, 5, 15, 60, 300]), st.integers(1, 3))
def test_time_labels_never_touch_and_never_leave_the_row(bars, width, columns):
    starts = [1_800_000_000.0 + i * width for i in range(bars)]
    line = time_labels(starts, width, columns, "╵")
    assert len(line) == bars * columns
    labels = line.split()
    assert all(len(label) == 9 and label.startswith("╵") for label in labels)


def test_runs_merge_neighbours_of_one_colour():
    cells = column((4, 4), 8, 1, UNICODE.eighths) * 3
    assert [run.glyph for run in runs(cells, 2)] == ["▄" * 6]


@given(st.integers(1, 10**9), st.integers(1, 30))
def test_a_scale_says_what_it_is_at_every_size(peak, height):
    scale = nice_ceiling(peak)
    labels = gutter(scale, height, 4)
    assert all(len(label) == 4 for label in labels)
    assert meant(labels[0]) == scale
    if height >= 6:
        assert meant(labels[round(height / 2)]) == scale / 2
    if height >= 3:
        assert meant(labels[-1]) == 0


def meant(label):
    text = label.strip()
    factor = {"k": 1e3, "M": 1e6, "G": 1e9}.get(text[-1], 1)
    return float(text.rstrip("kMG")) * factor
