from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.rehearsal.engine.model import Incident
from grantex_tui.report.timeline.axis import Scale
from grantex_tui.report.timeline.lanes import lanes
from grantex_tui.words.display import cell_width


SCALE = Scale(0.0, 60.0, 60)


def test_an_incident_is_a_bar_with_its_name_behind_it():
    drawn = lanes([Incident("burst", 10.0, 16.0)], SCALE)
    assert drawn.lines == [" " * 10 + "[====] burst"]
    assert not drawn.numbered


def test_at_the_right_border_the_name_stands_before_the_bar():
    assert lanes([Incident("burst", 50.0, 60.0)], SCALE).lines == [" " * 44 + "burst [========]"]


def test_where_neither_side_has_room_the_name_is_in_the_bar():
    (text,) = lanes([Incident("a rather long name", 5.0, 58.0)], SCALE).lines
    assert text == " " * 5 + "[=a rather long name" + "=" * 32 + "]"


def test_a_moment_is_a_mark():
    assert lanes([Incident("x", 3.0, 3.0)], SCALE).lines == ["   # x"]


def test_incidents_side_by_side_share_a_line_and_those_that_collide_do_not():
    three = [Incident("a", 0.0, 5.0), Incident("b", 20.0, 25.0), Incident("c", 22.0, 30.0)]
    assert lanes(three, SCALE).lines == [
        "[===] a             [===] b",
        " " * 22 + "[======] c",
    ]


def test_too_many_names_are_numbers_and_a_crowd_is_marks():
    some = [Incident("a long name of it", n * 4.0, n * 4.0 + 2.0) for n in range(12)]
    numbered = lanes(some, SCALE)
    assert numbered.numbered
    assert "12" in " ".join(numbered.lines)
    crowd = lanes([Incident("x", 10.0, 20.0)] * 50, SCALE)
    assert crowd.lines == [" " * 10 + "#" * 10 + " " * 40]


@given(
    incidents=st.lists(
        st.builds(
            lambda label, start, lasts: Incident(label, start, start + lasts),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
            st.floats(-10.0, 70.0),
            st.floats(0.0, 70.0),
        ),
        max_size=12,
    ),
    width=st.integers(10, 120),
)
def test_no_line_of_bars_is_wider_than_the_scale(incidents, width):
    drawn = lanes(incidents, Scale(0.0, 60.0, width))
    assert len(drawn.lines) <= 3
    for text in drawn.lines:
        assert cell_width(text) <= width
