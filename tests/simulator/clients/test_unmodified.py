"""Programs that know nothing but a site and keys, as they are, through `grantex-sim run`.

Each retries what was not taken, so everything arrives. The suite sends a few hundred events by each;
`make clients` ten thousand, through Java and the packages from npm as well.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from grantex_sim.commands.main import main


HERE = Path(__file__).parent / "programs"
EVENTS = int(os.environ.get("CLIENT_EVENTS", "200"))
IN_FULL = "CLIENT_EVENTS" in os.environ
PACKAGES = Path(os.environ.get("CLIENT_PACKAGES", "/nowhere"))
"""Where npm's packages were installed."""
PYTHON = sys.executable

CLIENTS = {
    "Node fetch": ("node", "node_fetch.mjs"),
    "Node https": ("node", "node_https.cjs"),
    "Python requests": (PYTHON, "by_requests.py"),
    "Python aiohttp": (PYTHON, "by_aiohttp.py"),
    "Python urllib": (PYTHON, "by_urllib.py"),
    "Python datadog-api-client": (PYTHON, "by_datadog_client.py"),
}


def ran(capfd, *words, events=EVENTS, options=()):
    code = main(["run", "--rate", "0", "--events", str(events), "--json", *options, "--", *words])
    out = capfd.readouterr()
    return code, json.loads(out.out.splitlines()[-1]), out.err


@pytest.mark.parametrize("client", CLIENTS)
def test_everything_arrives(client, capfd):
    program, script = CLIENTS[client]
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here")
    code, said, err = ran(capfd, program, str(HERE / script))
    ledger = said["ledger"]
    assert (code, ledger["delivered"], ledger["duplicates"]) == (0, EVENTS, 0), err
    assert said["refusedHosts"] == {}
    assert said["tlsFailures"] == 0


def test_everything_arrives_by_curl(capfd):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    events = min(EVENTS, 500) if IN_FULL else 3  # a process for each
    code, said, err = ran(capfd, "sh", str(HERE / "by_curl.sh"), events=events)
    assert (code, said["ledger"]["delivered"]) == (0, events), err


@pytest.mark.skipif(not IN_FULL, reason="Java compiles it for seconds: make clients")
def test_everything_arrives_by_java(capfd):
    if shutil.which("javac") is None:
        pytest.skip("there is no JDK here")
    code, said, err = ran(capfd, "java", str(HERE / "Forwarder.java"))
    assert (code, said["ledger"]["delivered"]) == (0, EVENTS), err


@pytest.mark.skipif(not PACKAGES.is_dir(), reason="npm's packages aren't installed: make clients")
@pytest.mark.parametrize("script", ["npm_winston.cjs", "npm_pino.cjs", "npm_datadog_client.cjs"])
def test_everything_arrives_by_the_packages_from_npm(script, capfd, monkeypatch):
    """None of them tries again, and nothing is refused here."""
    monkeypatch.setenv("NODE_PATH", str(PACKAGES))
    code, said, err = ran(capfd, "node", str(HERE / script))
    assert (code, said["ledger"]["delivered"]) == (0, EVENTS), err


def test_faults_work_there_too_and_what_they_do_is_told(capfd):
    faults = ("--fault", "intake nth=1 lost-202", "--fault", "intake nth=3 503")
    options = (*faults, "--settle", "1s")
    code, said, _ = ran(capfd, PYTHON, str(HERE / "by_aiohttp.py"), events=60, options=options)
    assert code == 1
    assert said["ledger"]["delivered"] == 60
    assert said["ledger"]["duplicates"] > 0
    assert [each["what"].partition(", ")[2] for each in said["broken"]] == ["0 allowed"]
    allowed = (*options, "--max-duplicates", "60")
    code, _, _ = ran(capfd, PYTHON, str(HERE / "by_aiohttp.py"), events=60, options=allowed)
    assert code == 0


def test_what_a_forwarder_loses_is_told_and_fails(capfd):
    curl = ("curl", "-sN", "-H", "Authorization: Bearer grantex-sim-api-key")
    words = (*curl, "-o", "/dev/null", "https://api.grantex.dev/v1/events/stream")
    code = main(["run", "--rate", "0", "--events", "5", "--settle", "200ms", "--", *words])
    err = capfd.readouterr().err
    assert code == 1
    assert "✗ 5 events lost, 0 allowed: evt_" in err
    assert "the intake has answered no request" in err


def test_a_command_that_fails_and_one_that_hears_nothing_are_told(capfd):
    assert main(["run", "--events", "5", "--", "sh", "-c", "exit 7"]) == 1
    err = capfd.readouterr().err
    assert "the command ended with 7" in err
    assert "nothing was emitted, which proves nothing" in err
    assert main(["run", "--events", "5", "--connect-within", "50ms", "--", "sleep", "60"]) == 1
    assert "did not open the stream within 0.05 s" in capfd.readouterr().err


def test_another_host_is_refused_and_told(capfd):
    assert main(["run", "--events", "5", "--", "curl", "-s", "https://example.com/"]) == 1
    assert "example.com was asked for 1 × and refused" in capfd.readouterr().err


def test_without_a_command_or_with_none_that_there_is_it_says_so(capfd):
    assert main(["run", "--events", "5"]) == 2
    assert main(["run", "--events", "5", "--"]) == 2
    assert main(["run", "--events", "5", "--", "/nowhere/x"]) == 2
    err = capfd.readouterr().err
    assert err.count("there is no command to run") == 2
    assert "'/nowhere/x' can't be started: No such file or directory" in err
