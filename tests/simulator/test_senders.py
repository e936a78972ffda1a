"""Requests of log senders as they were seen on the wire, the key aside: accepted, and found again."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import NamedTuple

import pytest
import zstandard

from grantex_sim.service.app import DATADOG_KEY, serve_in_thread


class Sent(NamedTuple):
    """One request, its `Content-Length` left out, and what must be found afterwards."""

    head: str
    body: bytes
    status: int
    message: str
    service: str
    source: str
    host: str = ""
    tag: str = ""
    level: str = "info"
    attribute: tuple[str, object] = ("", None)


BROWSER_HEAD = (
    "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n"
    "Content-Type: text/plain;charset=UTF-8\r\nAccept: */*\r\nOrigin: http://127.0.0.1:5199\r\n"
    "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
)
BROWSER = (
    "ddsource=browser&dd-api-key={key}&dd-evp-origin-version=7.16.2&dd-evp-origin=browser"
    "&dd-request-id=30de6a84-8a3b-4cfc-ae48-5bbd164247ab"
)
BROWSER_BODY = (
    b'{"view":{"referrer":"","url":"http://127.0.0.1:5199/"},"service":"web","version":"1",'
    b'"message":"hello from a browser","status":"info","origin":"logger","_dd":{},"cart":{"n":3},'
    b'"ddtags":"sdk_version:7.16.2,env:test,service:web,version:1"}\n'
    b'{"service":"web","message":"second \xc3\xa9","status":"error","origin":"logger",'
    b'"ddtags":"sdk_version:7.16.2,env:test,service:web,version:1"}'
)
FORWARDED = (
    "/?ddforward=%2Fapi%2Fv2%2Flogs%3Fddsource%3Dbrowser%26dd-api-key%3D{key}"
    "%26dd-evp-origin-version%3D7.16.2%26dd-evp-origin%3Dbrowser"
)
CART = ("cart", {"n": 3})
ENTRY = {"message": "m", "ddsource": "s", "service": "v", "hostname": "h", "ddtags": "a:b"}
ENTRIES = json.dumps([ENTRY]).encode()

SENDERS = {
    "datadog-winston 1.6.0": Sent(
        "POST /v1/input/{key}?service=s&ddsource=nodejs&ddtags=a%3Ab&hostname=h HTTP/1.1\r\n"
        "content-type: application/json\r\nAccept: */*\r\n"
        "User-Agent: node-fetch/1.0 (+https://github.com/bitinn/node-fetch)\r\n"
        "Accept-Encoding: gzip,deflate\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n",
        b'{"x":1,"level":"info","message":"hello"}',
        200, "hello", "s", "nodejs", "h", "a:b", attribute=("x", 1),
    ),
    "pino-datadog 2.0.2": Sent(
        "POST /v1/input/{key}?ddsource=n&service=s HTTP/1.1\r\n"
        "Accept: application/json, text/plain, */*\r\nContent-Type: application/json\r\n"
        "User-Agent: axios/0.21.4\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n",
        b'[{"pid":1,"status":"warn","message":"hello","host":"h"}]',
        200, "hello", "s", "n", "h", level="warn", attribute=("pid", 1),
    ),
    "datadog-api-client-typescript 1.64.0": Sent(
        "POST /api/v2/logs HTTP/1.1\r\n"
        "user-agent: datadog-api-client-typescript/1.64.0 (node 20.20.2; os linux; arch x64)\r\n"
        "Accept: application/json\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\n"
        "DD-API-KEY: {key}\r\nAccept-Encoding: identity\r\nHost: 127.0.0.1\r\n"
        "Connection: keep-alive\r\n",
        gzip.compress(ENTRIES), 202, "m", "v", "s", "h", "a:b",
    ),
    "browser-logs 7.16.2": Sent(
        BROWSER_HEAD.format(f"/api/v2/logs?{BROWSER}"), BROWSER_BODY,
        202, "hello from a browser", "web", "browser", tag="env:test", attribute=CART,
    ),
    "browser-logs 7.16.2, compressed": Sent(
        BROWSER_HEAD.format(f"/api/v2/logs?{BROWSER}&dd-evp-encoding=deflate"),
        zlib.compress(BROWSER_BODY),
        202, "hello from a browser", "web", "browser", tag="env:test", attribute=CART,
    ),
    "browser-logs 7.16.2, to a proxy": Sent(
        BROWSER_HEAD.format(FORWARDED), BROWSER_BODY,
        202, "hello from a browser", "web", "browser", tag="env:test", attribute=CART,
    ),
    "Agent": Sent(
        "POST /api/v2/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nDD-API-KEY: {key}\r\n"
        "Content-Type: application/json\r\nContent-Encoding: zstd\r\nDD-PROTOCOL: agent-json\r\n"
        "DD-EVP-ORIGIN: agent\r\nDD-EVP-ORIGIN-VERSION: 7.60.0\r\nUser-Agent: agent/7.60.0\r\n",
        zstandard.compress(ENTRIES), 202, "m", "v", "s", "h", "a:b",
    ),
    "Java's HttpClient, chunked, offering HTTP/2": Sent(
        "POST /api/v2/logs HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nHost: 127.0.0.1\r\n"
        "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
        "Transfer-encoding: chunked\r\nUpgrade: h2c\r\nUser-Agent: Java-http-client/17.0.15\r\n"
        "dd-api-key: {key}\r\n",
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(ENTRIES), ENTRIES), 202, "m", "v", "s", "h", "a:b",
    ),
    "curl with a line of text": Sent(
        "POST /v1/input?ddsource=s&service=v&host=h&ddtags=a:b HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "User-Agent: curl/7.88.1\r\nAccept: */*\r\nDD-API-KEY: {key}\r\n"
        "Content-Type: text/plain\r\n",
        b"m", 200, "m", "v", "s", "h", "a:b",
    ),
    "curl with what it calls a form": Sent(
        "POST /api/v2/logs/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: curl/7.88.1\r\n"
        "Accept: */*\r\nDD-API-KEY: {key}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n",
        ENTRIES, 202, "m", "v", "s", "h", "a:b",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def running():
    with serve_in_thread() as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    running.reset()
    return running


def send(client, sent: Sent, key: str):
    head = sent.head.replace("{key}", key)
    if "chunked" not in head:
        head += f"Content-Length: {len(sent.body)}\r\n"
    client.send(head.encode() + b"\r\n" + sent.body)
    return client.response()


@pytest.mark.parametrize("name", SENDERS)
def test_what_a_sender_sends_is_accepted_and_found(connect, simulator, name):
    sent = SENDERS[name]
    head, body = send(connect(simulator), sent, DATADOG_KEY)
    assert (head.split()[1], body) == (str(sent.status).encode(), b"{}")
    log = simulator.logs()[0]
    found = (log.message, log.service, log.source, log.host, log.status)
    assert found == (sent.message, sent.service, sent.source, sent.host, sent.level)
    assert not sent.tag or sent.tag in log.tags
    key, value = sent.attribute
    assert log.attributes.get(key) == value


@pytest.mark.parametrize("name", SENDERS)
def test_a_key_is_recorded_nowhere_however_it_is_sent(connect, simulator, name):
    head, _ = send(connect(simulator), SENDERS[name], "a-secret-of-somebody")
    assert head.startswith(b"HTTP/1.1 403 ")
    client = connect(simulator)
    for path in ("/_sim/ledger", "/_sim/page", "/"):
        client.get(path)
        assert b"a-secret" not in client.response()[1]
    (refused,) = simulator.ledger().requests
    assert (refused.key, refused.status) == ("invalid", 403)
    assert refused.path in ("/api/v2/logs", "/v1/input")


def test_a_browser_s_two_lines_are_two_logs(connect, simulator):
    send(connect(simulator), SENDERS["browser-logs 7.16.2"], DATADOG_KEY)
    assert [log.message for log in simulator.logs("status:error")] == ["second é"]
    assert simulator.ledger().requests[0].entries == 2
