"""Every fault of a handshake, as a client sees it."""

from __future__ import annotations

import socket
import ssl

import httpx
import pytest

from grantex_sim.faults import FaultError, parse_fault_text
from grantex_sim.faults.keys import HANDSHAKE
from grantex_sim.service.app import serve_in_thread
from tests.support.tls_client import TlsClient


FAULTS = {
    "tls expired": (ssl.SSLCertVerificationError, "certificate has expired"),
    "tls not-yet-valid": (ssl.SSLCertVerificationError, "certificate is not yet valid"),
    "tls wrong-host": (ssl.SSLCertVerificationError, "Hostname mismatch"),
    "tls unknown-ca": (ssl.SSLCertVerificationError, "certificate verify failed"),
    "tls self-signed": (ssl.SSLCertVerificationError, "self-signed certificate"),
    "tls handshake-cut": (ConnectionResetError, "reset by peer"),
    "tls wrong-protocol": (
        ssl.SSLError,
        "(?i)wrong.version.number|packet length too long|record layer",
    ),
    "tls wrong-protocol=version": (ssl.SSLError, "(?i)alert protocol version"),
}


@pytest.fixture(scope="module")
def simulator():
    with serve_in_thread(tls=True) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def trust(simulator):
    return ssl.create_default_context(cadata=simulator.ca_pem)


def shake(simulator, trust, name="http-intake.logs.datadoghq.com"):
    host, port = simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as raw:
        trust.wrap_socket(raw, server_hostname=name).close()


@pytest.mark.parametrize("fault", FAULTS)
def test_the_handshake_fails_exactly_so(simulator, trust, fault):
    kind, said = FAULTS[fault]
    before = simulator._tls.failures.count
    simulator.faults(fault.replace("tls ", "tls nth=1 "))
    with pytest.raises(kind, match=said):
        shake(simulator, trust)
    shake(simulator, trust)  # the second one is well
    assert simulator._tls.failures.count == before, "nobody is blamed for a fault"
    assert "hit 1 of 2" in "".join(simulator._session._faults_in_force())


def test_all_of_them_are_here():
    tried = {act.word for fault in FAULTS for act in parse_fault_text(fault).do.acts}
    assert tried == set(HANDSHAKE)


def test_a_host_tells_whose_handshake_is_meant(simulator, trust):
    simulator.faults("tls host=*.grantex.dev expired")
    shake(simulator, trust)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(simulator, trust, "api.grantex.dev")
    simulator.faults()
    shake(simulator, trust, "api.grantex.dev")


def test_plain_http_says_what_it_is(simulator):
    simulator.faults("tls wrong-protocol")
    host, port = simulator.url.removeprefix("http://").split(":")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with socket.create_connection((host, int(port)), timeout=20) as raw:
        raw.sendall(outgoing.read())
        received = b""
        while data := raw.recv(65536):
            received += data
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request")
    assert f"content-length: {len(body)}".encode() in head
    simulator.faults()


def test_without_tls_such_a_fault_is_refused_with_the_reason():
    with pytest.raises(FaultError, match="speaks no TLS"), serve_in_thread(faults=["tls expired"]):
        pass
    with serve_in_thread() as simulator:
        answer = httpx.post(f"{simulator.url}/_sim/faults", content="tls expired")
        assert answer.status_code == 400
        assert "speaks no TLS" in answer.json()["error"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("tls status=503", "`status` is a fault of the intake"),
        ("tls expired type=grant.*", "can't be told by `type`"),
        ("intake expired", "`expired` is a fault of the tls"),
        ("intake 503 host=x", "can't be told by `host`"),
        ("tls", "it does nothing"),
    ],
)
def test_what_has_no_place_is_told(fault, said):
    with pytest.raises(FaultError, match=said):
        parse_fault_text(fault)


def ending_of(simulator, trust, fault: str) -> tuple[bytes, str]:
    """What a stream's client has read when *fault* has ended it, and how the end looked."""
    simulator.faults(fault)
    host, port = simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as raw:
        client = TlsClient(raw, trust, "api.grantex.dev")
        request = (
            "GET /v1/events/stream HTTP/1.1\r\nHost: api.grantex.dev\r\nAuthorization: Bearer "
        )
        client.sendall(f"{request}{simulator.grantex_key}\r\n\r\n".encode())
        simulator.wait_clients(1)
        simulator.emit(b'{"id":"evt_1","type":"grant.created","data":{}}')
        received = b""
        try:
            while data := client.recv(65536):
                received += data
        except ConnectionResetError:
            return received, "reset"
        return received, client.end


@pytest.mark.parametrize(
    ("fault", "last", "end"),
    [
        ("stream clean-end after-events=1", b"0\r\n\r\n", "close_notify"),
        ("stream kill after-events=1", b"\n\n\r\n", "FIN"),
        ("stream reset after-events=1", b"\n\n\r\n", "reset"),
        ("stream reset-after-bytes=40", b"HTTP/1.1 200 OK\r\ncontent-type: text/even", "reset"),
        ("stream truncate-event", b"", "FIN"),
    ],
)
def test_a_streams_end_within_tls_is_that_without(simulator, trust, fault, last, end):
    simulator.wait_clients(0)
    received, how = ending_of(simulator, trust, fault)
    assert how == end
    assert received.endswith(last)
