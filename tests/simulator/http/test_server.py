from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from grantex_sim.http.patience import Patience
from grantex_sim.http.server import Server
from grantex_sim.http.wire import head_bytes


def answer(body: bytes) -> bytes:
    return head_bytes(200, (("content-length", str(len(body))),)) + body


def request(body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@asynccontextmanager
async def serving(handler, **patience):
    server = Server(handler, patience=Patience(**patience))
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


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n"])
async def test_a_handler_that_fails_costs_its_client_the_connection_and_is_reported(begun):
    reported: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    async def broken(_request, channel):
        channel.write(begun)
        raise ZeroDivisionError

    async with serving(broken) as (reader, writer):
        writer.write(request(b""))
        if begun:  # an answer in the midst of another would be read as part of it
            with suppress(ConnectionResetError):
                assert await reader.read() in (b"", begun)
        else:
            assert (await reader.read()).startswith(b"HTTP/1.1 500 ")
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


async def echo(request_, channel):
    channel.write(answer(request_.body))


@pytest.mark.parametrize(
    ("sent", "phase"),
    [
        (b"GET / HT", "head"),
        (b"GET / HTTP/1.1\r\na: b", "head"),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", "body"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "body"),
    ],
)
async def test_who_takes_too_long_over_a_request_is_told_so(sent, phase):
    async with serving(echo, **{phase: 0.05}) as (reader, writer):
        writer.write(request(b"before") + sent)
        assert await reader.readexactly(len(answer(b"before"))) == answer(b"before")
        refusal = await reader.read()
    assert refusal.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nconnection: close\r\n" in refusal


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n", request(b"x")])
async def test_a_connection_that_nobody_uses_is_closed(sent):
    async with serving(echo, idle=0.05) as (reader, writer):
        writer.write(sent)
        assert await reader.read() == (answer(b"x") if sent.startswith(b"POST") else b"")


async def test_a_slow_answer_is_not_a_slow_client():
    done = asyncio.Event()

    async def slow(request_, channel):
        await done.wait()
        channel.write(answer(request_.body))

    async with serving(slow, idle=0.01, head=0.01, body=0.01) as (reader, writer):
        writer.write(request(b"x"))
        loop = asyncio.get_running_loop()
        loop.call_later(0.2, done.set)  # many times as long as a client may take
        assert await reader.readexactly(len(answer(b"x"))) == answer(b"x")


async def test_a_body_may_take_long_as_long_as_it_comes():
    async with serving(echo, body=0.3) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            await asyncio.sleep(0.06)  # the pace of a slow client is what is tested
            writer.write(b"x")
        assert await reader.readexactly(len(answer(b"x" * 8))) == answer(b"x" * 8)


async def test_who_sends_no_more_in_the_midst_of_a_request_is_told_so():
    async with serving(echo) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc")
        writer.write_eof()
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
