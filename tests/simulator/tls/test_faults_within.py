"""Faults within TLS and through the proxy: a sample; `make wire` runs all wire tests by each way."""

from __future__ import annotations

import json

import pytest

from grantex_sim.service.app import DATADOG_KEY, serve_in_thread


EVENT = b'{"id":"evt_1","type":"grant.created","data":{}}'
BODY = json.dumps([{"message": EVENT.decode()}]).encode()


@pytest.fixture(scope="module")
def simulator():
    with serve_in_thread(tls=True) as simulator:
        yield simulator


@pytest.fixture(params=["tls", "proxy+tls"])
def way(request):
    return request.param


@pytest.mark.parametrize(
    ("fault", "begins", "end"),
    [
        ("intake reset=before", b"", "reset"),
        ("intake lost-202", b"", "reset"),
        ("intake reset-after-bytes=12", b"HTTP/1.1 202", "reset"),
        ("intake bad-chunk", b"HTTP/1.1 202 Accepted", "FIN"),
    ],
)
def test_an_answer_is_spoiled_as_without(simulator, connect, how_it_ends, fault, begins, end):
    simulator.faults(fault)
    client = connect(simulator)
    client.post("/api/v2/logs", BODY, DD_API_KEY=DATADOG_KEY)
    assert how_it_ends(client) == end
    assert client.received.startswith(begins)
    assert client.received == begins or fault == "intake bad-chunk"


def test_a_dribble_is_a_byte_at_a_time(simulator, connect):
    simulator.faults("intake dribble=0.01ms")
    client = connect(simulator)
    client.post("/api/v2/logs", BODY, DD_API_KEY=DATADOG_KEY)
    head, body = client.response()
    assert (head.split()[1], body) == (b"202", b"{}")
