from __future__ import annotations

import asyncio
import gzip
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from grantex_tui.clock import WallClock
from grantex_tui.errors import GrantexRefusedError
from grantex_tui.events.event import Malformed
from grantex_tui.events.gap import Gap
from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.events.live.door import StreamSettings
from grantex_tui.events.live.filters import stream_url, type_filter
from grantex_tui.events.live.key import ApiKey
from grantex_tui.events.live.opening import open_doors
from grantex_tui.events.live.stream import EventStream
from grantex_tui.network.route import Network
from tests.support.clock import VirtualClock


KEY = "gx_test_0123456789abcdef"
FIXTURES = Path(__file__).parents[3] / "fixtures"
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"connection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n"
)


def payload(number: int, kind: str = "grant.created") -> bytes:
    return b'{"id":"evt_%d","type":"%b","createdAt":"","data":{}}' % (number, kind.encode())


def event(number: int, kind: str = "grant.created") -> bytes:
    return b"data: %b\n\n" % payload(number, kind)


class Heard:
    """A listener that keeps what it hears and lets a test wait for it."""

    def __init__(self) -> None:
        self.items: list = []
        self.oversized: list = []
        self.gaps: list = []
        self.opened: list = []
        self.notices: list[str] = []
        self.states: list[ConnectionState] = []
        self.details: list[str] = []
        self._changed = asyncio.Event()

    def on_read(self, items, received_at):
        self.items += items
        self._changed.set()

    def on_oversized(self, event, received_at):
        self.oversized.append(event)
        self._changed.set()

    def on_gap(self, gap):
        self.gaps.append(gap)
        self._changed.set()

    def on_gap_opened(self, gap):
        self.opened.append(gap)

    def on_notice(self, text):
        self.notices.append(text)
        self._changed.set()

    def on_connection(self, view):
        self.states.append(view.state)
        self.details.append(view.detail)
        self._changed.set()

    async def until(self, happened) -> None:
        async with asyncio.timeout(60):
            while not happened():
                self._changed.clear()
                await self._changed.wait()

    @property
    def ids(self) -> list[str]:
        return [item.id for item in self.items]


class Naps:
    """Stands in for sleeping between attempts: at once, and remembered."""

    def __init__(self, clock=None) -> None:
        self.taken: list[float] = []
        self._clock = clock

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if self._clock is not None:
            self._clock.advance(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def streaming(origin, *, clock=None, **options):
    """A running stream on *origin*, that naps instead of waiting."""
    heard, naps = Heard(), Naps(clock if options.pop("advance", False) else None)
    types = tuple(options.pop("types", ()))
    gap_from = options.pop("gap_from", None)
    defaults = {"coalesce": 0.0, "settle": 0.0, "silence": 10.0}
    key = ApiKey(KEY, options.pop("read_key", None))
    settings = StreamSettings(
        stream_url(origin.url, types), key, types=types, **{**defaults, **options}
    )
    clock = clock or WallClock()
    async with open_doors("sse", settings, Network(), clock) as doors:
        stream = EventStream(
            doors,
            settings,
            heard,
            clock=clock,
            jitter=lambda: 0.5,
            sleep=naps,
            gap_from=gap_from,
        )
        task = asyncio.create_task(stream.run())
        try:
            yield stream, heard, naps, task
        finally:
            stream.stop()
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()


def serving(*numbers: int, then: str = "end"):
    """A script: the stream's head, these events, one chunk each, then an end of some kind."""

    async def script(peer):
        await peer.send(STREAM_HEAD)
        for number in numbers:
            await peer.chunk(event(number))
        if then == "end":
            await peer.send(b"0\r\n\r\n")
        elif then == "reset":
            peer.reset()
        elif then == "mid-event":
            await peer.chunk(event(99)[:40])
            peer.reset()
        elif then == "mid-character":
            await peer.chunk(b'data: {"id":"evt_9","type":"\xf0\x9f')
        elif then == "stay":
            await peer.gone()

    return script


def answering(status: str, headers: dict[str, str] | None = None, body: bytes = b""):
    async def script(peer):
        await peer.answer(status, headers or {}, body)

    return script


async def test_asks_for_the_stream_with_the_key_and_accepts_events(origin):
    origin.scripts = [serving(1, then="stay")]
    async with streaming(origin) as (_, heard, _, _):
        await heard.until(lambda: heard.items)
    request = origin.requests[0].decode()
    assert request.startswith("GET /v1/events/stream HTTP/1.1\r\n")
    assert f"authorization: bearer {KEY.lower()}\r\n" in request.lower()
    assert "accept: text/event-stream\r\n" in request.lower()
    assert "accept-encoding: identity\r\n" in request.lower(), "a proxy would hold events back"


async def test_goes_from_connecting_to_live_only_when_the_headers_come(origin):
    heads_up = asyncio.Event()

    async def late(peer):
        await heads_up.wait()
        await peer.send(STREAM_HEAD)
        await peer.chunk(b": keepalive\n\n")
        await peer.gone()

    origin.scripts = [late]
    async with streaming(origin) as (stream, heard, _, _):
        await heard.until(lambda: heard.states)
        assert stream.view.state is ConnectionState.CONNECTING
        heads_up.set()
        await heard.until(lambda: ConnectionState.LIVE in heard.states)
        assert heard.states == [ConnectionState.CONNECTING, ConnectionState.LIVE]


@pytest.mark.parametrize("then", ["end", "reset", "mid-event", "mid-character"])
async def test_every_kind_of_cut_is_followed_by_a_new_connection_and_a_named_gap(origin, then):
    origin.scripts = [serving(1, 2, then=then), serving(3, then="stay")]
    async with streaming(origin) as (_, heard, naps, _):
        await heard.until(lambda: "evt_3" in heard.ids)
    assert heard.ids == ["evt_1", "evt_2", "evt_3"]
    (gap,) = heard.gaps
    assert gap.start <= gap.end
    assert gap.reason.startswith(("cut: ", "the server ended the stream"))
    assert ("within an event" in gap.reason) == then.startswith("mid")
    assert naps.taken == [pytest.approx(0.65)]


async def test_silence_with_the_socket_open_is_noticed(origin):
    origin.scripts = [serving(1, then="stay"), serving(2, then="stay")]
    async with streaming(origin, silence=0.2) as (_, heard, _, _):
        await heard.until(lambda: "evt_2" in heard.ids)
    assert heard.gaps[0].reason == "silent for 0.2 s"


async def test_a_gap_begins_with_the_last_byte_and_ends_when_the_stream_is_back(origin):
    clock = VirtualClock(1000.0)

    async def dies_later(peer):
        await serving(1, then="nothing")(peer)
        await heard_first.wait()
        clock.advance(20.0)
        peer.reset()

    heard_first = asyncio.Event()
    origin.scripts = [dies_later, serving(2, then="stay")]
    async with streaming(origin, clock=clock) as (_, heard, _, _):
        await heard.until(lambda: heard.ids)
        heard_first.set()
        await heard.until(lambda: heard.gaps)
    assert (heard.gaps[0].start, heard.gaps[0].end) == (1000.0, 1020.0)


async def test_the_time_before_the_first_connection_is_a_gap_too_and_told_when_it_begins(origin):
    origin.scripts = [serving(1, then="stay")]
    async with streaming(origin, gap_from=5.0, clock=VirtualClock(9.0)) as (_, heard, _, _):
        await heard.until(lambda: heard.items)
    assert heard.opened == [Gap(5.0, None, "not connected yet")]
    assert heard.gaps == [Gap(5.0, 9.0, "not connected yet")]


async def test_a_gap_is_open_while_there_is_no_stream(origin):
    hold = asyncio.Event()

    async def late(peer):
        await hold.wait()
        await serving(2, then="stay")(peer)

    origin.scripts = [serving(1, then="end"), late]
    async with streaming(origin, clock=VirtualClock(7.0)) as (stream, heard, naps, _):
        await heard.until(lambda: naps.taken)
        assert stream.open_gap == Gap(7.0, None, "the server ended the stream")
        hold.set()
        await heard.until(lambda: "evt_2" in heard.ids)
        assert stream.open_gap is None


async def test_a_gap_that_ends_before_it_began_is_none(origin):
    """Headers that come late tell of an acceptance before the other stream was lost."""
    origin.scripts = [serving(1, then="end"), serving(2, then="stay")]
    async with streaming(origin, clock=VirtualClock(7.0)) as (_, heard, _, _):
        await heard.until(lambda: "evt_2" in heard.ids)
    assert heard.gaps == []


async def test_a_gap_ends_when_the_connection_was_accepted_not_with_its_first_byte(origin):
    clock = VirtualClock(1_000_000.0)

    async def late(peer):
        clock.advance(30.0)
        date = b"date: Mon, 12 Jan 1970 13:46:45 GMT\r\n"
        await peer.send(STREAM_HEAD.replace(b"cache-control", date + b"cache-control"))
        await peer.chunk(event(2))
        await peer.gone()

    origin.scripts = [serving(1, then="end"), late]
    async with streaming(origin, clock=clock) as (_, heard, _, _):
        await heard.until(lambda: "evt_2" in heard.ids)
    assert heard.gaps == [Gap(1_000_000.0, 1_000_006.0, "the server ended the stream")]


async def test_a_key_that_is_refused_after_a_live_stream_is_read_again_each_time(origin):
    refusal = answering("401 Unauthorized", {}, (FIXTURES / "errors/badkey.json").read_bytes())
    origin.scripts = [serving(1, then="end"), refusal, refusal, serving(2, then="stay")]
    keys = iter(["gx_second_0123456789", "gx_third_0123456789"])
    async with streaming(origin, read_key=lambda: next(keys)) as (_, heard, _, _):
        await heard.until(lambda: "evt_2" in heard.ids)
    sent = [request.lower().partition(b"bearer ")[2].split()[0] for request in origin.requests]
    assert sent[1:] == [KEY.lower().encode(), b"gx_second_0123456789", b"gx_third_0123456789"]


async def test_a_key_that_is_refused_for_a_minute_ends_the_run_with_its_gap_open(origin):
    clock = VirtualClock(7.0)
    refusal = answering("401 Unauthorized", {}, (FIXTURES / "errors/badkey.json").read_bytes())
    origin.scripts = [serving(1, then="end"), *[refusal] * 40]
    async with streaming(origin, clock=clock, advance=True) as (stream, _, naps, task):
        with pytest.raises(GrantexRefusedError, match="Invalid API key"):
            await task
        assert stream.open_gap is not None
        assert (
            stream.open_gap.reason
            == "the server ended the stream; 401 UNAUTHORIZED: Invalid API key"
        )
    assert 60 <= sum(naps.taken) < 65


@pytest.mark.parametrize(
    "answer", ["400 Bad", "403 X", "302 Found", "404 Not Found", "204 Nothing"]
)
async def test_after_a_live_stream_any_other_answer_is_a_gap_with_its_name(origin, answer):
    origin.scripts = [serving(1, then="end"), answering(answer), serving(2, then="stay")]
    async with streaming(origin, clock=VirtualClock(7.0), advance=True) as (_, heard, _, _):
        await heard.until(lambda: "evt_2" in heard.ids)
    (gap,) = heard.gaps
    assert f"; {answer[:3]}" in gap.reason


async def test_last_event_id_is_sent_once_there_are_ids_and_nothing_is_asked_of_caches(origin):
    async def script(peer):
        await peer.send(STREAM_HEAD)
        await peer.chunk(b"id: 77\nretry: %b\n" % (b"9" * 5000) + event(1))

    origin.scripts = [script, serving(2, then="stay")]
    async with streaming(origin) as (_, heard, naps, _):
        await heard.until(lambda: "evt_2" in heard.ids)
    assert b"last-event-id" not in origin.requests[0].lower()
    assert b"last-event-id: 77\r\n" in origin.requests[1].lower()
    assert b"cache-control: no-cache\r\n" in origin.requests[1].lower()
    assert naps.taken == [60.0], "a wait that a server names is taken within bounds"


async def test_a_connection_lost_before_its_answer_is_one_request_not_two(origin):
    async def hang_up(peer):
        del peer

    origin.scripts = [hang_up, serving(1, then="stay")]
    async with streaming(origin) as (_, heard, naps, _):
        await heard.until(lambda: heard.items)
    assert (len(origin.requests), len(naps.taken)) == (2, 1)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (
            "401 Unauthorized",
            (FIXTURES / "errors/badkey.json"),
            "401 UNAUTHORIZED: Invalid API key",
        ),
        ("404 Not Found", (FIXTURES / "errors/notfound.json"), "404 Not Found: Route GET:"),
        ("204 No Content", b"", "204 No Content"),
    ],
)
async def test_a_refusal_that_will_not_change_ends_the_run_and_says_why(origin, status, body, said):
    content = body if isinstance(body, bytes) else body.read_bytes()
    origin.scripts = [answering(status, {"content-type": "application/json"}, content)]
    async with streaming(origin) as (stream, _, _, task):
        with pytest.raises(GrantexRefusedError, match=said) as refused:
            await task
        assert stream.view.state is ConnectionState.REFUSED
    assert KEY not in str(refused.value)


async def test_a_page_instead_of_a_stream_ends_the_run_and_names_its_type(origin):
    origin.scripts = [answering("200 OK", {"content-type": "text/html"}, b"<html>")]
    async with streaming(origin) as (_, _, _, task):
        with pytest.raises(GrantexRefusedError, match=r"text/html, not text/event-stream"):
            await task


async def test_a_content_type_with_parameters_is_a_stream(origin):
    async def script(peer):
        head = STREAM_HEAD.replace(b"text/event-stream", b"Text/Event-Stream; charset=utf-8")
        await peer.send(head)
        await peer.chunk(event(1))
        await peer.gone()

    origin.scripts = [script]
    async with streaming(origin) as (_, heard, _, _):
        await heard.until(lambda: heard.items)


async def test_too_many_connections_is_waited_out_for_more_than_300_seconds(origin):
    body = (FIXTURES / "errors/sixth_429.json").read_bytes()
    refused = answering("429 Too Many Requests", {}, body)
    origin.scripts = [refused, refused, serving(1, then="stay")]
    async with streaming(origin) as (_, heard, naps, _):
        await heard.until(lambda: heard.items)
    assert 5 <= naps.taken[0] <= 6, "a live slot may have become free"
    assert naps.taken[1] > 300
    assert ConnectionState.LOCKED_OUT in heard.states
    assert any("Max 5 concurrent SSE connections" in detail for detail in heard.details)


async def test_a_plan_limit_waits_as_long_as_retry_after_says(origin):
    body = (FIXTURES / "errors/plan_429.json").read_bytes()
    limited = answering("429 Too Many Requests", {"retry-after": "24"}, body)
    origin.scripts = [limited, serving(1, then="stay")]
    async with streaming(origin) as (_, heard, naps, _):
        await heard.until(lambda: heard.items)
    assert 24 <= naps.taken[0] <= 25


async def test_failures_in_a_row_back_off_further_and_further(origin):
    origin.scripts = [answering("503 Service Unavailable")] * 4 + [serving(1, then="stay")]
    async with streaming(origin) as (_, heard, naps, _):
        await heard.until(lambda: heard.items)
    assert naps.taken == pytest.approx([0.65, 1.15, 2.15, 4.15])
    assert heard.gaps == [], "nothing was missed before the first connection"


async def test_a_server_that_is_not_there_is_tried_again(origin):
    dead = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    origin.url = f"http://127.0.0.1:{dead.sockets[0].getsockname()[1]}"
    dead.close()
    await dead.wait_closed()
    async with streaming(origin) as (_, heard, naps, _):
        await heard.until(lambda: len(naps.taken) >= 3)
    assert any("no connection" in detail for detail in heard.details)


async def test_a_redirect_on_the_same_server_is_followed_with_the_key(origin):
    where = "/elsewhere?signed=" + "a" * 900
    moved = answering("307 Temporary Redirect", {"location": where})
    origin.scripts = [moved, serving(1, then="stay")]
    async with streaming(origin) as (_, heard, _, _):
        await heard.until(lambda: heard.items)
    assert origin.requests[1].startswith(b"GET %b HTTP" % where.encode())
    assert KEY.encode() in origin.requests[1]


async def test_a_redirect_to_another_server_is_not_followed(origin):
    origin.scripts = [answering("302 Found", {"location": "http://127.0.0.1:1/x"})]
    async with streaming(origin) as (_, _, _, task):
        with pytest.raises(GrantexRefusedError, match=r"redirect to http://127\.0\.0\.1:1/x"):
            await task
    assert len(origin.requests) == 1


async def test_a_redirect_that_does_not_say_where_is_not_asked_again(origin):
    origin.scripts = [answering("302 Found"), answering("401 Unauthorized")]
    async with streaming(origin) as (_, _, _, task):
        with pytest.raises(GrantexRefusedError, match="302"):
            await task
    assert len(origin.requests) == 1


@pytest.mark.parametrize("where", ["http://h:999999999/", "//\xff..:x/", "http://[::1/"])
async def test_a_redirect_to_what_is_no_address_ends_nothing_but_the_attempt(origin, where):
    origin.scripts = [answering("307 X", {"location": where}), serving(1, then="stay")]
    async with streaming(origin) as (_, heard, _, task):
        came = asyncio.create_task(heard.until(lambda: heard.items))
        await asyncio.wait({came, task}, return_when=asyncio.FIRST_COMPLETED)
        came.cancel()
    assert heard.ids == ["evt_1"] or isinstance(task.exception(), GrantexRefusedError)


async def test_a_compressed_stream_is_refused_instead_of_read_as_nothing(origin):
    coded = {"content-type": "text/event-stream", "content-encoding": "gzip"}
    origin.scripts = [answering("200 OK", coded, gzip.compress(event(1)))]
    async with streaming(origin) as (_, _, _, task):
        with pytest.raises(GrantexRefusedError, match=r"compressed \(gzip\)"):
            await task


async def test_redirects_in_a_circle_count_as_a_failed_attempt(origin):
    circle = answering("308 Permanent Redirect", {"location": "/v1/events/stream"})
    origin.scripts = [circle] * 5 + [serving(1, then="stay")]
    async with streaming(origin) as (_, heard, naps, _):
        await heard.until(lambda: heard.items)
    assert len(naps.taken) == 1


async def test_no_connection_is_closed_within_a_second_of_opening_it(origin):
    loop = asyncio.get_running_loop()
    closed_at = loop.create_future()

    async def quiet(peer):
        await peer.gone()
        closed_at.set_result(loop.time())

    origin.scripts = [quiet]
    # By the client's clock: when a busy origin gets to know of the connection is its own affair.
    before = loop.time()
    async with streaming(origin, settle=1.0) as (stream, heard, _, task):
        await heard.until(lambda: heard.states)
        stream.stop()
        await task
    assert await closed_at - before > 0.99


async def test_events_that_arrive_while_it_settles_are_still_taken(origin):
    stop_asked = asyncio.Event()

    async def script(peer):
        await peer.send(STREAM_HEAD)
        await stop_asked.wait()
        await peer.chunk(event(1))
        await peer.gone()

    origin.scripts = [script]
    async with streaming(origin, settle=0.5) as (stream, heard, _, task):
        await heard.until(lambda: ConnectionState.LIVE in heard.states)
        stream.stop()
        stop_asked.set()
        await task
    assert heard.ids == ["evt_1"]


async def test_what_is_no_event_is_passed_on_and_stops_nothing(origin):
    async def script(peer):
        await peer.send(STREAM_HEAD)
        await peer.chunk(b"data: oops\n\ndata: []\n\n" + event(1))
        await peer.gone()

    origin.scripts = [script]
    async with streaming(origin) as (_, heard, _, _):
        await heard.until(lambda: len(heard.items) == 3)
    assert [isinstance(item, Malformed) for item in heard.items] == [True, True, False]


async def test_an_oversized_event_is_named_and_the_stream_goes_on(origin):
    async def script(peer):
        await peer.send(STREAM_HEAD)
        await peer.chunk(b"data: " + b"x" * 5000 + b"\n\n" + event(1))
        await peer.gone()

    origin.scripts = [script]
    async with streaming(origin, max_event_size=1000) as (_, heard, _, _):
        await heard.until(lambda: heard.items)
    assert [o.size for o in heard.oversized] == [5006]


async def test_wildcard_types_are_filtered_here(origin):
    async def script(peer):
        await peer.send(STREAM_HEAD)
        await peer.chunk(event(1) + event(2, "token.issued") + event(3, "grant.revoked"))
        await peer.gone()

    origin.scripts = [script]
    async with streaming(origin, types=["grant.*"]) as (_, heard, _, _):
        await heard.until(lambda: len(heard.items) == 2)
    assert heard.ids == ["evt_1", "evt_3"]
    assert b"types=" not in origin.requests[0]


def test_plain_types_are_filtered_by_the_service():
    assert stream_url("http://x/", ["a.b", "c.d"]) == "http://x/v1/events/stream?types=a.b,c.d"
    assert stream_url("http://x/v1/events/stream", []) == "http://x/v1/events/stream"


def test_a_type_filter_takes_names_literally_and_stars_as_any_text():
    wanted = type_filter(["grant.*", "a.b"])
    assert wanted is not None
    assert [wanted(t) for t in ("grant.created", "grantx", "a.b", "axb")] == [
        True, False, True, False,
    ]  # fmt: skip
    assert type_filter([]) is None
