"""The page as a browser gets it: what it shows, and that no text from outside becomes markup."""

import gzip
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grantex_sim.account.ledger import Ledger
from grantex_sim.account.report import Exchange
from grantex_sim.account.verdicts import EventVerdict
from grantex_sim.events.emission import emission
from grantex_sim.http.wire import Request
from grantex_sim.page import Page, Recent
from grantex_sim.page.view import SEARCHED, LogSearch, SessionRow, tables


EVENT = (
    b'{"id":"evt_1","type":"grant.revoked","createdAt":"2026-01-05T09:00:00.000Z",'
    b'"data":{"grantId":"grnt_1","cascade":true}}'
)
OTHER = EVENT.replace(b"evt_1", b"evt_2").replace(b"grant.revoked", b"token.issued")
AT = 1767603600.5
HOSTILE = "</pre><script>alert(1)</script><b onload=x>\x1b[31m\u202eevil"


def exchange(status: int = 202, reason: str = "", entries: int = 1) -> Exchange:
    return Exchange(
        at="2026-01-05T09:00:00.500Z", path="/api/v2/logs", key="valid", encoding="gzip",
        status=status, reason=reason, entries=entries, bytes=50, size=100, truncated=0,
        seconds=0.001,
    )  # fmt: skip


POST = Request("POST", "/api/v2/logs", "1.1", (("dd-api-key", "k"), ("user-agent", "curl")))


class World:
    def __init__(self) -> None:
        self.recent = Recent()
        self.ledger = Ledger()
        self.faults: list[str] = []
        self.sessions: list[SessionRow] = []
        self.page = Page(
            self.recent,
            report=self.ledger.report,
            faults=lambda: self.faults,
            verdict=self.ledger.verdict,
            sessions=lambda: self.sessions,
        )

    def emit(self, *payloads: bytes) -> None:
        events = [emission(payload) for payload in payloads]
        self.ledger.emit(events)
        self.recent.take_events(events, AT)

    def receive(
        self, *messages: str, status: int = 202, reason: str = "", body: bytes = b""
    ) -> None:
        said = exchange(status, reason, len(messages))
        self.ledger.answer(said, messages)
        self.recent.take_request(replace(POST, body=body), said, messages, AT)

    def get(self, target: str) -> tuple[int, str, str]:
        answer = self.page.answer(Request("GET", target, "1.1", (("host", "127.0.0.1:8787"),)))
        assert answer is not None
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), body.decode()


class Outline(HTMLParser):
    """The elements of a page, and the text in each section."""

    VOID = ("meta", "link", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.sections: dict[str, str] = {}
        self._section = ""
        self.feed(text)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        if tag == "section":
            self._section = dict(attrs).get("id") or ""
            self.sections[self._section] = ""
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "section":
            self._section = ""

    def handle_data(self, data):
        if self._section:
            self.sections[self._section] += data + " "


@pytest.fixture
def world() -> World:
    return World()


def test_an_event_is_pending_until_it_is_delivered(world):
    world.emit(EVENT)
    assert "pending" in Outline(world.get("/")[2]).sections["emitted"]
    world.receive(EVENT.decode())
    sections = Outline(world.get("/")[2]).sections
    assert "delivered" in sections["emitted"]
    assert "evt_1" in sections["accepted"]
    assert "#1" in sections["accepted"]


def test_a_payload_that_is_no_event_is_shown_as_such(world):
    world.emit(b"not json")
    assert "no event" in Outline(world.get("/")[2]).sections["emitted"]


def test_a_refused_request_shows_its_status_and_reason_and_no_accepted_entry(world):
    world.emit(EVENT)
    world.receive(EVENT.decode(), status=503, reason="scripted 503")
    sections = Outline(world.get("/")[2]).sections
    assert "503" in sections["refused"]
    assert "scripted 503" in sections["refused"]
    assert "nothing yet" in sections["accepted"]


def test_an_empty_table_says_why_it_is_empty(world):
    world.emit(EVENT)
    for query, said in (("", "nothing yet"), ("*", "nothing yet"), ("x", "nothing matches")):
        assert said in Outline(world.get(f"/?q={query}")[2]).sections["accepted"]
    assert "can't be read" in Outline(world.get("/?q=%28")[2]).sections["emitted"]


def test_a_search_looks_at_a_bounded_number_of_entries(world):
    for _ in range(9):
        world.receive("last", *["x"] * 998, "first")
    asked: list[bytes] = []

    class Counting(LogSearch):
        def matcher(self, query):
            matches = super().matcher(query)

            def counted(payload, at):
                asked.append(payload)
                return matches(payload, at)

            return counted

    tables(world.recent, "nothing-like-it", Counting(), verdict=lambda _: (EventVerdict.LOST, None))
    assert len(asked) == SEARCHED
    assert (asked[0], asked[-1]) == (b"first", b"last")


def test_sessions_are_listed_with_their_account_and_the_way_there(world):
    assert 'id="sessions"' not in world.get("/")[2]
    version = world.get("/_sim/page")[1]
    world.sessions = [SessionRow("mine", 3, 2, 1, 0)]
    page = world.get("/")[2]
    assert '<a href="s/mine/">mine</a>' in page
    assert world.get("/_sim/page")[1] != version


def test_the_account_and_the_faults_in_force_are_on_top(world):
    world.faults = ["intake first=2 status=503: fired 1 of 2"]
    world.emit(EVENT, OTHER)
    world.receive(EVENT.decode())
    page = world.get("/")[2]
    assert '<b data-count="emitted">2</b>' in page
    assert '<b data-count="delivered">1</b>' in page
    assert '<b data-count="not-delivered">1</b>' in page
    assert "intake first=2 status=503" in Outline(page).sections["faults"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"evt_1", "evt_2"}),
        ("@grantex.event_type:grant.revoked", {"evt_1"}),
        ("@data.cascade:true type:token.issued", {"evt_2"}),
        ("-type:token.issued", {"evt_1"}),
        ("grnt_1", {"evt_1", "evt_2"}),
        ("nothing-like-it", set()),
    ],
)
def test_the_search_is_datadogs(world, query, shown):
    world.emit(EVENT, OTHER)
    world.receive(EVENT.decode(), OTHER.decode())
    from urllib.parse import quote

    sections = Outline(world.get(f"/?q={quote(query)}")[2]).sections
    for name in ("emitted", "accepted"):
        assert {i for i in ("evt_1", "evt_2") if i in sections[name]} == shown


def test_a_search_that_cannot_be_read_says_where_and_why_and_keeps_what_was_typed(world):
    status, _, page = world.get("/?q=%28a%20OR")
    assert status == 200
    assert 'role="alert"' in page
    assert "character" in page
    assert 'value="(a OR"' in page
    hinted = world.get("/?q=%22")[2]
    assert "this quote is never closed. Close it" in hinted
    assert "␊" not in hinted


def test_the_request_behind_an_entry_has_its_answer_headers_and_entries(world):
    world.receive(EVENT.decode(), OTHER.decode())
    status, _, page = world.get("/_sim/requests/1")
    assert status == 200
    for expected in ("202", "user-agent", "curl", "gzip", "evt_1", "evt_2", "dd-api-key"):
        assert expected in page
    Outline(page)


def test_the_body_of_a_request_is_shown_decoded_or_why_it_can_not_be(world):
    sent = b'[{"ddtags":"team:x","message":"hi"},{"message":"\\ud800"}]'
    world.receive("hi", body=gzip.compress(sent))
    world.receive(status=400, reason="no gzip", body=b"{{{")
    body = Outline(world.get("/_sim/requests/1")[2]).sections["body"]
    assert "team:x" in body
    sections = Outline(world.get("/_sim/requests/2")[2]).sections
    assert "none that could be read" in sections["entries"]
    assert "3 bytes that can't be shown" in sections["body"]


def test_text_that_is_no_unicode_is_shown_all_the_same(world):
    broken = '{"id":"evt_\\ud800","type":"\\udfff","data":{"x":"\\ud83d"}}'
    world.emit(broken.encode())
    world.receive(broken)
    for target in ("/", "/_sim/page", "/_sim/requests/1"):
        assert world.get(target)[0] == 200


@pytest.mark.parametrize("number", ["2", "0", "x", "-1", "1e9", "", "9" * 5_000])
def test_a_request_that_is_not_kept_is_a_404_that_says_so(world, number):
    world.receive(EVENT.decode())
    status, _, page = world.get(f"/_sim/requests/{number}")
    assert status == 404
    assert "not kept" in page


def test_nothing_new_is_answered_204_and_anything_new_by_the_live_part(world):
    def version():
        _, head, _ = world.get("/_sim/page")
        return head.lower().split("x-sim-version: ")[1].split("\r\n")[0]

    known = version()
    assert world.get(f"/_sim/page?known={known}")[0] == 204
    world.emit(EVENT)
    assert world.get(f"/_sim/page?known={known}")[0] == 200
    known = version()
    world.faults = ["intake every=2 status=500"]
    assert world.get(f"/_sim/page?known={known}")[0] == 200


def test_a_server_that_was_started_again_is_never_taken_for_the_one_before():
    first, second = World(), World()
    assert first.get("/_sim/page")[1] != second.get("/_sim/page")[1]


def test_hostile_text_stays_text(world):
    import json

    payload = json.dumps({"id": HOSTILE, "type": HOSTILE, "data": {"x": HOSTILE}})
    world.emit(payload.encode(), HOSTILE.encode())
    world.receive(payload, HOSTILE, status=500, reason=HOSTILE)
    world.receive(payload, HOSTILE)
    world.faults = [HOSTILE]
    for target in ("/", "/_sim/page", "/_sim/requests/1", "/_sim/requests/2"):
        page = world.get(target)[2]
        outline = Outline(page)
        assert outline.names.count("script") == (0 if target == "/_sim/page" else 1)
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert "<b onload" not in page
    search = world.get("/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")[2]
    assert Outline(search).names.count("script") == 1


def test_a_long_payload_is_cut_and_says_so(world):
    world.emit(b'{"id":"evt_9","data":"' + b"x" * 50_000 + b'"}')
    page = world.get("/")[2]
    assert len(page) < 30_000
    assert "more characters" in page


def test_the_pages_may_load_nothing_from_elsewhere(world):
    _, head, page = world.get("/")
    assert "default-src 'none'" in head
    assert "http:" not in page.replace("http://127.0.0.1:8787", "")
    assert "https:" not in page
    for name, kind in (("page.js", "text/javascript"), ("page.css", "text/css")):
        status, head, body = world.get(f"/_sim/{name}")
        assert status == 200
        assert kind in head
        assert "//" not in body.replace("// ", "")


def test_what_is_not_for_the_page_is_left_to_others(world):
    for method, target in (("POST", "/"), ("GET", "/_sim/ledger"), ("GET", "/api/v2/logs")):
        assert world.page.answer(Request(method, target, "1.1", ())) is None


def test_script_and_style_are_in_the_package():
    folder = Path(__file__).parents[3] / "simulator" / "grantex_sim" / "page"
    assert {"page.js", "page.css"} <= {path.name for path in folder.iterdir()}
