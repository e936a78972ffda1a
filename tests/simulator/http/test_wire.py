from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.http.wire import (
    BadRequestError,
    Request,
    RequestReader,
    chunk,
    dechunk,
    head_bytes,
    parse_head,
)


TWO = (
    b"POST /a?x=1&y=%20z&x= HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
    b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n1;ext=1\r\n!\r\n0\r\nTrailer: x\r\n\r\n"
    b"GET /c HTTP/1.0\r\n\r\n"
)


def requests_of(*pieces: bytes) -> list[Request]:
    reader = RequestReader()
    found = []
    for piece in pieces:
        reader.feed(piece)
        while (request := reader.next()) is not None:
            found.append(request)
    return found


def cut(data: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


def test_requests_one_after_another_are_told_apart():
    first, second, third = requests_of(TWO)
    assert (first.method, first.path, first.body) == ("POST", "/a", b"abc")
    assert first.query == (("x", "1"), ("y", " z"), ("x", ""))
    assert (second.path, second.body) == ("/b", b"hello!")
    assert (third.version, third.keep_alive) == ("1.0", False)


@given(st.lists(st.integers(0, len(TWO)), max_size=12))
def test_how_the_bytes_are_cut_makes_no_difference(places):
    assert requests_of(*cut(TWO, places)) == requests_of(TWO)


def refusal_of(data: bytes) -> int | None:
    try:
        requests_of(data)
    except BadRequestError as error:
        return error.status
    return None


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda data: TWO[:90] + data))
def test_any_bytes_are_requests_or_refused(data):
    assert refusal_of(data) in (None, 400, 405, 413, 417, 431, 501, 505)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n : empty\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413),
        (b"GET / HTTP/1.1\r\n" + b"x" * 70_000, 431),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_status(data, status):
    assert refusal_of(data) == status


def test_a_client_that_waits_for_continue_is_told_once():
    reader = RequestReader()
    reader.feed(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert reader.next() is None
    assert reader.wants_continue()
    assert not reader.wants_continue()
    reader.feed(b"ok")
    request = reader.next()
    assert request is not None
    assert request.body == b"ok"


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (b"GET / HTTP/1.1", True),
        (b"GET / HTTP/1.1\r\nConnection: close", False),
        (b"GET / HTTP/1.0", False),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive", True),
    ],
)
def test_the_connection_is_kept_as_the_version_and_the_client_say(head, kept):
    assert parse_head(head).keep_alive is kept


def test_header_order_and_case_are_as_given():
    head = head_bytes(299, (("b-Lower", "1"), ("A", "2")))
    assert head == b"HTTP/1.1 299 Unknown\r\nb-Lower: 1\r\nA: 2\r\n\r\n"


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.lists(st.integers(0, 400)))
def test_dechunking_undoes_chunking_however_it_is_cut(pieces, places):
    coded = b"".join(map(chunk, pieces)) + b"0\r\n\r\n"
    assert b"".join(dechunk(cut(coded, places))) == b"".join(pieces)


@given(st.integers(0, 30))
def test_a_chunked_body_that_breaks_off_gives_what_there_was(length):
    coded = chunk(b"hello") + chunk(b"world")
    assert b"helloworld".startswith(b"".join(dechunk([coded[:length]])))


LINES = ("POST /a?b=c HTTP/1.1", "Host: h", "A: b c", "Content-Length: 3")


@given(
    st.lists(st.sampled_from([b"\n", b"\r\n"]), min_size=5, max_size=5),
    st.lists(st.integers(0, 200), max_size=6),
)
def test_a_line_feed_ends_a_line_as_both_do(ends, places):
    head = b"".join(line.encode() + end for line, end in zip((*LINES, ""), ends, strict=True))
    (expected,) = requests_of("\r\n".join((*LINES, "", "abc")).encode())
    assert requests_of(*cut(head + b"abc", places)) == [expected]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01", 400),
        (b"\x80", 400),
        (b" GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET ? HTTP/1.1\r\n\r\n", 400),
        (b"GET * HTTP/1.1\r\n\r\n", 400),
        (b"CONNECT a HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nExpect: x\r\n\r\n", 417),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc", 400),
        (b"OPTIONS * HTTP/1.1\r\n\r\n", None),
        (b"\r", None),
        (b"GET / HTTP/1.1\r\nExpect: 100-Continue\r\n\r\n", None),
    ],
)
def test_what_no_server_would_answer_is_refused_as_soon_as_it_can_be_told(data, status):
    assert refusal_of(data) == status


HEAD = b"POST / HTTP/1.1\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        b"Host: a\r\nHost: a\r\n",
        b"Host: a\r\nA: b\r\nhost: b\r\n",
        b"Host: a b\r\n",
        b"Host: a/b\r\n",
        b"Host: a@b\r\n",
        b"Host: a:b\r\n",
        b"Host: a:123456\r\n",
        b"Host: [::1\r\n",
        b"Host: [a.b]\r\n",
        b"Host: \xe9\r\n",
        b"Host: %zz\r\n",
        b"A: b\x00c\r\n",
        b"A: b\x1bc\r\n",
        b"A: b\x7f\r\n",
        b"A: b\rc\r\n",
        b"A\x00: b\r\n",
        b"A b: c\r\n",
        b"A : c\r\n",
        b"A: b\r\n folded\r\n",
        b"Content-Length: 3\r\n" + CHUNKED,
        CHUNKED + b"Content-Length: 3\r\n",
        CHUNKED + CHUNKED,
    ],
)
def test_what_two_servers_may_read_in_two_ways_is_refused(lines):
    assert refusal_of(HEAD + lines + b"\r\n0\r\n\r\n") == 400


@pytest.mark.parametrize(
    "host", ["", "a", "a-b.c_d:8", "[::1]:80", "127.0.0.1:", "A%20b", "x:65535"]
)
def test_a_host_is_a_name_or_an_address_with_a_port_or_without(host):
    (found,) = requests_of(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert found.header("host") == host


def test_an_old_client_s_body_has_no_transfer_coding():
    assert refusal_of(b"POST / HTTP/1.0\r\n" + CHUNKED + b"\r\n0\r\n\r\n") == 400


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /\r\n", 400),
        (b"GET /\n", 400),
        (b"GET / HTTP/0.9\r\n", 505),
        (b"GET / HTTP/1.1\r\n", None),
    ],
)
def test_a_first_line_that_is_none_is_refused_before_an_empty_one_comes(line, status):
    assert refusal_of(line) == status
    reader = RequestReader()
    found = None
    try:
        for byte in line:
            reader.feed(bytes([byte]))
            assert reader.next() is None
    except BadRequestError as error:
        found = error.status
    assert found == status


@pytest.mark.parametrize("size", [63_000, 66_000])
@pytest.mark.parametrize("cut_at", [1, 30_000, 1 << 30])
def test_a_head_is_too_long_by_its_size_and_not_by_its_packets(size, cut_at):
    head = b"GET / HTTP/1.1\r\nA: " + b"x" * size + b"\r\n\r\n"
    reader, refused = RequestReader(), None
    try:
        for piece in (head[start : start + cut_at] for start in range(0, len(head), cut_at)):
            reader.feed(piece)
            reader.next()
    except BadRequestError as error:
        refused = error.status
    assert refused == (431 if size > 65_536 else None)


def test_an_old_client_that_expects_to_be_told_is_not():
    reader = RequestReader()
    reader.feed(b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert reader.next() is None
    assert not reader.wants_continue()


@pytest.mark.parametrize("blank", [b"\r\n", b"\r\n\r\n", b"\r\n" * 5])
def test_empty_lines_before_a_request_mean_nothing(blank):
    asked = b"GET /a HTTP/1.1\r\n\r\n"
    assert requests_of(blank + asked) == requests_of(asked)
    assert requests_of(*(bytes([each]) for each in blank + asked)) == requests_of(asked)


def test_a_length_that_python_would_not_read_is_a_refusal():
    assert refusal_of(b"POST / HTTP/1.1\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n") == 413


@pytest.mark.parametrize(("second", "status"), [(b"3", 400), (b"2", None)])
def test_two_content_lengths_must_agree(second, status):
    head = b"POST / HTTP/1.1\r\ncontent-length: 2\r\ncontent-length: " + second + b"\r\n\r\n"
    if status is not None:
        assert refusal_of(head) == status
        return
    reader = RequestReader()
    reader.feed(head + b"ab")
    request = reader.next()
    assert request is not None
    assert request.body == b"ab"
