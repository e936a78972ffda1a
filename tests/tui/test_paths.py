from __future__ import annotations

from grantex_tui.events.live.connection import ConnectionState, ConnectionView, PathView
from grantex_tui.tui.drawing.banner import path_items
from grantex_tui.watch.frame import Frame


LIVE = ConnectionView(ConnectionState.LIVE, 900.0)


def said(looks, *paths, connection=LIVE):
    frame = Frame(1000.0, 900.0, "http://x", connection, paths=paths)
    return ["".join(text for text, _ in item) for item in path_items(frame, looks[0])]


def test_two_live_paths_need_no_word(looks):
    assert said(looks, PathView("SSE", LIVE), PathView("WebSocket", LIVE)) == []


def test_the_path_that_is_away_is_named_with_its_time_and_cause(looks):
    away = ConnectionView(ConnectionState.WAITING, 988.0, "cut: reset")
    (text,) = said(looks, PathView("SSE", LIVE), PathView("WebSocket", away, 988.0))
    assert "WebSocket away" in text
    assert "12" in text
    assert "cut: reset" in text


def test_a_server_without_the_path_is_no_alarm(looks):
    absent = ConnectionView(ConnectionState.ABSENT, 900.0, "404")
    assert said(looks, PathView("WebSocket", absent, 900.0)) == ["no WebSocket here"]


def test_what_a_live_path_lacked_is_counted(looks):
    assert said(looks, PathView("SSE", LIVE, holes=1234)) == ["SSE lacked 1,234"]
