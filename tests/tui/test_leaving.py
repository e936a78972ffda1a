from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random
from string import ascii_letters, digits

from textual.events import Key
from textual.widgets import Input

from grantex_tui.delivery.status import DeliveryView
from grantex_tui.errors import JournalError
from grantex_tui.events.live.connection import ConnectionState, ConnectionView
from grantex_tui.tui.app import Dashboard
from grantex_tui.tui.screens.quit import Quit


class Clock:
    """Goes on by *step* seconds each time it is looked at."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def patient(source):
    """A dashboard before which somebody takes the time to read."""
    return Dashboard(source, monotonic=Clock(1.0))


async def test_quitting_drains_first_and_says_so(make_source, frame, rows_of):
    source = make_source(frame, ends_when_stopped=False)
    app = patient(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        await pilot.press("q")
        assert source.stops == 0
        assert "54 pending events" in "\n".join(rows_of(app))
        await pilot.press("y")
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
    app = patient(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        await pilot.press("q", "y", "q")
        await pilot.pause()
    assert (source.stops, source.aborts) == (1, 1)
    assert app.return_value == 0


async def test_quitting_from_an_event_closes_it_to_show_the_draining(make_source, frame):
    source = make_source(frame, ends_when_stopped=False)
    app = patient(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        await pilot.press("enter", "ctrl+q", "y")
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


async def test_every_way_to_quit_asks_while_this_process_delivers(make_source, frame):
    source = make_source(frame)
    app = patient(source)
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in (
            ["q"],
            ["ctrl+c"],
            ["ctrl+q"],
            ["enter", "ctrl+q"],
            ["question_mark", "ctrl+q"],
        ):
            await pilot.press(*keys)
            assert isinstance(app.screen, Quit), keys
            await pilot.press("x")
            assert not isinstance(app.screen, Quit)
            await pilot.press("escape")
        assert (source.stops, app.is_running) == (0, True)


async def test_what_is_lost_and_how_to_answer_can_be_read_on_the_smallest_screen(
    make_source, frame, rows_of
):
    app = patient(make_source(frame))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("q")
        await pilot.pause()
        said = " ".join(" ".join(rows_of(app)).replace("│", " ").split())
    assert "Events that come after that are lost: Grantex replays none." in said
    assert "y quit esc or any other key stay" in said


async def test_without_delivery_q_quits_at_once(make_source, frame):
    source = make_source(replace(frame, delivery=DeliveryView()))
    app = Dashboard(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await pilot.pause()
    assert source.stops == 1


async def test_what_was_typed_before_the_question_is_no_answer(make_source, frame):
    source = make_source(frame)
    app = Dashboard(source, monotonic=Clock(0.1))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q", "y")
        assert isinstance(app.screen, Quit)
        await pilot.press("escape")
        assert source.stops == 0


async def test_what_comes_with_the_slash_in_one_read_is_text(make_source, frame):
    source = make_source(frame)
    app = Dashboard(source)
    async with app.run_test(size=(80, 24)) as pilot:
        for character in "/quiet":
            key = "slash" if character == "/" else character
            app.post_message(Key(key, character))
        await pilot.pause()
        await pilot.pause()
        assert app.board.query_one("#filter", Input).value == "quiet"
        assert len(app.screen_stack) == 1


async def test_no_storm_of_random_keys_ends_it(make_source, frame):
    source = make_source(frame)
    app = Dashboard(source, monotonic=Clock(0.0))
    dice = Random(7)
    keys = [*ascii_letters, *digits, "space", "enter", "escape", "tab", "ctrl+q", "ctrl+c", "up"]
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(40):
            for key in dice.choices(keys, k=25):
                app.post_message(Key(key, key if len(key) == 1 else None))
            await pilot.pause()
        assert app.is_running
        assert source.stops == 0
