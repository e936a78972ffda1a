from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from grantex_tui.report.columns import Column, text_table
from grantex_tui.tui.drawing.text import fit
from grantex_tui.words.display import cell_width, clip_cells, printable, settled


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("plain", "plain"),
        ("Zoë 😀", "Zoë 😀"),
        ("\x1b[31mred", "␛[31mred"),
        ("a\tb\nc\rd", "a␉b␊c␍d"),
        ("\x7f\x9b2J", "␡�2J"),
        ("\u202eevil\u2066", "�evil�"),
        ("a\u200bb\u200dc", "a�b�c"),
        ("x\u2028y\u2029z", "x�y�z"),
        ("\ud800", "�"),
        ("\U000e0041", "�"),
        ("[bold red]x[/]", "[bold red]x[/]"),
    ],
)
def test_what_a_terminal_would_act_on_becomes_visible(foreign, shown):
    assert printable(foreign) == shown


@given(st.text())
def test_no_control_format_or_surrogate_character_that_could_act_is_left(text):
    left = {c for c in printable(text) if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
    assert not left
    assert not set(printable(text)) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067")


@given(st.text(), st.integers(0, 20))
def test_the_limit_bounds_the_length_and_says_that_something_is_missing(text, limit):
    shown = printable(text, limit=limit)
    assert len(shown) <= max(limit, 1)
    if limit and len(text) > limit:
        assert shown.endswith("…")


@given(st.text(), st.integers(0, 20))
def test_clipping_never_exceeds_the_cells_and_keeps_what_fits(text, width):
    safe = printable(text)
    clipped = clip_cells(safe, width)
    assert cell_width(clipped) <= width
    if 0 < cell_width(safe) <= width:
        assert clipped == safe


def test_wide_characters_count_twice_and_marks_not_at_all():
    assert cell_width("日本") == 4
    assert cell_width("e\u0301") == 1
    assert clip_cells("日本語", 5) == "日本…"
    assert clip_cells("日本語", 4) == "日…"


AWKWARD = [
    "⚠️",
    "👍🏽",
    "👩‍👩‍👧",
    "🇩🇪",
    "日本",
    "e\u0301",
    "\u0301",
    "ﷺ",
    "क्षि",
    "\u202e",
    "\x1b[31m",
    "a",
    "é",
    "️",
]


def name(dice: random.Random) -> str:
    """A name as a foreign system may give it: awkward pieces, and any characters at all."""
    pieces = [dice.choice(AWKWARD) for _ in range(dice.randrange(5))]
    pieces += [chr(dice.randrange(0x20, 0x1FBFF)) for _ in range(dice.randrange(3))]
    dice.shuffle(pieces)
    return "".join(pieces)


def test_the_rows_of_tables_are_equal_in_cell_width_whatever_is_in_them():
    dice = random.Random(7)
    names = [name(dice) for _ in range(10_000)]
    columns = [Column("name", left=True), Column("n")]
    for start in range(0, len(names), 100):
        rows = [[each, "9"] for each in names[start : start + 100]]
        assert len({cell_len(line) for line in text_table(columns, rows, 500)}) == 1
    assert {cell_len(fit(each, 12)) for each in names} == {12}


@given(st.text())
def test_a_settled_text_is_as_wide_as_the_sum_of_its_characters(text):
    assert cell_width(settled(text)) == sum(cell_len(each) for each in settled(text))
