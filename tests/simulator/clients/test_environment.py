"""The variables and files that bring a program here."""

from __future__ import annotations

import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from grantex_sim.runtimes.environment import PYTHON_PRELOAD, Entrance, environment
from grantex_sim.runtimes.trust import Trust
from grantex_sim.tls.authority import Authority


ENTRANCE = Entrance(
    url="http://127.0.0.1:4711", grantex_key="g" * 20, datadog_key="d" * 20, datadog_app_key="a"
)


@pytest.fixture(scope="module")
def pem() -> str:
    return Authority.made().pem


@pytest.fixture(scope="module")
def trust(pem):
    made = Trust.made(pem)
    yield made
    made.remove()
    assert not made.folder.exists()


def test_the_bundle_has_the_systems_roots_and_ours(trust, pem):
    context = ssl.create_default_context(cafile=str(trust.bundle))
    system = ssl.create_default_context()
    assert len(context.get_ca_certs()) >= len(system.get_ca_certs())
    assert pem in trust.bundle.read_text()
    assert trust.folder.stat().st_mode & 0o077 == 0


def test_a_file_of_other_roots_is_taken_instead_of_the_systems(tmp_path, pem):
    other = tmp_path / "roots.pem"
    other.write_text(Authority.made().pem)
    made = Trust.made(pem, {"SSL_CERT_FILE": str(other)})
    try:
        assert made.bundle.read_text() == other.read_text().rstrip() + "\n" + pem
    finally:
        made.remove()


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of the system's roots
def test_javas_store_holds_ours(trust, pem):
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    store = pkcs12.load_pkcs12(trust.java_store.read_bytes(), b"changeit")
    held = {each.certificate.public_bytes(Encoding.PEM).decode() for each in store.additional_certs}
    assert pem in held


def test_what_was_set_before_is_kept_where_it_can_be(trust):
    base = {
        "PATH": "/bin",
        "DD_SITE": "datadoghq.eu",
        "NODE_OPTIONS": "--max-old-space-size=99",
        "PYTHONPATH": "/mine",
        "JAVA_TOOL_OPTIONS": "-Xmx9m",
        "NO_PROXY": "redis.local, .datadoghq.com,com,*",
        "HTTPS_PROXY": "http://corporate:3128",
    }
    made = environment(ENTRANCE, trust, base)
    assert made["PATH"] == "/bin"
    assert made["DD_SITE"] == "datadoghq.eu"
    assert made["NODE_OPTIONS"].startswith("--max-old-space-size=99 --require ")
    assert made["PYTHONPATH"] == f"{PYTHON_PRELOAD}:/mine"
    assert made["JAVA_TOOL_OPTIONS"].startswith("-Xmx9m -Dhttps.proxyHost=127.0.0.1 ")
    assert made["NO_PROXY"] == made["no_proxy"] == "127.0.0.1,localhost,::1,redis.local"
    assert made["HTTPS_PROXY"] == made["http_proxy"] == "http://127.0.0.1:4711"
    assert made["SSL_CERT_FILE"] == made["REQUESTS_CA_BUNDLE"] == str(trust.bundle)


def test_a_site_that_is_none_is_replaced(trust):
    assert environment(ENTRANCE, trust, {"DD_SITE": "localhost"})["DD_SITE"] == "datadoghq.com"


def test_python_resolves_the_played_hosts_to_us_and_others_as_ever(trust, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.mine = True\n")
    made = environment(ENTRANCE, trust, {"PYTHONPATH": str(tmp_path)})
    code = (
        "import socket, sys\n"
        "print(socket.getaddrinfo('HTTP-intake.logs.datadoghq.eu.', 443, type=1)[0][4])\n"
        "print(socket.getaddrinfo(b'api.grantex.dev', 'https', socket.AF_INET6, 1)[0][4])\n"
        "print(socket.getaddrinfo('127.0.0.1', 9, type=1)[0][4], sys.mine)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env=made, capture_output=True, text=True, check=True
    )
    ours = "('127.0.0.1', 4711)"
    assert said.stdout.splitlines() == [ours, ours, "('127.0.0.1', 9) True"]


FIXED = """
import json, os, urllib.request
STREAM = "https://api.grantex.dev/v1/events/stream"
INTAKE = "https://http-intake.logs.datadoghq.com/api/v2/logs"
key = {"Authorization": "Bearer " + os.environ["GRANTEX_API_KEY"]}
with urllib.request.urlopen(urllib.request.Request(STREAM, headers=key)) as stream:
    for line in stream:
        if line.startswith(b"data: "):
            body = json.dumps([{"message": line[6:-1].decode()}]).encode()
            headers = {"DD-API-KEY": os.environ["DD_API_KEY"], "Content-Type": "application/json"}
            urllib.request.urlopen(urllib.request.Request(INTAKE, body, headers)).close()
"""


def test_the_fixture_starts_a_forwarder_of_fixed_hosts_in_the_tests_own_session(
    grantex_sim, tmp_path
):
    script = Path(tmp_path, "fixed.py")
    script.write_text(FIXED)
    grantex_sim.start(sys.executable, script)
    grantex_sim.emit("grant.revoked", {"grantId": "g"})
    assert grantex_sim.assert_delivered_all().delivered == 1


def test_a_sessions_entrance_ends_with_it(grantex_sim):
    import socket
    from urllib.parse import urlsplit

    first = grantex_sim._remote.json("POST", "/_sim/entrance")
    assert grantex_sim._remote.json("POST", "/_sim/entrance") == first
    assert "PRIVATE" not in first["ca"]
    grantex_sim.end()
    port = urlsplit(first["url"]).port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)
