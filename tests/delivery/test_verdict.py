from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import parse_rfc3339
from grantex_tui.delivery.answer import Answer
from grantex_tui.delivery.verdict import VerdictKind, error_text, judge, retry_after


NOW = parse_rfc3339("2026-01-05T09:00:00Z")
DELIVERED, SPLIT, RETRY, HOLD = VerdictKind


ERROR = b'{"errors":[{"detail":"Malformed payload","status":"400","title":"Bad Request"}]}'
PAGE = b"<!doctype html><title>Sign in</title>"
JSON, HTML, NONE = ("application/json", ERROR), ("text/html", PAGE), ("", b"")


def verdict(status: int, body: bytes = b"", *, whole: bool = True, **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(Answer(status, httpx.Headers(named), body, whole=whole), now=NOW)


@pytest.mark.parametrize(
    ("kind", "statuses", "said"),
    [
        (DELIVERED, [202], [JSON, HTML, NONE]),
        (DELIVERED, [200, 201, 204], [JSON, NONE, ("text/plain", b"{}"), ("", b" \n")]),
        (HOLD, [200, 201, 203], [HTML, ("text/plain", b"OK"), ("application/json", b"{")]),
        (SPLIT, [400, 413], [JSON, ("text/plain", b'{"message":"no"}')]),
        (HOLD, [400], [HTML, NONE, ("text/plain", b"bad"), ("application/json", b"{")]),
        (RETRY, [413], [HTML, NONE, ("text/plain", b"too large")]),
        (HOLD, [401, 402, 403, 404, 405, 407, 409, 410, 414, 415, 418, 421, 422, 431, 451], [JSON, HTML, NONE]),
        (HOLD, [300, 301, 302, 303, 304, 307, 308], [JSON, HTML, NONE]),
        (RETRY, [101, 408, 425, 429, 500, 502, 503, 504, 520, 599], [JSON, HTML, NONE]),
    ],
)  # fmt: skip
def test_every_answer_has_its_verdict(kind: VerdictKind, statuses, said) -> None:
    for status in statuses:
        for content_type, body in said:
            judged = verdict(status, body, content_type=content_type)
            assert (judged.kind, judged.status) == (kind, status), (status, content_type, body)


def test_a_body_that_is_only_begun_proves_nothing_and_a_202_needs_none() -> None:
    assert verdict(202, whole=False).kind is DELIVERED
    assert verdict(200, whole=False).kind is RETRY
    assert verdict(200, b"{", whole=False).kind is HOLD
    assert verdict(400, b'{"errors":', whole=False).kind is HOLD


def test_what_the_status_says_already_is_not_said_again() -> None:
    assert verdict(503, b'{"errors":["Service Unavailable"]}').detail == "503 Service Unavailable"


@pytest.mark.parametrize("status", [200, 400, 402, 403, 413, 451, 503])
def test_a_page_of_somebody_in_between_is_named_as_that(status: int) -> None:
    said = verdict(status, PAGE, content_type="text/html; charset=utf-8").detail
    assert said.startswith(f"{status} ")
    assert "text/html" in said
    assert "Sign in" in said
    assert "key" not in said


@given(st.integers(100, 599), st.binary(max_size=50))
def test_no_answer_at_all_is_without_a_verdict(status: int, body: bytes) -> None:
    assert verdict(status, body).kind in VerdictKind


def test_only_413_says_that_less_might_do() -> None:
    assert verdict(413, b"{}").too_large
    assert verdict(413).too_large
    assert not verdict(400).too_large


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "the API key is missing"),
        (404, "there is no logs intake at this address"),
        (405, "there is no logs intake at this address"),
        (407, "a proxy wants credentials"),
        (410, "there is no logs intake at this address"),
        (415, "the intake does not take this compression; choose another"),
        (421, "there is no logs intake at this address"),
    ],
)
def test_a_refusal_of_us_says_what_it_is_about(status: int, reason: str) -> None:
    assert verdict(status).detail.startswith(f"{reason}: {status} ")


def test_a_redirect_says_where_to_and_that_it_is_not_followed() -> None:
    told = verdict(307, location="https://evil.example/\x1b[31m").detail
    assert "https://evil.example/" in told
    assert "not followed" in told
    assert "\x1b" not in told


def test_a_refused_key_is_called_that_with_the_servers_own_words() -> None:
    body = b'{"errors":[{"status":"403","title":"Forbidden","detail":"API key is invalid"}]}'
    assert verdict(403, body).detail == "the API key is refused: 403 Forbidden (API key is invalid)"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            b'{"errors":[{"detail":"Malformed payload","status":"400","title":"Bad Request"}]}',
            "Malformed payload",
        ),
        (b'{"errors":[{"title":"Bad Request"},{"detail":"two"}]}', "Bad Request; two"),
        (b'{"errors":["plain"]}', "plain"),
        (b"<html>\nbad</html>", "<html>␊bad</html>"),
        (b"", ""),
        (b"{}", ""),
        (b'{"message":"no"}', '{"message":"no"}'),
        (b"\xff\x1b[2J", "�␛[2J"),
        (b'{"errors":{}}', '{"errors":{}}'),
    ],
)
def test_error_bodies_of_any_shape_are_told_safely(body: bytes, text: str) -> None:
    assert error_text(body) == text


def test_a_long_error_body_is_cut() -> None:
    assert len(error_text(b"x" * 100_000)) == 200


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Mon, 05 Jan 2026 09:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 05 Jan 2026 08:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "86400"}, 300.0),
        ({"retry-after": "9" * 400}, 300.0),
        ({"retry-after": "²"}, None),
        ({"x-ratelimit-reset": "12"}, 12.0),
        ({"retry-after": "3", "x-ratelimit-reset": "12"}, 3.0),
        ({"retry-after": "soon", "x-ratelimit-reset": "12"}, 12.0),
    ],
)
def test_the_servers_wish_to_be_left_alone_is_read_and_capped(headers, seconds) -> None:
    assert retry_after(headers, now=NOW) == seconds
    assert (
        verdict(429, **{k.replace("-", "_"): v for k, v in headers.items() if v.isascii()}).kind
        is RETRY
    )
