from __future__ import annotations

from string import ascii_letters, digits
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.http.target import is_target, path_of, query_of, with_path


UNRESERVED = ascii_letters + digits + "-._~"


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/a/b?x=1", "/a/b", "x=1"),
        ("/a?x=/b?y", "/a", "x=/b?y"),
        ("/a#b?c", "/a", ""),
        ("//a/b", "//a/b", ""),
        ("//a:99999999/b", "//a:99999999/b", ""),
        ("/a/b/", "/a/b/", ""),
        ("/%761/%65vents?%61=%62", "/v1/events", "%61=%62"),
        ("/a%2Fb%20c%zz%", "/a%2Fb%20c%zz%", ""),
        ("http://host:1/a?b", "/a", "b"),
        ("http://host", "/", ""),
        ("http://host?q", "/", "q"),
        ("*", "*", ""),
    ],
)
def test_a_target_has_a_path_and_a_query(target, path, query):
    assert (path_of(target), query_of(target)) == (path, query)


@pytest.mark.parametrize(
    ("method", "target", "known"),
    [
        ("GET", "/", True),
        ("GET", "http://a/b", True),
        ("GET", "HTTPS://a", True),
        ("OPTIONS", "*", True),
        ("GET", "*", False),
        ("GET", "", False),
        ("GET", "a/b", False),
        ("GET", "ftp://a/b", False),
        ("GET", "http:///b", False),
        ("GET", "http://[::1/b", False),
    ],
)
def test_what_is_a_target(method, target, known):
    assert is_target(method, target) is known


@given(st.text(UNRESERVED, max_size=20), st.data())
def test_escapes_of_what_needs_none_change_no_path(path, data):
    escaped = "".join(f"%{ord(each):02X}" if data.draw(st.booleans()) else each for each in path)
    assert path_of(f"/{escaped}") == f"/{path}"


@given(st.text(max_size=20))
def test_a_path_means_the_same_as_before(text):
    target = "/" + quote(text, safe="")
    assert unquote(path_of(target)) == "/" + text


@pytest.mark.parametrize(
    ("target", "found"),
    [("/a", "/b"), ("/a?x=1&y=?", "/b?x=1&y=?"), ("/a#f?x", "/b"), ("http://h/a?x=1#f", "/b?x=1")],
)
def test_another_path_keeps_the_query(target, found):
    assert with_path(target, "/b") == found
