"""`grantex-tui demo` as a process: what it counts, and that its simulator ends with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest


pytestmark = pytest.mark.slow
DEMO = [sys.executable, "-m", "grantex_tui", "demo", "--headless", "--json"]


@pytest.fixture
def start():
    """Starts a demo; ends what a failed test has left."""
    started = []

    def start(*options):
        process = subprocess.Popen(
            [*DEMO, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate()


def children_of(process):
    """The ids of the processes that *process* has started."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = (map(int, line.split()) for line in listed.stdout.splitlines())
    return [child for child, parent in pairs if parent == process.pid]


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def summary_of(lines):
    return json.loads(lines[-1])["summary"]


def test_it_delivers_every_event_that_it_received_and_ends_with_0(start):
    # A full batch and a part of one, at 20 events a second.
    demo = start("--events", "70")
    output, said = demo.communicate(timeout=120)
    lines = output.splitlines()
    summary = summary_of(lines)
    assert demo.returncode == 0, said
    assert summary["received"] == summary["delivered"] == 70
    assert (summary["pending"], summary["deadLettered"], summary["dropped"]) == (0, 0, 0)
    assert sum(summary["byType"].values()) == 70
    assert len({json.loads(line)["id"] for line in lines[:-1]}) == 70


def test_its_simulator_ends_with_it(start):
    demo = start("--rate", "200", "--events", "50")
    assert demo.stdout.readline()
    (simulator,) = children_of(demo)
    demo.communicate(timeout=120)
    assert not is_there(simulator)


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)], ids=["INT", "TERM"]
)
def test_a_signal_ends_both_after_delivering_what_was_there(start, number, exit_code):
    demo = start("--rate", "200")
    first = demo.stdout.readline()
    (simulator,) = children_of(demo)
    demo.send_signal(number)
    rest, said = demo.communicate(timeout=120)
    assert demo.returncode == exit_code, said
    summary = summary_of([first, *rest.splitlines()])
    assert summary["received"] == summary["delivered"] > 0
    assert summary["pending"] == 0
    assert not is_there(simulator)


def test_a_demo_that_is_killed_leaves_no_simulator_behind(start):
    demo = start("--rate", "200")
    demo.stdout.readline()
    (simulator,) = children_of(demo)
    demo.kill()
    demo.communicate(timeout=120)
    deadline = time.monotonic() + 60
    while is_there(simulator) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_there(simulator)


def test_a_scenario_is_shown_with_its_own_rates(start):
    demo = start("--scenario", "revocation-storm", "--events", "20")
    output, said = demo.communicate(timeout=120)
    assert demo.returncode == 0, said
    assert summary_of(output.splitlines())["delivered"] == 20


@pytest.mark.parametrize(
    ("options", "exit_code", "says"),
    [
        (("--scenario", "no-such"), 1, "there is no scenario 'no-such'"),
        (("--scenario", "quiet", "--rate", "3"), 2, "has rates of its own"),
    ],
    ids=["unknown", "with a rate"],
)
def test_a_scenario_that_cannot_be_is_said_in_one_line(start, options, exit_code, says):
    demo = start(*options)
    _, said = demo.communicate(timeout=120)
    assert demo.returncode == exit_code
    assert says in said
    assert "Traceback" not in said
