from __future__ import annotations

import asyncio
from dataclasses import replace

from grantex_tui.errors import JournalError
from grantex_tui.events.live.connection import ConnectionState, ConnectionView
from grantex_tui.tui.app import Dashboard


async def test_quitting_drains_first_and_says_so(make_source, frame, rows_of):
    source = make_source(frame, ends_when_stopped=False)
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        await pilot.press("q")
        await pilot.pause()
        assert source.stops == 1
        assert "draining, 54 pending" in rows_of(app)[0]
        assert app.is_running
        source.ended.set()
        await pilot.pause()
    assert app.return_value == 0
    assert source.aborts == 0


async def test_quitting_twice_leaves_at_once(make_source, frame):
    source = make_source(frame, ends_when_stopped=False)
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        await pilot.press("q", "q")
        await pilot.pause()
    assert (source.stops, source.aborts) == (1, 1)
    assert app.return_value == 0


async def test_quitting_from_an_event_closes_it_to_show_the_draining(make_source, frame):
    source = make_source(frame, ends_when_stopped=False)
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        await pilot.press("enter", "ctrl+q")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        source.ended.set()
        await pilot.pause()


async def test_the_end_of_the_run_ends_the_dashboard(make_source, frame):
    source = make_source(frame)
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        source.ended.set()
        await pilot.pause()
    assert app.return_value == 0


async def test_a_refused_stream_stays_on_the_screen_until_somebody_quits(
    make_source, frame, rows_of
):
    refused = ConnectionView(ConnectionState.REFUSED, frame.now, "401: the key is wrong")
    source = make_source(replace(frame, connection=refused))
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        source.ended.set()
        await pilot.pause()
        assert app.is_running
        assert "✖ refused: 401: the key is wrong" in rows_of(app)[0]
        await pilot.press("q")
        await pilot.pause()
    assert app.return_value == 0


async def test_an_error_of_the_run_is_kept_for_the_caller_with_its_exit_code(make_source, frame):
    source = make_source(frame, fails_with=JournalError("the disk is gone"))
    app = Dashboard(source)
    async with app.run_test(size=(120, 40)) as pilot:
        source.ended.set()
        await pilot.pause()
    assert app.failure is source.fails_with
    assert app.return_value == 6
