"""Each word of the account: a real client makes exactly that happen, and nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grantex_sim.service.app import DATADOG_KEY, serve_in_thread


DOCS = Path(__file__).parents[3] / "docs"
IDLE = {
    "emitted": 0, "delivered": 0, "duplicates": 0, "missingCount": 0, "refused": 0,
    "refusedEntries": 0, "altered": 0, "truncated": 0, "unknown": 0, "emittedAgain": 0,
    "unidentified": 0, "forgotten": 0, "filteredOut": 0, "unheard": 0, "late": 0, "reordered": 0,
}  # fmt: skip


class Client:
    """What a test does from outside: over sockets alone."""

    def __init__(self, connect, simulator):
        self.connect = lambda: connect(simulator)
        self.control = connect(simulator)
        self.streams = []

    def ask(self, method, target, body=b"", **headers):
        sent = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {target} HTTP/1.1\r\ncontent-length: {len(body)}\r\n{sent}\r\n"
        self.control.send(head.encode() + body)
        return self.control.response()

    def listen(self, types=""):
        stream = self.connect()
        stream.get("/v1/events/stream" + (f"?types={types}" if types else ""))
        self.streams.append(stream)
        self.ask("GET", f"/_sim/wait?clients={len(self.streams)}")

    def emit(self, *numbers, kind="t"):
        lines = [self.text(number, kind) for number in numbers]
        self.ask("POST", "/_sim/emit", "\n".join(lines).encode())

    def text(self, number, kind="t"):
        return f'{{"id":"evt_{number}","type":"{kind}","data":{{"n":"é"}}}}'

    def post(self, *messages, status=202):
        body = json.dumps([{"message": message} for message in messages]).encode()
        head, _ = self.ask("POST", "/api/v2/logs", body, dd_api_key=DATADOG_KEY)
        assert head.startswith(f"HTTP/1.1 {status} ".encode())

    def deliver(self, *numbers, **more):
        self.post(*map(self.text, numbers), **more)

    def clock(self, **move):
        self.ask("POST", "/_sim/clock", json.dumps(move).encode())

    def account(self):
        return json.loads(self.ask("GET", "/_sim/ledger")[1])


def deliver_after_refusals(client):
    client.emit(1)
    client.ask("POST", "/_sim/faults", b"intake first=2 status=503")
    client.deliver(1, status=503)
    client.deliver(1, status=503)
    client.deliver(1)


def deliver_late(client):
    client.clock(virtual=True)
    client.emit(1, 2)
    client.clock(advance=60)
    client.deliver(1)
    client.clock(advance=1)
    client.deliver(2)


def alter(client):
    client.emit(1, 2, 3)
    as_python_writes = json.dumps(json.loads(client.text(1)))
    client.post(as_python_writes, client.text(2) + "\n", client.text(3))


def cut(client):
    text = client.text(1).replace("é", "x" * 1_000_001)
    client.ask("POST", "/_sim/emit", text.encode())
    client.post(text)


def emit_again(client):
    client.emit(1, 1)
    client.deliver(1)
    client.emit(1)


def filter_out(client):
    client.listen("a,b")
    client.emit(1, kind="a")
    client.emit(2, 3, kind="c")


def go_unheard(client):
    client.emit(1)
    client.listen()
    client.emit(2)


def arrive_reordered(client):
    client.emit(1, 2, 3, 4)
    client.deliver(2)
    client.deliver(4, 1, 3)


def come_again_in_one_request_and_another(client):
    client.emit(1)
    client.deliver(1, 1)
    client.deliver(1)


@pytest.mark.parametrize(
    ("happens", "changes", "ids"),
    [
        (lambda client: client.emit(1, 2), {"emitted": 2, "missingCount": 2}, {"missing": [1, 2]}),
        (
            deliver_after_refusals,
            {"emitted": 1, "delivered": 1, "refused": 2, "refusedEntries": 2},
            {"missing": []},
        ),
        (
            come_again_in_one_request_and_another,
            {"emitted": 1, "delivered": 1, "duplicates": 2},
            {"duplicateIds": [1, 1]},
        ),
        (alter, {"emitted": 3, "delivered": 3, "altered": 2}, {"alteredIds": [1, 2]}),
        (deliver_late, {"emitted": 2, "delivered": 2, "late": 1}, {"lateIds": [2]}),
        (
            arrive_reordered,
            {"emitted": 4, "delivered": 4, "reordered": 2},
            {"reorderedIds": [1, 3]},
        ),
        (cut, {"emitted": 1, "delivered": 1, "truncated": 1}, {}),
        (lambda client: client.post("hello", client.text(9)), {"unknown": 2}, {}),
        (emit_again, {"emitted": 1, "emittedAgain": 2, "delivered": 1}, {}),
        (
            lambda client: client.ask("POST", "/_sim/emit", b'hello\n{"type":"x","id":7}'),
            {"unidentified": 2},
            {},
        ),
        (filter_out, {"emitted": 3, "filteredOut": 2, "missingCount": 1}, {"missing": [1]}),
        (go_unheard, {"emitted": 2, "missingCount": 2, "unheard": 1}, {"missing": [1, 2]}),
        (
            lambda client: client.ask("POST", "/api/v2/logs", b"[{}, {}]", dd_api_key="wrong"),
            {"refused": 1},
            {},
        ),
    ],
)  # fmt: skip
def test_a_word_of_the_account_is_what_happened(connect, happens, changes, ids):
    with serve_in_thread() as simulator:
        client = Client(connect, simulator)
        happens(client)
        account = client.account()
    unheard = (
        {} if "unheard" in changes or "filteredOut" in changes else {"unheard": account["emitted"]}
    )
    assert {name: account[name] for name in IDLE} == {**IDLE, **unheard, **changes}
    for name, numbers in ids.items():
        assert account[name] == [f"evt_{number}" for number in numbers]


def test_every_word_of_the_account_is_documented(connect):
    pages = "".join((DOCS / name).read_text("utf-8") for name in ("simulator.md", "testing.md"))
    with serve_in_thread() as simulator:
        account = Client(connect, simulator).account()
    assert [name for name in account if f"`{name}`" not in pages] == []
