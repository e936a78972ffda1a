"""The short form of `make faults`: the brief cases of each list, as part of the suite."""

import pytest

from tests.reliability.case import Case, Outcome
from tests.reliability.run import LISTS, attempt, cases_of, table, write


BRIEF = [
    pytest.param(case, id=f"{letter}{case.number}")
    for letter in LISTS
    for case in cases_of(letter)
    if case.brief
]


@pytest.mark.parametrize("case", BRIEF)
async def test_nothing_is_lost_and_nothing_untold(case):
    outcome = await attempt(case)
    assert outcome.holds, (case.name, outcome.reason, outcome.figures)


def test_a_table_replaces_the_one_before(tmp_path):
    async def nothing(folder):
        raise AssertionError

    page = tmp_path / "page.md"
    page.write_text("before\n<!-- S -->\nold\n<!-- /S -->\nafter\n")
    write("S", table("S", [(Case("1", "FIN", nothing), Outcome(True, {"lost": 0}))]), page)
    assert page.read_text() == (
        "before\n<!-- S -->\n| S | case | lost | holds |\n|---|---|---|---|\n"
        "| 1 | FIN | 0 | yes |\n<!-- /S -->\nafter\n"
    )
