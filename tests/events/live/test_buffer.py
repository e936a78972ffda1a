"""Reading stands still while nobody takes what was read, and goes on when somebody does."""

import asyncio

import pytest

from grantex_tui.events.live.buffer import LIMIT, Buffer


CHUNK = b"x" * (LIMIT // 4)


async def turns() -> None:
    """Let the other task do all that it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_is_read_than_the_limit_until_it_is_taken_and_so_each_time():
    read = 0

    async def chunks():
        nonlocal read
        for _ in range(20):
            read += 1
            yield CHUNK

    buffer = Buffer()
    filling = asyncio.create_task(buffer.fill(chunks()))
    for round_ in (1, 2, 3):
        await turns()
        assert read == 4 * round_
        assert await buffer.wait()
        assert buffer.take() == CHUNK * 4
    filling.cancel()
    await asyncio.wait({filling})


async def test_what_was_read_before_the_end_is_taken_before_the_end_is_told():
    async def chunks():
        yield b"one "
        yield b"two"

    buffer = Buffer()
    await buffer.fill(chunks())
    assert await buffer.wait()
    assert buffer.take() == b"one two"
    assert not await asyncio.wait_for(buffer.wait(), 20)


async def test_what_was_read_before_an_error_is_kept_and_the_error_is_raised():
    async def chunks():
        yield b"one"
        raise ConnectionResetError("gone")

    buffer = Buffer()
    with pytest.raises(ConnectionResetError, match="gone"):
        await buffer.fill(chunks())
    assert await buffer.wait()
    assert buffer.take() == b"one"
    assert not await asyncio.wait_for(buffer.wait(), 20)


async def test_who_waits_is_woken_by_the_first_bytes():
    more = asyncio.Event()

    async def chunks():
        await more.wait()
        yield b"one"

    buffer = Buffer()
    filling = asyncio.create_task(buffer.fill(chunks()))
    waiting = asyncio.create_task(buffer.wait())
    await turns()
    assert not waiting.done()
    more.set()
    assert await waiting
    assert buffer.take() == b"one"
    await filling
