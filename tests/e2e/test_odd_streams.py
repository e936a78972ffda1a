from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from grantex_sim.service.app import serve_in_thread


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


def payload(number: int, principal: str = "user_1") -> str:
    return (
        f'{{"id":"evt_{number}","type":"grant.created",'
        f'"createdAt":"2026-11-24T02:55:33.261Z","data":{{"principalId":"{principal}"}}}}'
    )


def event(number: int) -> bytes:
    return f"data: {payload(number)}\n\n".encode()


def _asked(server: socket.socket) -> tuple[socket.socket, bytes]:
    """The next connection, and what it asks for."""
    client, _ = server.accept()
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    return client, head


@contextmanager
def origin(*bodies: bytes) -> Iterator[str]:
    """A server that gives its connections these bodies in turn, and keeps the last one open."""
    server = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def serve() -> None:
        for number, body in enumerate(bodies):
            try:
                client, head = _asked(server)
                while b" /v1/me " in head:
                    client.sendall(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n")
                    client.close()
                    client, head = _asked(server)
            except OSError:
                return
            held.append(client)
            client.sendall(HEAD + body)
            if number < len(bodies) - 1:
                client.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.close()
        thread.join(10)
        for client in held:
            client.close()


def watch(url: str, intake, journal, *options: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "grantex_tui", "watch", "--headless", "--json", "--no-monitors",
         "--url", url, "--intake-url", intake.url, "--journal", str(journal), "--paths", "sse",
         *options],
        env={**os.environ, "GRANTEX_API_KEY": "gx-0123456789abcdef", "DD_API_KEY": intake.datadog_key},
        capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    summary: dict = json.loads(done.stdout.splitlines()[-1])["summary"]
    return summary


CUTS = {
    "clean": event(1) + event(2),
    "within an event": event(1) + event(2) + event(9)[:40],
    "within a character": event(1) + event(2) + b'data: {"id":"\xf0\x9f',
}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_stream_loses_nothing_that_came_whole_and_names_the_gap(tmp_path, name):
    with origin(CUTS[name], event(3)) as url, serve_in_thread(payloads=[]) as intake:
        summary = watch(url, intake, tmp_path, "--events", "3")
        ledger = intake.ledger()
    first, gap = summary["gaps"]
    assert first["reason"] == "not connected yet"
    assert ("within an event" in gap["reason"]) == name.startswith("within")
    assert gap["from"] <= gap["to"]
    assert (summary["received"], summary["delivered"], summary["malformed"]) == (3, 3, 0)
    assert sum(request.entries for request in ledger.requests if request.status == 202) == 3


STREAMS = {
    "LF": "".join(f"data: {payload(n)}\n\n" for n in range(3)),
    "CRLF": "".join(f"data: {payload(n)}\r\n\r\n" for n in range(3)),
    "CR": "".join(f"data: {payload(n)}\r\r" for n in range(3)),
    "no blank": "".join(f"data:{payload(n)}\n\n" for n in range(3)),
    "byte order mark": "\ufeff" + "".join(f"data: {payload(n)}\n\n" for n in range(3)),
    "several lines": "".join(
        "data: " + payload(n).replace(',"type"', ',\ndata: "type"') + "\n\n" for n in range(3)
    ),
    "other fields": "".join(
        f"id: {n}\nevent: message\nretry: 5\n: hello\ndata: {payload(n)}\n\n" for n in range(3)
    ),
    "malformed between": "data: oops\n\n".join(f"data: {payload(n)}\n\n" for n in range(3)),
}


@pytest.mark.parametrize("name", STREAMS)
def test_every_lawful_form_of_a_stream_is_delivered(tmp_path, name):
    with origin(STREAMS[name].encode()) as url, serve_in_thread(payloads=[]) as intake:
        summary = watch(url, intake, tmp_path, "--events", "3")
    assert (summary["received"], summary["delivered"], len(summary["gaps"])) == (3, 3, 1)
    assert summary["malformed"] == (2 if name.startswith("malformed") else 0)


def test_an_intake_that_is_down_at_the_start_gets_everything_once_it_is_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with origin(event(1) + event(2)) as url:
        command = [
            sys.executable, "-m", "grantex_tui", "watch", "--headless", "--json", "--no-monitors",
            "--url", url, "--intake-url", f"http://127.0.0.1:{port}", "--journal", str(tmp_path),
            "--batch-size", "1", "--paths", "sse",
        ]  # fmt: skip
        env = {
            **os.environ,
            "GRANTEX_API_KEY": "gx-0123456789abcdef",
            "DD_API_KEY": "0" * 28 + "051e",
        }
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)]
        with serve_in_thread(payloads=[], port=port, datadog_key=env["DD_API_KEY"]):
            process.terminate()
            out, _ = process.communicate(timeout=30)
    summary = json.loads(out.splitlines()[-1])["summary"]
    assert (summary["delivered"], summary["pending"]) == (2, 0)
