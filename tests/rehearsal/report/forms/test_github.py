from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.report.forms.github import render


def test_a_failed_expectation_is_an_error_at_its_line(failing):
    assert render([failing]) == (
        "::error file=fixtures/denials.rehearsal.yaml,line=12,"
        "title=pages once%3A denials has at most 0 alerts::"
        "1 alert:%0A  +22m (2026-01-05T09:22:00Z) agent:a1\n"
    )


def test_what_holds_says_nothing(passing, observed):
    assert render([passing, observed]) == ""


def test_a_rehearsal_that_could_not_be_run_is_an_error_at_its_line(broken):
    assert render([broken]) == (
        "::error file=fixtures/denials.rehearsal.yaml,line=40,"
        "title=has no events could not be run::none.ndjson: no such file%0A  Check the path.\n"
    )


def test_what_may_be_phase_sensitive_is_a_warning(failing):
    odd = replace(failing.verdicts[0], phase_sensitive=True, phases_failed=(30,))
    told = render([replace(failing, verdicts=(odd,))])
    assert told.startswith("::warning file=fixtures/denials.rehearsal.yaml,line=11,title=")
    assert told.endswith("not at 30 s; allowed\n")


def test_without_a_place_there_is_none(failing):
    bare = replace(failing.verdicts[1], where=("", 0))
    assert render([replace(failing, verdicts=(bare,))]).startswith("::error title=pages once%3A")


def test_percent_signs_line_ends_colons_and_commas_are_escaped(failing):
    odd = replace(failing.verdicts[1], expectation="a,b:c%", reason="50%\r\nnext, x: y")
    told = render([replace(failing, verdicts=(odd,))])
    assert ",title=pages once%3A a%2Cb%3Ac%25::" in told
    assert told.endswith("::50%25␍%0Anext, x: y\n")


@given(text=st.text(st.characters()))
def test_any_text_is_one_command_in_one_line(failing, text):
    verdict = replace(failing.verdicts[1], expectation=text, reason=text, where=(text, 3))
    told = render([replace(failing, rehearsal=text, passes=(), verdicts=(verdict,))])
    assert told.count("\n") == 1
    assert told.splitlines() == [told[:-1]]
    properties = r"(file=[^:,]*,)?(line=3,)?title=[^:,]*"
    assert re.fullmatch(rf"::error {properties}::[^\r\n]*\n", told)


def test_hostile_text_is_neutralised(nasty):
    told = render([nasty, replace(nasty, verdicts=(), passes=(), error=nasty.rehearsal)])
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert told.count("\n") == 2
