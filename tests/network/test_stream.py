"""A response's body as the socket brings it, from a real server."""

import asyncio
import contextlib
import socket
import ssl
import struct
from contextlib import asynccontextmanager

import httpx
import pytest
import trustme

from grantex_tui.network.gathering import Gathering, is_new_enough
from grantex_tui.network.route import Network
from grantex_tui.network.stream import BODY
from grantex_tui.network.tls import Certificates


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@asynccontextmanager
async def answered(script, *, timeout=20.0, authority=None, ca_file=""):
    """The response of a server that follows *script* with each connection."""
    context = None
    if authority is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)

    served = asyncio.Event()

    async def serve(reader, writer):
        try:
            await reader.readuntil(b"\r\n\r\n")
            await script(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            served.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        url = f"http{'s' * bool(context)}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with (
            Network(Certificates(ca_file)).stream_client(url) as client,
            client.stream("GET", url, timeout=timeout) as response,
        ):
            yield response
        await served.wait()


def sending(*pieces: bytes, then="close"):
    async def script(reader, writer):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if then == "reset":
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        elif then == "stay":
            await reader.read()

    return script


async def blocks(response) -> list[bytes]:
    found = []
    try:
        async for block in response.extensions[BODY]:
            found.append(block)
    except httpx.HTTPError as error:
        found.append(str(error).encode())
    return found


async def test_what_comes_with_the_head_is_handed_on_before_anything_else_comes():
    async with answered(sending(HEAD + b"5\r\nhello\r\n", then="stay")) as response:
        async for block in response.extensions[BODY]:
            assert block == b"hello"
            break


@pytest.mark.parametrize(
    ("sent", "then", "told"),
    [
        (HEAD + b"5\r\nhello\r\n0\r\n\r\n", "close", b""),
        (HEAD + b"5\r\nhello\r\n", "close", b"the connection ended before the answer did"),
        (HEAD + b"9\r\nhello", "close", b"the connection ended before the answer did"),
        (HEAD + b"5\r\nhello\r\nzz\r\n", "stay", b"the framing is broken"),
        (HEAD + b"5\r\nhello\r\n", "reset", b"reset by the other side"),
        (b"HTTP/1.0 200 OK\r\n\r\nhello", "close", b""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "stay", b""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", "close", b"the connection ended"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" + HEAD + b"5\r\nhello\r\n0\r\n\r\n", "close", b""),
    ],
)
async def test_how_a_body_ends_is_told_after_what_it_brought(sent, then, told):
    async with answered(sending(sent, then=then)) as response:
        first, *rest = await blocks(response)
    assert first == b"hello"
    assert told in b"".join(rest)
    assert bool(rest) is bool(told)


async def test_a_head_in_pieces_is_a_head():
    head = HEAD + b"5\r\nhello\r\n0\r\n\r\n"
    pieces = [head[at : at + 7] for at in range(0, len(head), 7)]
    async with answered(sending(*pieces)) as response:
        assert b"".join(await blocks(response)) == b"hello"


async def test_silence_is_a_timeout_of_reading():
    async with answered(sending(HEAD, then="stay"), timeout=0.05) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            [block async for block in response.extensions[BODY]]


async def test_any_other_answer_is_read_as_usual():
    sent = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\n\r\nnope"
    async with answered(sending(sent)) as response:
        assert BODY not in response.extensions
        assert await response.aread() == b"nope"


@pytest.mark.parametrize("secure", [False, True])
async def test_while_bytes_gather_nothing_is_read_and_at_the_last_everything_is(tmp_path, secure):
    authority, ca_file = (trustme.CA(), str(tmp_path / "ca.pem")) if secure else (None, "")
    if authority is not None:
        authority.cert_pem.write_to_path(ca_file)
    sent = asyncio.Event()

    async def script(reader, writer):
        writer.write(HEAD + b"3\r\none\r\n")
        await sent.wait()
        writer.write(b"3\r\ntwo\r\n")
        await writer.drain()
        sent.clear()
        await reader.read()

    async with answered(script, authority=authority, ca_file=ca_file) as response:
        body = response.extensions[BODY]
        gathering = Gathering(body.transport, lambda: 3600.0)
        async for block in body:
            assert block == b"one"
            gathering.rest()
            break
        sent.set()
        while sent.is_set():
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert body.take() == b""
        await gathering.over()
        assert body.take() == b"two"


async def test_a_connection_that_ends_while_bytes_gather_is_known_at_once():
    async with answered(sending(HEAD + b"3\r\none\r\n")) as response:
        body = response.extensions[BODY]
        gathering = Gathering(body.transport, lambda: 3600.0)
        gathering.rest()
        assert (await blocks(response))[-1] == b"the connection ended before the answer did"


@pytest.mark.parametrize(
    ("release", "is_new"),
    [
        ("6.18.44-fc", True),
        ("4.18.0-553.el8", True),
        ("4.4.0", False),
        ("3.10.0", False),
        ("?", False),
    ],
)
def test_bytes_gather_only_where_the_kernel_tells_that_they_are_there(release, is_new):
    assert is_new_enough(release) is is_new


async def test_where_bytes_can_not_gather_they_are_read_as_they_come(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    async with answered(sending(HEAD + b"3\r\none\r\n", b"0\r\n\r\n")) as response:
        body = response.extensions[BODY]
        gathering = Gathering(body.transport, lambda: 3600.0)
        gathering.rest()
        assert await blocks(response) == [b"one"]
