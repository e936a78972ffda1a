"""The account in pages: counts are exact however many ids are listed."""

from __future__ import annotations

import json

import pytest

from grantex_sim.account.ledger import LISTED_MISSING, Ledger
from grantex_sim.account.report import Exchange
from grantex_sim.account.routes import AccountRoutes
from grantex_sim.events.emission import emission
from grantex_sim.http.wire import Request
from grantex_sim.service.app import DATADOG_KEY, serve_in_thread
from tests.support.clock import VirtualClock


NOON = 1_772_452_800.0
ACCEPTED = Exchange(
    at="",
    path="/api/v2/logs",
    key="valid",
    encoding="",
    status=202,
    reason="",
    entries=1,
    bytes=0,
    size=0,
    truncated=0,
    seconds=0.0,
)


def payload(number):
    return b'{"id":"evt_%d","type":"t.%d","data":{}}' % (number, number % 2)


@pytest.fixture
def clock():
    return VirtualClock(NOON)


@pytest.fixture
def ledger(clock):
    return Ledger(now=clock.monotonic, date=clock.now)


@pytest.fixture
def ask(ledger):
    routes = AccountRoutes(
        ledger, lambda most, settle: ledger.report(most_missing=most, settle=settle)
    )

    def asked(target):
        answer = routes.answer(Request("GET", target, "1.1", ()))
        assert answer is not None
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), json.loads(body)

    return asked


def emit(ledger, *numbers):
    ledger.emit([emission(payload(number)) for number in numbers])


def deliver(ledger, *numbers):
    ledger.answer(ACCEPTED, [payload(number).decode() for number in numbers])


def test_a_missing_event_has_its_place_type_and_time(ledger, clock, ask):
    emit(ledger, 1)
    clock.advance(90)
    emit(ledger, 2, 3)
    deliver(ledger, 2)
    assert ask("/_sim/missing") == (
        200,
        {
            "count": 2,
            "events": [
                {
                    "number": 1,
                    "id": "evt_1",
                    "type": "t.1",
                    "emittedAt": "2026-03-02T12:00:00.000Z",
                    "verdict": "lost",
                    "fault": 0,
                    "cause": "",
                    "client": 0,
                },
                {
                    "number": 3,
                    "id": "evt_3",
                    "type": "t.1",
                    "emittedAt": "2026-03-02T12:01:30.000Z",
                    "verdict": "pending",
                    "fault": 0,
                    "cause": "",
                    "client": 0,
                },
            ],
            "next": None,
        },
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 9, 10, 11])
def test_pages_give_each_missing_event_once_whatever_is_delivered_meanwhile(ledger, ask, limit):
    emit(ledger, *range(20))
    deliver(ledger, *range(0, 20, 2))
    found, after = [], 0
    while after is not None:
        _, page = ask(f"/_sim/missing?limit={limit}&after={after}")
        found += [event["id"] for event in page["events"]]
        assert len(page["events"]) <= limit
        # The event that the next page begins after may be gone by then, and so may later ones.
        deliver(ledger, int(found[-1].removeprefix("evt_")), 19)
        after = page["next"]
    expected = [f"evt_{number}" for number in range(1, 20, 2)]
    assert found in (expected, expected[:-1])
    assert len(set(found)) == len(found)


def test_no_page_is_asked_for_in_vain(ledger, ask):
    emit(ledger, 1, 2)
    assert ask("/_sim/missing?limit=2")[1]["next"] is None
    assert ask("/_sim/missing?limit=1")[1]["next"] == 1
    assert ask("/_sim/missing?limit=0") == (200, {"count": 2, "events": [], "next": None})
    assert ask("/_sim/missing?after=2")[1] == {"count": 2, "events": [], "next": None}


@pytest.mark.parametrize(
    ("query", "listed"),
    [("", LISTED_MISSING), ("?limit=7", 7), ("?limit=0", 0), ("?full=1", 12_000), ("?full", 12_000), ("?full=0", LISTED_MISSING)],
)  # fmt: skip
def test_the_ledger_lists_so_many_ids_and_counts_all(ledger, ask, query, listed):
    emit(ledger, *range(12_000))
    status, account = ask(f"/_sim/ledger{query}")
    assert (status, account["missingCount"]) == (200, 12_000)
    assert account["missing"] == [f"evt_{number}" for number in range(listed)]
    assert account["missingMore"] == 12_000 - listed


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/_sim/ledger?limit=x", "limit='x' is no whole number"),
        ("/_sim/ledger?limit=-1", "limit='-1' is no whole number"),
        ("/_sim/ledger?full=yes", "full='yes' is neither"),
        ("/_sim/ledger?after=3", "no parameter 'after' here"),
        ("/_sim/missing?offset=3", "no parameter 'offset' here; there are: limit, after"),
        ("/_sim/missing?after=1.5", "after='1.5' is no whole number"),
        (f"/_sim/missing?limit={'9' * 30}", "is no whole number"),
    ],
)
def test_what_can_not_be_asked_is_said(ask, target, said):
    status, answer = ask(target)
    assert status == 400
    assert said in answer["error"]
    assert "/_sim/missing?limit=100" in answer["hint"]


def test_wait_and_page_and_process_agree_on_the_count(connect):
    with serve_in_thread() as simulator:
        simulator.emit(*[payload(number) for number in range(LISTED_MISSING + 5)])
        client = connect(simulator)
        client.get("/_sim/wait?emitted=1")
        waited = json.loads(client.response()[1])
        client.get("/")
        page = client.response()[1]
        report = simulator.ledger()
    assert (waited["missingCount"], waited["missingMore"]) == (LISTED_MISSING + 5, 5)
    assert b'data-count="not-delivered">10,005<' in page
    assert (len(report.missing), report.missing_count) == (LISTED_MISSING + 5, LISTED_MISSING + 5)


def test_the_ledger_tells_whether_there_is_more_to_come(connect):
    with serve_in_thread(payloads=[payload(1)]) as simulator:
        assert simulator.ledger().emitting
        stream, client = connect(simulator), connect(simulator)
        stream.get()
        stream.until_events(1)
        body = json.dumps([{"message": payload(1).decode()}]).encode()
        client.post("/api/v2/logs", body, DD_API_KEY=DATADOG_KEY)
        client.response()
        assert not simulator.ledger().emitting
