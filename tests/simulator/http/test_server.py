from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

from grantex_sim.http.server import Server
from grantex_sim.http.wire import head_bytes


def answer(body: bytes) -> bytes:
    return head_bytes(200, (("content-length", str(len(body))),)) + body


def request(body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@asynccontextmanager
async def serving(handler):
    server = Server(handler)
    port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await server.stop()


async def test_requests_sent_ahead_wait_and_are_answered_in_order():
    go = asyncio.Event()

    async def slow_echo(request_, channel):
        await go.wait()
        channel.write(answer(request_.body))

    bodies = [b"%03d" % number + bytes(50_000) for number in range(100)]  # more than is read ahead
    async with serving(slow_echo) as (reader, writer):
        writer.write(b"".join(map(request, bodies)))
        go.set()
        expected = b"".join(map(answer, bodies))
        assert await reader.readexactly(len(expected)) == expected


async def test_a_handler_that_fails_costs_its_client_the_connection_and_is_reported():
    reported: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    async def broken(_request, _channel):
        raise ZeroDivisionError

    async with serving(broken) as (reader, writer):
        writer.write(request(b""))
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
    assert [type(context["exception"]) for context in reported] == [ZeroDivisionError]


async def test_a_client_that_has_gone_is_told_to_the_handler():
    gone = asyncio.Event()

    async def waits(_request, channel):
        channel.stream()
        await channel.gone.wait()
        channel.write(b"into the void")  # nothing happens
        channel.close()
        channel.reset()
        gone.set()

    async with serving(waits) as (_, writer):
        writer.write(request(b""))
        await writer.drain()
        writer.close()
        await asyncio.wait_for(gone.wait(), 20)


async def test_an_answer_is_still_given_to_who_sends_no_more():
    async def echo(request_, channel):
        channel.write(answer(request_.body))

    async with serving(echo) as (reader, writer):
        writer.write(request(b"one") + request(b"two"))
        writer.write_eof()
        assert await reader.read() == answer(b"one") + answer(b"two")


async def test_a_reset_is_a_reset_on_the_other_side():
    async def resets(_request, channel):
        channel.reset()

    failed = False
    async with serving(resets) as (reader, writer):
        writer.write(request(b""))
        try:
            await reader.read()
        except ConnectionResetError:
            failed = True
    assert failed


async def test_stop_ends_handlers_that_would_wait_for_ever():
    begun, ended = asyncio.Event(), asyncio.Event()

    async def waits(_request, _channel):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with serving(waits) as (_, writer):
        writer.write(request(b""))
        await begun.wait()
    assert ended.is_set()
