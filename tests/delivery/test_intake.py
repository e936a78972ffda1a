from __future__ import annotations

import asyncio
import gzip
import sys
import traceback

import pytest

from grantex_tui import __version__
from grantex_tui.delivery.batch import EntryFormat
from grantex_tui.delivery.compression import compress
from grantex_tui.delivery.intake import intake_address
from grantex_tui.delivery.verdict import VerdictKind


ENTRIES = [EntryFormat().encode("t", b'{"id":"evt_%d","type":"t"}' % n) for n in range(3)]


@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
@pytest.mark.parametrize("count", [3, 3000])  # small bodies are packed here, large ones in a thread
async def test_entries_arrive_in_every_coding(server, make_intake, compression, count) -> None:
    reply = await make_intake(compression=compression).post(ENTRIES * (count // 3))
    assert (reply.verdict.kind, reply.verdict.status) == (VerdictKind.DELIVERED, 202)
    (request,) = server.requests
    assert request.numbers == [0, 1, 2] * (count // 3)
    assert reply.wire_bytes == len(request.body)
    assert request.headers.get("content-encoding", "none") == compression


async def test_the_request_says_who_asks_and_carries_the_key_in_one_header(
    server, make_intake
) -> None:
    await make_intake(compression="none").post(ENTRIES)
    (request,) = server.requests
    assert request.headers["dd-api-key"] == "dd-secret-key"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == f"grantex-tui/{__version__}"
    del request.headers["dd-api-key"]
    assert "secret" not in str(request)


async def test_connections_are_kept(server, make_intake) -> None:
    intake = make_intake()
    for _ in range(5):
        await intake.post(ENTRIES)
    assert server.connections == 1


async def test_a_changed_key_is_used_from_the_next_request_on(server, make_intake) -> None:
    intake = make_intake()
    await intake.post(ENTRIES)
    intake.change_key("dd-other-key")
    await intake.post(ENTRIES)
    assert [request.headers["dd-api-key"] for request in server.requests] == [
        "dd-secret-key",
        "dd-other-key",
    ]


async def test_answers_are_judged(httpserver, make_intake) -> None:
    logs = "/api/v2/logs"
    httpserver.expect_ordered_request(logs).respond_with_json(
        {"errors": [{"detail": "slow down"}]}, 429, {"Retry-After": "7"}
    )
    httpserver.expect_ordered_request(logs).respond_with_json({}, 413)
    httpserver.expect_ordered_request(logs).respond_with_json({}, 403)
    intake = make_intake(url=httpserver.url_for(logs))
    verdict = (await intake.post(ENTRIES)).verdict
    assert (verdict.kind, verdict.status) == (VerdictKind.RETRY, 429)
    assert (verdict.detail, verdict.retry_after) == ("429 Too Many Requests (slow down)", 7.0)
    assert (await intake.post(ENTRIES)).verdict.too_large
    assert (await intake.post(ENTRIES)).verdict.kind is VerdictKind.HOLD


async def test_a_redirect_is_not_followed_with_the_key(server, make_intake, answer) -> None:
    server.script = [answer(307, {"Location": server.url})]
    verdict = (await make_intake().post(ENTRIES)).verdict
    assert (verdict.kind, verdict.status) == (VerdictKind.HOLD, 307)
    assert len(server.requests) == 1


async def test_a_reset_is_a_retry_and_says_so(server, make_intake, answer) -> None:
    server.script = [answer(reset=True)]
    verdict = (await make_intake().post(ENTRIES)).verdict
    assert (verdict.kind, verdict.status) == (VerdictKind.RETRY, None)
    assert verdict.detail


async def test_nobody_there_is_a_retry(make_intake, unused_tcp_port: int) -> None:
    intake = make_intake(url=f"http://127.0.0.1:{unused_tcp_port}/api/v2/logs")
    verdict = (await intake.post(ENTRIES)).verdict
    assert (verdict.kind, verdict.status) == (VerdictKind.RETRY, None)
    assert str(unused_tcp_port) in verdict.detail


async def test_an_intake_that_never_answers_is_given_up(server, make_intake, answer) -> None:
    server.script = [answer(never=True)]
    verdict = (await make_intake(timeout=0.05).post(ENTRIES)).verdict
    assert (verdict.kind, verdict.status) == (VerdictKind.RETRY, None)
    assert verdict.detail == "no answer within 0.05 s"


async def test_an_answer_without_end_is_read_only_so_far(server, make_intake, answer) -> None:
    server.script = [answer(400, body=b"x" * 10_000_000)]
    verdict = (await make_intake().post(ENTRIES)).verdict
    assert verdict.kind is VerdictKind.HOLD
    assert len(verdict.detail) < 400


async def test_what_an_answer_says_may_come_in_pieces(make_intake) -> None:
    async def serve(reader, writer) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        writer.write(b"HTTP/1.1 400 X\r\ntransfer-encoding: chunked\r\n\r\n")
        for piece in (b'{"errors":["mal', b'formed"]}'):
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        verdict = (await make_intake(url=f"http://127.0.0.1:{port}/").post(ENTRIES)).verdict
    assert verdict.detail == "400 Bad Request (malformed)"


async def test_the_key_is_nowhere_to_be_seen(server, make_intake, answer) -> None:
    server.script = [answer(403, body=b"no such key: dd-secret-key"), answer(reset=True)]
    intake = make_intake()
    seen = [repr(intake), repr(vars(intake)["_session"])]
    for _ in range(2):
        seen.append(repr(await intake.post(ENTRIES)))
    with pytest.raises(TypeError) as caught:
        await intake.post([None])
    seen += traceback.format_exception(caught.value)
    assert "no such key: ***" in seen[2]
    assert not any("secret" in text for text in seen)


def test_the_same_entries_are_packed_into_the_same_bytes() -> None:
    assert compress(b"x" * 1000, "gzip") == compress(b"x" * 1000, "gzip")


def test_gzip_goes_without_isal_too(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "isal", None)
    assert gzip.decompress(compress(b"x" * 1000, "gzip")) == b"x" * 1000


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787/api/v2/logs"),
        ("http://127.0.0.1:8787/", "http://127.0.0.1:8787/api/v2/logs"),
        ("https://proxy.example/dd/api/v2/logs", "https://proxy.example/dd/api/v2/logs"),
        ("https://vector.example/v1/input", "https://vector.example/v1/input"),
    ],
)
def test_a_bare_host_gets_the_intakes_path(given: str, address: str) -> None:
    assert intake_address(given) == address
