"""What HTTP clients do besides sending a plain request, as bytes; each gets its answer, and soon."""

from __future__ import annotations

import json
import socket

import pytest

from grantex_sim.service.app import DATADOG_APP_KEY, DATADOG_KEY, GRANTEX_KEY, serve_in_thread


KEYS = f"DD-API-KEY: {DATADOG_KEY}\r\nDD-APPLICATION-KEY: {DATADOG_APP_KEY}\r\n"
ENTRY = b'[{"message":"hello"}]'


@pytest.fixture(scope="module")
def simulator():
    with serve_in_thread() as running:
        yield running


def answer(connect, simulator, sent: str | bytes):
    """Status, head and body of the answer to *sent*."""
    client = connect(simulator)
    client.send(sent if isinstance(sent, bytes) else sent.encode("latin-1"))
    head, body = client.response()
    return int(head.split()[1]), head, body


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param("GET /_sim HTTP/1.1\nHost: localhost\n\n", 200, id="bare LF"),
        pytest.param("\n\r\nGET /_sim HTTP/1.1\r\nHost: localhost\n\r\n", 200, id="mixed line ends"),
        pytest.param("GET /_sim HTTP/1.1\r\n\r\n", 200, id="no Host"),
        pytest.param("GET http://api.grantex.dev/health HTTP/1.1\r\nHost: a\r\n\r\n", 200, id="absolute form"),
        pytest.param("GET http://localhost:1/_sim HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 403, id="another's port"),
        pytest.param("GET /%5Fsim HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, id="escaped for nothing"),
        pytest.param("GET /_sim/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, id="slash at the end"),
        pytest.param("GET /_sim#part HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, id="fragment"),
        pytest.param("GET http://[::1/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, id="no URL"),
        pytest.param("GET _sim HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, id="no slash"),
        pytest.param("GET /_sim\r\n\r\n", 400, id="HTTP/0.9"),
        pytest.param("GET /_sim HTTP/1.1\r\nA: b\rc\r\n\r\n", 400, id="bare CR in a value"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, id="TLS"),
        pytest.param("CONNECT a:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n", 403, id="CONNECT"),
        pytest.param("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, id="HTTP/2"),
        pytest.param("GET /_sim HTTP/1.1\r\nExpect: more\r\n\r\n", 417, id="other expectation"),
        pytest.param("GET /_sim HTTP/1.1\r\nCookie: " + "x" * 70_000, 431, id="long head"),
        pytest.param(
            "POST /_sim/emit HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            501,
            id="transfer coding",
        ),
        pytest.param(
            "POST /_sim/reset HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
            400,
            id="bare LF in chunks",
        ),
        pytest.param(
            "POST /_sim/reset HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
            400,
            id="wrong chunk size",
        ),
        pytest.param(
            "POST /_sim/reset HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + "0" * 5_000,
            400,
            id="endless chunk size",
        ),
        pytest.param(
            "POST /_sim/reset HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + "b" * 70_000,
            431,
            id="endless trailer",
        ),
    ],
)  # fmt: skip
def test_a_request_is_answered_or_refused_at_once(connect, simulator, sent, status):
    got, _, body = answer(connect, simulator, sent)
    assert got == status, body


def test_a_request_that_comes_a_byte_at_a_time_is_one(connect, simulator):
    client = connect(simulator)
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"GET /_sim HTTP/1.1\r\nHost: localhost\r\n\r\n":
        client.send(bytes([byte]))
    assert client.response()[0].startswith(b"HTTP/1.1 200 ")


def test_a_client_that_still_sends_reads_why_it_was_refused(connect, simulator):
    client = connect(simulator)
    client.send(b"POST /api/v2/logs HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n")
    for _ in range(8):  # a connection closed with bytes unread would be reset by now
        client.send(bytes(65_536))
    got = client.to_end()
    assert got.startswith(b"HTTP/1.1 413 ")
    assert got.endswith(b"64 MiB")


@pytest.mark.parametrize(
    "path",
    ["/", "/_sim", "/_sim/ledger", "/_sim/notifications", "/api/v1/validate", "/api/v1/monitor",
     "/api/v1/none", "/nowhere", "/fakeintake/health", "/s/a/_sim",
     "/_sim/sessions", "/_sim/page.css", "/api/v1/logs/config/pipelines"],
)  # fmt: skip
def test_head_is_answered_as_get_without_the_body(connect, simulator, path):
    client = connect(simulator)
    client.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{KEYS}\r\n".encode())
    whole = client.response()[0]
    client.send(
        f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n{KEYS}\r\n"
        f"GET /_sim HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )
    head, _, rest = client.to_end().partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == whole.split(b"\r\n")[0]
    assert b"content-length: " in head
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")  # no body between the two


def test_head_of_the_stream_hangs_as_on_the_service(connect, simulator):
    client = connect(simulator)
    client.get(method="HEAD")
    other = connect(simulator)
    other.get("/_sim")
    other.response()
    assert client.silent()


def test_who_waits_for_continue_is_told_to(connect, simulator):
    client = connect(simulator)
    client.send(
        f"POST /api/v2/logs HTTP/1.1\r\nHost: localhost\r\n{KEYS}Content-Length: {len(ENTRY)}\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    assert client.until(lambda data: data.endswith(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
    client.received = b""
    client.send(ENTRY)
    assert client.response()[0].startswith(b"HTTP/1.1 202 ")


def test_chunks_with_extensions_and_a_trailer_are_a_body(connect, simulator):
    body = b'8;a=b\r\n[{"messa\r\n' + b'd\r\nge":"hello"}]\r\n' + b"0;last\r\nDigest: x\r\n\r\n"
    status, _, _ = answer(
        connect,
        simulator,
        f"POST /api/v2/logs HTTP/1.1\r\nHost: localhost\r\n{KEYS}Trailer: Digest\r\n"
        "Transfer-Encoding: Chunked\r\n\r\n".encode()
        + body,
    )
    assert status == 202


def test_http_1_0_gets_its_answer_and_the_end_or_keeps_the_connection(connect, simulator):
    client = connect(simulator)
    client.send(b"GET /_sim/ledger HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
    head, _ = client.response()
    assert head.endswith(b"\r\nConnection: keep-alive")  # else ab waits for the end
    client.send(b"GET /_sim/ledger HTTP/1.0\r\n\r\n")
    head, _, body = client.to_end().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body)["emitted"] == 0


def test_connection_close_closes_after_the_answer(connect, simulator):
    client = connect(simulator)
    client.send(
        f"POST /api/v2/logs HTTP/1.1\r\nHost: localhost\r\n{KEYS}Connection: close\r\n"
        f"Content-Length: {len(ENTRY)}\r\n\r\n".encode()
        + ENTRY
    )
    assert client.to_end().endswith(b"\r\nConnection: close\r\n\r\n{}")


@pytest.mark.parametrize("path", ["//v1/events/stream", "//api/v2/logs", "/api/v1//monitor"])
def test_a_slash_too_many_is_not_found_and_said(connect, simulator, path):
    status, head, _ = answer(
        connect,
        simulator,
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {GRANTEX_KEY}\r\n{KEYS}\r\n",
    )
    assert status == 404
    assert b"x-sim-reason: " in head
    assert b"two slashes" in head
