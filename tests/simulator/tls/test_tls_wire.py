"""TLS beside HTTP on one port, as clients see it."""

from __future__ import annotations

import socket
import ssl

import httpx
import pytest

from grantex_sim.service.app import serve_in_thread
from grantex_tui.errors import UsageError


PLAYED = ["http-intake.logs.datadoghq.com", "http-intake.logs.datadoghq.eu", "api.us5.datadoghq.com",
          "http-intake.logs.ddog-gov.com", "api.grantex.dev", "localhost"]  # fmt: skip


def address(simulator) -> tuple[str, int]:
    host, port = simulator.url.removeprefix("http://").split(":")
    return host, int(port)


def shaken(simulator, context, name):
    """A TLS connection whose client asks for *name*."""
    raw = socket.create_connection(address(simulator), timeout=20)
    return context.wrap_socket(raw, server_hostname=name)


def asked(connection, target="/health", host="localhost") -> bytes:
    connection.sendall(
        f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    )
    parts = []
    while data := connection.recv(65536):
        parts.append(data)
    return b"".join(parts)


@pytest.mark.parametrize("name", PLAYED)
def test_each_played_host_has_a_certificate_of_its_own(secure, trusting, name):
    with shaken(secure, trusting(secure), name) as connection:
        assert connection.getpeercert()["subjectAltName"] == (("DNS", name),)
        assert asked(connection).startswith(b"HTTP/1.1 200 OK")


def test_an_address_has_one(secure, trusting):
    assert httpx.get(f"{secure.secure_url}/health", verify=trusting(secure)).status_code == 200


def test_http_and_https_are_on_one_port(secure, trusting):
    assert secure.secure_url == secure.url.replace("http:", "https:")
    plain = httpx.get(f"{secure.url}/v1/events/stream").status_code
    assert (
        httpx.get(f"{secure.secure_url}/v1/events/stream", verify=trusting(secure)).status_code
        == plain
    )


def test_another_name_has_no_certificate(secure, trusting):
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'example\.com'"):
        shaken(secure, trusting(secure), "example.com")


def test_who_does_not_trust_the_authority_is_told_of_here(trusting):
    with serve_in_thread(tls=True) as simulator, serve_in_thread(tls=True) as other:
        with pytest.raises(ssl.SSLCertVerificationError):
            shaken(simulator, trusting(other), "api.grantex.dev")
        # The client's alert is on its way: one whole exchange later it is there.
        assert httpx.get(f"{simulator.url}/health").status_code == 200
        front = simulator._tls
        assert front is not None
        assert front.failures.count == 1
        assert front.failures.last.startswith("api.grantex.dev: ")
        assert "trust-hint" in front.failures.last


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_are_spoken(secure, trusting, version):
    context = trusting(secure)
    context.minimum_version = context.maximum_version = version
    with shaken(secure, context, "localhost") as connection:
        assert asked(connection).startswith(b"HTTP/1.1 200 OK")


def test_bytes_that_come_one_by_one_are_taken(secure, trusting):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting(secure).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(address(secure), timeout=20) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        done = False
        while not done:
            try:
                client.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                pass
            for byte in outgoing.read():
                raw.send(bytes([byte]))
            if not done:
                incoming.write(raw.recv(65536))
        client.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for byte in outgoing.read():
            raw.send(bytes([byte]))
        answer = b""
        while not answer:
            incoming.write(raw.recv(65536))
            try:
                answer = client.read()
            except ssl.SSLWantReadError:
                continue
    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_a_stream_and_a_large_body_go_through(trusting):
    payloads = [
        b'{"id":"evt_%d","type":"grant.created","data":{"x":"%b"}}' % (n, b"y" * 4000)
        for n in range(400)
    ]
    with serve_in_thread(tls=True, payloads=payloads) as simulator:
        key = {"Authorization": f"Bearer {simulator.grantex_key}"}
        with httpx.Client(verify=trusting(simulator), timeout=20) as http:
            with http.stream(
                "GET", f"{simulator.secure_url}/v1/events/stream", headers=key
            ) as answer:
                lines = (line for line in answer.iter_lines() if line.startswith("data: "))
                heard = [next(lines).removeprefix("data: ") for _ in payloads]
            assert heard == [payload.decode() for payload in payloads]
            sent = http.post(
                f"{simulator.secure_url}/api/v2/logs",
                json=[{"message": event} for event in heard],
                headers={"DD-API-KEY": simulator.datadog_key},
            )
        assert sent.status_code == 202
        assert simulator.ledger().delivered == 400


def test_without_tls_a_handshake_is_told_what_to_do():
    with serve_in_thread() as simulator, pytest.raises(UsageError, match="no TLS"):
        _ = simulator.ca_pem
    assert simulator.secure_url == ""


def test_a_handshake_that_never_goes_on_ends():
    """`Patience.head` is for a handshake, too."""
    import asyncio

    from grantex_sim.http.patience import Patience
    from grantex_sim.http.server import Server
    from grantex_sim.tls.authority import Authority
    from grantex_sim.tls.front import TlsFront

    async def told() -> bytes:
        async def handle(*_: object) -> None:
            return

        server = Server(handle, patience=Patience(head=0.02), greeter=TlsFront(Authority.made))
        port = await server.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01")
        async with asyncio.timeout(20):
            end = await reader.read()
        writer.close()
        await server.stop()
        return end

    assert asyncio.run(told()) == b""
