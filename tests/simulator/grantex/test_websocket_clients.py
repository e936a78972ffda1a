"""Handshakes as WebSocket libraries send them, and what they ask of the answer."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from websockets.sync.client import connect as open_websocket
from websockets.typing import Subprotocol

from grantex_sim.service.app import GRANTEX_KEY, serve_in_thread


NONCE = "dGhlIHNhbXBsZSBub25jZQ=="
EVENT = b'{"id":"evt_1","type":"grant.created","createdAt":"x","data":{}}'
KEY = {"Authorization": f"Bearer {GRANTEX_KEY}"}


def handshake(*headers: str, nonce: str = NONCE) -> bytes:
    lines = (
        "GET /v1/events/ws HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {GRANTEX_KEY}",
        "Upgrade: websocket",
        "Connection: keep-alive, Upgrade",
        f"Sec-WebSocket-Key: {nonce}",
        "Sec-WebSocket-Version: 13",
        *headers,
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@pytest.fixture(scope="module")
def simulator():
    with serve_in_thread() as running:
        yield running


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["grantex.v1, json"], b"grantex.v1"),
        (["a", "b"], b"a"),
        (["json"], b"json"),
    ],
)
def test_the_first_subprotocol_offered_is_taken(connect, simulator, offered, chosen):
    client = connect(simulator)
    client.send(handshake(*(f"Sec-WebSocket-Protocol: {each}" for each in offered)))
    head = client.until(lambda data: b"\r\n\r\n" in data)
    assert b"\r\nSec-WebSocket-Protocol: %b\r\n" % chosen in head


@pytest.mark.parametrize("offered", ["a, a", "a b", "", "a,"])
def test_an_offer_that_is_none_is_refused(connect, simulator, offered):
    client = connect(simulator)
    client.send(handshake(f"Sec-WebSocket-Protocol: {offered}"))
    got = client.to_end()
    assert got.startswith(b"HTTP/1.1 400 ")
    assert got.endswith(b"Invalid Sec-WebSocket-Protocol header")


@pytest.mark.parametrize("nonce", ["", "short", "A" * 24, "dGhlIHNhbXBsZSBub25jZQ==x"])
def test_a_key_that_is_none_is_refused(connect, simulator, nonce):
    client = connect(simulator)
    client.send(handshake(nonce=nonce))
    assert client.to_end().endswith(b"Missing or invalid Sec-WebSocket-Key header")


def test_compression_is_offered_in_vain(connect, simulator):
    client = connect(simulator)
    client.send(handshake("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"))
    assert b"Extensions" not in client.until(lambda data: b"\r\n\r\n" in data)


def test_websockets_gets_the_subprotocol_that_it_offers():
    with serve_in_thread(payloads=[EVENT]) as simulator:
        url = simulator.url.replace("http", "ws") + "/v1/events/ws"
        with open_websocket(
            url, additional_headers=KEY, subprotocols=[Subprotocol("json")]
        ) as client:
            assert client.subprotocol == "json"
            assert client.recv() == EVENT.decode()


async def test_aiohttp_reads_filters_and_closes():
    async def talk(url: str) -> tuple[str | None, list[str], int | None]:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                url, headers=KEY, compress=15, protocols=("json",), heartbeat=30
            ) as client,
        ):
            first = await client.receive_str()
            await client.send_json({"types": ["token.issued"]})
            await client.ping(b"x")
            await client.close(code=3000, message=b"done")
            return client.protocol, [first], client.close_code

    with serve_in_thread(payloads=[EVENT]) as simulator:
        protocol, events, code = await asyncio.wait_for(talk(f"{simulator.url}/v1/events/ws"), 20)
    assert (protocol, events, code) == ("json", [EVENT.decode()], 3000)
