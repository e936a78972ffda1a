from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.model import GUIDE, WATCH, Incident
from grantex_tui.report.forms.text import render, short_names
from grantex_tui.words.display import cell_width, printable


def shown(*outcomes, width=100, **options) -> str:
    return render(outcomes, width=width, color=False, **options)


def test_what_failed_and_why_comes_first_whatever_the_order(passing, failing, broken):
    lines = shown(passing, failing, broken).splitlines()
    assert lines[:2] == ["FAIL  pages once", "      fixtures/denials.rehearsal.yaml:4"]
    assert lines[2:6] == [
        "  FAIL  denials has at most 0 alerts",
        "        1 alert:",
        "          +22m (2026-01-05T09:22:00Z) agent:a1",
        "        fixtures/denials.rehearsal.yaml:12",
    ]
    assert lines[6] == "  ok    denials alerts at least once"


def test_a_passing_rehearsal_is_one_line_and_the_last_line_counts(passing, failing, broken):
    text = shown(passing, failing, broken)
    assert text.splitlines()[-5:] == [
        "ok    all is well  2 hold  0.5 s",
        "      ! 1 gap in the events, lines that can't be read",
        "FAIL  pages once  1 of 2 failed  0.2 s",
        "ERROR has no events",
        "3 rehearsals, 4 expectations: 1 failed, 1 could not be run in 0.8 s",
    ]
    assert text.count("all is well") == 1
    assert text.endswith("s\n")


def test_a_passing_rehearsal_has_a_line_on_what_it_may_not_have_seen(passing, burst, make_verdict):
    clean = replace(burst, gaps=(), problems=())
    assert "!" not in shown(replace(passing, passes=(clean,)))
    empty = shown(replace(passing, passes=(replace(clean, events=0),)))
    assert "\n      ! there is no event in it\n" in empty
    odd = make_verdict("x", phase_sensitive=True, phases_failed=(0,))
    waiting = replace(clean, events=7)
    text = shown(replace(passing, passes=(waiting,), verdicts=(odd,)))
    assert (
        "      ! none of the 7 events reaches Datadog before the end: delivery guide (batches of 100, no\n"
        "      timer), 1 expectation at some phases only\n"
    ) in text


def test_the_time_that_all_took_can_be_given(passing):
    assert shown(passing, seconds=3.21).splitlines()[-1].endswith("0 failed in 3.2 s")


def test_a_rehearsal_that_could_not_be_run_says_why(broken):
    assert shown(broken).splitlines()[:4] == [
        "ERROR has no events",
        "      fixtures/denials.rehearsal.yaml:40",
        "  none.ndjson: no such file",
        "  Check the path.",
    ]


def test_a_recording_without_a_spec_gets_timeline_and_summary_only(observed):
    text = shown(observed)
    assert text.startswith("denials.ndjson: 1,234 events, from 2026-01-05T09:00:00Z for 1h, ")
    assert "delivery guide (batches of 100, no timer)" in text.replace("\n", " ")
    assert "UTC Jan 5" in text
    assert "FAIL" not in text
    assert "\nok " not in text
    assert text.splitlines()[-1] == "2 monitors over 1,234 events, nothing expected in 1.2 s"


def test_the_table_has_a_row_for_each_monitor_and_one_for_all(observed):
    lines = shown(observed, width=160).splitlines()
    head = next(n for n, each in enumerate(lines) if each.startswith("monitor "))
    assert lines[head].split("  ")[0] == "monitor"
    assert re.split(r"\s{2,}", lines[head]) == [
        "monitor", "alerts", "a day", "in alert", "duty", "warns", "no data", "flaps",
        "false", "precision", "found", "TTD", "TTD max", "TTR", "TTR max", "nearest", "alerts at",
    ]  # fmt: skip
    assert re.split(r"\s{2,}", lines[head + 1]) == [
        "denials", "1", "24", "4m", "6.67%", "2", "-", "-",
        "-", "100%", "1/2", "3m", "3m", "1m", "1m", "41 (31 beyond)", "> 10",
    ]  # fmt: skip
    assert re.split(r"\s{2,}", lines[head + 2])[-2:] == ["3 (2 left)", "< 1"]
    assert lines[head + 3].startswith("all together  ")


def test_each_incident_has_a_line_that_says_who_noticed_it_first(observed):
    text = shown(observed)
    assert re.search(r"^jam +09:19 +6m +denials +3m$", text, re.MULTILINE)
    assert re.search(r"^later +09:55 +1m40s +nobody +missed$", text, re.MULTILINE)


def test_an_incident_that_only_some_phases_notice_says_so(observed, make_pass, make_monitor, nine):
    incident = (Incident("jam", nine, nine + 60),)
    passes = tuple(
        make_pass((make_monitor("m", window=60), {(): letters}), incidents=incident, phase=phase)
        for phase, letters in ((0, ".A..."), (30, "....."))
    )
    text = shown(replace(observed, passes=passes))
    assert "only at some phases  missed" in text
    assert "0-1" in text


def test_the_first_message_of_each_kind_is_shown_as_people_would_get_it(observed):
    text = shown(observed)
    assert "  09:20 [Warn] denials\n    to @pagerduty-x\n    | Too many.\n" in text
    assert "  09:22 [Triggered] denials\n" in text
    assert "  09:28 [Recovered] denials\n" in text
    assert text.count("[Warn]") == 1
    assert "  and 1 more\n" in text
    assert shown(observed, verbose=True).count("[Warn]") == 2


def test_changes_that_nobody_is_told_of_are_counted(observed, burst):
    first, *others = burst.notifications
    silent = replace(first, transition=replace(first.transition, notify=False))
    text = shown(replace(observed, passes=(replace(burst, notifications=(silent, *others)),)))
    assert "  and 1 change of state in silence\n" in text
    assert "09:20 [Warn]" not in text


def test_verbose_tells_passing_rehearsals_in_full(passing):
    assert "UTC Jan 5" not in shown(passing)
    assert "UTC Jan 5" in shown(passing, verbose=True)


def test_gaps_unreadable_lines_and_approximations_are_told(observed):
    lines = shown(observed).splitlines()
    assert "gap: from 2026-01-05T09:30:00Z for 1m: reconnecting" in lines
    assert "unreadable: denials.ndjson:7: not JSON" in lines
    assert "unreadable: and 3 more lines" in lines
    assert (
        "approximate: phase: evaluations lie 0 s past the full minute; Datadog's own is unknown"
        in lines
    )


def test_a_monitor_that_is_not_evaluated_is_told_once_and_not_as_an_approximation(observed, burst):
    said = f"monitor {burst.monitors[0].name!r} is not evaluated: @a depends on it: b"
    passes = (replace(burst, unevaluated={0: "@a depends on it: b"}, approximations=(said,)),)
    lines = shown(replace(observed, passes=passes)).splitlines()
    assert [line for line in lines if "not evaluated" in line] == [f"! {said}"]


def test_phases_are_told_once_and_their_approximation_too(observed, burst):
    passes = tuple(
        replace(
            burst, phase=phase, approximations=(f"phase: evaluations lie {phase} s …", "groups")
        )
        for phase in (0, 20, 40)
    )
    text = shown(replace(observed, passes=passes))
    assert "3 phases (0, 20, 40 s; numbers are the worst of them)" in text.replace("\n", " ")
    assert text.count("approximate:") == 2
    assert "evaluations lie 0, 20, 40 s past" in text


def test_a_phase_sensitive_expectation_says_where_it_holds(failing, burst, make_verdict):
    odd = make_verdict(
        "it holds", passed=False, reason="no", phase_sensitive=True, phases_failed=(10, 20)
    )
    passes = tuple(replace(burst, phase=phase) for phase in (0, 10, 20))
    text = shown(replace(failing, passes=passes, verdicts=(odd,)))
    assert "phase-sensitive" not in text  # its reason says so
    allowed = replace(odd, passed=True, reason="")
    text = shown(replace(failing, passes=passes, verdicts=(allowed,)), verbose=True)
    assert "not at 10 s, 20 s; allowed" in text


@pytest.mark.parametrize(
    ("delivery", "events", "told"),
    [
        (GUIDE, 99, "! none of the 99 events reaches Datadog before the end: delivery guide"),
        (GUIDE, 100, ""),
        (replace(WATCH, latency=3600.0), 1, "! the event never reaches Datadog before the end:"),
        (WATCH, 1, ""),
        (GUIDE, 0, ""),
    ],
)
def test_events_that_all_come_too_late_are_told_of(observed, burst, delivery, events, told):
    passes = (replace(burst, delivery=delivery, events=events),)
    text = shown(replace(observed, passes=passes))
    assert (told in text) if told else ("before the end" not in text)


def test_a_heartbeat_that_cries_wolf_is_seen_at_a_glance(observed, make_pass, make_monitor, nine):
    beat = make_monitor("heartbeat", comparator="<", critical=1)
    night = make_pass(
        (beat, {(): "..AAA...AAA...AAA.....AAA" + "." * 35}),
        incidents=(Incident("night", nine + 1200, nine + 1500),),
        delivery=GUIDE,
        value=0.0,
    )
    lines = shown(replace(observed, passes=(night,))).splitlines()
    assert lines[2] == ("! heartbeat cries wolf: 3 of its 4 alerts are about no incident")
    assert lines[3].startswith("! heartbeat: with delivery guide an event waits until 100 are")
    calm = replace(night, delivery=WATCH)
    assert "an event waits" not in shown(replace(observed, passes=(calm,)))
    told = shown(replace(observed, passes=(replace(night, incidents=()),)))
    assert "cries wolf" not in told
    assert "! heartbeat may cry wolf (4 alerts, 20% of the time): with delivery guide an" in told


@pytest.mark.parametrize("width", [24, 40, 80, 160])
def test_no_line_is_wider_than_the_terminal_and_nothing_foreign_acts_on_it(nasty, broken, width):
    text = shown(nasty, replace(broken, error=nasty.rehearsal), width=width, verbose=True)
    for line in text.splitlines():
        assert cell_width(line) <= width
        assert printable(line) == line


def test_colour_adds_codes_and_nothing_else(failing, passing, broken, observed):
    outcomes = [failing, passing, broken, observed]
    coloured = render(outcomes, width=80, color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(outcomes, width=80, color=False)
    assert "\x1b[1;31mFAIL" in coloured


def test_names_that_do_not_fit_lose_what_all_begin_with():
    names = ["Grantex: many grants revoked", "Grantex: no events at all, of any kind"]
    assert short_names(names, 40) == names
    assert short_names(names, 20) == ["many grants revoked", "no events at…ny kind"]
    assert short_names(["a: b" * 9], 10) == ["a: ba:…: b"]


def test_nothing_at_all_is_a_report_too():
    assert shown() == "0 rehearsals, 0 expectations: 0 failed in 0.0 s\n"


def test_states_are_those_of_the_pass(observed):
    assert {span.state for span in observed.passes[0].spans} == {State.OK, State.WARN, State.ALERT}


def test_an_explanation_stands_under_its_reason(failing):
    told = replace(failing.verdicts[1], explanation="denials: Alert\nvalue  13\n       of 10\n")
    text = shown(replace(failing, verdicts=(told,)))
    assert (
        "agent:a1\n        | denials: Alert\n        | value  13\n        |        of 10\n" in text
    )
