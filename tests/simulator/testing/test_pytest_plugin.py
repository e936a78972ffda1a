from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from grantex_sim.service.app import serve_in_thread


pytest_plugins = ["pytester"]

# An inner run takes out of `sys.modules` what it was the first to import. What is imported again
# afterwards is not the same: PyYAML's C part goes on making nodes of the old classes.
for name in ("yaml", "grantex_tui.datadog.yaml_document", "grantex_sim.scenario.bundled"):
    importlib.import_module(name)

PLUGIN = ("-p", "no:randomly", "-p", "no:asyncio", "-W", "error")
DELIVER = """
import json, urllib.request

EVENT = b'{"id":"evt_1","type":"t","createdAt":"2026-01-05T09:00:00.000Z","data":{"a":1}}'

def deliver(sim, *messages):
    body = json.dumps([{"message": message.decode()} for message in messages]).encode()
    headers = {"DD-API-KEY": sim.datadog_key, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{sim.url}/api/v2/logs", body, headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 202
"""


@pytest.fixture
def run(pytester):
    def ran(test, *options):
        pytester.makepyfile(DELIVER + test)
        return pytester.runpytest_inprocess(*PLUGIN, *options)

    return ran


def test_an_event_emitted_and_delivered_is_in_the_ledger_and_in_the_logs(run):
    result = run(
        """
        def test(grantex_sim):
            assert grantex_sim.emit(EVENT) == ["evt_1"]
            deliver(grantex_sim, EVENT)
            assert grantex_sim.wait_delivered(1).missing == []
            assert grantex_sim.assert_delivered_all().delivered == 1
            [log] = grantex_sim.logs("@id:evt_1")
            assert log["attributes"]["attributes"]["data"] == {"a": 1}
            assert grantex_sim.logs("@id:evt_2") == []
            assert grantex_sim.notifications == []
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(passed=1)


def test_every_form_of_event_can_be_emitted(run):
    result = run(
        """
        def test(grantex_sim):
            grantex_sim.emit(EVENT, EVENT.replace(b"evt_1", b"evt_2"))
            grantex_sim.emit({"id": "evt_3", "type": "t", "createdAt": "", "data": {}})
            [given] = grantex_sim.emit("grant.revoked", {"grantId": "g"})
            grantex_sim.emit("sso.login")
            grantex_sim.emit('{"id":"evt_4","type":"t"}')
            grantex_sim.emit(b'{"id":"evt_5",\\n"type":"t"}')
            assert given.startswith("evt_")
            assert grantex_sim.ledger.emitted == 7
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(passed=1)


def test_each_test_has_a_simulator_of_its_own_on_one_server(run):
    result = run(
        """
        import pytest
        seen = []

        @pytest.mark.parametrize("name", ["a/b", "c d", "ü" * 200])
        def test(grantex_sim, grantex_sim_url, name):
            assert grantex_sim.ledger.emitted == 0
            grantex_sim.emit(EVENT)
            seen.append((grantex_sim_url, grantex_sim.url))
            assert len({server for server, _ in seen}) == 1
            assert len({url for _, url in seen}) == len(seen)
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(passed=3)


def test_a_loss_fails_the_test_with_the_ids(run):
    result = run(
        """
        def test(grantex_sim):
            grantex_sim.emit(EVENT)
            grantex_sim.assert_delivered_all(timeout_s=0)
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *AssertionError: 1 of 1 events missing: evt_1"])


def test_a_wait_that_is_not_reached_fails_the_test_with_the_account(run):
    result = run(
        """
        def test(grantex_sim):
            grantex_sim.emit(EVENT)
            grantex_sim.wait_delivered(2, timeout_s=0)
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *not reached in 0 s: delivered = 2; 1 emitted, 0 delivered*"])


def test_a_wait_that_is_not_reached_says_what_is_missing_and_what_was_refused_why(run):
    result = run(
        """
        import pytest, urllib.error

        def test(grantex_sim):
            grantex_sim.emit(*({"id": f"evt_{number}", "type": "t"} for number in range(12)))
            grantex_sim.faults("intake first=2 status=503")
            for _ in range(2):
                with pytest.raises(urllib.error.HTTPError) as error:
                    deliver(grantex_sim, EVENT)
                error.value.close()
            deliver(grantex_sim, b'{"id":"evt_0","type":"t"}', b"wrapped")
            grantex_sim.wait_delivered(12, timeout_s=0)
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E *not reached in 0 s: delivered = 12; 12 emitted, 1 delivered, 11 missing*",
            "E *missing: evt_1 evt_2 * evt_10 and 1 more",
            "E *no client has opened the stream",
            "E *refused: 2 × 503, fault: status 503",
            "E *1 accepted entry belongs to no event emitted here: `message` must be*",
        ]
    )


def test_what_is_asked_wrongly_fails_on_the_line_of_the_test(run):
    result = run(
        """
        import pytest

        @pytest.mark.parametrize("wrong", [
            lambda sim: sim.scenario("quite"),
            lambda sim: sim.faults("intake frist=2 status=503"),
            lambda sim: sim.logs("(a"),
            lambda sim: sim.advance("soon"),
            lambda sim: sim.emit("grant.revoked", "token.issued"),
            lambda sim: sim.emit("grant.revoked", {}, {}),
        ])
        def test(grantex_sim, wrong):
            wrong(grantex_sim)

        def test_file(grantex_sim):
            with pytest.raises(FileNotFoundError, match="nowhere.yaml"):
                grantex_sim.scenario("nowhere.yaml")

        def test_mistakes(grantex_sim, tmp_path):
            path = tmp_path / "mine.yaml"
            path.write_text("phases: [{for: 1m, rate: 1}]\\nsead: 3\\n")
            with pytest.raises(Exception, match=f"{path}:2:1: sead: unknown key") as error:
                grantex_sim.scenario(path)
            path.write_text("phases: [{for: 1m, rate: 1}]\\nseed: 3\\n")
            grantex_sim.scenario(path)
        """.replace("\n        ", "\n"),
        "--tb=short",
    )
    result.assert_outcomes(failed=6, passed=2)
    result.stdout.no_fnmatch_line("*remote.py*")
    result.stdout.no_fnmatch_line("*fixture.py*")
    result.stdout.fnmatch_lines(
        ["E *no scenario is called 'quite'*", "E *Did you mean `first`?", "E *takes a type and*"]
    )


def test_faults_hit_from_then_on_and_can_be_taken_back(run):
    result = run(
        """
        import pytest, urllib.error

        def test(grantex_sim):
            grantex_sim.faults("intake status=503", {"on": "intake", "do": {"delay": 0}})
            with pytest.raises(urllib.error.HTTPError) as error:
                deliver(grantex_sim, EVENT)
            error.value.close()
            assert error.value.code == 503
            assert grantex_sim.wait_requests(1).refused == 1
            grantex_sim.faults()
            deliver(grantex_sim, EVENT)
            grantex_sim.reset()
            assert grantex_sim.ledger.requests == []
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(passed=1)


def test_a_mistake_in_one_fault_leaves_those_in_force(run):
    result = run(
        """
        import pytest
        from grantex_tui.errors import GrantexTuiError

        def test(grantex_sim):
            grantex_sim.faults("intake nth=1 status=503")
            for wrong in ("intake status=x", {"on": "intake", "do": "nothing"}):
                with pytest.raises(GrantexTuiError):
                    grantex_sim.faults("intake nth=1 status=500", wrong)
            grantex_sim.faults("intake nth=1 delay=0", "intake nth=2 status=500", add=True)
            [one, *more] = grantex_sim._remote.json("GET", "/_sim/faults")["faults"]
            assert "503" in str(one)
            assert len(more) == 2
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(passed=1)


def test_a_server_that_runs_already_can_be_used(run):
    with serve_in_thread() as simulator:
        result = run(
            """
            def test(grantex_sim, grantex_sim_url):
                grantex_sim.emit(EVENT)
                assert grantex_sim.url.startswith(grantex_sim_url + "/s/")
            """.replace("\n            ", "\n"),
            f"--grantex-sim-url={simulator.url}",
        )
        result.assert_outcomes(passed=1)
        assert simulator.ledger().emitted == 0


def test_a_server_that_is_not_there_is_the_only_thing_that_tests_say(run, unused_tcp_port):
    result = run(
        """
        def test_one(grantex_sim): ...
        def test_two(grantex_sim): ...
        """.replace("\n        ", "\n"),
        f"--grantex-sim-url=http://127.0.0.1:{unused_tcp_port}",
        "--tb=short",
    )
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["E *no simulator answers at http://127.0.0.1:*"])
    result.stdout.no_fnmatch_line("*remote.py*")


def test_a_client_that_hangs_does_not_hold_up_the_end_of_a_test(run):
    result = run(
        """
        import http.client

        def hang(sim):
            there = http.client.HTTPConnection(sim.url.split("/")[2], timeout=5)
            path = "/" + sim.url.split("/", 3)[3] + "/v1/events/stream"
            there.request("GET", path, headers={"Authorization": f"Bearer {sim.grantex_key}"})
            return there

        open_ones = []

        def test(grantex_sim):
            open_ones.extend(hang(grantex_sim) for _ in range(5))
            grantex_sim.wait_clients(5)
            grantex_sim.emit("t", {"text": "x" * 100_000})

        def test_after(grantex_sim):
            for each in open_ones:
                received = b""
                while data := each.sock.recv(1 << 16):
                    received += data
                assert b"x" * 100_000 in received
                each.close()
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(passed=2)


def test_a_forwarder_is_started_with_what_it_needs_to_know_and_ends_with_the_test(run):
    result = run(
        """
        import sys

        FORWARDER = '''
        import os, signal, sys, urllib.request
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        wanted = urllib.request.Request(
            os.environ["GRANTEX_URL"] + "/v1/events/stream",
            headers={"Authorization": "Bearer " + os.environ["GRANTEX_API_KEY"]},
        )
        with urllib.request.urlopen(wanted) as stream:
            event = stream.readline().removeprefix(b"data: ").strip().decode()
        import json
        log = json.dumps([{"message": event, "service": os.environ["MINE"]}]).encode()
        headers = {"DD-API-KEY": os.environ["DD_API_KEY"], "Content-Type": "application/json"}
        urllib.request.urlopen(
            urllib.request.Request(os.environ["DD_LOGS_URL"] + "/api/v2/logs", log, headers)
        )
        signal.pause()
        '''

        def indented(text):
            return "\\n".join(line.removeprefix(" " * 8) for line in text.splitlines())

        started = []

        def test(grantex_sim, monkeypatch):
            monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
            monkeypatch.setenv("NO_PROXY", "intranet")
            env = {"MINE": "x"}
            assert grantex_sim.environ["no_proxy"].split(",")[-2:] == ["intranet", "127.0.0.1"]
            started.append(grantex_sim.start(sys.executable, "-c", indented(FORWARDER), env=env))
            grantex_sim.emit("grant.revoked", {"grantId": "g"})
            grantex_sim.assert_delivered_all()
            assert len(grantex_sim.logs("service:x")) == 1
            assert started[0].poll() is None

        def test_after():
            assert started[0].returncode is not None
        """.replace("\n        ", "\n")
    )
    result.assert_outcomes(passed=2)


def test_a_forwarder_that_does_not_begin_fails_the_test_at_once_and_says_how_it_ended(run):
    result = run(
        """
        import sys

        def test_ends(grantex_sim):
            grantex_sim.start(sys.executable, "-c", "import nothing_like_it", timeout_s=60)

        def test_waits(grantex_sim):
            grantex_sim.start(sys.executable, "-c", "input()", timeout_s=0)

        def test_is_not_there(grantex_sim):
            grantex_sim.start("nothing-like-it")
        """.replace("\n        ", "\n"),
        "-p",
        "no:xdist",
    )
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        [
            "E *nothing_like_it' ended with 1 before it opened the stream at http://*",
            "E *not reached in 0 s: clients = 1; 0 emitted*",
            "E *FileNotFoundError*nothing-like-it*",
        ]
    )


def test_pytest_itself_starts_without_any_of_the_simulator():
    script = (
        "import sys, pytest, grantex_sim.testing.pytest_plugin;"
        "print([name for name in sys.modules if name.startswith(('grantex_sim.', 'grantex_tui',"
        " 'msgspec', 'asyncio'))])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout == "['grantex_sim.testing', 'grantex_sim.testing.pytest_plugin']\n"
