"""Five clients at once, faults on: the account adds up for each, to the last event.

``GRANTEX_SIM_EVENTS=100000`` makes it as many events instead of a few thousand.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
from collections import Counter

import pytest

from grantex_sim.scenario.generate import generated
from grantex_sim.service.app import DATADOG_KEY, GRANTEX_KEY, serve_in_thread
from grantex_sim.testing.remote import Remote, session_url


CLIENTS = 5
EVENTS = int(os.environ.get("GRANTEX_SIM_EVENTS", "4000"))
GUARD = 120.0
FAULTS = (
    "stream p=0.01 skip",
    "stream p=0.002 duplicate",
    "stream p=0.002 reorder",
    "intake p=0.1 status=503",
    "intake p=0.05 lost_202",
    "intake p=0.05 status=413",
)


def payloads(count):
    events = generated(rate=0, seed=7, start=0.0)(0.0)
    return [next(events).payload for _ in range(count)]


def ids_in(body: bytes) -> list[str]:
    lines = [line for line in body.split(b"\n") if line.startswith(b"data: ")]
    return [json.loads(line.removeprefix(b"data: "))["id"] for line in lines]


class Forwarder(threading.Thread):
    """Reads a stream and forwards it, losing what the intake refuses: a bad one, on purpose."""

    def __init__(self, url: str, last: bytes) -> None:
        super().__init__()
        self.url = url
        self.last = last
        self.received = b""
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.forward()
        except (OSError, http.client.HTTPException) as error:
            self.error = error

    def forward(self) -> None:
        address, _, path = self.url.removeprefix("http://").partition("/")
        host, port = address.split(":")
        with socket.create_connection((host, int(port)), timeout=GUARD) as stream:
            request = f"GET /{path}/v1/events/stream HTTP/1.0\r\nAuthorization: Bearer "
            stream.sendall(f"{request}{GRANTEX_KEY}\r\n\r\n".encode())
            batch = b""
            while self.last not in batch[-2_000:]:
                data = stream.recv(1 << 18)
                assert data, "the stream ended"
                batch += data
                cut = batch.rfind(b"\n\n") + 2
                self.post(host, int(port), path, batch[:cut])
                batch = batch[max(0, cut) :] if self.last not in batch[:cut] else batch
                self.received += data

    def post(self, host, port, path, body):
        lines = [line[6:].decode() for line in body.split(b"\n") if line.startswith(b"data: ")]
        for start in range(0, len(lines), 200):
            entries = [{"message": line} for line in lines[start : start + 200]]
            connection = http.client.HTTPConnection(host, port, timeout=GUARD)
            try:
                connection.request(
                    "POST",
                    f"/{path}/api/v2/logs",
                    json.dumps(entries).encode(),
                    {"DD-API-KEY": DATADOG_KEY, "Content-Type": "application/json"},
                )
                connection.getresponse().read()
            except (ConnectionError, http.client.HTTPException):
                pass  # a lost answer: this forwarder does not care
            finally:
                connection.close()


def added_up(report):
    return report.delivered + len(report.missing) + report.filtered_out + report.forgotten


@pytest.mark.slow
def test_five_forwarders_in_sessions_of_their_own_with_faults_on_both_sides():
    events = payloads(EVENTS // CLIENTS)
    last = b'{"id":"evt_last"'
    with serve_in_thread(faults=()) as simulator:
        urls = [session_url(simulator.url, f"client-{number}") for number in range(CLIENTS)]
        remotes = [Remote(url) for url in urls]
        forwarders = [Forwarder(url, last) for url in urls]
        for remote, forwarder in zip(remotes, forwarders, strict=True):
            remote.ask("POST", "/_sim/faults", "\n".join(FAULTS).encode())
            forwarder.start()
            assert remote.wait(20, clients=1).reached
        for start in range(0, len(events), 500):
            for remote in remotes:
                remote.ask("POST", "/_sim/emit", b"\n".join(events[start : start + 500]))
        for remote in remotes:
            remote.ask("DELETE", "/_sim/faults")
            remote.ask("POST", "/_sim/emit", last + b',"type":"t"}')
        for forwarder in forwarders:
            forwarder.join(GUARD)
            assert not forwarder.is_alive()
            assert forwarder.error is None
        reports = [remote.ledger() for remote in remotes]
    for report, forwarder in zip(reports, forwarders, strict=True):
        assert report.emitted == len(events) + 1 == added_up(report)
        assert report.missing
        [stream] = report.streams
        received = Counter(ids_in(forwarder.received))
        assert stream.emitted == report.emitted == stream.sent + stream.missed
        assert stream.sent == len(received)
        assert stream.missed == report.emitted - len(received) > 0


@pytest.mark.slow
def test_five_clients_of_one_stream_each_got_what_its_account_says():
    events = payloads(EVENTS // CLIENTS)
    last = b'{"id":"evt_last","type":"t"}'
    queries = ["", "?types=token.issued,t", "?types=grant.created,grant.revoked,t", "", ""]
    with serve_in_thread() as simulator:
        simulator.faults("stream p=0.01 skip", "stream p=0.01 duplicate")
        address = simulator.url.removeprefix("http://").split(":")
        streams = []
        for number, query in enumerate(queries):
            client = socket.create_connection((address[0], int(address[1])), timeout=GUARD)
            request = f"GET /v1/events/stream{query} HTTP/1.0\r\nAuthorization: Bearer "
            client.sendall(f"{request}{GRANTEX_KEY}\r\n\r\n".encode())
            simulator.wait_clients(number + 1)
            streams.append(client)
        for start in range(0, len(events), 200):
            simulator.emit(*events[start : start + 200])
        simulator.faults()
        simulator.emit(last)
        bodies = [everything(client, last) for client in streams]
        report = simulator.ledger()
        for client in streams:
            client.close()
    assert report.emitted == len(events) + 1 == added_up(report)
    for stream, body in zip(report.streams, bodies, strict=True):
        assert stream.emitted == report.emitted
        assert stream.emitted == stream.sent + stream.filtered_out + stream.missed
        assert stream.sent == len(set(ids_in(body)))
    assert [stream.filtered_out > 0 for stream in report.streams] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert all(stream.missed for stream in report.streams)


def everything(client, last):
    body = bytearray()
    while last not in body[-2_000:]:
        data = client.recv(1 << 18)
        assert data, "the stream ended"
        body += data
    return bytes(body)
