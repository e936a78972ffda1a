from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from grantex_tui.tui.layout import PANELS, PLACES, Wish, arrange, has_footer


wishes = st.builds(
    Wish,
    hidden=st.sets(st.sampled_from(PANELS)).map(frozenset),
    maximised=st.sampled_from([None, *PANELS, *PLACES]),
    warnings=st.booleans(),
    monitors=st.integers(0, 30),
    filtering=st.booleans(),
)


@given(st.integers(1, 400), st.integers(1, 120), wishes)
def test_panels_lie_inside_the_screen_and_never_on_each_other(width, height, wish):
    regions = arrange(width, height, wish).regions
    screen = Region(0, 0, width, max(1, height))
    assert all(screen.contains_region(region) for region in regions.values() if region.area)
    panels = {name: region for name, region in regions.items() if not name.startswith("chart-")}
    for (_, one), (_, other) in combinations(panels.items(), 2):
        assert not one.overlaps(other)


@given(st.integers(40, 400), st.integers(12, 120), wishes)
def test_the_charts_parts_lie_inside_the_chart_and_beside_each_other(width, height, wish):
    regions = arrange(width, height, wish).regions
    parts = [region for name, region in regions.items() if name.startswith("chart-")]
    for part in parts:
        assert regions["chart"].contains_region(part)
        assert part.width >= 1
    assert not any(one.overlaps(other) for one, other in combinations(parts, 2))


@given(st.integers(40, 400), st.integers(12, 120), wishes)
def test_no_cell_is_wasted_while_there_is_a_panel_to_fill_it(width, height, wish):
    regions = arrange(width, height, wish).regions
    used = sum(region.area for name, region in regions.items() if not name.startswith("chart-"))
    bodies = regions.keys() & {"chart", "stream", "monitors", "agents", "delivery", "budget"}
    if bodies:
        assert used == width * (height - has_footer(width, height))


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [
        (160, 48, {*PANELS, "header"}),
        (120, 30, {*PANELS, "header"}),
        (100, 30, {*PANELS, "header"}),
        (80, 24, {*PANELS, "header"} - {"agents"}),
        (79, 24, {"header", "tabs", "chart", "stream"}),
        (40, 12, {"header", "tabs", "chart", "stream"}),
        (39, 12, {"tiny"}),
        (40, 11, {"tiny"}),
        (1, 1, {"tiny"}),
    ],
)
def test_each_size_shows_what_it_has_room_for(width, height, shown):
    regions = arrange(width, height, Wish()).regions
    names = {"values" if name in ("created", "revoked", "alerts") else name for name in regions}
    assert {name for name in names if not name.startswith("chart-")} == shown


def test_a_maximised_panel_has_everything_below_the_header():
    regions = arrange(160, 48, Wish(maximised="stream")).regions
    assert regions == {"header": Region(0, 0, 160, 2), "stream": Region(0, 2, 160, 45)}
