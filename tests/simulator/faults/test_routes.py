"""Scripts put in force while it runs: over HTTP, from Python, on the command line."""

from __future__ import annotations

import argparse
import json

import pytest

from grantex_sim.commands.fault_options import add_fault_options, faults_from
from grantex_sim.faults import FaultError, parse_fault_text
from grantex_sim.service.app import DATADOG_KEY, serve_in_thread
from grantex_tui.errors import UsageError


FAULTS = "/_sim/faults"
LOGS = "/api/v2/logs"


def ask(client, method: str, target: str, body: bytes = b""):
    client.send(
        f"{method} {target} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    )
    head, answer = client.response()
    return int(head.split(b" ")[1]), json.loads(answer)


def post_logs(client) -> int:
    client.post(LOGS, b"{}", DD_API_KEY=DATADOG_KEY)
    return int(client.response()[0].split(b" ")[1])


def test_what_is_in_force_is_listed_with_its_hits(connect):
    with serve_in_thread(faults=("intake first=2 status=503", "stream drain")) as simulator:
        client = connect(simulator)
        assert post_logs(client) == 503
        assert ask(client, "GET", FAULTS) == (
            200,
            {
                "faults": [
                    {
                        "number": 1,
                        "fault": "intake first=2 status=503",
                        "seen": 1,
                        "fired": 1,
                        "left": 1,
                    },
                    {"number": 2, "fault": "stream drain", "seen": 0, "fired": 0, "left": None},
                ]
            },
        )


def test_faults_are_replaced_added_and_taken_back(connect):
    with serve_in_thread(faults=("intake status=503",)) as simulator:
        client = connect(simulator)
        body = b"on: intake\nfirst: 1\ndo: {status: 429, retry_after: 3s}\n"
        status, said = ask(client, "POST", FAULTS, body)
        assert (status, len(said["faults"])) == (200, 1)
        _, said = ask(client, "POST", f"{FAULTS}?add=1", b'[{"on":"intake","do":400}]')
        assert [one["fault"] for one in said["faults"]] == [
            "intake first=1 status=429 retry-after=3s",
            "intake status=400",
        ]
        assert [post_logs(client) for _ in range(2)] == [429, 400]
        assert ask(client, "DELETE", FAULTS) == (200, {"faults": []})
        assert post_logs(client) == 202
        simulator.reset()
        assert post_logs(client) == 503


def test_one_is_taken_back_and_the_others_keep_their_numbers(connect):
    with serve_in_thread(faults=("intake status=503", "intake nth=2 status=400")) as simulator:
        client = connect(simulator)
        assert post_logs(client) == 503
        status, said = ask(client, "DELETE", f"{FAULTS}/1")
        assert (status, [one["number"] for one in said["faults"]]) == (200, [2])
        assert [post_logs(client) for _ in range(2)] == [400, 202]
        for number in ("1", "x", "1" * 5000, "%F0", "0"):
            status, said = ask(client, "DELETE", f"{FAULTS}/{number}")
            assert (status, said["hint"]) == (404, "In force are 2.")
        assert ask(client, "PUT", f"{FAULTS}/2")[0] == 405
        ask(client, "DELETE", f"{FAULTS}/2/")
        assert ask(client, "DELETE", f"{FAULTS}/2")[1]["hint"] == "Nothing is in force."


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 1), ("?add=0", 1), ("?add=no", 1), ("?add=1", 2), ("?add", 2), ("?add=true", 2)],
)
def test_new_ones_come_on_top_only_if_that_is_asked_for(connect, query, count):
    with serve_in_thread(faults=("intake status=503",)) as simulator:
        _, said = ask(connect(simulator), "POST", f"{FAULTS}{query}", b"intake nth=1 status=400")
        assert len(said["faults"]) == count


@pytest.mark.parametrize("body", [b"[]", b"faults: []"])
def test_a_script_without_a_fault_ends_all(connect, body):
    with serve_in_thread(faults=("intake status=503",)) as simulator:
        assert ask(connect(simulator), "POST", FAULTS, body) == (200, {"faults": []})


def test_lines_are_taken_as_on_the_command_line(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        ask(client, "POST", FAULTS, b"  # two\n  intake nth=2 status=500\r\nstream drain\n")
        assert [post_logs(client) for _ in range(3)] == [202, 500, 202]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[{on: intake, do: {stauts: 1}}]", "[0].do.stauts: unknown key `stauts`"),
        (b"intake staus=1", "unknown key `staus`"),
        (b"[{", "not valid YAML"),
        (b"- a: [", "not valid YAML"),
        (b"reset", "'reset' is not a list of faults"),
        (b" \n", "the body is empty"),
        (b"faults:  - on: intake    do: reset", "not valid YAML"),
        (b"intake reset\nintake frist=1 reset", "'intake frist=1 reset': unknown key `frist`"),
    ],
)
def test_what_can_not_be_read_changes_nothing_and_is_named(connect, body, said):
    with serve_in_thread(faults=("intake status=503",)) as simulator:
        client = connect(simulator)
        status, answer = ask(client, "POST", FAULTS, body)
        assert (status, bool(answer["hint"])) == (400, True)
        assert said in answer["error"]
        assert post_logs(client) == 503


def test_a_query_that_is_not_known_changes_nothing_and_is_named(connect):
    with serve_in_thread(faults=("intake status=503",)) as simulator:
        client = connect(simulator)
        status, answer = ask(client, "POST", f"{FAULTS}?append=1", b"stream drain")
        assert (status, "'append'" in answer["error"]) == (400, True)
        assert post_logs(client) == 503


def test_other_methods_are_refused(connect):
    with serve_in_thread() as simulator:
        assert ask(connect(simulator), "PUT", FAULTS)[0] == 405


def test_each_session_has_faults_of_its_own(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        ask(client, "POST", f"/s/one{FAULTS}", b"intake reset=before\nintake status=500")
        assert post_logs(client) == 202
        client.post(f"/s/two{LOGS}", b"{}", DD_API_KEY=DATADOG_KEY)
        assert client.response()[0].startswith(b"HTTP/1.1 202 ")
        client.post(f"/s/one{LOGS}", b"{}", DD_API_KEY=DATADOG_KEY)
        with pytest.raises(ConnectionResetError):
            client.to_end()


def test_a_new_sessions_first_request_can_be_hit_at_its_head(connect):
    with serve_in_thread(faults=("intake first=1 reset=before",)) as simulator:
        first, second = connect(simulator), connect(simulator)
        first.post(f"/s/one{LOGS}", b"{}", DD_API_KEY=DATADOG_KEY)
        with pytest.raises(ConnectionResetError):
            first.to_end()
        second.post(f"/s/one{LOGS}", b"{}", DD_API_KEY=DATADOG_KEY)
        assert second.response()[0].startswith(b"HTTP/1.1 202 ")
        second.get("/s/one/_sim/ledger")
        requests = json.loads(second.response()[1])["requests"]
    assert [request["reason"] for request in requests] == ["fault: reset before reading", ""]


def test_python_puts_texts_and_values_in_force(connect):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        simulator.faults("intake nth=1 status=500")
        simulator.faults(parse_fault_text("intake nth=2 status=400"), add=True)
        assert [post_logs(client) for _ in range(3)] == [500, 400, 202]
        simulator.faults()
        assert post_logs(client) == 202
        with pytest.raises(FaultError, match="staus"):
            simulator.faults("intake staus=1")


def test_the_page_and_the_status_show_them(connect):
    with serve_in_thread(faults=("intake first=2 status=503",)) as simulator:
        client = connect(simulator)
        post_logs(client)
        client.get("/")
        _, page = client.response()
    assert b"intake first=2 status=503 \xc2\xb7 hit 1 of 1, 1 left" in page


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_fault_options(parser)
    return parser.parse_args(arguments)


def test_the_command_line_takes_any_number_of_them():
    texts = ("intake first=2 status=503", "stream p=0.5 reset")
    found = faults_from(parsed("--fault", texts[0], "--fault", texts[1]))
    assert found == tuple(map(parse_fault_text, texts))
    assert faults_from(parsed()) == ()
    assert parsed("--fault-seed", "7").fault_seed == 7


def test_a_wrong_one_is_a_usage_error():
    with pytest.raises(UsageError, match="--fault 'intake staus=1'"):
        faults_from(parsed("--fault", "intake staus=1"))


@pytest.mark.parametrize(
    "body",
    [
        rb'[{"\ud800": "intake"}]',
        rb'{"on": "intake", "do": {"set-header": "a: \udfff"}}',
        rb'["\ud800"]',
    ],
)
def test_half_a_surrogate_is_no_fault(connect, body):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        assert ask(client, "POST", FAULTS, body)[0] == 400
        assert ask(client, "GET", FAULTS) == (200, {"faults": []})
