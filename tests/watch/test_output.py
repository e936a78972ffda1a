import os
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from grantex_tui.watch.narration import Narrator
from grantex_tui.watch.output import LineWriter, OutputWatch


@contextmanager
def pipe():
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", 0) as taking, os.fdopen(writer, "wb", 0) as giving:
        yield taking, giving


def lines(count: int, first: int = 0) -> list[bytes]:
    return [b"%06d %s\n" % (number, b"x" * 90) for number in range(first, first + count)]


def test_blocks_come_out_whole_and_in_order():
    with pipe() as (taking, giving):
        writer = LineWriter(giving.fileno())
        for block in lines(100):
            writer.write(block)
        assert writer.close(10)
        giving.close()
        assert taking.readall() == b"".join(lines(100))


def test_a_reader_that_does_not_read_delays_nobody_and_what_it_missed_is_counted():
    with pipe() as (taking, giving):
        writer = LineWriter(giving.fileno(), limit=200_000)
        for block in lines(10_000):
            writer.write(block)
        assert writer.unwritten > 5_000
        assert not writer.close(0.05)
        giving.close()
        read = taking.readall().splitlines(keepends=True)
        # In their order, and whole. When the writer's thread begins late, the first to be left out
        # is one of those that come before the pipe is full, and some after it are still written.
        numbers = [int(line.partition(b" ")[0]) for line in read]
        assert numbers == sorted(set(numbers))
        assert set(read) <= set(lines(10_000))
        assert len(read) + writer.unwritten == 10_000


def test_what_comes_after_the_reader_has_caught_up_is_written_again():
    with pipe() as (taking, giving):
        writer = LineWriter(giving.fileno(), limit=50_000)
        for block in lines(2_000):
            writer.write(block)
        lost = writer.unwritten
        reading = threading.Thread(target=lambda: blocks.append(taking.readall()))
        blocks: list[bytes] = []
        reading.start()
        while writer.waiting:
            os.sched_yield()
        writer.write(b"last\n")
        writer.close(10)
        giving.close()
        reading.join()
    assert blocks[0].endswith(b"\nlast\n")
    assert writer.unwritten == lost > 0


def test_a_reader_that_is_gone_is_noticed_once_and_everything_else_is_counted():
    with pipe() as (taking, giving):
        taking.close()
        writer = LineWriter(giving.fileno())
        said: list[str] = []
        output = OutputWatch(writer, "stdout", said.append)
        writer.write(b"one\ntwo\n")
        while not writer.is_gone:
            os.sched_yield()
        output.look()
        writer.write(b"three\n")
        output.look()
        writer.close(10)
    assert writer.unwritten == 3
    assert said == [
        "stdout was closed by its reader: lines are left out from now on; delivery goes on"
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_no_reader_that_is_gone():
    with Path("/dev/full").open("wb", 0) as full:
        writer = LineWriter(full.fileno())
    writer.write(b"one\ntwo\n")
    assert not writer.close(10)
    assert (writer.unwritten, writer.is_gone) == (2, False)


def test_a_descriptor_that_somebody_made_non_blocking_loses_nothing():
    with pipe() as (taking, giving):
        os.set_blocking(giving.fileno(), False)
        writer = LineWriter(giving.fileno())
        for block in lines(2_000):
            writer.write(block)
        reading = threading.Thread(target=lambda: blocks.append(taking.readall()))
        blocks: list[bytes] = []
        reading.start()
        assert writer.close(10)
        giving.close()
        reading.join()
    assert blocks == [b"".join(lines(2_000))]


def test_lines_left_out_are_said_when_they_begin_and_when_they_end():
    with pipe() as (taking, giving):
        writer = LineWriter(giving.fileno(), limit=100_000)
        said: list[str] = []
        output = OutputWatch(writer, "stdout", said.append)
        output.look()
        for block in lines(5_000):
            writer.write(block)
        output.look()
        lost = writer.unwritten
        reading = threading.Thread(target=taking.readall)
        reading.start()
        while writer.waiting:
            os.sched_yield()
        output.look()
        writer.close(10)
        giving.close()
        reading.join()
    assert said == [
        "stdout is not being read, or is full: lines are left out from now on; delivery goes on",
        f"stdout is being read again; {lost:,} lines were left out so far",
    ]


def test_what_could_not_be_said_is_counted_and_said_later():
    with pipe() as (taking, giving):
        narrate = Narrator(giving.fileno())
        for number in range(5_000):
            narrate(f"{number} {'x' * 90}")
        unsaid = narrate.unsaid
        assert unsaid > 0
        blocks: list[bytes] = []
        reading = threading.Thread(target=lambda: blocks.append(taking.readall()))
        reading.start()
        while narrate.waiting:
            os.sched_yield()
        narrate("again")
        narrate.close(10)
        giving.close()
        reading.join()
    *_, confession, last = blocks[0].decode().splitlines()
    assert confession.endswith(f"{unsaid:,} lines could not be said here: nobody read them")
    assert last.endswith("again")
