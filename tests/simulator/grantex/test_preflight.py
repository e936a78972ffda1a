"""What pages of other origins are told: by Grantex as its framework does, by the intake as it must."""

from __future__ import annotations

import re

import pytest

from grantex_sim.service.app import DATADOG_KEY, GRANTEX_KEY, serve_in_thread


DASHBOARD = "http://localhost:5173"


@pytest.fixture(scope="module")
def simulator():
    with serve_in_thread() as running:
        yield running


@pytest.fixture
def ask(connect, simulator):
    def answer(method, path, body=b"", **headers):
        lines = [f"{method} {path} HTTP/1.1", "Host: a", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        client = connect(simulator)
        client.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return client.response()

    return answer


def names(head: bytes) -> list[str]:
    return [line.split(b":")[0].decode() for line in head.split(b"\r\n")[1:]]


def test_a_page_of_the_service_may_ask(ask):
    head, body = ask(
        "OPTIONS", "/v1/events/stream", Origin=DASHBOARD, Access_Control_Request_Method="GET"
    )
    assert head.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert body == b""
    assert names(head)[:10] == [
        "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "vary",
        "access-control-allow-origin", "access-control-allow-credentials",
        "access-control-expose-headers", "access-control-allow-methods",
        "access-control-allow-headers", "access-control-max-age",
    ]  # fmt: skip
    assert b"access-control-allow-origin: http://localhost:5173\r\n" in head
    assert b"access-control-allow-headers: Content-Type, Authorization, DPoP" in head


@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        ({}, 400, b"Invalid Preflight Request"),
        ({"Origin": DASHBOARD}, 400, b"Invalid Preflight Request"),
        (
            {"Origin": "http://localhost:3000", "Access_Control_Request_Method": "GET"},
            404,
            (
                b'{"message":"Route OPTIONS:/v1/events/stream not found","error":"Not Found",'
                b'"statusCode":404}'
            ),
        ),
    ],
)
def test_any_other_preflight_is_refused(ask, headers, status, text):
    head, body = ask("OPTIONS", "/v1/events/stream", **headers)
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert body == text
    assert b"access-control-allow-methods" not in head


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        (DASHBOARD, ["allow-origin", "allow-credentials", "expose-headers"]),
        ("http://localhost:3000", []),
        ("null", []),
    ],
)
def test_an_error_can_be_read_by_the_pages_that_may(ask, origin, told):
    head, _ = ask("GET", "/v1/events/stream", Origin=origin)
    assert head.startswith(b"HTTP/1.1 401 ")
    assert b"\r\nvary: Origin\r\n" in head
    assert re.findall(r"access-control-([a-z-]+):", head.decode()) == told


def test_the_stream_itself_can_be_read_by_no_page(connect, simulator):
    client = connect(simulator)
    client.send(
        f"GET /v1/events/stream HTTP/1.1\r\nAuthorization: Bearer {GRANTEX_KEY}\r\n"
        f"Origin: {DASHBOARD}\r\n\r\n".encode()
    )
    simulator.wait_clients(1)
    simulator.emit(b'{"id":"evt_1","type":"grant.created"}')
    assert b"access-control" not in client.until_events(1)


def test_logs_may_come_from_any_page(ask):
    asked = {
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "dd-api-key",
    }
    head, _ = ask("OPTIONS", "/api/v2/logs", Origin="https://shop.example", **asked)
    assert head.startswith(b"HTTP/1.1 204 ")
    assert b"access-control-allow-headers: dd-api-key" in head
    for key, status in ((DATADOG_KEY, 202), ("wrong", 403)):
        head, _ = ask(
            "POST", f"/api/v2/logs?dd-api-key={key}", b"{}", Origin="https://shop.example"
        )
        assert head.startswith(b"HTTP/1.1 %d " % status)
        assert b"\r\naccess-control-allow-origin: *" in head


def test_without_a_page_nothing_is_said_about_pages(ask):
    head, _ = ask("POST", "/api/v2/logs", b"{}", DD_API_KEY=DATADOG_KEY)
    assert names(head) == ["date", "content-type", "content-length"]
