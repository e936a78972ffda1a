from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from grantex_sim.commands.main import build_parser, main
from grantex_sim.commands.options import options_from
from grantex_sim.commands.serve import exposed
from grantex_sim.service.app import DATADOG_KEY, GRANTEX_KEY, Simulator


EVENT = b'{"id":"evt_%d","type":"t","createdAt":"2026-01-05T09:00:0%d.000Z","data":{}}'


@pytest.fixture
def start():
    """Starts `grantex-sim serve` and gives the process and what it said once it was ready."""
    processes = []

    def started(*options):
        process = subprocess.Popen(
            [sys.executable, "-m", "grantex_sim", "serve", "--port", "0", "--json", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        processes.append(process)
        line = process.stdout.readline() if process.stdout else b""
        assert line, process.communicate()
        return process, SimpleNamespace(**json.loads(line))

    yield started
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join(EVENT % (number, number) for number in range(5)))
    return str(path)


def options(*arguments):
    return options_from(build_parser().parse_args(["serve", *arguments]))


def events(*arguments):
    source = options(*arguments).source
    assert source is not None
    return list(source(0.0))


def test_the_ready_line_is_json_and_says_all_that_a_client_needs(start):
    _, ready = start()
    assert vars(ready).keys() == {"url", "grantexApiKey", "datadogApiKey", "datadogAppKey"}
    assert (ready.grantexApiKey, ready.datadogApiKey) == (GRANTEX_KEY, DATADOG_KEY)


def test_it_accepts_connections_once_it_is_ready(start, connect):
    _, ready = start()
    client = connect(ready)
    client.get("/_sim/ledger")
    assert json.loads(client.response()[1])["emitted"] == 0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_cleanly_with_streams_and_requests_open(start, connect, sent, code):
    process, ready = start("--rate", "1000", "--intake-delay", "60")
    stream, waiting, posting = connect(ready), connect(ready), connect(ready)
    stream.get()
    stream.until_events(3)
    waiting.get("/_sim/wait?delivered=1&timeout=600")
    posting.post("/api/v2/logs", b"{}", DD_API_KEY=ready.datadogApiKey)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, b"")
    account = json.loads(out)
    assert account["emitted"] >= 3
    assert (account["delivered"], account["duplicates"]) == (0, 0)


def test_a_capture_is_replayed_through_the_command_line(start, connect, fixtures, captured):
    _, ready = start("--replay", str(fixtures / "grantex-sse-raw.txt"), "--speed", "0")
    client = connect(ready)
    client.get()
    served = client.until_events(354)
    assert [part.split(b"\n\n")[0] for part in served.split(b"data: ")[1:]] == captured


def test_keys_may_be_chosen(start, connect):
    _, ready = start("--grantex-key", "a-key-of-my-own-choice", "--datadog-key", "dd")
    client = connect(ready)
    client.get(authorization="Bearer another-key-altogether")
    assert client.response()[0].startswith(b"HTTP/1.1 401 ")
    assert (ready.grantexApiKey, ready.datadogApiKey) == ("a-key-of-my-own-choice", "dd")


def test_a_file_that_breaks_in_the_middle_ends_it_with_the_reason(start, connect, tmp_path):
    path = tmp_path / "capture.txt"
    good = b"data: " + EVENT % (1, 1) + b"\n\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    path.write_bytes(head + b"%x\r\n%b\r\n" % (len(good), good) + b"broken\r\n")
    process, ready = start("--replay", str(path), "--speed", "0")
    connect(ready).get()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert b"capture.txt" in err
    assert b"Traceback" not in err


def serve_in_a_pipe(*options):
    return subprocess.Popen(
        [sys.executable, "-m", "grantex_sim", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_without_json_it_says_what_to_export_and_at_the_end_what_it_came_to():
    process = serve_in_a_pipe()
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("export GRANTEX_URL=http://127.0.0.1:")
    assert f"GRANTEX_API_KEY={GRANTEX_KEY} DD_API_KEY={DATADOG_KEY}" in line
    assert "grantex-tui watch --intake-url" in process.stdout.readline()
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert err == "0 events emitted, 0 delivered, 0 missing, 0 duplicates\n"


def test_quiet_says_nothing(unused_tcp_port):
    process = serve_in_a_pipe("--quiet", "--port", str(unused_tcp_port))
    deadline = 200
    while deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", unused_tcp_port)):
            break
        assert process.poll() is None
        deadline -= 1
        select.select([], [], [], 0.05)  # nothing to wait for but the port itself
    process.terminate()
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


def test_the_defaults_are_a_lively_stream_in_real_time():
    chosen = options()
    assert (chosen.host, chosen.port, chosen.speed) == ("127.0.0.1", 8787, 1.0)
    assert chosen.source is not None
    source = chosen.source(0.0)
    assert [next(source).at for _ in range(201)][-1] == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(
    ("arguments", "speed"),
    [
        ((), 1.0),
        (("--rate", "0"), 0.0),
        (("--rate", "0", "--speed", "2"), 2.0),
        (("--speed", "0"), 0),
    ],
)
def test_speed(arguments, speed):
    assert options(*arguments).speed == speed


def test_events_and_duration_end_the_source(recording):
    assert len(events("--rate", "10", "--events", "7")) == 7
    assert options("--events", "0").source is None
    assert len(events("--rate", "10", "--duration", "2")) == 20
    assert len(events("--replay", recording)) == 5
    assert len(events("--replay", recording, "--events", "2")) == 2
    assert len(events("--replay", recording, "--duration", "3")) == 3
    assert len(events("--replay", recording, "--loop", "--events", "12")) == 12


def test_start_and_seed_fix_the_bytes():
    arguments = ("--start", "2026-01-05T09:00:00Z", "--seed", "3", "--events", "50")
    assert events(*arguments) == events(*arguments)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--replay", "/nowhere/x"), 3, "/nowhere/x: can't be read"),
        (("--replay", "f", "--rate", "5"), 2, "--rate is for generated events"),
        (("--loop",), 2, "--loop needs a file"),
        (("--start", "today"), 2, "--start 'today' is no instant"),
        (("--start", "9999-12-31T00:00:00Z"), 2, "Begin between 1970 and 2096."),
        (("--intake-status", "abc"), 2, "'abc' is not a step"),
        (("--grantex-key", "short"), 2, "a Grantex key of 5 characters"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(capsys, arguments, code, said):
    assert main(["serve", "--port", "0", *arguments]) == code
    assert said in capsys.readouterr().err


def test_a_taken_port_is_said(start, capsys):
    _, ready = start()
    assert main(["serve", "--port", ready.url.rsplit(":", 1)[1]]) == 2
    said = capsys.readouterr().err
    assert re.search(r"can't listen on 127.0.0.1 port \d+: address already in use\n", said)
    assert "--port" in said


def test_an_address_that_is_not_here_is_not_blamed_on_the_port(capsys):
    # 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
    assert main(["serve", "--host", "192.0.2.1", "--port", "0"]) == 2
    assert "Choose another --host" in capsys.readouterr().err


def test_the_plans_limit_is_the_largest_unless_another_is_given():
    assert options().plan_limit == 2000
    assert options("--plan-limit", "100").plan_limit == 100


@pytest.mark.parametrize(
    "arguments",
    [
        ("--plan-limit", "0"),
        ("--port", "70000"),
        ("--port", "x"),
        ("--rate", "-1"),
        ("--speed", "inf"),
        ("--events", "-1"),
        ("--rate", "nan"),
        ("--rate", "fast"),
        ("--seed", "9" * 5000),
        ("--duration", "100000d"),
        ("--duration", "1e999"),
    ],
)
def test_numbers_out_of_range_are_usage_errors(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["serve", *arguments])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"argument {arguments[0]}: {arguments[1]!r} is n" in said


def test_without_a_command_it_shows_the_help(capsys):
    assert main([]) == 2
    assert "serve" in capsys.readouterr().out


def test_help_imports_nothing_heavy():
    probe = (
        "import sys; from grantex_sim.commands.main import build_parser; build_parser().format_help();"
        "print(sorted({'asyncio','faker','msgspec','zstandard','httpx','textual'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_reader_that_goes_away_is_no_error():
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "grantex_sim", "serve", "--port", "0"],
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("show", "quiet"),
        ("check", "--schema"),
        ("generate", "quiet", "-o", "-"),
        ("serve", "--port", "0"),
    ],
    ids=lambda each: each[0],
)
def test_a_full_disk_behind_stdout_is_said_in_a_sentence(arguments):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "grantex_sim", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert b"can't write to stdout: No space left on device\n" in done.stderr
    assert b"Traceback" not in done.stderr


def test_closed_outputs_are_no_error():
    closed = 'exec "$@" >&- 2>&-'
    arguments = (sys.executable, "-m", "grantex_sim", "list")
    done = subprocess.run(["/bin/sh", "-c", closed, "sh", *arguments], timeout=60, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("option", ["--grantex-key", "--datadog-key", "--datadog-app-key"])
@pytest.mark.parametrize("key", ["", " " * 20, "k" * 20 + "\n", "kéy" * 10, "two words of a key"])
def test_a_key_that_no_client_could_send_is_refused(option, key, capsys):
    assert main(["serve", "--port", "0", option, key]) == 2
    assert key not in capsys.readouterr().err or not key.strip()


@pytest.mark.parametrize("host", ["", " ", "127.0.0.1 ", "http://127.0.0.1"])
def test_a_host_that_is_no_address_is_refused(host, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["serve", "--port", "0", "--host", host])
    assert "is no address such as 127.0.0.1" in capsys.readouterr().err


def has_ipv6():
    with socket.socket(socket.AF_INET6) as probe:
        return probe.connect_ex(("::1", 9)) != errno.EADDRNOTAVAIL


@pytest.mark.parametrize(
    ("host", "shown"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("[::1]", "[::1]"), ("127.0.0.9", "127.0.0.9")],
)
async def test_the_url_is_one_that_can_be_used(host, shown):
    if ":" in host and not has_ipv6():
        pytest.skip("there is no IPv6 here")
    async with Simulator(options("--port", "0", "--host", host)) as simulator:
        assert simulator.url == f"http://{shown}:{simulator.port}"
        parts = urlsplit(simulator.url)
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("host", "is_warned"),
    [("127.0.0.1", False), ("127.9.9.9", False), ("::1", False), ("localhost", False),
     ("0.0.0.0", True), ("::", True), ("192.0.2.1", True), ("fe80::1%eth0", True)],
)  # fmt: skip
def test_who_lets_others_in_is_warned(host, is_warned):
    warning = exposed(host)
    assert bool(warning) is is_warned
    assert (host in warning) is is_warned
