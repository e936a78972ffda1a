from __future__ import annotations

import asyncio
import contextlib
import json
import re
import struct

import pytest
import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as connect_socket

from grantex_sim.service.app import GRANTEX_KEY, Options, Simulator, serve_in_thread
from tests.support.clock import VirtualClock


PATH = "/v1/events/ws"
GRANT = b'{"id":"evt_1","type":"grant.created","createdAt":"x","data":{}}'
TOKEN = b'{"id":"evt_2","type":"token.issued","createdAt":"x","data":{}}'
LAST = b"no JSON passes every filter"
KEY = {"Authorization": f"Bearer {GRANTEX_KEY}"}
NONCE = "dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = (
    "GET {target} HTTP/1.1\r\nHost: simulator\r\nConnection: keep-alive, Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: {version}\r\nSec-WebSocket-Key: {nonce}\r\n"
    "Authorization: Bearer {key}\r\n\r\n"
)


def url_of(simulator, query="", session=""):
    return simulator.url.replace("http://", "ws://") + session + PATH + query


@pytest.fixture
def opened():
    """Opens WebSockets with the real client and closes them afterwards."""
    stack = contextlib.ExitStack()

    def open_one(simulator, query="", **options):
        headers = options.pop("headers", KEY)
        url = url_of(simulator, query, options.pop("session", ""))
        opening = connect_socket(url, additional_headers=headers, proxy=None, **options)
        return stack.enter_context(opening)

    with stack:
        yield open_one


def texts(socket, last=LAST):
    """What comes up to *last*."""
    found = []
    while (text := socket.recv(timeout=60)) != last.decode():
        found.append(text)
    return found


def test_events_come_as_text_frames_as_they_are(opened, captured):
    with serve_in_thread() as simulator:
        socket = opened(simulator)
        simulator.wait_clients(1)
        simulator.emit(*captured, LAST)
        assert texts(socket) == [payload.decode() for payload in captured]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], [GRANT, TOKEN]),
        (['{"types":["token.issued"]}'], [TOKEN]),
        (['{"types":["token.issued","grant.created"]}'], [GRANT, TOKEN]),
        (['{"types":[]}'], []),
        (['{"types":["grant.*"]}'], []),
        (['{"types":["token.issued"]}', '{"types":["grant.created"]}'], [GRANT]),
        (["garbage", "{}", "[]", '{"types":"token.issued"}', "[" * 5_000], [GRANT, TOKEN]),
        ([b'{"types":["token.issued"]}'], [TOKEN]),
        ([['{"types":["tok', 'en.issued"]}']], [TOKEN]),
    ],
)
def test_only_a_types_message_filters(opened, said, expected):
    with serve_in_thread() as simulator:
        socket = opened(simulator)
        for message in said:
            socket.send(message)
        assert socket.ping().wait(20)  # answered in order: what was said has been read
        simulator.emit(GRANT, TOKEN, LAST)
        assert texts(socket) == [payload.decode() for payload in expected]


def test_types_in_the_address_is_ignored(opened):
    with serve_in_thread() as simulator:
        socket = opened(simulator, "?types=token.issued")
        simulator.wait_clients(1)
        simulator.emit(GRANT, LAST)
        assert texts(socket) == [GRANT.decode()]


@pytest.mark.parametrize(
    ("headers", "query", "message"),
    [
        ({}, "", "Missing or invalid Authorization header"),
        ({}, f"?token={GRANTEX_KEY}", "Missing or invalid Authorization header"),
        ({"Authorization": "Bearer not_the_right_key_at_all"}, "", "Invalid API key"),
    ],
)
def test_without_the_right_key_it_is_a_401_before_the_upgrade(opened, headers, query, message):
    with serve_in_thread() as simulator, pytest.raises(InvalidStatus) as refused:
        opened(simulator, query, headers=headers)
    response = refused.value.response
    body = json.loads(response.body)
    assert response.status_code == 401
    assert list(body) == ["message", "code", "requestId"]
    assert (body["message"], body["code"]) == (message, "UNAUTHORIZED")


def test_the_sixth_is_upgraded_and_closed_with_1013(opened):
    with serve_in_thread() as simulator:
        sockets = [opened(simulator) for _ in range(5)]
        simulator.wait_clients(5)
        sixth = opened(simulator)
        with pytest.raises(ConnectionClosed) as closed:
            sixth.recv(timeout=60)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, "Too many connections")

        sockets[0].close()
        simulator.wait_clients(4)
        again = opened(simulator)
        simulator.wait_clients(5)
        simulator.emit(GRANT, LAST)
        assert texts(again) == [GRANT.decode()]


def test_its_slots_are_not_those_of_the_stream(opened, connect):
    with serve_in_thread(stream_limit=1) as simulator:
        stream = connect(simulator)
        stream.get()
        simulator.wait_clients(1)
        socket = opened(simulator)
        simulator.wait_clients(2)
        simulator.emit(GRANT, LAST)
        assert texts(socket) == [GRANT.decode()]
        stream.until_events(2)


def test_the_plan_limit_is_the_same(opened, connect):
    with serve_in_thread(plan_limit=1, clock=VirtualClock(0.0)) as simulator:
        client = connect(simulator)
        client.get("/v1/elsewhere")
        client.response()
        with pytest.raises(InvalidStatus) as refused:
            opened(simulator)
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["retry-after"] == "60"


def test_a_plain_get_finds_nothing_there(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.get(PATH)
        head, body = client.response()
    assert head.startswith(b"HTTP/1.1 404 ")
    assert json.loads(body)["message"] == f"Route GET:{PATH} not found"


def test_it_works_below_a_session(opened, connect):
    with serve_in_thread() as simulator:
        socket = opened(simulator, session="/s/mine")
        control = connect(simulator)
        control.post("/s/mine/_sim/emit", GRANT + b"\n" + LAST)
        control.response()
        assert texts(socket) == [GRANT.decode()]


def test_the_ledger_tells_what_each_was_sent(opened):
    with serve_in_thread() as simulator:
        everything, chosen = opened(simulator), opened(simulator)
        chosen.send('{"types":["token.issued"]}')
        assert chosen.ping().wait(20)
        simulator.wait_clients(2)
        simulator.emit(GRANT, TOKEN, LAST)
        assert len(texts(everything)) == 2
        assert len(texts(chosen)) == 1
        first, second = simulator.ledger().streams
    assert (first.kind, first.emitted, first.sent, first.filtered_out) == ("websocket", 3, 3, 0)
    assert (second.emitted, second.sent, second.filtered_out, second.missed) == (3, 2, 1, 0)


async def test_a_client_that_does_not_read_delays_nobody():
    huge = b'{"id":"evt_%d","type":"t","createdAt":"x","data":"' + b"x" * 1_000_000 + b'"}'
    async with Simulator(Options(max_waiting=3_000_000)) as simulator:
        reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port, limit=2**16)
        request = UPGRADE.format(target=PATH, version=13, nonce=NONCE, key=GRANTEX_KEY)
        writer.write(request.encode())
        await reader.readuntil(b"\r\n\r\n")
        async with websockets.connect(
            url_of(simulator), additional_headers=KEY, max_size=None, proxy=None
        ) as quick:
            await simulator.session.wait_clients(lambda count: count == 2)
            for number in range(30):
                simulator.session.emitter.emit([huge % number])
                assert len(await quick.recv()) > 1_000_000
        await simulator.session.wait_clients(lambda count: count == 0)
        slow = simulator.session.control.report().streams[0]
        writer.close()
    assert slow.cut
    assert slow.emitted < 30


# The bytes.


def upgrade(client, *, target=PATH, version="13", nonce=NONCE):
    client.send(
        UPGRADE.format(target=target, version=version, nonce=nonce, key=GRANTEX_KEY).encode()
    )


def until_head(client):
    client.until(lambda data: b"\r\n\r\n" in data)
    head, _, client.received = client.received.partition(b"\r\n\r\n")
    return head


def masked(first, payload):
    return struct.pack("!BB", first, 0x80 | len(payload)) + bytes(4) + payload


def test_the_handshake_is_that_of_the_service_and_opens_at_once(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        upgrade(client)
        head = until_head(client)
    assert head == (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    )


@pytest.mark.parametrize(
    "wrong", [{"version": "8"}, {"nonce": ""}, {"nonce": "short"}, {"nonce": "AAAA"}]
)
def test_a_wrong_handshake_is_refused(connect, wrong):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        upgrade(client, **wrong)
        answer = client.to_end()
        assert simulator.ledger().clients == 0
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert re.search(rb"Sec-WebSocket-Version: 13\r\n", answer)


def test_what_follows_the_handshake_in_one_write_is_read(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        text = UPGRADE.format(target=PATH, version=13, nonce=NONCE, key=GRANTEX_KEY).encode()
        client.send(text + masked(0x81, b'{"types":["token.issued"]}') + masked(0x89, b"hi"))
        until_head(client)
        client.until(lambda data: data == b"\x8a\x02hi")
        simulator.emit(GRANT, TOKEN)
        client.until(lambda data: data.endswith(bytes([0x81, len(TOKEN)]) + TOKEN))
        assert GRANT not in client.received


def test_pings_come_each_period(connect):
    with serve_in_thread(keepalive=0.05) as simulator:
        client = connect(simulator)
        upgrade(client)
        until_head(client)
        assert client.until(lambda data: len(data) >= 6)[:6] == 3 * b"\x89\x00"


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (masked(0x88, b"\x03\xe8bye"), b"\x88\x02\x03\xe8"),
        (masked(0x88, b""), b"\x88\x00"),
        (b"\x81\x01x", b"\x88\x21\x03\xea" + b"a client's frame is not masked"),
        (masked(0x81, b"\xff"), b"\x03\xefa text that is not UTF-8"),
        (struct.pack("!BBQ", 0x81, 0xFF, 1 << 40) + bytes(4), b"\x03\xf1a message of more than"),
        (masked(0xC1, b""), b"\x03\xeaa reserved bit"),
        (masked(0x80, b""), b"\x03\xeafragments of messages"),
    ],
)
def test_the_end_is_answered_and_a_broken_protocol_ends_with_its_code(connect, sent, answer):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        upgrade(client)
        until_head(client)
        client.send(sent)
        client.until(lambda data: answer[-12:] in data)
        if sent[0] != 0x88:
            client.socket.shutdown(1)
        assert client.to_end().startswith(b"\x88")
        simulator.wait_clients(0)
