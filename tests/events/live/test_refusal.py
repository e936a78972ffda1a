from __future__ import annotations

import json
from email.utils import formatdate

import pytest

from grantex_tui.events.live.refusal import Refusal, describe, read_refusal


def test_both_of_the_services_error_shapes_are_read():
    usual = {"message": "Invalid API key", "code": "UNAUTHORIZED", "requestId": "x"}
    other = {"message": "Route GET:/x not found", "error": "Not Found", "statusCode": 404}
    assert read_refusal(401, {}, json.dumps(usual).encode(), now=0).code == "UNAUTHORIZED"
    refusal = read_refusal(404, {}, json.dumps(other).encode(), now=0)
    assert (refusal.code, refusal.message) == ("Not Found", "Route GET:/x not found")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_any_body_makes_a_refusal(body):
    assert read_refusal(502, {}, body, now=0).status == 502


def test_foreign_text_in_a_refusal_is_neutralised():
    body = json.dumps({"message": "\x1b[31mred\u202e", "code": "\x07X"}).encode()
    headers = {"content-type": "a\x1b", "content-encoding": "b\x07", "location": "/\x1b]0;t"}
    for status in (200, 307, 500):
        shown = describe(read_refusal(status, headers, body, now=0))
        assert not set("\x1b\x07\u202e") & set(shown)


def test_a_long_address_is_shown_in_part_and_kept_whole():
    refusal = read_refusal(307, {"location": "/" + "a" * 900}, b"", now=0)
    assert refusal.location == "/" + "a" * 900
    assert len(describe(refusal)) < 300


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refusal(200, content_type="text/html"), "the answer is text/html, not text/event-stream"),
        (Refusal(200), "the answer is untyped, not text/event-stream"),
        (
            Refusal(200, content_type="Text/Event-Stream; charset=utf-8", coding="br"),
            "the stream is compressed (br), which was not asked for",
        ),
        (Refusal(204), "204 No Content: the server wants no client to reconnect"),
        (Refusal(304), "304"),
        (
            Refusal(307, location="/x"),
            "307 redirect to /x, which is not the address the key is for",
        ),
        (Refusal(401, "UNAUTHORIZED", "Invalid API key"), "401 UNAUTHORIZED: Invalid API key"),
    ],
)
def test_a_refusal_in_a_line(refusal, said):
    assert describe(refusal) == said


@pytest.mark.parametrize(
    ("header", "expected"),
    [("24", 24.0), (" 7 ", 7.0), ("soon", None), ("-1", None), ("", None)],
)
def test_retry_after_in_seconds(header, expected):
    assert read_refusal(429, {"retry-after": header}, b"", now=0).retry_after == expected


def test_retry_after_as_a_date_is_relative_to_now():
    header = formatdate(1_000_030, usegmt=True)
    assert read_refusal(429, {"retry-after": header}, b"", now=1_000_000).retry_after == 30
