"""The page in a real browser: it lives, it can be searched, and it asks nobody else."""

import json
import urllib.request
from urllib.parse import quote

import pytest

from grantex_sim.service.app import serve_in_thread


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
def test_answers_that_come_late_are_shown_all_the_same(simulator, tab):
    tab.open(simulator.url)
    # Longer than from one question to the next.
    tab.evaluate("const soon = fetch; fetch = (...asked) => soon(...asked).then("
                 "answer => new Promise(done => setTimeout(() => done(answer), 700)))")  # fmt: skip
    simulator.emit(event(1))
    tab.until("document.querySelector('#emitted').innerText.includes('evt_1')")
    tab.type("#q", "(")
    tab.until("document.querySelector('[role=alert]') !== null")


@pytest.mark.slow
def test_what_happens_shows_without_a_reload(simulator, tab):
    tab.open(simulator.url)
    assert "nothing yet" in tab.text("#emitted")
    simulator.emit(event(1), event(2, "token.issued"))
    tab.until("document.querySelector('#emitted')?.innerText.includes('evt_2')")
    assert "unheard" in tab.text("#emitted")
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
def test_it_can_be_paused_and_says_when_the_simulator_has_gone_and_when_it_is_back(tab):
    def offline(*, gone):
        speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        tab.call("Network.emulateNetworkConditions", offline=gone, **speed)

    with serve_in_thread() as simulator:
        tab.open(simulator.url)
        tab.click("#pause")
        simulator.emit(event(1))
        tab.click("#pause")
        tab.until("document.querySelector('#emitted').innerText.includes('evt_1')")
        assert tab.evaluate("document.querySelector('#away').hidden") is True
        offline(gone=True)
        tab.until("!document.querySelector('#away').hidden")
        offline(gone=False)
        tab.until("document.querySelector('#away').hidden")
    tab.until("!document.querySelector('#away').hidden")
    assert "does not answer" in tab.text("#away")
    assert "evt_1" in tab.text("#emitted")


@pytest.mark.slow
def test_who_reads_or_goes_by_keyboard_is_not_thrown_back_when_it_is_redrawn(simulator, tab):
    simulator.emit(*(event(number) for number in range(9)))
    for _ in range(30):
        deliver(simulator, event(1), key="wrong")
    tab.open(simulator.url)
    tab.until("document.querySelectorAll('#refused tr').length > 30")
    tab.evaluate("document.querySelector('#refused').scrollTop = 80")
    tab.evaluate("document.querySelectorAll('#emitted summary')[4].focus()")
    simulator.emit(event(9))
    tab.until("document.querySelector('#emitted').innerText.includes('evt_9')")
    assert tab.evaluate("document.activeElement.innerText") == "evt_4"
    assert tab.evaluate("document.querySelector('#refused').scrollTop") == 80
    # What is being marked stays marked, and comes up to date afterwards.
    tab.evaluate("getSelection().selectAllChildren(document.querySelector('#emitted h2'))")
    simulator.emit(event(10))
    deliver(simulator, event(10))
    tab.evaluate("getSelection().removeAllRanges()")
    tab.until("document.querySelector('#emitted').innerText.includes('evt_10')")


@pytest.mark.slow
def test_however_narrow_nothing_pushes_an_id_out_of_sight(simulator, tab):
    long = json.dumps({"id": "evt_" + "y" * 400, "type": "z" * 400, "data": {}}).encode()
    simulator.emit(event(1), long)
    deliver(simulator, event(1), long)
    tab.open(simulator.url)
    screen = {"height": 900, "deviceScaleFactor": 1, "mobile": False}
    for width in (1400, 800, 400):
        tab.call("Emulation.setDeviceMetricsOverride", width=width, **screen)
        tab.until(f"innerWidth === {width}")
        for table in ("#emitted", "#accepted"):
            wide = f"[...document.querySelectorAll('{table} summary')].map(e => e.clientWidth)"
            seen = tab.evaluate(wide)
            assert len(seen) == 2
            assert min(seen) >= 150, (width, table, seen)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth") is True


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

    # The page without a name leads there and back.
    tab.open(simulator.url)
    tab.until("document.querySelector('#sessions')?.innerText.includes('mine')")
    tab.click("#sessions a")
    tab.until(f"location.href === {session + '/'!r}")
    tab.click("header a")
    tab.until("document.querySelector('#sessions') !== null")

    # A page that is left open does not begin anew a session that has ended.
    tab.open(f"{session}/")
    ended = urllib.request.Request(f"{session}/_sim", method="DELETE")
    with urllib.request.urlopen(ended) as answer:
        assert answer.status == 200
    tab.until("document.querySelector('#away').innerText.includes('has ended')")
    with urllib.request.urlopen(f"{simulator.url}/_sim/sessions") as answer:
        assert json.load(answer)["sessions"] == []
