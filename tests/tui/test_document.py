from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from grantex_tui.tui.clipboard import OSC52_LIMIT, fits_clipboard
from grantex_tui.tui.drawing.document import Document, pretty, split_key


lines = st.lists(st.text("ab 日😀é", max_size=60), max_size=12)


@given(lines, st.integers(2, 30))
def test_rows_fit_the_width_and_together_are_the_text(texts, width):
    document = Document(texts)
    rows = [document.row(y) for y in range(document.wrap(width))]
    assert all(cell_len(text) <= width for text, _ in rows)
    assert "".join("\n" * begins + text for text, begins in rows) == "".join(
        "\n" + text for text in texts
    )


@pytest.mark.parametrize("line", ["x" * 1_000_000, "日" * 500_000])
def test_a_line_of_a_megabyte_is_wrapped_where_one_looks(line):
    document = Document([line])
    height = document.wrap(100)
    assert height == -(-len(line) // (100 if line.isascii() else 50))
    assert cell_len(document.row(height - 1)[0]) <= 100
    assert document.row(height) == ("", False)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b'{"a":[1,2.50]}', ["{", '  "a": [', "    1,", "    2.50", "  ]", "}"]),
        (b"not json", ["not json"]),
        (b'{"a":"\x1b[2J"}', ['{"a":"␛[2J"}']),
        (b'{"a":"\xff', ['{"a":"�']),
        ('{"a":"\u202e"}'.encode(), ["{", '  "a": "�"', "}"]),
        (b'{"a": "cut of', ['{"a": "cut of']),
    ],
)
def test_a_payload_is_indented_or_shown_as_it_is_but_never_raw(raw, shown):
    assert pretty(raw) == shown


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('  "a": 1,', ('  "a":', " 1,")),
        (r'  "a\"b": 1', (r'  "a\"b":', " 1")),
        ('  "value"', ("", '  "value"')),
        ("}", ("", "}")),
    ],
)
def test_a_key_is_told_from_a_value(text, parts):
    assert split_key(text) == parts


def test_the_clipboard_takes_what_terminals_take():
    assert fits_clipboard("x" * OSC52_LIMIT)
    assert not fits_clipboard("x" * (OSC52_LIMIT + 1))
    assert not fits_clipboard("é" * (OSC52_LIMIT // 2 + 1))
