from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grantex_tui.report.fences import code, fenced
from grantex_tui.report.forms.markdown import render
from grantex_tui.words.display import printable


def parser() -> MarkdownIt:
    """CommonMark with tables, as GitHub has them."""
    return MarkdownIt("commonmark", {"html": True}).enable("table")


def tokens(text: str):
    """All tokens, those inside of paragraphs and cells too."""
    for token in parser().parse(text):
        yield token
        yield from token.children or ()


def table(text: str, head: str) -> list[list[str]]:
    """The cells of the table that has a column *head*."""
    found: list[list[list[str]]] = []
    inside = False
    for token in parser().parse(text):
        if token.type == "table_open":
            found.append([])
            inside = True
        elif token.type == "table_close":
            inside = False
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and inside:
            found[-1][-1].append("".join(child.content for child in token.children or ()))
    return next(rows for rows in found if head in rows[0])


def test_the_head_says_what_came_of_it_in_a_table(failing, passing, broken):
    text = render([passing, failing, broken])
    assert text.startswith(
        "### ❌ Rehearsals\n\n"
        "3 rehearsals, 4 expectations: 1 failed, 1 could not be run in 0.8 s\n\n"
    )
    assert table(text, "rehearsal")[1:] == [
        ["✅", "all is well", "2 hold ⚠️ 1 gap in the events, lines that can't be read", "0.5"],
        ["❌", "pages once", "1 of 2 failed", "0.2"],
        ["❌", "has no events", "could not be run", "0.0"],
    ]
    assert render([passing]).startswith("### ✅ Rehearsals")


def test_what_failed_is_unfolded_with_its_reason_timeline_and_tables(failing):
    text = render([failing])
    assert "<details open><summary>❌ <code>pages once</code></summary>" in text
    assert "❌ `denials has at most 0 alerts` at `fixtures/denials.rehearsal.yaml:12`" in text
    blocks = [token.content for token in tokens(text) if token.type == "fence"]
    assert blocks[0] == "1 alert:\n  +22m (2026-01-05T09:22:00Z) agent:a1\n"
    assert "A alert" in blocks[1]
    assert [row[0] for row in table(text, "monitor")[1:]] == ["denials", "beat", "all together"]
    assert [row[-1] for row in table(text, "noticed by")[1:]] == ["3m", "missed"]
    assert any("[Triggered] denials" in block for block in blocks)
    assert any("unreadable: denials.ndjson:7: not JSON" in block for block in blocks)


def test_what_passed_is_one_line(passing):
    assert "<details" not in render([passing])


def test_every_detail_that_opens_closes(failing, broken, observed, nasty):
    text = render([failing, broken, observed, nasty])
    assert text.count("<details") == text.count("\n</details>")
    assert text.count("<summary>") == text.count("</summary>")


def test_a_recording_without_expectations_is_folded(observed):
    text = render([observed])
    assert "<details><summary>✅ <code>denials.ndjson</code></summary>" in text
    assert "| rehearsal |" not in text


def test_a_comment_stays_within_what_github_takes(failing):
    many = [replace(failing, rehearsal=f"number {n}") for n in range(60)]
    text = render(many)
    assert len(text) < 65_536
    assert "of these not in full" in text
    assert "number 59" in text


def test_hostile_text_is_only_ever_code(nasty, broken, hostile):
    text = render([nasty, replace(broken, rehearsal=hostile, error=hostile)])
    ours = {"html_block", "code_inline", "fence"}
    for token in tokens(text):
        if "octocat" in token.content and not token.children:
            assert token.type in ours or token.type == "inline", token
        assert token.type not in {"link_open", "image", "html_inline", "em_open", "strong_open"}
        if token.type == "html_block":
            assert "<script" not in token.content
            assert "</script" not in token.content
            assert "<b>" not in token.content
            if "octocat" in token.content:
                assert printable(hostile) in unescape(token.content)
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("line", ["::error::x", "  ::stop-commands::x", "a ##[error]b"])
def test_no_line_is_a_command_to_a_ci_runner(failing, line):
    bad = replace(failing.verdicts[1], reason=line)
    text = render([replace(failing, verdicts=(bad,))])
    assert "##[" not in text
    assert not any(each.lstrip().startswith("::") for each in text.splitlines())


def test_long_lines_of_a_code_block_are_folded_under_their_beginning():
    lines = fenced(["  | " + "word " * 40]).splitlines()[1:-1]
    assert len(lines) > 1
    assert all(each.startswith("  | word") and len(each) <= 92 for each in lines)


@given(text=st.text(st.one_of(st.characters(), st.sampled_from("`| \\"))))
def test_a_code_span_says_exactly_what_it_was_given(text):
    (token,) = parser().parse(f"a {code(text)} b")[1:2]
    pieces = [child for child in token.children or () if child.type == "code_inline"]
    assert [piece.content.strip() for piece in pieces] == [printable(text).strip()]
    assert len(token.children or ()) == 3


@given(text=st.text(st.one_of(st.characters(), st.sampled_from("`| \\"))))
def test_a_code_span_stays_in_its_cell(text):
    rows = table(f"| a | b |\n|---|---|\n| {code(text, in_table=True)} | x |", "a")
    assert [len(row) for row in rows] == [2, 2]
    assert rows[1][1] == "x"


@given(lines=st.lists(st.text(st.one_of(st.characters(), st.sampled_from("`~ \n")))))
def test_nothing_ends_a_code_block_before_its_end(lines):
    found = parser().parse(f"{fenced(lines)}\n\nafter")
    assert [token.type for token in found] == [
        "fence", "paragraph_open", "inline", "paragraph_close",
    ]  # fmt: skip


def test_an_explanation_is_shown(failing):
    told = replace(failing.verdicts[1], explanation="value  13 of 10")
    assert "value  13 of 10" in render([replace(failing, verdicts=(told,))])
