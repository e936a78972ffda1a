"""The page in a real browser: it lives, it can be searched, and it asks nobody else."""

import json
import urllib.request
from urllib.parse import quote

import pytest

from simulator.app import serve_in_thread


def event(number: int, kind: str = "grant.revoked") -> bytes:
    return json.dumps(
        {
            "id": f"evt_{number}",
            "type": kind,
            "createdAt": "2026-01-05T09:00:00.000Z",
            "data": {"grantId": f"grnt_{number}", "note": "</script><script>window.bad=1</script>"},
        },
        separators=(",", ":"),
    ).encode()


def deliver(simulator, *payloads: bytes, key: str | None = None):
    body = json.dumps([{"ddsource": "grantex", "message": p.decode()} for p in payloads]).encode()
    headers = {"DD-API-KEY": key or simulator.datadog_key, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{simulator.url}/api/v2/logs", body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture
def simulator():
    with serve_in_thread() as running:
        yield running


@pytest.mark.slow
def test_what_happens_shows_without_a_reload(simulator, tab):
    tab.open(simulator.url)
    assert "nothing yet" in tab.text("#emitted")
    simulator.emit(event(1), event(2, "token.issued"))
    tab.until("document.querySelector('#emitted')?.innerText.includes('evt_2')")
    assert "on its way" in tab.text("#emitted")
    assert deliver(simulator, event(1)) == 202
    tab.until("document.querySelector('[data-count=delivered]').innerText === '1'")
    assert "evt_1" in tab.text("#accepted")
    assert deliver(simulator, event(2), key="wrong") == 403
    tab.until("document.querySelector('#refused').innerText.includes('403')")

    # A payload opened by hand stays open while the page goes on.
    tab.click("#accepted summary")
    simulator.emit(event(3))
    tab.until("document.querySelector('#emitted').innerText.includes('evt_3')")
    assert '"grantId": "grnt_1"' in tab.text("#accepted")

    # The search is Datadog's, and shows while it is typed.
    tab.type("#q", "@grantex.event_type:token.issued")
    tab.until("!document.querySelector('#emitted').innerText.includes('evt_1')")
    assert "evt_2" in tab.text("#emitted")
    assert quote("@grantex.event_type:token.issued", safe="") in str(
        tab.evaluate("location.search")
    )
    tab.type("#q", " (")
    tab.until("document.querySelector('[role=alert]') !== null")

    # The request behind an entry.
    tab.open(simulator.url)
    tab.click("#accepted a")
    tab.until("document.querySelector('h1').innerText === 'Request 1'")
    assert "application/json" in tab.text("main")

    assert tab.evaluate("window.bad") is None
    assert tab.errors == []


@pytest.mark.slow
def test_it_can_be_paused_and_says_when_the_simulator_has_gone(tab):
    with serve_in_thread() as simulator:
        tab.open(simulator.url)
        tab.click("#pause")
        simulator.emit(event(1))
        tab.click("#pause")
        tab.until("document.querySelector('#emitted').innerText.includes('evt_1')")
    tab.until("document.body.classList.contains('away')")


@pytest.mark.slow
def test_a_session_has_a_page_of_its_own(simulator, tab):
    session = f"{simulator.url}/s/mine"
    simulator.emit(event(1))
    tab.open(f"{session}/")
    assert session in tab.text("header")
    request = urllib.request.Request(f"{session}/_sim/emit", event(2))
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    tab.until("document.querySelector('#emitted')?.innerText.includes('evt_2')")
    assert "evt_1" not in tab.text("#emitted")
    assert tab.errors == []
