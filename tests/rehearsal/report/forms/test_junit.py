from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.report.forms.junit import render


def read(*outcomes, **options) -> ET.Element:
    return ET.fromstring(render(outcomes, **options))


def test_a_suite_for_each_file_and_a_case_for_each_expectation(failing, passing, broken):
    elsewhere = replace(passing, path="other.rehearsal.yaml")
    root = read(failing, elsewhere, broken)
    assert root.tag == "testsuites"
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "time")} == {
        "tests": "5", "failures": "1", "errors": "1", "time": "0.750",
    }  # fmt: skip
    assert [(s.get("name"), s.get("tests"), s.get("failures"), s.get("errors")) for s in root] == [
        ("fixtures/denials.rehearsal.yaml", "3", "1", "1"),
        ("other.rehearsal.yaml", "2", "0", "0"),
    ]
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert cases == [
        ("pages once", "denials alerts at least once"),
        ("pages once", "denials has at most 0 alerts"),
        ("has no events", "can be run"),
        ("all is well", "denials alerts"),
        ("all is well", "beat never alerts"),
    ]


def test_a_failure_has_the_reason_the_place_and_the_timeline(failing):
    case = read(failing).findall(".//testcase")[1]
    assert (case.get("file"), case.get("line")) == ("fixtures/denials.rehearsal.yaml", "12")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "1 alert:"
    assert failure.get("type") == "at_most"
    assert failure.text == (
        "1 alert:\n  +22m (2026-01-05T09:22:00Z) agent:a1\nfixtures/denials.rehearsal.yaml:12"
    )
    output = case.findtext("system-out")
    assert output is not None
    assert "A alert" in output


def test_an_explanation_is_part_of_the_failure(failing):
    told = replace(failing.verdicts[1], explanation="value  13 > 10\n")
    failure = read(replace(failing, verdicts=(told,))).find(".//failure")
    assert failure is not None
    assert str(failure.text).endswith("denials.rehearsal.yaml:12\n\nvalue  13 > 10")


def test_only_the_first_failure_of_a_rehearsal_carries_the_timeline(failing):
    twice = replace(failing, verdicts=(failing.verdicts[1],) * 2)
    assert len(read(twice).findall(".//system-out")) == 1


def test_a_rehearsal_that_could_not_be_run_is_an_error(broken):
    error = read(broken).find(".//testcase/error")
    assert error is not None
    assert error.get("message") == "none.ndjson: no such file"
    assert error.text == "none.ndjson: no such file\n  Check the path."


def test_a_recording_without_expectations_is_an_empty_suite(observed):
    (suite,) = read(observed)
    assert suite.get("tests") == "0"
    assert len(suite) == 0


def test_the_time_of_a_rehearsal_is_shared_by_its_cases(passing):
    root = read(passing, seconds=2.0)
    assert [case.get("time") for case in root.iter("testcase")] == ["0.250", "0.250"]
    assert root.get("time") == "2.000"


def test_hostile_text_stays_text(nasty):
    text = render([nasty, replace(nasty, passes=(), verdicts=(), error=nasty.rehearsal)])
    root = ET.fromstring(text)
    assert {each.tag for each in root.iter()} == {
        "testsuites", "testsuite", "testcase", "failure", "system-out", "error",
    }  # fmt: skip
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert text.encode()


@given(text=st.text(st.characters()))
def test_any_text_makes_well_formed_xml(failing, text):
    verdict = replace(failing.verdicts[1], expectation=text, reason=text, kind=text)
    outcome = replace(failing, rehearsal=text, path=text, passes=(), verdicts=(verdict,))
    (case,) = read(outcome).iter("testcase")
    assert case.find("failure") is not None
