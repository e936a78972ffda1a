from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.monitor.comparator import Comparator
from grantex_tui.monitoring.evaluate.missing import Absent
from grantex_tui.rehearsal.engine.model import Track
from grantex_tui.report.forms.html import render
from grantex_tui.report.timeline.axis import Scale
from grantex_tui.report.timeline.curves import HEIGHT, curve, values


def track(outcomes, start: float = 0.0, every: float = 60.0) -> Track:
    instants = [start + place * every for place in range(len(outcomes))]
    return Track(0, (), instants, list(outcomes), [None] * len(outcomes))


def heights(svg: str) -> list[float]:
    (path,) = re.findall(r' d="([^"]*)"', svg)
    return [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]


def test_each_column_has_the_highest_value_of_its_time():
    scale = Scale(0.0, 360.0, 3)
    assert values([track([1, 9, 2, 3, 5, 4])], scale, Comparator.ABOVE) == [9, 3, 5]
    assert values([track([1, 9, 2, 3, 5, 4])], scale, Comparator.BELOW) == [1, 2, 4]


def test_where_nothing_was_found_the_line_is_broken(make_monitor):
    outcomes = [1.0, Absent.KEEP, 2.0, 3.0]
    assert values([track(outcomes)], Scale(0.0, 240.0, 4), Comparator.ABOVE) == [1, None, 2, 3]
    svg = curve(make_monitor(), [track(outcomes)], Scale(0.0, 240.0, 4))
    assert re.findall(r' d="([^"]*)"', svg)[0].count("M") == 2
    assert curve(make_monitor(), [track([Absent.SHOW])], Scale(0.0, 60.0, 4)) == ""
    assert curve(make_monitor(), [], Scale(0.0, 60.0, 4)) == ""


def test_the_threshold_lies_between_what_is_below_and_what_is_above_it(make_monitor):
    svg = curve(make_monitor(critical=10.0), [track([0.0, 9.0, 11.0])], Scale(0.0, 180.0, 3))
    (limit,) = map(float, re.findall(r'class="l-critical"[^>]* y1="([\d.]+)"', svg))
    zero, below, above = heights(svg)
    assert zero > below > limit > above
    assert "<title>0 to 11, alert &gt; 10</title>" in svg


def test_of_a_monitor_of_little_the_time_near_its_threshold_is_seen(make_monitor):
    beat = make_monitor(comparator="<", critical=1.0)
    svg = curve(beat, [track([4000.0, 3.0, 0.0])], Scale(0.0, 180.0, 3))
    much, little, none = heights(svg)
    assert much < little < none
    assert none - little > HEIGHT / 4


def test_a_warning_threshold_has_a_line_too(make_monitor):
    one = make_monitor()
    warned = replace(
        one, options=replace(one.options, thresholds=replace(one.options.thresholds, warning=5.0))
    )
    assert "l-warning" in curve(warned, [track([1.0])], Scale(0.0, 60.0, 2))


@given(
    outcomes=st.lists(
        st.one_of(st.floats(-1e12, 1e12), st.sampled_from([*Absent, float("inf")])), max_size=30
    ),
    comparator=st.sampled_from([">", "<", "=="]),
)
def test_any_values_can_be_drawn_within_the_strip(make_monitor, outcomes, comparator):
    svg = curve(make_monitor(comparator=comparator), [track(outcomes)], Scale(0.0, 900.0, 20))
    for height in heights(svg) if svg else ():
        assert 0 <= height <= HEIGHT
    assert "nan" not in svg


def test_the_page_shows_curves_of_groups_whose_evaluations_were_kept(observed, burst):
    group = (("agent", "a1"),)
    kept = replace(track([0.0, 13.0, 41.0], burst.start), group=group)
    page = render([replace(observed, passes=(replace(burst, tracks=(kept,)),))])
    assert page.count('class="strip curve"') == 1
    assert "curve" not in render([observed]).partition("</style>")[2]
