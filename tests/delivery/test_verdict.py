from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.clock import parse_rfc3339
from grantex_tui.delivery.verdict import VerdictKind, error_text, judge, retry_after


NOW = parse_rfc3339("2026-01-05T09:00:00Z")
DELIVERED, SPLIT, RETRY, HOLD = VerdictKind


def verdict(status: int, body: bytes = b"", **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(status, httpx.Headers(named), body, now=NOW)


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        (DELIVERED, [200, 202, 204, 299]),
        (SPLIT, [400, 413, 409, 414, 418, 422, 431, 499]),
        (HOLD, [401, 403, 404, 405, 407, 410, 415, 421, 300, 301, 302, 303, 307, 308, 399]),
        (RETRY, [199, 408, 425, 429, 500, 502, 503, 504, 520, 599]),
    ],
)
def test_every_status_has_its_verdict(kind: VerdictKind, statuses: list[int]) -> None:
    assert {verdict(status).kind for status in statuses} == {kind}
    assert [verdict(status).status for status in statuses] == statuses


@given(st.integers(100, 599), st.binary(max_size=50))
def test_no_answer_at_all_is_without_a_verdict(status: int, body: bytes) -> None:
    assert verdict(status, body).kind in VerdictKind


def test_only_413_says_that_less_might_do() -> None:
    assert verdict(413).too_large
    assert not verdict(400).too_large


def test_a_redirect_says_where_to_and_that_it_is_not_followed() -> None:
    told = verdict(307, location="https://evil.example/\x1b[31m").detail
    assert "https://evil.example/" in told
    assert "not followed" in told
    assert "\x1b" not in told


def test_a_refused_key_is_called_that_with_the_servers_own_words() -> None:
    body = b'{"errors":[{"status":"403","title":"Forbidden","detail":"API key is invalid"}]}'
    assert verdict(403, body).detail == "the API key is refused (API key is invalid)"


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
