"""Certificates of a private authority, over real connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from grantex_tui.errors import InvalidFileError
from grantex_tui.network.failures import told
from grantex_tui.network.route import Network
from grantex_tui.network.tls import Certificates, tls_context


if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@asynccontextmanager
async def serving(context: ssl.SSLContext | None):
    async def serve(reader, writer) -> None:
        try:
            await reader.read(1)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def asked(network: Network, url: str) -> str:
    """What came back, or what is told of the failure."""
    async with asyncio.timeout(20), network.client(url) as client:
        try:
            return (await client.get(url)).text
        except httpx.HTTPError as error:
            return told(error)


async def test_a_private_authority_is_trusted_once_it_is_named(authority, ca_file) -> None:
    async with serving(server_context(authority.issue_cert("localhost"))) as port:
        url = f"https://localhost:{port}"
        assert await asked(Network(Certificates(ca_file)), url) == "hi"
        assert await asked(Network(environment={"SSL_CERT_FILE": ca_file}), url) == "hi"
        assert await asked(Network(), url) == (
            f"localhost:{port}: its certificate is signed by an authority that is not trusted here; "
            "name its certificate with --ca-file"
        )


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        ({"identities": ["other.example"]}, "its certificate is for another host"),
        ({"not_after": NOW - timedelta(days=1)}, "its certificate has expired"),
        (
            {"not_before": NOW + timedelta(days=1), "not_after": NOW + timedelta(days=2)},
            "its certificate is not valid yet; check this machine's clock",
        ),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_said(
    authority, ca_file, certificate, said
) -> None:
    names = certificate.pop("identities", ["localhost"])
    leaf = authority.issue_cert(*names, **certificate)
    async with serving(server_context(leaf)) as port:
        network = Network(Certificates(ca_file))
        assert await asked(network, f"https://localhost:{port}") == f"localhost:{port}: {said}"


async def test_a_server_without_tls_is_said_to_have_none() -> None:
    async with serving(None) as port:
        said = await asked(Network(), f"https://127.0.0.1:{port}")
    assert said.endswith("it does not speak TLS: is its address http://?")


async def test_a_client_certificate_is_shown_to_who_asks(authority, ca_file, tmp_path) -> None:
    context = server_context(authority.issue_cert("localhost"))
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    ours = authority.issue_cert("watch@example.org")
    both, cert, key = (str(tmp_path / name) for name in ("both.pem", "cert.pem", "key.pem"))
    ours.private_key_and_cert_chain_pem.write_to_path(both)
    ours.cert_chain_pems[0].write_to_path(cert)
    ours.private_key_pem.write_to_path(key)
    async with serving(context) as port:
        url = f"https://localhost:{port}"
        assert await asked(Network(Certificates(ca_file, both)), url) == "hi"
        assert await asked(Network(Certificates(ca_file, cert, key)), url) == "hi"


async def test_who_is_asked_for_a_certificate_is_told_how_to_give_one(authority, ca_file) -> None:
    context = server_context(authority.issue_cert("localhost"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # where it is the handshake that fails

    def refuse(listening: socket.socket) -> None:  # asyncio's server hangs up without an alert
        connection, _ = listening.accept()
        with contextlib.suppress(ssl.SSLError), connection:
            context.wrap_socket(connection, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://localhost:{listening.getsockname()[1]}"
        said, _ = await asyncio.gather(
            asked(Network(Certificates(ca_file)), url), asyncio.to_thread(refuse, listening)
        )
    assert said.endswith("it refuses the handshake; it may ask for --client-cert")


@pytest.fixture
def files(tmp_path: Path, authority) -> dict[str, str]:
    (tmp_path / "garbage").write_bytes(b"\x00\xffgarbage")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    return {name: str(tmp_path / name) for name in ("missing", "garbage", "empty", "folder")}


@pytest.mark.parametrize("kind", ["missing", "garbage", "empty", "folder"])
@pytest.mark.parametrize("named", ["--ca-file", "SSL_CERT_FILE", "the client certificate"])
def test_a_file_without_certificates_is_refused_in_a_sentence(files, kind, named) -> None:
    path = files[kind]
    certificates, environment = {
        "--ca-file": (Certificates(ca_file=path), {}),
        "SSL_CERT_FILE": (Certificates(), {"SSL_CERT_FILE": path}),
        "the client certificate": (Certificates(client_cert=path), {}),
    }[named]
    with pytest.raises(InvalidFileError) as refused:
        tls_context(certificates, environment)
    assert path in refused.value.message
    assert "\n" not in refused.value.message


def test_a_broken_environment_matters_only_where_tls_is_spoken(files) -> None:
    network = Network(environment={"SSL_CERT_FILE": files["garbage"]})
    assert network.route("http://127.0.0.1:8787").ssl is None


def test_a_key_of_another_certificate_is_said_to_be_that(authority, tmp_path) -> None:
    one, other = authority.issue_cert("a@example.org"), authority.issue_cert("b@example.org")
    cert, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    one.cert_chain_pems[0].write_to_path(cert)
    other.private_key_pem.write_to_path(key)
    with pytest.raises(InvalidFileError, match="don't belong together"):
        tls_context(Certificates(client_cert=cert, client_key=key), {})


def test_a_folder_of_certificates_is_taken_from_the_environment(tmp_path) -> None:
    tls_context(Certificates(), {"SSL_CERT_DIR": str(tmp_path)})
    with pytest.raises(InvalidFileError, match="SSL_CERT_DIR"):
        tls_context(Certificates(), {"SSL_CERT_DIR": str(tmp_path / "missing")})
