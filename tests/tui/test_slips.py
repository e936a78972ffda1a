"""A slip of one widget is shown in its place, and ends nothing."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.events import MouseScrollUp
from textual.theme import BUILTIN_THEMES

from grantex_tui.events.types import EVENT_TYPES
from grantex_tui.tui.app import Dashboard
from grantex_tui.tui.drawing.glyphs import UNICODE
from grantex_tui.tui.drawing.palette import THEME, Look, Palette, contrast
from grantex_tui.tui.widgets.row_widget import RowWidget


def boom(*_: object, **__: object) -> None:
    raise RuntimeError("it [bold]slipped[/]")


async def test_each_panel_made_to_raise_says_so_in_its_place_and_comes_back(
    make_source, frame, rows_of
):
    source = make_source(frame)
    app = Dashboard(source)
    async with app.run_test(size=(160, 60)) as pilot:
        await pilot.pause()
        panels = [p for p in app.board.children if isinstance(p, RowWidget) and p.display]
        assert len(panels) >= 10
        for panel in panels:
            redraw = panel.redraw
            panel.redraw = boom  # type: ignore[method-assign]  # that is the test
            panel.update()
            await pilot.pause()
            assert panel.failure == "RuntimeError: it [bold]slipped[/]"
            wide = panel.size.width >= 40
            assert ("RuntimeError" if wide and panel.size.height > 1 else "") in text_in(panel)
            panel.redraw = redraw  # type: ignore[method-assign]
            app.board.redraw()
            app.board._versions = ()
        assert app.is_running
        assert source.stops == 0
    assert "the header panel failed" in app.last_words
    assert "the stream panel failed" in app.last_words


def text_in(panel):
    return "\n".join(strip.text for strip in panel._rows)


async def test_each_panels_handler_made_to_raise_ends_nothing(make_source, frame, monkeypatch):
    source = make_source(frame)
    app = Dashboard(source)
    async with app.run_test(size=(160, 60)) as pilot:
        await pilot.pause()
        panels = [p for p in app.board.children if isinstance(p, RowWidget) and p.display]
        for panel in panels:
            monkeypatch.setattr(type(panel), "on_mouse_scroll_up", boom, raising=False)
            panel.post_message(MouseScrollUp(panel, 1, 0, 0, 0, 0, False, False, False))
            await pilot.pause()
            assert panel.failure.startswith("RuntimeError"), panel.id
            monkeypatch.undo()
            assert panel.is_running
        assert app.is_running
        assert source.stops == 0


async def test_a_key_whose_action_raises_is_told_and_ends_nothing(
    make_source, frame, rows_of, monkeypatch
):
    source = make_source(frame)
    app = Dashboard(source)
    monkeypatch.setattr(app, "action_bucket", boom)
    async with app.run_test(size=(120, 40)) as pilot:
        monkeypatch.setattr(app.board.stream, "action_move", boom)
        await pilot.press("t", "up")
        await pilot.pause()
        told = [notification.message for notification in app._notifications]
        assert [text.partition(";")[0] for text in told] == [
            "bucket failed: RuntimeError", "move failed: RuntimeError"
        ]  # fmt: skip
        assert app.is_running
        await pilot.press("space")
        assert "PAUSED" in rows_of(app)[0]


INKS = ("text", "strong", "muted", "faint", "title", "accent", "good", "warn", "bad")


@pytest.mark.parametrize("name", [*BUILTIN_THEMES, "grantex"])
def test_text_can_be_read_in_every_theme(name):
    theme = {**BUILTIN_THEMES, "grantex": THEME}[name]
    palette = Palette.of(theme.to_color_system().generate(), dark=theme.dark)
    if theme.ansi:
        assert all(getattr(palette, ink).color.triplet is None for ink in INKS)
        return
    look = Look(palette, UNICODE)
    styles = [getattr(palette, ink) for ink in INKS] + [look.type_style(n) for n in EVENT_TYPES]
    for style in styles:
        for paper in palette.papers:
            assert contrast(Color.parse(style.color.name), Color.parse(paper)) >= 4.4
    for style in (palette.bad_banner, palette.warn_banner):
        assert style.color is not None
        assert style.bgcolor is not None
        assert contrast(Color.parse(style.color.name), Color.parse(style.bgcolor.name)) >= 4.4


async def test_every_theme_can_be_shown(make_source, frame, rows_of):
    app = Dashboard(make_source(frame))
    async with app.run_test(size=(80, 24)) as pilot:
        for name in app.available_themes:
            app.theme = name
            await pilot.pause()
            assert "live" in rows_of(app)[0], name
        assert app.is_running
