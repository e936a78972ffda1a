"""The simulator's own routes are for this machine: no page of elsewhere, no name of elsewhere."""

from __future__ import annotations

import pytest

from grantex_sim.service.app import DATADOG_APP_KEY, DATADOG_KEY, serve_in_thread


FAULT = b"intake status=503"
CONTROL = {
    "GET /": b"",
    "GET /_sim": b"",
    "GET /_sim/ledger": b"",
    "GET /_sim/page": b"",
    "GET /_sim/notifications": b"",
    "GET /_sim/sessions": b"",
    "GET /fakeintake/payloads": b"",
    "GET /fakeintake/flushPayloads": b"",
    "POST /_sim/faults": FAULT,
    "POST /_sim/emit": b'{"type":"grant.created"}',
    "POST /_sim/reset": b"",
    "POST /_sim/scenario": b'{"name":"quiet"}',
    "POST /_sim/clock": b'{"virtual":true}',
    "POST /fakeintake/configure/override": b"{}",
    "DELETE /_sim/faults": b"",
    "OPTIONS /_sim/faults": b"",
    "GET /%5Fsim/ledger": b"",
}
KEYS = f"DD-API-KEY: {DATADOG_KEY}\r\nDD-APPLICATION-KEY: {DATADOG_APP_KEY}\r\n"
PUBLIC = {
    "POST /api/v2/logs": (f"{KEYS}Content-Type: application/json\r\n", b'[{"message":"m"}]', 202),
    "GET /api/v1/monitor": (KEYS, b"", 200),
    "GET /v1/events/stream": ("Authorization: Bearer of-somebody-else\r\n", b"", 401),
}


@pytest.fixture
def simulator():
    with serve_in_thread() as running:
        yield running


def ask(client, route, body=b"", *lines):
    method, _, target = route.partition(" ")
    head = "\r\n".join((f"{method} {target} HTTP/1.1", *lines, f"Content-Length: {len(body)}"))
    client.send(f"{head}\r\n\r\n".encode() + body)
    head, answer = client.response()
    return int(head.split(b" ")[1]), answer


@pytest.mark.parametrize("prefix", ["", "/s/one"])
@pytest.mark.parametrize("route", CONTROL)
@pytest.mark.parametrize(
    "line",
    [
        "Origin: https://elsewhere.example",
        "Origin: null",
        "Origin: http://127.0.0.1:1",
        "Origin: http://[::1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ],
)
def test_a_page_of_another_origin_is_refused(connect, simulator, route, line, prefix):
    client = connect(simulator)
    route_there = route.replace(" /", f" {prefix}/", 1)
    status, answer = ask(client, route_there, CONTROL[route], "Host: 127.0.0.1", line)
    assert (status, b"another origin" in answer) == (403, True)
    assert b'"sessions":[]' in ask(client, "GET /_sim/sessions")[1]
    assert b'"faults":[]' in ask(client, "GET /_sim/faults")[1]


@pytest.mark.parametrize("route", CONTROL)
@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1.elsewhere.example:80", "local"])
def test_a_name_that_is_not_ours_is_refused_with_what_to_do(connect, simulator, route, host):
    status, answer = ask(connect(simulator), route, CONTROL[route], f"Host: {host}")
    assert status == 403
    assert b"--allow-host" in answer
    assert host.encode() in answer


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost.:1", "a.localhost", "10.1.2.3:99", "[::1]", "sim", "Sim:8787"]
)
def test_addresses_localhost_and_names_that_are_allowed_are_ours(connect, host):
    with serve_in_thread(allow_hosts=("sim",)) as simulator:
        client = connect(simulator)
        assert ask(client, "GET /_sim/ledger", b"", f"Host: {host}")[0] == 200
        lines = (f"Host: {host}", f"Origin: http://{host}", "Sec-Fetch-Site: same-origin")
        assert ask(client, "POST /_sim/faults", FAULT, *lines)[0] == 200


def test_who_names_no_host_is_no_browser(connect, simulator):
    assert ask(connect(simulator), "GET /_sim/ledger")[0] == 200


@pytest.mark.parametrize(
    ("route", "dest", "status"),
    [
        ("GET /", "document", 200),
        ("GET /s/one/", "document", 200),
        ("GET /", "iframe", 403),
        ("GET /fakeintake/flushPayloads", "document", 403),
        ("POST /_sim/reset", "document", 403),
    ],
)
def test_a_link_to_the_page_may_be_followed_and_no_other(connect, simulator, route, dest, status):
    lines = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", f"Sec-Fetch-Dest: {dest}")
    assert ask(connect(simulator), route, b"", "Host: 127.0.0.1", *lines)[0] == status


@pytest.mark.parametrize("prefix", ["", "/s/one"])
@pytest.mark.parametrize("route", PUBLIC)
def test_the_intake_and_the_apis_answer_whoever_asks(connect, simulator, route, prefix):
    lines, body, expected = PUBLIC[route]
    headers = f"Host: api.example\r\nSec-Fetch-Site: cross-site\r\n{lines}".rstrip()
    route_there = route.replace(" /", f" {prefix}/", 1)
    assert ask(connect(simulator), route_there, body, headers)[0] == expected


def test_no_page_can_frame_it(connect, simulator):
    client = connect(simulator)
    client.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert b"frame-ancestors 'none'" in client.response()[0]
