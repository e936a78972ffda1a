"""Chance is seeded: one number repeats a run, and it is told when nobody chose it."""

from __future__ import annotations

import json
import re

import pytest

from grantex_sim.commands.main import build_parser
from grantex_sim.commands.options import options_from
from grantex_sim.service.app import DATADOG_KEY, serve_in_thread


CHANCE = "intake p=0.5 status=503"


def fault_seed(*arguments: str) -> int | None:
    return options_from(build_parser().parse_args(["serve", *arguments])).fault_seed


@pytest.mark.parametrize(
    ("arguments", "seed"),
    [
        ((), 1),
        (("--seed", "5"), 5),
        (("dirty-network",), 10),
        (("dirty-network", "--seed", "8"), 8),
        (("dirty-network", "--fault-seed", "7"), 7),
        (("--seed", "5", "--fault-seed", "0"), 0),
    ],
)
def test_the_seed_of_events_is_that_of_faults_unless_these_have_their_own(arguments, seed):
    assert fault_seed(*arguments) == seed


def test_a_random_one_is_told(capsys):
    seed = fault_seed("--fault-seed", "random")
    assert capsys.readouterr().err == f"repeat the faults with --fault-seed {seed}\n"
    fault_seed("--fault-seed", "random", "--quiet")
    assert capsys.readouterr().err == ""


def test_what_is_no_seed_is_a_usage_error(capsys):
    with pytest.raises(SystemExit):
        fault_seed("--fault-seed", "dice")
    assert "not a whole number from 0 up, or random" in capsys.readouterr().err


def pattern(client, prefix: str = "", count: int = 24) -> str:
    """Which requests are refused."""
    found = ""
    for _ in range(count):
        client.post(f"{prefix}/api/v2/logs", b"{}", DD_API_KEY=DATADOG_KEY)
        found += "x" if client.response()[0].startswith(b"HTTP/1.1 503") else "."
    return found


def test_the_same_seed_repeats_the_same_faults_in_each_session_and_after_a_reset(connect):
    patterns = {}
    for seed in (1, 2):
        with serve_in_thread(faults=(CHANCE,), fault_seed=seed) as simulator:
            client = connect(simulator)
            patterns[seed] = pattern(client)
            assert pattern(client) != patterns[seed], "the dice go on"
            assert pattern(client, "/s/one") == pattern(client, "/s/two") == patterns[seed]
            simulator.reset()
            assert pattern(client) == patterns[seed]
    assert patterns[1] != patterns[2]
    assert all(re.search(r"x.*\..*x|\..*x.*\.", found) for found in patterns.values())


SCENARIO = {"text": f"duration: 1m\nphases: [{{rate: 1}}]\nfaults: [{CHANCE}]\n"}


@pytest.mark.parametrize(("told", "as_if"), [(None, 3), (9, 9)])
def test_a_posted_scenario_brings_its_faults_and_its_seed(connect, told, as_if):
    with serve_in_thread(faults=(CHANCE,), fault_seed=as_if) as simulator:
        expected = pattern(connect(simulator))
    with serve_in_thread(fault_seed=told) as simulator:
        client = connect(simulator)
        client.post("/_sim/scenario", json.dumps({**SCENARIO, "seed": 3}).encode())
        assert client.response()[0].startswith(b"HTTP/1.1 200 ")
        assert pattern(client) == expected


def test_each_bundled_scenarios_faults_are_put_in_force(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        for name, count in (("dirty-network", 14), ("everything", 2)):
            client.post("/_sim/scenario", json.dumps({"name": name}).encode())
            assert client.response()[0].startswith(b"HTTP/1.1 200 ")
            client.get("/_sim/faults")
            assert len(json.loads(client.response()[1])["faults"]) == count
