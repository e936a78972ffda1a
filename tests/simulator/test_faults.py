from __future__ import annotations

import pytest

from grantex_sim.faults import IntakeScript, Step, parse_statuses
from grantex_tui.errors import UsageError


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("500", [500, None, None]),
        ("500x2,429,202*", [500, 500, 429, None, None]),
        ("202x2,503", [None, None, 503, None]),
        ("403*", [403, 403, 403]),
        ("500x0,413", [413, None]),
        (" 500 , 429 ", [500, 429, None]),
    ],
)
def test_each_request_gets_its_step(text, statuses):
    script = IntakeScript(parse_statuses(text))
    found = [script.next() for _ in statuses]
    assert [step.status if step else None for step in found] == statuses


def test_a_step_may_say_when_to_come_back():
    assert parse_statuses("429@3x2,503@1") == (Step(429, 2, 3), Step(503, 1, 1))


def test_a_restarted_script_begins_again():
    script = IntakeScript(parse_statuses("500x2"))
    script.next()
    script.restart()
    assert [bool(script.next()) for _ in range(3)] == [True, True, False]


def test_no_script_leaves_all_to_the_contract():
    assert IntakeScript().next() is None


@pytest.mark.parametrize(
    "text", ["", "x", "5x", "600", "500x", "500x-1", "500**", "500;429", "500@x2"]
)
def test_what_is_no_script_is_named(text):
    with pytest.raises(UsageError, match="not a step"):
        parse_statuses(text)
