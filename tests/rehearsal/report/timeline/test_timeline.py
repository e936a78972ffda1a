from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.events.gap import Gap
from grantex_tui.monitoring.evaluate.states import State
from grantex_tui.rehearsal.engine.model import GUIDE, Incident
from grantex_tui.report.styled import ansi, plain
from grantex_tui.report.timeline.axis import Scale
from grantex_tui.report.timeline.rows import Stay
from grantex_tui.report.timeline.timeline import BLANK, cells, timeline
from grantex_tui.words.display import cell_width


A1 = (("agent", "a1"),)
A2 = (("agent", "a2"),)
HOSTILE = "\x1b[31mred\x07\u202eevil\n<b>`|\u200b[bold]名前名前名前"


def drawn(passes, width=80, **options) -> str:
    return "\n".join(plain(timeline(passes, width, **options)))


def test_a_line_of_letters_for_a_group_with_the_incident_above_and_the_time_along(
    make_pass, make_monitor, nine
):
    group = make_monitor(by=["agent"])
    rehearsed = make_pass(
        (group, {A1: "." * 20 + "ww" + "A" * 4 + "ww" + "." * 16}),
        incidents=(Incident("jam", nine + 1140, nine + 1500),),
        extremes={(0, A1): (0.0, 41.0)},
    )
    assert drawn([rehearsed], 55) == (
        "incidents                     [====] jam\n"
        "UTC Jan 5  |09:00    |09:10    |09:20    |09:30    |\n"
        "denials by agent\n"
        "  a1       ....................wwAAAAww................\n"
        "                                 ^\n"
        "  fired 09:22 (13 > 10), TTD 3m (jam), peak 41, for 4m\n"
        "A alert  w warning  . OK"
    )


def test_a_monitor_without_groups_has_its_name_in_the_line(make_pass, make_monitor):
    rehearsed = make_pass((make_monitor("beat"), {(): "." * 44}))
    text = drawn([rehearsed], 60)
    assert "beat       ......" in text


def test_one_minute_in_alert_is_seen_in_two_weeks(make_pass, make_monitor):
    fortnight = 14 * 1440
    for at in (0, 1, 777, 10_000, fortnight - 1):
        letters = "." * at + "A" + "." * (fortnight - at - 1)
        text = drawn([make_pass((make_monitor("m"), {(): letters}))], 40)
        row = next(each for each in text.splitlines() if each.startswith("m  "))
        assert row.count("A") == 1


def test_an_alert_that_begins_at_the_very_end_is_seen(make_pass, make_monitor):
    rehearsed = make_pass((make_monitor("m"), {(): "......"}))
    last = replace(rehearsed.spans[0], state=State.ALERT, start=rehearsed.end, end=rehearsed.end)
    text = drawn([replace(rehearsed, spans=(*rehearsed.spans, last))], 60)
    assert "...A" in text


def test_the_loudest_groups_have_a_line_each_and_the_rest_one_together(make_pass, make_monitor):
    groups = {(("agent", f"a{n}"),): "....." for n in range(20)}
    groups[(("agent", "loud"),)] = ".A.A."
    groups[(("agent", "soft"),)] = "..w.."
    groups |= {(("agent", f"b{n}"),): "...A." for n in range(3)}
    rehearsed = make_pass((make_monitor(by=["agent"]), groups))
    text = drawn([rehearsed], 80, loudest=2)
    labels = [
        each[:10].strip() for each in text.splitlines() if each.startswith("  ") and "." in each
    ]
    assert labels[0] == "loud"
    assert "b0" in labels
    assert "23 more" in text
    assert "2 of them fired" in text
    assert "soft" not in text
    everything = drawn([rehearsed], 80, loudest=9)
    assert "soft" in everything
    assert "20 quiet" in everything


def test_a_single_group_is_named_however_quiet(make_pass, make_monitor):
    text = drawn([make_pass((make_monitor(by=["agent"]), {A1: "....."}))])
    assert "a1" in text
    assert "quiet" not in text


def test_a_group_that_was_not_there_yet_or_waits_for_data_is_blank(make_pass, make_monitor):
    rehearsed = make_pass((make_monitor(by=["agent"]), {A1: "     nn...n..", A2: "." * 13}))
    lines = drawn([rehearsed], 24 + 13).splitlines()
    row = next(each for each in lines if each.startswith("  a1"))
    assert row[12:].startswith("           ")
    assert row.count("n") >= 1
    assert row.index(".") < row.index("n")


def test_gaps_of_the_recording_and_outages_of_the_delivery_are_marked(
    make_pass, make_monitor, nine
):
    rehearsed = make_pass(
        (make_monitor("m"), {(): "." * 60}),
        gaps=(Gap(nine + 600, nine + 1200, "reconnecting"), Gap(nine + 3000, None, "stopped")),
        delivery=replace(GUIDE, outages=((nine, nine + 600),)),
    )
    lines = drawn([rehearsed], 71).splitlines()
    gaps = next(each for each in lines if each.startswith("gaps"))
    assert gaps[11:] == " " * 10 + "~" * 10 + " " * 30 + "~" * 10
    outages = next(each for each in lines if each.startswith("outages"))
    assert outages[11:] == "~" * 10
    assert "~ gap" in lines[-1]


def test_an_alert_that_only_some_phases_have_is_marked_and_counted(make_pass, make_monitor):
    one = make_monitor("m")
    early = make_pass((one, {(): "..A....AA..."}), phase=0)
    late = make_pass((one, {(): ".......AA..."}), phase=30)
    text = drawn([early, late], 60)
    row = next(each for each in text.splitlines() if each.startswith("m  "))
    assert row[11:].replace(".", "")[0] == "a"
    assert "A" in row
    assert "a alert at some phases only" in text


def test_the_same_alert_a_few_seconds_later_at_another_phase_is_the_same(make_pass, make_monitor):
    passes = [
        make_pass((make_monitor("m"), {(): "..AA..."}), phase=phase) for phase in range(0, 60, 10)
    ]
    text = drawn(passes, 60)
    assert "some phases" not in text


def test_a_group_that_fires_at_some_phases_says_at_how_many(make_pass, make_monitor):
    passes = [
        make_pass((make_monitor("m"), {(): letters}), phase=phase)
        for phase, letters in ((0, "......"), (10, "..A..."), (20, "..A..."))
    ]
    assert "at 2 of 3 phases" in drawn(passes, 80)


@pytest.mark.parametrize(
    ("letters", "incident", "said"),
    [
        ("..AA...", None, "fired 09:02 (13 > 10), for 2m"),
        (".....AA", None, "still on at the end"),
        ("..AA...", (60, 240), "TTD 1m (burst)"),
        ("..AA...", (5000, 6000), "no incident"),
        ("..A.A..", (5000, 6000), "2 alerts (2 about no incident), 2m in all"),
    ],
)
def test_what_is_said_of_a_line_that_fired(make_pass, make_monitor, nine, letters, incident, said):
    incidents = () if incident is None else (Incident("burst", *(nine + at for at in incident)),)
    rehearsed = make_pass((make_monitor("m", window=60), {(): letters}), incidents=incidents)
    assert said in drawn([rehearsed], 100)


def test_a_monitor_on_little_says_how_low_it_went(make_pass, make_monitor):
    quiet = make_monitor("m", comparator="<", critical=10)
    rehearsed = make_pass((quiet, {(): "..A..."}), value=5.0, extremes={(0, ()): (2.0, 900.0)})
    assert "(5 < 10), low 2" in drawn([rehearsed], 100)


def test_on_several_days_an_instant_has_its_date(make_pass, make_monitor):
    rehearsed = make_pass((make_monitor("m"), {(): "." * 30 + "A" + "." * 20}), step=3600.0)
    text = drawn([rehearsed], 100)
    assert "fired Jan 6 15:00" in text
    assert "|Jan 6" in text


def test_a_day_that_ends_at_midnight_is_one_day(make_pass, make_monitor, nine):
    midnight = nine - 9 * 3600
    one = make_monitor("m")
    day = make_pass((one, {(): "." * 11 + "A" + "." * 12}), step=3600.0, start=midnight)
    assert "fired 11:00" in drawn([day], 100)
    longer = make_pass((one, {(): "." * 11 + "A" + "." * 13}), step=3600.0, start=midnight)
    assert "fired Jan 5 11:00" in drawn([longer], 100)


def test_many_incidents_are_numbered_and_listed(make_pass, make_monitor, nine):
    incidents = tuple(
        Incident(f"incident number {n}", nine + n * 200, nine + n * 200 + 100) for n in range(12)
    )
    rehearsed = make_pass((make_monitor("m"), {(): "." * 60}), incidents=incidents)
    text = drawn([rehearsed], 80)
    assert "12 incident number 11" in text
    assert "1 incident number 0" in text
    assert "#1" in text or "]1" in text


def test_a_monitor_that_never_was_evaluated_says_so(make_pass, make_monitor):
    assert "never evaluated" in drawn([make_pass((make_monitor(by=["agent"]), {}))])


def test_a_pass_that_took_no_time_can_be_drawn(make_pass, make_monitor, nine):
    rehearsed = make_pass((make_monitor("m"), {(): "A"}), end=nine)
    assert drawn([rehearsed], 40)


@pytest.mark.parametrize("width", [24, 40, 80, 160])
def test_hostile_names_and_labels_never_leave_their_line_or_its_width(
    make_pass, make_monitor, nine, width
):
    grouped = make_monitor(HOSTILE * 3, by=[HOSTILE])
    rehearsed = make_pass(
        (grouped, {((HOSTILE, HOSTILE * 2),): "..AA...", ((HOSTILE, "b"),): "......."}),
        (make_monitor("名" * 30), {(): "..w...."}),
        incidents=(Incident(HOSTILE, nine, nine + 120), Incident("名" * 40, nine + 60, nine + 90)),
    )
    for each in plain(timeline([rehearsed], width)):
        assert each.isprintable()
        assert cell_width(each) <= width
        assert "\u202e" not in each


def test_colours_are_the_only_difference(make_pass, make_monitor, nine):
    rehearsed = make_pass(
        (make_monitor("m"), {(): "..wAA..nn"}), incidents=(Incident("x", nine, nine + 60),)
    )
    lines = timeline([rehearsed], 60)
    painted = "\n".join(ansi(lines))
    for code in ("1;31", "33", "35", "32", "36", "2", "1"):
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted.replace("\x1b[0m", "") == "\n".join(plain(lines))


STAYS = st.lists(
    st.tuples(
        st.integers(0, 100), st.integers(0, 100), st.sampled_from(list(State)), st.booleans()
    ),
    max_size=20,
)


@settings(max_examples=150)
@given(stays=STAYS, width=st.integers(1, 130))
def test_each_cell_has_the_worst_state_of_its_time(stays, width):
    scale = Scale(0.0, 100.0, width)
    row = [
        Stay(min(a, b), max(a, b), state, everywhere or state is not State.ALERT)
        for a, b, state, everywhere in stays
    ]
    rank = {State.OK: ".", State.NO_DATA: "n", State.WARN: "w", State.ALERT: "A"}
    expected = ""
    for column in range(width):
        begins, ends = column * 100 / width, (column + 1) * 100 / width
        inside = [
            "a" if not stay.everywhere else rank[stay.state]
            for stay in row
            if _touches(stay, begins, ends, is_last=column == width - 1)
        ]
        expected += max(inside, key=BLANK.index, default=" ")
    assert cells(row, scale) == expected


def _touches(stay: Stay, begins: float, ends: float, *, is_last: bool) -> bool:
    if stay.start == stay.end:  # a mark at an instant; the very end belongs to the last cell
        return begins <= stay.start < ends or (is_last and stay.start >= ends)
    if is_last and stay.start >= ends:
        return True
    return stay.start < ends and stay.end > begins
