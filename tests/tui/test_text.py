from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from grantex_tui.tui.drawing.glyphs import ASCII, UNICODE
from grantex_tui.tui.drawing.rows import Edge, enclosed, gauge, packed, row, sparkline, spread
from grantex_tui.tui.drawing.text import fit, group_label, short_id
from grantex_tui.words.display import settled


foreign = st.text() | st.text(
    "a\x1b[]\u202e\u0301\ufe0f\u200d😀日🇩🇪👍🏽\U000e0041\ud800\x00", max_size=40
)


@given(foreign, st.integers(0, 30), st.sampled_from(["left", "right"]))
def test_foreign_text_takes_exactly_the_cells_it_is_given(text, width, align):
    assert cell_len(fit(text, width, align=align)) == width


@given(foreign)
def test_safe_text_is_as_wide_as_the_sum_of_its_characters(text):
    safe = settled(text)
    assert cell_len(safe) == sum(cell_len(character) for character in safe)


@given(foreign)
def test_nothing_is_left_that_joins_the_cell_before(text):
    assert fit(text, 8)[:1] != ""
    assert cell_len(fit(text, 8)[:1]) >= 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u0301x", "◌\u0301x"),
        ("\U0001f3fb\u0301x", "◌\u0301x"),
        ("a\u0301\u0301\U0001f3fb\u0301", "a\u0301\u0301"),
        ("a" + "\u0301" * 9, "a\u0301\u0301"),
        ("🇩🇪", "DE"),
        ("👍🏽", "👍"),
        ("❤\ufe0f", "❤"),
        ("\ue000", "�"),
    ],
)
def test_characters_whose_width_terminals_dispute_are_settled(text, shown):
    assert settled(text) == shown


def test_a_huge_text_is_cut_before_it_is_looked_at():
    class Counting(str):
        __slots__ = ()

        def __getitem__(self, key):
            piece = super().__getitem__(key)
            assert len(piece) < 200
            return piece

        def isascii(self):
            raise AssertionError("looked at all of it")

    assert fit(Counting("x" * 1_000_000), 10) == "xxxxxxxxx…"


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("ag_01M85QNS8CZ82R4ZMBNQ153SKM", 14, "ag_…BNQ153SKM"),
        ("ag_1", 14, "ag_1"),
        ("01M85QNS8CZ82R4ZMBNQ153SKM", 9, "…NQ153SKM"),
        ("a_very_long_prefix_that_does_not_fit", 9, "a_…ot_fit"),
    ],
)
def test_an_id_keeps_what_tells_it_apart(text, width, short):
    assert short_id(text, width)[-8:] == short[-8:]
    assert len(short_id(text, width)) <= width


spans = st.lists(st.tuples(foreign.map(settled), st.sampled_from([None, Style(bold=True)])))


@given(spans, spans, st.integers(0, 40))
def test_rows_have_the_width_asked_for(left, right, width):
    assert row(width, left).cell_length == width
    assert spread(width, left, right).cell_length == width


@given(spans, st.integers(4, 60), st.integers(2, 12), st.booleans())
def test_a_panel_has_exactly_its_size_whatever_its_title_and_body(title, width, height, boxed):
    edge = Edge(title=title, info=title, style=Style(), boxed=boxed)
    body = [row(5, title), row(500, title)]
    strips = enclosed(lambda _w, _h: body, width, height, edge, UNICODE)
    assert len(strips) == height
    assert {strip.cell_length for strip in strips} == {width}


def test_whole_items_are_packed_or_left_out():
    items = [[("one", None)], [("seventeen", None)], [("two", None)]]
    assert [text for text, _ in packed(9, items, (", ", None))] == ["one", ", ", "two"]
    assert [text for text, _ in packed(9, items, (", ", None), gaps=False)] == ["one"]


@given(st.floats(-1, 2), st.integers(0, 40), st.sampled_from([UNICODE, ASCII]))
def test_a_gauge_fills_its_width(fraction, width, glyphs):
    filled, empty = gauge(fraction, width, glyphs)
    assert len(filled) + len(empty) == width


def test_a_sparkline_shows_the_course_and_leaves_gaps():
    assert sparkline([0, None, 4, 8], 6, UNICODE) == "  ▁ ▄█"
    assert sparkline([1, 2, 3], 2, UNICODE) == "▅█"
    assert sparkline([], 3, UNICODE) == "   "


def test_groups_whose_ids_begin_alike_are_told_apart():
    labels = [f"agent_id:ag_01M85QNS8CZ82R4ZMB{tail}" for tail in ("NQ153SKM", "KR01KQRD")]
    for width in range(12, 40):
        shown = [group_label(label, width) for label in labels]
        assert shown[0] != shown[1]
        assert {len(text) for text in shown} == {width}
    assert group_label("a:x, b:y", 20).strip() == "a:x, b:y"
