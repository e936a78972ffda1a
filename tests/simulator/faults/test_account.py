"""The ledger's arithmetic holds for several clients at once, whatever the faults."""

from __future__ import annotations

import json
import socket
import threading

from grantex_sim.service.app import DATADOG_KEY, GRANTEX_KEY, serve_in_thread


CLIENTS, EVENTS = 5, 2_000
FAULTS = (
    "stream p=0.01 type=* skip",
    "stream p=0.01 duplicate",
    "stream p=0.01 reorder",
    "stream every=701 malformed-json",
    "stream every=3 split=50 comments=1",
    "intake p=0.2 status=503",
    "intake p=0.2 reset",
    "intake p=0.2 lost-202",
)


def payload(number: int) -> bytes:
    return b'{"id":"evt_%06d","type":"t","data":{"who":"zo\xc3\xab"}}' % number


class Forwarder(threading.Thread):
    """Reads a session's stream to its last event, and posts each event until it is accepted."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__()
        self._address = url.removeprefix("http://").split(":")
        self._name = name
        self.sent: list[str] = []

    def _connect(self) -> socket.socket:
        return socket.create_connection((self._address[0], int(self._address[1])), timeout=60)

    def run(self) -> None:
        with self._connect() as client:
            client.sendall(
                f"GET /s/{self._name}/v1/events/stream HTTP/1.0\r\n"
                f"Authorization: Bearer {GRANTEX_KEY}\r\n\r\n".encode()
            )
            data = b""
            while b"evt_%06d" % (EVENTS - 1) not in data[-20_000:]:
                data += client.recv(1 << 20)
        for line in data.split(b"\n"):
            if line.startswith(b"data: {") and line.endswith(b"}}"):
                self.sent.append(line[6:].decode())
        for start in range(0, len(self.sent), 100):
            while not self._post(self.sent[start : start + 100]):
                pass

    def _post(self, messages: list[str]) -> bool:
        body = json.dumps([{"message": message} for message in messages]).encode()
        head = (
            f"POST /s/{self._name}/api/v2/logs HTTP/1.1\r\nDD-API-KEY: {DATADOG_KEY}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        with self._connect() as client:
            try:
                client.sendall(head.encode() + body)
                return client.recv(100).startswith(b"HTTP/1.1 202 ")
            except ConnectionError:
                return False


def test_emitted_is_delivered_and_missing_for_each_client(connect):
    payloads = [payload(number) for number in range(EVENTS)]
    with serve_in_thread(payloads=payloads, faults=FAULTS, fault_seed=5) as simulator:
        forwarders = [Forwarder(simulator.url, f"client-{number}") for number in range(CLIENTS)]
        for forwarder in forwarders:
            forwarder.start()
        for forwarder in forwarders:
            forwarder.join(60)
        reader = connect(simulator)
        for number, forwarder in enumerate(forwarders):
            reader.get(f"/s/client-{number}/_sim/ledger")
            ledger = json.loads(reader.response()[1])
            whole = {json.loads(message)["id"] for message in forwarder.sent}
            every = {json.loads(one)["id"] for one in payloads}
            assert ledger["emitted"] == EVENTS == ledger["delivered"] + len(ledger["missing"])
            assert set(ledger["missing"]) == every - whole
            assert 0 < len(ledger["missing"]) < EVENTS // 10
            assert (ledger["altered"], ledger["unknown"]) == (0, 0)
            lost = [said for said in ledger["requests"] if "lost 202" in said["reason"]]
            again = sum(said["entries"] for said in lost)
            copies = len(forwarder.sent) - len(whole)
            assert ledger["duplicates"] == again + copies


STUCK = (
    "stream nth=1 dribble=1h",
    "stream nth=2 half-open after-events=10",
    "stream nth=3 delay=1h",
)


def test_a_client_that_gets_nothing_holds_up_no_other_and_costs_only_so_much_memory(connect):
    payloads = [payload(number) + b" " * 500 for number in range(EVENTS)]
    limit = len(b"".join(payloads)) // 2
    with serve_in_thread(
        payloads=payloads, faults=STUCK, clients=CLIENTS, max_waiting=limit
    ) as simulator:
        clients = [connect(simulator) for _ in range(CLIENTS)]
        for number, client in enumerate(clients, 1):
            client.get(version="1.0")
            if number < CLIENTS:
                simulator.wait_clients(number)
        for client in clients[3:]:
            body = client.until(lambda data: payloads[-1] in data).partition(b"\r\n\r\n")[2]
            assert body == b"".join(b"data: %b\n\n" % one for one in payloads)
        simulator.wait_clients(3)  # the two for whom more than the limit waited have been cut
        streams = simulator.ledger().streams
    assert [stream.cut for stream in streams] == [True, False, True, False, False]
    assert [stream.sent for stream in streams][1::2] == [10, EVENTS]
    assert all(
        stream.emitted == stream.sent + stream.missed + stream.filtered_out for stream in streams
    )
