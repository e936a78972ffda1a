from __future__ import annotations

import json
import re

import pytest

from grantex_sim.commands.main import main
from grantex_sim.service.app import DATADOG_KEY, serve_in_thread


ONE = b'{"id":"evt_1","type":"t","data":{}}'
TWO = b'{"id":"evt_2","type":"t","data":{}}'


def deliver(client, *payloads, prefix=""):
    body = json.dumps([{"message": payload.decode()} for payload in payloads]).encode()
    client.post(f"{prefix}/api/v2/logs", body, DD_API_KEY=DATADOG_KEY)
    assert client.response()[0].startswith(b"HTTP/1.1 202 ")


def test_all_as_expected_is_one_line_and_zero(connect, capsys):
    with serve_in_thread() as simulator:
        simulator.emit(ONE)
        deliver(connect(simulator), ONE)
        code = main(["assert", "--delivered-all", "--max-duplicates", "0", "--url", simulator.url])
    out = capsys.readouterr().out
    assert code == 0
    assert out.startswith("✓ 1 emitted, 1 delivered, 0 missing")
    assert out.count("\n") == 1


def test_what_is_wrong_is_listed_with_its_ids_and_one(connect, capsys):
    with serve_in_thread() as simulator:
        simulator.emit(ONE, TWO)
        deliver(connect(simulator), ONE, ONE)
        code = main(
            ["assert", "--delivered-all", "--max-duplicates=0", "--wait=0", "--url", simulator.url]
        )
    out = capsys.readouterr().out
    assert code == 1
    first, event, second, account = out.splitlines()
    assert first == "✗ 1 of 2 events missing:"
    assert re.fullmatch(r"    evt_2  t  emitted 20\d\d-\d\d-\d\dT[\d:.]+Z  unheard", event)
    assert second == "✗ 1 duplicate, 0 allowed: evt_1"
    assert account == (
        "  2 emitted, 1 delivered, 1 missing, 1 duplicate, 0 altered, 0 requests refused, "
        "2 emitted while nobody listened"
    )


def test_of_many_that_are_missing_some_are_named_and_the_rest_is_counted(capsys):
    payloads = [b'{"id":"evt_%d","type":"a.\x7fb","data":{}}' % number for number in range(15_000)]
    with serve_in_thread() as simulator:
        simulator.emit(*payloads)
        code = main(["assert", "--max-missing", "9", "--wait", "0", "--url", simulator.url])
    first, *events, more, _ = capsys.readouterr().out.splitlines()
    assert code == 1
    assert first == "✗ 15,000 events missing, 9 allowed:"
    assert len(events) == 20
    assert events[-1].startswith("    evt_19  a.")
    assert "\x7f" not in "".join(events)
    assert more == "    and 14,980 more: GET /_sim/missing lists them"


def test_a_session_and_the_environment_name_what_is_asked(connect, capsys, monkeypatch):
    with serve_in_thread() as simulator:
        monkeypatch.setenv("GRANTEX_SIM_URL", simulator.url)
        client = connect(simulator)
        client.post("/s/mine/_sim/emit", ONE)
        client.response()
        deliver(client, ONE, prefix="/s/mine")
        assert main(["assert", "--delivered-all", "--session", "mine"]) == 0
        assert main(["assert", "--delivered-all", "--wait", "0"]) == 1
    assert "nothing was emitted" in capsys.readouterr().out


def test_json_has_the_verdict_the_ids_and_the_whole_ledger(connect, capsys):
    with serve_in_thread() as simulator:
        simulator.emit(ONE)
        code = main(["assert", "--max-missing=0", "--wait=0", "--json", "--url", simulator.url])
    said = json.loads(capsys.readouterr().out)
    assert code == 1
    assert said["ok"] is False
    assert said["broken"] == [{"what": "1 event missing, 0 allowed", "ids": ["evt_1"]}]
    ((event),) = said["missing"]
    assert (event["number"], event["id"], event["type"]) == (1, "evt_1", "t")
    assert said["ledger"]["emitted"] == 1
    assert said["ledger"]["missingCount"] == 1


def test_a_session_that_nobody_has_used_is_told(connect, capsys):
    with serve_in_thread() as simulator:
        client = connect(simulator)
        client.post("/s/mine/_sim/emit", ONE)
        client.response()
        arguments = ["assert", "--wait=0", "--url", simulator.url]
        assert main([*arguments, "--delivered-all", "--session", "mien"]) == 1
        assert "no session 'mien' before; there are: mine\n" in capsys.readouterr().err
        assert main([*arguments, "--max-missing=1", "--session", "mine"]) == 0
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--min-delivered=1"], 0),
        (["--min-delivered=2"], 1),
        (["--max-missing=0"], 0),
        (["--max-duplicates=1"], 0),
        (["--max-duplicates=0"], 1),
        (["--max-altered=0"], 1),
        (["--max-reordered=0"], 0),
        (["--max-late=0"], 0),
        (["--no-refused"], 1),
    ],
)
def test_each_option_is_an_exit_code(connect, capsys, options, code):
    with serve_in_thread() as simulator:
        simulator.emit(ONE)
        client = connect(simulator)
        client.post("/api/v2/logs", b"{", DD_API_KEY=DATADOG_KEY)
        client.response()
        deliver(client, ONE.replace(b",", b" ,"), ONE)
        assert main(["assert", *options, "--wait=0", "--url", simulator.url]) == code
    assert capsys.readouterr().out.startswith("✗✓"[not code])


def test_it_waits_for_deliveries_under_way(connect, capsys):
    import threading

    with serve_in_thread() as simulator:
        simulator.emit(ONE)
        codes = []
        arguments = ["assert", "--delivered-all", "--wait=20", "--url", simulator.url]
        asking = threading.Thread(target=lambda: codes.append(main(arguments)))
        asking.start()
        deliver(connect(simulator), ONE)
        asking.join()
    assert codes == [0]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--url", "http://127.0.0.1:1"], 2, "nothing is expected"),
        (["--delivered-all", "--url", "ftp://x"], 2, "'ftp://x' is no simulator's address"),
        (["--no-refused", "--url", "http://x:y"], 2, "'http://x:y' is no simulator's address"),
        (["--no-refused", "--url", "http://[::1"], 2, "is no simulator's address"),
        (["--no-refused", "--url", "http://a@b/"], 2, "is no simulator's address"),
        (["--no-refused", "--url", "http://b?c=d"], 2, "is no simulator's address"),
        (["--delivered-all", "--url", "http://127.0.0.1:1"], 1, "no simulator answers at"),
    ],
)
def test_mistakes_are_said_with_what_to_do(capsys, arguments, code, said):
    assert main(["assert", *arguments]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--max-missing", "-1"], ["--max-late", "x"], ["--wait", "nan"], ["--wait=601"]]
)
def test_numbers_are_checked(capsys, arguments):
    with pytest.raises(SystemExit, match="2"):
        main(["assert", *arguments])
    assert "invalid _" not in capsys.readouterr().err


def test_a_server_that_is_no_simulator_is_told(capsys, httpserver):
    httpserver.expect_request(re.compile(".*")).respond_with_data("hi")
    url = httpserver.url_for("/")
    for options in (["--no-refused"], ["--delivered-all"], ["--no-refused", "--session=x"]):
        assert main(["assert", *options, "--url", url]) == 1
        assert "what answers is no ledger" in capsys.readouterr().err
