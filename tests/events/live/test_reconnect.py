from __future__ import annotations

import json
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.events.live.connection import ConnectionState
from grantex_tui.events.live.reconnect import (
    Cut,
    GiveUp,
    Refusal,
    Retry,
    backoff,
    decide,
    describe,
    read_refusal,
)


def after(ending, *, attempt=1, was_live=False, jitter=0.5):
    return decide(ending, attempt=attempt, was_live=was_live, jitter=lambda: jitter)


def test_a_cut_is_retried_with_full_jitter_that_doubles_up_to_a_minute():
    most = [after(Cut("reset"), attempt=n, jitter=0.999999).delay for n in range(1, 10)]
    assert [round(delay) for delay in most] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert after(Cut("reset"), attempt=5, jitter=0.0).delay == 0


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_no_backoff_is_longer_than_a_minute(attempt, jitter):
    assert 0 <= backoff(attempt, jitter) <= 60


@given(st.floats(0, 1, exclude_max=True))
def test_a_lock_out_is_waited_out_for_more_than_300_seconds(jitter):
    decision = after(Refusal(429, "TOO_MANY_CONNECTIONS", "Max 5"), jitter=jitter)
    assert isinstance(decision, Retry)
    assert decision.delay > 300
    assert decision.state is ConnectionState.LOCKED_OUT
    assert "Max 5" in decision.reason


def test_a_plan_limit_waits_as_long_as_it_says():
    decision = after(Refusal(429, "RATE_LIMIT_EXCEEDED", retry_after=24.0))
    assert isinstance(decision, Retry)
    assert 24 <= decision.delay <= 25


def test_a_limit_without_retry_after_backs_off_for_a_second_at_least():
    assert after(Refusal(429), jitter=0.0).delay >= 1


@pytest.mark.parametrize("status", [401, 403, 404, 204, 200, 301, 400, 410])
def test_what_asking_again_will_not_change_ends_the_stream(status):
    decision = after(Refusal(status, content_type="text/html"))
    assert isinstance(decision, GiveUp)
    assert decision.hint


def test_a_404_from_a_server_that_has_served_the_stream_is_a_deployment_passing_by():
    assert isinstance(after(Refusal(404), was_live=True), Retry)


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_a_server_in_trouble_is_tried_again(status):
    assert isinstance(after(Refusal(status)), Retry)


def test_a_server_in_trouble_may_say_for_how_long():
    assert after(Refusal(503, retry_after=40.0), jitter=0.0).delay == 40


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
