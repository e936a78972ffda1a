from __future__ import annotations

import json
from dataclasses import replace

import pytest
from textual.binding import Binding
from textual.events import AppBlur, AppFocus
from textual.widgets import Footer

from grantex_tui.tui.app import Dashboard
from grantex_tui.tui.keymap import BINDINGS
from grantex_tui.tui.screens.detail import Detail, DetailBody
from grantex_tui.tui.screens.help import Help
from grantex_tui.tui.widgets.panel import Panel
from grantex_tui.tui.widgets.stream import Stream


SIZES = [(160, 48), (120, 40), (100, 30), (80, 24), (60, 20), (40, 12), (30, 8), (300, 90)]


@pytest.fixture
def source(make_source, frame):
    return make_source(frame)


def text_of(rows):
    return "\n".join(rows)


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_is_filled_exactly(source, rows_of, size):
    app = Dashboard(source)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        rows = rows_of(app)
        assert len(rows) == size[1]
        assert "live 00:12:31" in text_of(rows[:5])
        assert "Grants created" in text_of(rows) or size[0] < 80
        assert ("Events by type" in text_of(rows)) is (size[0] >= 40 and size[1] >= 12)
        assert app.query_one(Footer).display is (size[0] >= 60 and size[1] >= 16)


@pytest.mark.parametrize(
    ("size", "titles"),
    [
        ((160, 48), ["Monitors", "Top agents", "Delivery", "Events by type", "following"]),
        ((100, 30), ["Monitors", "Top agents", "Delivery", "Events by type", "following"]),
        ((80, 24), ["Monitors", "Delivery", "Events by type", "following"]),
    ],
)
async def test_panels_show_where_there_is_room(source, rows_of, size, titles):
    app = Dashboard(source)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert [title for title in titles if title not in text_of(rows_of(app))] == []


async def test_resizing_through_all_sizes_leaves_a_whole_screen(source, rows_of):
    app = Dashboard(source)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        first = rows_of(app)
        for size in [*SIZES, (5, 2), (160, 48)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert len(rows_of(app)) == size[1]
        assert rows_of(app) == first


async def test_the_first_frame_is_painted_before_the_source_starts(source, rows_of):
    seen = []

    async def run():
        seen.extend(rows_of(app))

    source.run = run
    app = Dashboard(source)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
    assert "live 00:12:31" in text_of(seen)


async def test_an_unchanged_frame_draws_nothing(source, monkeypatch):
    app = Dashboard(source)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        app.paint()
        await pilot.pause()
        draws = [panel.draws for panel in app.query(Panel)]
        refreshed = []
        for widget in app.board.children:
            monkeypatch.setattr(
                widget, "refresh", lambda *_, name=widget.id, **__: refreshed.append(name)
            )
        for _ in range(5):
            app.paint()
        assert [panel.draws for panel in app.query(Panel)] == draws
        assert refreshed == []


async def test_one_more_event_draws_only_what_shows_it(source, make_frame, recorded):
    app = Dashboard(source)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        app.paint()
        draws = {panel.id: panel.draws for panel in app.query(Panel)}
        source.shown = replace(make_frame(recorded[:201]), now=source.shown.now)
        app.paint()
        changed = {panel.id for panel in app.query(Panel) if panel.draws != draws[panel.id]}
        assert "header" in changed
        assert not changed & {"monitors", "delivery"}


async def test_pause_freezes_the_panels_and_counts_on_in_the_header(
    source, make_frame, recorded, rows_of
):
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("space")
        before = rows_of(app)[3:]
        source.shown = make_frame(recorded[:212])
        app.paint()
        await pilot.pause()
        assert rows_of(app)[3:] == before
        assert "PAUSED +12" in rows_of(app)[0]
        await pilot.press("space")
        assert rows_of(app)[3:] != before
        assert "PAUSED" not in text_of(rows_of(app))


async def test_scrolling_up_leaves_the_newest_and_f_comes_back(
    source, make_frame, recorded, rows_of
):
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("up", "k")
        assert not app.board.stream.following
        selected = app.board.stream.selected
        assert selected is not None
        source.shown = make_frame(recorded[:230])
        app.paint()
        await pilot.pause()
        assert app.board.stream.selected is not None
        assert app.board.stream.selected.sequence == selected.sequence
        assert "+30 new" in text_of(rows_of(app))
        await pilot.press("f")
        assert app.board.stream.following
        assert "+30 new" not in text_of(rows_of(app))


async def test_enter_shows_the_event_and_escape_comes_back(source, rows_of):
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, Detail)
        event = json.loads(source.shown.tally.recent[-1].raw)
        assert f'"id": "{event["id"]}"' in text_of(rows_of(app))
        await pilot.press("y")
        assert app.clipboard == source.shown.tally.recent[-1].raw.decode()
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, Detail)


async def test_an_event_of_a_megabyte_opens_scrolls_and_is_not_copied(
    make_source, make_frame, rows_of
):
    raw = json.dumps({"id": "e", "type": "grant.created", "data": {"x": "y" * 1_000_000}}).encode()
    shown = make_frame([raw])
    row = replace(shown.tally.recent[0], raw=raw)
    shown = replace(shown, tally=replace(shown.tally, recent=(row,)))
    app = Dashboard(make_source(shown))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.press("enter", "pagedown", "end")
        await pilot.pause()
        assert '"' in text_of(rows_of(app))
        assert app.screen.query_one(DetailBody)._top > 10_000
        await pilot.press("y")
        assert app.clipboard == ""


async def test_the_help_lists_every_binding_with_its_keys(source, rows_of):
    app = Dashboard(source)
    async with app.run_test(size=(160, 90)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = text_of(rows_of(app))
        for binding in BINDINGS:
            assert isinstance(binding, Binding)
            assert binding.tooltip in text
        await pilot.press("escape")


def test_every_binding_has_an_id_and_no_two_share_one():
    bindings = [
        b for owner in (Dashboard, Stream, Detail, Help) for b in owner.__dict__["BINDINGS"]
    ]
    ids = [binding.id for binding in bindings]
    assert all(ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("f2", "Budget alerts"), ("f3", "Events by type"), ("f4", "Monitors"),
        ("f5", "Top agents"), ("f6", "Delivery"), ("f7", "following"),
    ],
)  # fmt: skip
async def test_function_keys_show_and_hide_panels(source, rows_of, settled, key, title):
    app = Dashboard(source)
    async with app.run_test(size=(160, 48)) as pilot:
        await settled(app, pilot)
        whole = rows_of(app)
        assert title in text_of(whole)
        await pilot.press(key)
        await settled(app, pilot)
        assert title not in text_of(rows_of(app))
        await pilot.press(key)
        await settled(app, pilot)
        assert [r.rstrip() for r in rows_of(app)[:-1]] == [r.rstrip() for r in whole[:-1]]


async def test_z_shows_the_focused_panel_alone_and_all_again(source, rows_of):
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("z")
        await pilot.pause()
        assert "Events by type" not in text_of(rows_of(app))
        assert "following" in text_of(rows_of(app))
        await pilot.press("escape")
        await pilot.pause()
        assert "Events by type" in text_of(rows_of(app))


async def test_a_filter_narrows_the_stream_while_it_is_typed_and_escape_ends_it(source, rows_of):
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"type:vc.*", "enter")
        app.paint()
        await pilot.pause()
        wanted = sum(row.type.startswith("vc.") for row in source.shown.tally.recent)
        assert f"/ type:vc.* {wanted} of 200" in text_of(rows_of(app))
        await pilot.press("escape")
        await pilot.pause()
        assert "type:vc.*" not in text_of(rows_of(app))


async def test_t_changes_what_a_bar_stands_for(source):
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        widths = []
        for _ in range(5):
            await pilot.press("t")
            widths.append(source.bucket_width)
        assert widths == [5, 15, 60, 300, 1]


async def test_plus_and_minus_change_the_pace_within_limits(source):
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*["minus"] * 9)
        assert app._interval == 2.0
        await pilot.press(*["plus"] * 9)
        assert app._interval == 0.1


async def test_a_terminal_nobody_looks_at_is_painted_once_a_second(source):
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        for event, interval in ((AppBlur(), 1.0), (AppFocus(), 0.25)):
            app.post_message(event)
            await pilot.pause()
            assert app._timer is not None
            assert app._timer._interval == interval


async def test_a_theme_from_the_palette_recolours_every_panel(source):
    app = Dashboard(source)
    async with app.run_test(size=(160, 48)) as pilot:
        before = app.look().palette
        app.theme = "textual-light"
        await pilot.pause()
        assert app.look().palette != before
        assert not app.look().palette.dark


async def test_agents_are_drawn_once_a_second_however_many_events_come(
    source, make_frame, recorded
):
    app = Dashboard(source)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.pause()
        agents = app.board.query_one("#agents", Panel)
        drawn = agents.draws
        for number in range(201, 206):
            source.shown = make_frame(recorded[:number])
            app.paint()
        assert agents.draws == drawn
        source.shown = replace(source.shown, now=source.shown.now + 1)
        app.paint()
        assert agents.draws == drawn + 1
