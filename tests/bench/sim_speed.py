"""How fast the simulator is: events out to one and to five clients, log entries in, generating.

`python tests/bench/sim_speed.py [--events N]` prints one line a measurement. Server and clients
are separate processes, so that on two cores each has one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from itertools import cycle, islice
from pathlib import Path

from grantex_sim.scenario.generate import generated
from grantex_sim.service.app import DATADOG_APP_KEY, DATADOG_KEY, GRANTEX_KEY
from grantex_tui.pack import metric_text, monitor_texts


BATCH = 1_000
LINES_MARK = b"data: "


def connect(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)))


def serve(*options: str) -> tuple[subprocess.Popen[bytes], str]:
    command = [sys.executable, "-m", "grantex_sim", "serve", "--port", "0", "--json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, str(json.loads(process.stdout.readline())["url"])


def read_events(url: str, count: int, done: multiprocessing.Queue[tuple[float, float]]) -> None:
    """Read *count* events; says when the first and the last came."""
    with connect(url) as client:
        request = f"GET /v1/events/stream HTTP/1.1\r\nAuthorization: Bearer {GRANTEX_KEY}\r\n\r\n"
        client.sendall(request.encode())
        seen, first, rest = 0, 0.0, b""
        while seen < count:
            data = rest + client.recv(1 << 20)
            first = first or time.monotonic()
            seen += data.count(LINES_MARK)
            rest = data[-5:]  # a mark may be cut
        done.put((first, time.monotonic()))


def events_out(path: Path, count: int, clients: int) -> float:
    """Events a second, over all clients together."""
    process, url = serve("--replay", str(path), "--speed", "0", "--clients", str(clients))
    done: multiprocessing.Queue[tuple[float, float]] = multiprocessing.Queue()
    readers = [
        multiprocessing.Process(target=read_events, args=(url, count, done)) for _ in range(clients)
    ]
    for reader in readers:
        reader.start()
    times = [done.get(timeout=120) for _ in readers]
    process.terminate()
    process.wait()
    return clients * count / (max(last for _, last in times) - min(first for first, _ in times))


def requests_of(payloads: list[bytes]) -> list[bytes]:
    """The intake requests that deliver *payloads*, a thousand in each, gzip."""
    requests = []
    for start in range(0, len(payloads), BATCH):
        entries = [
            {"message": payload.decode(), "ddsource": "grantex", "service": "grantex"}
            for payload in payloads[start : start + BATCH]
        ]
        body = gzip.compress(json.dumps(entries).encode(), 1)
        head = (
            f"POST /api/v2/logs HTTP/1.1\r\nDD-API-KEY: {DATADOG_KEY}\r\n"
            f"Content-Encoding: gzip\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


def entries_in(path: Path, payloads: list[bytes]) -> float:
    """Entries a second into a ledger that knows every one of them, on two connections."""
    requests = requests_of(payloads)
    process, url = serve("--replay", str(path), "--speed", "0")
    done: multiprocessing.Queue[tuple[float, float]] = multiprocessing.Queue()
    read_events(url, len(payloads), done)
    clients = [connect(url) for _ in range(2)]
    start = time.monotonic()
    for pair in zip(requests[::2], requests[1::2], strict=True):
        for client, request in zip(clients, pair, strict=True):
            client.sendall(request)
        for client in clients:
            assert client.recv(4096).startswith(b"HTTP/1.1 202 ")
    took = time.monotonic() - start
    with urllib.request.urlopen(f"{url}/_sim/ledger") as answer:
        ledger = json.load(answer)
    assert (ledger["delivered"], ledger["altered"]) == (len(payloads), 0)
    process.terminate()
    process.wait()
    return len(payloads) / took


def entries_watched(payloads: list[bytes]) -> float:
    """Entries a second that nine posted monitors, the bundled ones, have counted."""
    requests = requests_of(payloads)
    process, url = serve("--clients", "9")
    keys = {"DD-API-KEY": DATADOG_KEY, "DD-APPLICATION-KEY": DATADOG_APP_KEY}

    def ask(path: str, body: str | None = None) -> object:
        sent = urllib.request.Request(url + path, None if body is None else body.encode(), keys)
        with urllib.request.urlopen(sent) as answer:
            return json.load(answer)

    ask("/api/v2/logs/config/metrics", metric_text())
    for _, text in islice(cycle(monitor_texts()), 9):
        ask("/api/v1/monitor", text)
    start = time.monotonic()
    with connect(url) as client:
        for request in requests:
            client.sendall(request)
            assert client.recv(4096).startswith(b"HTTP/1.1 202 ")
    ask("/_sim/notifications")  # which counts what has arrived
    took = time.monotonic() - start
    process.terminate()
    process.wait()
    return len(payloads) / took


def generating(folder: Path) -> tuple[float, float]:
    """Events a second that `generate two-weeks` writes: on the clock, and of one core's time."""
    path = folder / "two-weeks.ndjson"
    command = [sys.executable, "-m", "grantex_sim", "generate", "two-weeks", "-o", str(path)]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([*command, "--quiet"], check=True)
    took, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with path.open("rb") as lines:
        count = sum(1 for _ in lines)
    return count / took, count / cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    count = parser.parse_args().events
    payloads = [event.payload for event in islice(generated(rate=0, seed=7, start=0.0)(0.0), count)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.ndjson"
        path.write_bytes(b"\n".join(payloads))
        print(f"events out, 1 client    {events_out(path, count, 1):>10,.0f} /s")
        fifth = count // 5
        print(f"events out, 5 clients   {events_out(path, fifth, 5):>10,.0f} /s in all")
        print(f"entries in, gzip        {entries_in(path, payloads):>10,.0f} /s")
        print(f"  with nine monitors    {entries_watched(payloads):>10,.0f} /s")
        wall, cpu = generating(Path(folder))
        print(f"generate two-weeks      {wall:>10,.0f} /s, {cpu:,.0f} a second of CPU time")


if __name__ == "__main__":
    main()
