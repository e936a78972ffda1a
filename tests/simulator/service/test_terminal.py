"""The live status: what it says, that it keeps calm, and that it fits the terminal."""

import asyncio
import contextlib
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.service import terminal
from grantex_sim.service.terminal import Row, Status, draw, farewell, folded, has_room, line, rows
from grantex_tui.words.display import cell_width


START = Status(0, 0, 0, 0, 0, 0, 0, 0)
BUSY = Status(2, 1, 1_500, 1_200, 300, 4, 15, 3, "503 scripted 503", ("intake every=2 status=503",))
HOSTILE = "\x1b[31mred\u202e[bold]"


def texts(found: list[Row]) -> dict[str, str]:
    return {row.label: row.text for row in found}


def test_a_fresh_simulator_has_two_lines_and_no_bad_news():
    found = rows(START, START, 0.0)
    assert texts(found) == {
        "stream": "0 clients · 0 events (0/s)",
        "intake": "0 requests · 0 delivered · 0 on their way · 0 duplicates",
    }
    assert not any(row.is_bad for row in found)


def test_the_rate_is_over_the_time_since_the_last_look():
    assert "(100/s)" in texts(rows(START._replace(emitted=50), START, 0.5))["stream"]


def test_refusals_cut_clients_and_faults_have_their_place():
    said = texts(rows(BUSY, START, 1.0))
    assert said["stream"].endswith("1 cut")
    assert said["refused"] == "3 requests, last 503 scripted 503"
    assert said["fault"] == "intake every=2 status=503"


def test_many_faults_are_counted():
    found = rows(START._replace(faults=[f"fault {n}" for n in range(9)]), START, 1.0)
    assert found[-1].text == "and 4 more faults"
    assert len(found) == 2 + 5 + 1


def test_one_is_not_called_several():
    one = Status(1, 0, 1, 1, 0, 1, 1, 1, "500")
    assert (
        farewell(one) == "1 event emitted, 1 delivered, 0 missing, 1 duplicate, 1 request refused"
    )
    assert "1 client ·" in line(one, START, 1.0)


def test_the_farewell_of_a_quiet_run_says_nothing_of_refusals():
    assert farewell(START) == "0 events emitted, 0 delivered, 0 missing, 0 duplicates"


@pytest.mark.parametrize("width", [1, 20, 40, 80, 160])
def test_no_line_is_wider_than_the_terminal(width):
    text = draw(rows(BUSY._replace(refusal="x" * 300), START, 1.0), width)
    for each in text.plain.split("\n"):
        assert cell_width(each) <= max(width, 10)


def test_what_a_server_or_file_says_is_no_instruction_to_the_terminal():
    hostile = BUSY._replace(refusal=HOSTILE, faults=(HOSTILE,))
    for said in (draw(rows(hostile, START, 1.0), 80).plain, line(hostile, START, 1.0)):
        assert "\x1b" not in said
        assert "\u202e" not in said
        assert "[bold]" in said


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def _shown(monkeypatch, stream: io.StringIO, seen: list[Status]) -> str:
    """What is written while *seen* are the statuses, one a look, however little time that takes."""
    monkeypatch.setattr(terminal, "REDRAWN", 0.0)
    monkeypatch.setattr(terminal, "PRINTED", 0.0)
    looked = asyncio.Event()
    left = iter(seen)

    def status() -> Status:
        try:
            return next(left)
        except StopIteration:
            looked.set()
            return seen[-1]

    showing = asyncio.create_task(terminal.show(status, stream))
    await asyncio.wait_for(looked.wait(), 20)
    showing.cancel()
    await asyncio.wait([showing])
    return stream.getvalue()


async def test_in_a_pipe_a_line_comes_only_when_something_changed(monkeypatch):
    out = await _shown(monkeypatch, io.StringIO(), [START, START, BUSY, BUSY, BUSY])
    assert out.count("\n") == 1
    assert out.startswith("stream 2 clients")
    assert "\x1b" not in out


async def test_an_idle_terminal_is_left_alone(monkeypatch):
    once = await _shown(monkeypatch, Terminal(), [START] * 2)
    often = await _shown(monkeypatch, Terminal(), [START] * 50)
    assert once == often
    assert "0 clients" in once


async def test_a_terminal_is_redrawn_when_something_changed(monkeypatch):
    out = await _shown(monkeypatch, Terminal(), [START, BUSY])
    assert "2 clients" in out


def test_a_narrow_terminal_shows_all_of_it_on_more_lines():
    shown = draw(rows(BUSY, START, 1.0), 40).plain.split("\n")
    assert shown == [
        "stream   2 clients",
        "         1,500 events (1,500/s) · 1 cut",
        "intake   15 requests · 1,200 delivered",
        "         300 on their way · 4 duplicates",
        "refused  3 requests, last 503 scripted …",
        "fault    intake every=2 status=503",
    ]


@given(st.text(alphabet="ab ·", max_size=60), st.integers(1, 30))
def test_folding_loses_nothing_that_fits_and_keeps_to_the_width(text, width):
    lines = folded(text, width)
    assert all(cell_width(line) <= width for line in lines)
    if max(map(cell_width, text.split(" · "))) <= width:
        assert " · ".join(lines) == text


def test_a_pipe_that_nobody_reads_is_not_written_to():
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "w") as writer:
        assert has_room(writer)
        os.set_blocking(write, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(write, bytes(65_536))
        assert not has_room(writer)
        assert reader.read(65_536)
        assert has_room(writer)


def test_what_is_no_file_always_has_room():
    assert has_room(io.StringIO())
