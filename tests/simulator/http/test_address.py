from __future__ import annotations

import pytest

from grantex_sim.http.address import meant
from grantex_sim.http.wire import Request


def request(method, target, *headers):
    return Request(method, target, "1.1", headers)


@pytest.mark.parametrize(
    ("target", "path", "key"),
    [
        ("/api/v2/logs", "/api/v2/logs", ""),
        ("/api/v2/logs/", "/api/v2/logs", ""),
        ("/api/v2/logs?dd-api-key=abc&ddsource=x", "/api/v2/logs", "abc"),
        ("/v1/input", "/v1/input", ""),
        ("/v1/input/", "/v1/input", ""),
        ("/v1/input/abc", "/v1/input", "abc"),
        ("/v1/input/abc/?ddsource=x", "/v1/input", "abc"),
        ("/v1/input/a%2Bc", "/v1/input", "a+c"),
        ("/v1/input?dd-api-key=abc", "/v1/input", "abc"),
        ("/?ddforward=%2Fapi%2Fv2%2Flogs%3Fdd-api-key%3Dabc%26ddsource%3Dbrowser",
         "/api/v2/logs", "abc"),
        ("/?ddforward=%2F_sim%2Freset", "/", ""),
        ("/?ddforward=http%3A%2F%2F%5B%3A%3A1", "/", ""),
        ("/api/v2/logs/abc", "/api/v2/logs/abc", ""),
        ("/v1/input/a/b", "/v1/input/a/b", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_the_intake_is_known_in_every_form_and_its_key_with_it(method, target, path, key):
    found = meant(request(method, target))
    assert (found.path, found.header("dd-api-key")) == (path, key)


def test_what_else_the_query_says_stays():
    found = meant(request("POST", "/v1/input/abc?ddsource=x&ddtags=a:b"))
    assert found.query == (("ddsource", "x"), ("ddtags", "a:b"))
    forwarded = meant(request("POST", "/?ddforward=%2Fapi%2Fv2%2Flogs%3Fddsource%3Dbrowser"))
    assert forwarded.query == (("ddsource", "browser"),)


def test_a_key_in_the_header_is_believed_first():
    found = meant(request("POST", "/v1/input/abc?dd-api-key=def", ("dd-api-key", "header")))
    assert found.header("dd-api-key") == "header"


def test_a_browser_names_the_coding_in_the_query():
    found = meant(request("POST", "/api/v2/logs?dd-evp-encoding=deflate"))
    assert found.header("content-encoding") == "deflate"


@pytest.mark.parametrize("target", ["/api/v2/logs", "/api/v1/monitor?x=1", "/", "/v1/events/ws"])
def test_a_request_that_is_in_its_form_is_not_copied(target):
    given = request("POST", target)
    assert meant(given) is given


def test_a_head_is_a_get_but_for_the_stream():
    assert meant(request("HEAD", "/_sim")).method == "GET"
    assert meant(request("HEAD", "/v1/events/stream")).method == "HEAD"
