from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.events.gap import Gap
from grantex_tui.rehearsal.engine.model import GUIDE
from grantex_tui.report.forms.json import render


PAGE = Path(__file__).parents[4] / "docs" / "rehearsal-json.md"
MEASURES = re.compile(
    r"outcomes\[\]\.(worst|passes\[\]\.measures)\.(total|monitors\[\])(\.groups\[\])?\."
)


def read(*outcomes, **options):
    return json.loads(render(outcomes, **options))


def paths(value, prefix: str = ""):
    """Every key as ``a.b[].c``; the facets of a group are values."""
    if isinstance(value, list):
        for each in value:
            yield from paths(each, f"{prefix}[]")
    elif isinstance(value, dict) and not prefix.endswith(".group"):
        for key, each in value.items():
            path = f"{prefix}.{key}".lstrip(".")
            yield path
            yield from paths(each, path)


@pytest.fixture(scope="module")
def full(failing, passing, broken, observed, burst, nine):
    outage = replace(GUIDE, outages=((nine, nine + 60),))
    rich = replace(burst, delivery=outage, gaps=(*burst.gaps, Gap(nine, None, "stopped")))
    return read(failing, passing, broken, replace(observed, passes=(rich,)))


def test_the_page_tells_of_every_key_and_of_no_other(full):
    general, _, rest = PAGE.read_text("utf-8").partition("## Measures")
    measures, *_ = rest.partition("## Sweep")
    told = set(re.findall(r"^\| `([^`]+)` \|", general, re.MULTILINE))
    told_measures = set(re.findall(r"^\| `([^`]+)` \|", measures, re.MULTILINE))
    there = set(paths(full))
    own = {MEASURES.sub("", path) for path in there if MEASURES.match(path)}
    own -= {"groups", "group"}
    others = {
        path for path in there if MEASURES.sub("", path) not in own or not MEASURES.match(path)
    }
    assert others == told
    assert own == told_measures - {"wrong_seconds"}


def test_all_measures_have_the_same_keys(full):
    outcome = full["outcomes"][0]
    own = outcome["passes"][0]["measures"]
    keys = set(own["total"])
    assert set(outcome["worst"]["total"]) == keys
    assert all(set(each) == keys for each in outcome["worst"]["monitors"])
    assert all(set(each) == keys | {"groups"} for each in own["monitors"])
    assert all(set(each) == keys | {"group"} for each in own["monitors"][0]["groups"])


def test_what_came_of_it_is_counted(full):
    head = {key: value for key, value in full.items() if key != "outcomes"}
    assert head == {
        "version": 2,
        "kind": "rehearsal",
        "passed": False,
        "rehearsals": 4,
        "expectations": 4,
        "failed": 1,
        "errors": 1,
        "seconds": 2.0,
    }


def test_the_keys_have_always_the_same_order(failing):
    assert list(read(failing)) == [
        "version", "kind", "passed", "rehearsals", "expectations", "failed", "errors", "seconds",
        "outcomes",
    ]  # fmt: skip
    assert render([failing]) == render([failing])


def test_a_pass_is_complete(observed, burst):
    (found,) = read(observed)["outcomes"][0]["passes"]
    assert found["start"] == "2026-01-05T09:00:00Z"
    assert found["end"] == "2026-01-05T10:00:00Z"
    assert len(found["transitions"]) == len(burst.transitions)
    assert len(found["spans"]) == len(burst.spans)
    assert found["transitions"][1] == {
        "monitor": 0,
        "group": {"agent": "a1"},
        "at": "2026-01-05T09:22:00Z",
        "from": "Warn",
        "to": "Alert",
        "kind": "Triggered",
        "value": 13.0,
        "threshold": 10.0,
        "notify": True,
    }
    assert found["spans"][0] == {
        "monitor": 0,
        "group": {"agent": "a1"},
        "state": "OK",
        "from": "2026-01-05T09:00:00Z",
        "to": "2026-01-05T09:20:00Z",
    }
    assert found["notifications"][0]["recipients"] == ["@pagerduty-x"]
    assert found["notifications"][0]["body"] == "Too many.\n\nLook first."
    assert found["problems"] == ["denials.ndjson:7: not JSON", "and 3 more lines"]
    assert found["gaps"][0]["reason"] == "reconnecting"


def test_measures_are_those_of_monitors_groups_and_all(observed):
    (found,) = read(observed)["outcomes"][0]["passes"]
    denials, beat = found["measures"]["monitors"]
    assert (denials["alerts"], beat["alerts"], found["measures"]["total"]["alerts"]) == (1, 0, 1)
    assert denials["time_to_detect"] == {"p50": 180.0, "worst": 180.0, "each": [180.0, None]}
    assert denials["margin"] == {"value": 41.0, "threshold": 10.0, "room": -31.0}
    assert [each["group"] for each in denials["groups"]] == [{"agent": "a1"}]
    assert beat["groups"] == []


def test_a_verdict_tells_where_and_why(failing):
    verdict = read(failing)["outcomes"][0]["verdicts"][1]
    assert verdict["passed"] is False
    assert verdict["reason"].startswith("1 alert:\n")
    assert (verdict["path"], verdict["line"]) == ("fixtures/denials.rehearsal.yaml", 12)
    assert verdict["at"] is None
    looked = replace(failing, verdicts=(replace(failing.verdicts[1], at=1_767_603_600.5),))
    assert read(looked)["outcomes"][0]["verdicts"][0]["at"] == "2026-01-05T09:00:00.500Z"


def test_an_error_has_no_passes(broken):
    (outcome,) = read(broken)["outcomes"]
    assert outcome["error"] == "none.ndjson: no such file\n  Check the path."
    assert (outcome["exit_code"], outcome["passes"], outcome["worst"]) == (3, [], None)


def test_what_is_not_finite_is_null(observed, burst):
    wild = replace(burst, extremes={(0, (("agent", "a1"),)): (0.0, float("inf"))})
    margin = read(replace(observed, passes=(wild,)))["outcomes"][0]["worst"]["monitors"][0][
        "margin"
    ]
    assert margin == {"value": None, "threshold": 10.0, "room": None}


def test_foreign_text_survives_as_it_came_and_does_nothing_to_a_terminal(nasty, hostile):
    data = render([nasty])
    assert data.isascii()
    assert all(byte >= 0x20 or byte == 0x0A for byte in data)
    whole = hostile.replace("\ud800", "\ufffd")  # half a pair is no character
    assert json.loads(data)["outcomes"][0]["rehearsal"] == whole


PIECES = st.one_of(st.characters(), st.sampled_from(["\ud83d", "\ude00", "\\", "ud800"]))


@given(text=st.lists(PIECES).map("".join))
def test_any_text_is_json_that_strict_readers_take(observed, text):
    found = msgspec.json.decode(render([replace(observed, rehearsal=text, passes=())]))
    assert found["outcomes"][0]["rehearsal"] == joined(text)


def joined(text: str) -> str:
    """As UTF-16 has it: halves that meet are one character, others are replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_no_line_is_a_command_to_a_ci_runner(observed):
    data = render([replace(observed, rehearsal="##[error]::error::")])
    assert b"##[" not in data
    assert json.loads(data)["outcomes"][0]["rehearsal"] == "##[error]::error::"


def test_the_time_that_all_took_can_be_given(observed):
    assert read(observed, seconds=9.5)["seconds"] == 9.5
