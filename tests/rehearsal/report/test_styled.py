from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.report.styled import (
    Piece,
    ansi,
    clip_middle,
    fold,
    inert,
    line,
    padded,
    plain,
    runs,
)
from grantex_tui.words.display import cell_width, printable


TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(" 名é"))).map(printable)


def test_plain_lines_have_no_codes_and_no_blanks_at_their_ends():
    lines = [line("a ", Piece("b", "alert"), "  "), line(), line(Piece("   ", "dim"))]
    assert plain(lines) == ["a b", "", ""]
    assert ansi(lines) == ["a \x1b[1;31mb\x1b[0m", "", ""]


def test_runs_of_the_same_letter_are_one_piece():
    assert runs("..AA.", {"A": "alert", ".": "ok"}) == [
        Piece("..", "ok"), Piece("AA", "alert"), Piece(".", "ok"),
    ]  # fmt: skip
    assert runs("", {}) == []


def test_identifiers_keep_both_their_ends():
    assert clip_middle("grnt_01KE6RKERHWCNRE9R9SGQT", 16) == "grnt_01KE…R9SGQT"
    assert clip_middle("short", 16) == "short"


@given(text=TEXTS, width=st.integers(1, 40))
def test_clipped_and_padded_text_fits(text, width):
    assert cell_width(clip_middle(text, width)) <= width
    assert cell_width(padded(text, width)) == width


@given(text=TEXTS, width=st.integers(2, 40), indent=st.integers(0, 8), first=st.integers(0, 8))
def test_folded_text_fits_and_loses_nothing_but_blanks(text, width, indent, first):
    lines = fold(text, width, " " * indent, " " * first)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    room = width - max(indent, first)
    for number, each in enumerate(lines):
        begin = first if number == 0 else indent
        assert each.startswith(" " * begin)
        assert cell_width(each) <= max(width, begin + 2) if room < 2 else cell_width(each) <= width


def test_words_stay_whole_where_they_fit():
    assert fold("one two three", 8, "  ", "- ") == ["- one", "  two", "  three"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ::error::x", "  ·:error::x"),
        ("a ::error::", "a ::error::"),
        ("x ##[group]y", "x #·[group]y"),
        ("plain", "plain"),
    ],
)
def test_what_a_ci_runner_would_obey_is_defused(text, said):
    assert inert(text) == said
