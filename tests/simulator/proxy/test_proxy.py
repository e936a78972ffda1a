"""The forward proxy on the wire: what ends here, what is refused, what passes through."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from grantex_sim.service.app import serve_in_thread


INTAKE = "https://http-intake.logs.datadoghq.eu/api/v2/logs"


@pytest.fixture(scope="module")
def proxy():
    with serve_in_thread(tls=True) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def trust(proxy):
    return ssl.create_default_context(cadata=proxy.ca_pem)


def raw_answer(simulator, request: bytes, until: bytes = b"\r\n\r\n") -> bytes:
    host, port = simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request)
        received = b""
        while until not in received and (data := connection.recv(65536)):
            received += data
        return received


def test_a_fixed_https_host_ends_here(proxy, trust):
    with httpx.Client(proxy=proxy.url, verify=trust) as http:
        headers = {"DD-API-KEY": proxy.datadog_key}
        answers = [http.post(INTAKE, json=[{"message": "m"}], headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]


def test_by_a_proxy_that_is_reached_by_tls_itself(proxy, trust):
    through = httpx.Proxy(proxy.secure_url, ssl_context=trust)
    with httpx.Client(proxy=through, verify=trust) as http:
        assert http.get("https://api.grantex.dev/health").status_code == 200


def test_a_plain_url_ends_here(proxy):
    with httpx.Client(proxy=proxy.url) as http:
        assert http.get("http://api.grantex.dev/health").json()["status"] == "healthy"


def test_http_within_a_tunnel_is_spoken_too(proxy):
    request = b"CONNECT api.grantex.dev:80 HTTP/1.1\r\nHost: api.grantex.dev:80\r\n\r\n"
    within = b"GET /health HTTP/1.1\r\nHost: api.grantex.dev\r\n\r\n"
    answer = raw_answer(proxy, request + within, until=b"healthy")  # without waiting for the 200
    assert answer.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "target",
    ["CONNECT example.com:443", "GET http://example.com/x", "CONNECT 127.0.0.1:1", "GET http://10.0.0.1/",
     "CONNECT datadoghq.com.evil.example:443", "CONNECT notdatadoghq.com:443"],
)  # fmt: skip
def test_any_other_host_is_refused_with_its_name(proxy, target):
    answer = raw_answer(proxy, f"{target} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), until=b'"hint"')
    name = target.split()[1].removeprefix("http://").partition("/")[0].partition(":")[0]
    assert answer.startswith(b"HTTP/1.1 403 Forbidden")
    assert f"{name}:" in answer.decode()
    assert name in httpx.get(f"{proxy.url}/_sim/proxy").json()["refused"]


def test_no_refused_request_reaches_the_ledger(proxy):
    before = len(proxy.ledger().requests)
    with httpx.Client(proxy=proxy.url) as http:
        assert http.post("http://example.com/api/v2/logs", json=[]).status_code == 403
    assert len(proxy.ledger().requests) == before


def test_the_hosts_that_are_told_apart_have_a_limit(monkeypatch):
    monkeypatch.setattr("grantex_sim.proxy.forward._NAMED", 2)
    with serve_in_thread() as simulator:
        for number in range(4):
            raw_answer(simulator, f"CONNECT h{number}.example:1 HTTP/1.1\r\n\r\n".encode())
        refused = httpx.get(f"{simulator.url}/_sim/proxy").json()["refused"]
    assert refused == {"h0.example": 1, "h1.example": 1, "others": 2}


@pytest.mark.parametrize(
    "target", ["example.com", "http://example.com:443/", "[::1", ":443", "a:b"]
)
def test_what_names_no_host_and_port_is_no_request(proxy, target):
    answer = raw_answer(proxy, f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 403 "))


class _Elsewhere(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        answer = json.dumps([self.path, dict(self.headers), body.decode()]).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture(scope="module")
def elsewhere():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_host_that_is_allowed_is_reached_as_it_is(elsewhere):
    with (
        serve_in_thread(pass_through=["127.0.0.1"]) as simulator,
        httpx.Client(proxy=simulator.url) as http,
    ):
        answer = http.post(f"http://127.0.0.1:{elsewhere}/x?y=1", content=b"z", headers={"A": "b"})
        path, headers, body = answer.json()
        assert (path, body, headers["a"]) == ("/x?y=1", "z", "b")
        within = raw_answer(
            simulator,
            f"CONNECT 127.0.0.1:{elsewhere} HTTP/1.1\r\n\r\n".encode()
            + b"POST /t HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi",
            until=b'"hi"]',
        )
    assert within.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.0 200 OK")
    assert b'["/t"' in within


def test_one_that_is_allowed_and_not_there_is_told():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with serve_in_thread(pass_through=["127.0.0.1"]) as simulator:
        request = f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode()
        assert raw_answer(simulator, request).startswith(b"HTTP/1.1 502 Bad Gateway")


def test_a_password_is_asked_for_and_taken():
    with serve_in_thread(proxy_password="me:geheim") as simulator:
        url = "http://api.grantex.dev/health"
        with httpx.Client(proxy=simulator.url) as http:
            refused = http.get(url)
        assert refused.status_code == 407
        assert refused.headers["proxy-authenticate"] == 'Basic realm="grantex-sim"'
        with httpx.Client(proxy=simulator.url.replace("//", "//me:geheim@")) as http:
            assert http.get(url).status_code == 200
        assert httpx.get(f"{simulator.url}/health").status_code == 200, "not asked as a proxy"


@pytest.mark.parametrize("given", ["", "Basic", "Basic !", "Bearer bWU6Z2VoZWlt", "Basic bWU6eA=="])
def test_a_wrong_password_is_none(given):
    from grantex_sim.proxy.gate import Gate

    gate = Gate(port=lambda: 1, password="me:geheim")
    assert not gate.admits(given)
    assert gate.admits("basic " + base64.b64encode(b"me:geheim").decode())


def test_below_a_name_is_not_the_name():
    from grantex_sim.proxy.gate import Gate, Way

    gate = Gate(port=lambda: 8787, own=("sim",), through=("*.example.com", "a.test"))
    ways = {
        ("x.example.com", 1): Way.THROUGH,
        ("example.com", 443): Way.NOWHERE,
        ("a.test", 443): Way.THROUGH,
        ("sim", 8787): Way.HERE,
        ("sim", 80): Way.NOWHERE,
        ("localhost", 8787): Way.HERE,
        ("::1", 8787): Way.HERE,
        ("datadoghq.com", 443): Way.HERE,
        ("api.grantex.dev", 5): Way.HERE,
    }
    assert {there: gate.way(*there) for there in ways} == ways
