"""What a web page of elsewhere can do to the simulator of whoever opens it: nothing."""

from __future__ import annotations

import json
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest

from grantex_sim.service.app import serve_in_thread
from grantex_sim.service.sessions import MAX_SESSIONS


_AT_ONCE = 100


class Empty(BaseHTTPRequestHandler):
    """A page without anything, of another origin."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><body>")

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def elsewhere():
    with ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://elsewhere.example:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def simulator():
    with serve_in_thread() as running:
        yield running


def read(simulator, path):
    with urllib.request.urlopen(f"{simulator.url}{path}") as answer:
        return json.load(answer)


def attempt(tab, url, **options):
    """Have the page ask, as it can without being allowed to; whether it got an answer."""
    asked = f"fetch({json.dumps(url)}, {json.dumps({'mode': 'no-cors', **options})})"
    script = f"window.over = null; {asked}.then(() => over = 'yes', () => over = 'no'); true"
    tab.evaluate(script)
    tab.until("over !== null")
    return tab.evaluate("over") == "yes"


@pytest.mark.slow
def test_what_it_posts_changes_nothing(simulator, tab):
    simulator.emit(b'{"id":"evt_1","type":"t"}')
    with elsewhere() as page:
        tab.open(page)
        bodies = {
            "/_sim/faults": "intake status=503",
            "/_sim/emit": '{"type":"grant.created"}',
            "/_sim/reset": "",
            "/_sim/scenario": '{"name":"revocation-storm"}',
            "/fakeintake/configure/override": '{"endpoint":"/api/v2/logs","status_code":500}',
        }
        for path, body in bodies.items():
            assert attempt(tab, f"{simulator.url}{path}", method="POST", body=body)
    assert read(simulator, "/_sim/faults") == {"faults": []}
    ledger = read(simulator, "/_sim/ledger")
    assert (ledger["emitted"], ledger["emitting"]) == (1, False)


@pytest.mark.slow
def test_what_it_gets_flushes_nothing(simulator, tab):
    body = b'[{"message":"m"}]'
    headers = {"DD-API-KEY": simulator.datadog_key, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{simulator.url}/api/v2/logs", body, headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 202
    with elsewhere() as page:
        tab.open(page)
        assert attempt(tab, f"{simulator.url}/fakeintake/flushPayloads")
        tab.evaluate(
            f"document.body.innerHTML = '<img src={simulator.url}/fakeintake/flushPayloads>'"
        )
        tab.until("document.images[0].complete")
    assert len(simulator.logs()) == 1


@pytest.mark.slow
def test_a_name_that_is_made_to_point_here_reads_nothing(simulator, tab):
    port = urlsplit(simulator.url).port
    for path in ("/_sim/ledger", "/_sim/page", "/"):
        tab.open(f"http://rebound.example:{port}{path}")
        assert "don't answer to" in str(tab.evaluate("document.body.innerText"))


@pytest.mark.slow
def test_sessions_are_not_exhausted_by_what_it_gets(simulator, tab):
    with elsewhere() as page:
        tab.open(page)
        paths = ("", "_sim/ledger", "api/v2/validate", "v1/me")
        for start in range(0, MAX_SESSIONS + _AT_ONCE, _AT_ONCE):
            tab.evaluate(
                f"window.left = {_AT_ONCE}; for (let n = 0; n < {_AT_ONCE}; n++) "
                f"fetch('{simulator.url}/s/x' + ({start} + n) + '/' + {[*paths]}[n % 4], "
                "{mode: 'no-cors'}).finally(() => left--); true"
            )
            tab.until("left === 0")
    request = urllib.request.Request(f"{simulator.url}/s/mine/_sim/reset", b"")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


@pytest.mark.slow
def test_it_can_not_show_the_page_in_a_frame(simulator, tab):
    with elsewhere() as page:
        tab.open(page)
        script = (
            "window.framed = null; const frame = document.createElement('iframe');"
            f"frame.src = {json.dumps(simulator.url + '/')};"
            "frame.onload = () => framed = 'loaded'; document.body.append(frame); true"
        )
        tab.evaluate(script)
        tab.until("framed !== null")
        (child,) = tab.call("Page.getFrameTree")["frameTree"]["childFrames"]
        world = tab.call("Page.createIsolatedWorld", frameId=child["frame"]["id"])
        asked = {"expression": "document.body.innerText", "returnByValue": True}
        context = world["executionContextId"]
        said = tab.call("Runtime.evaluate", contextId=context, **asked)["result"]["value"]
    assert "a page of another origin may not use" in said
