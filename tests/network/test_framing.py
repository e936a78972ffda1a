from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.network.framing import Chunked, Plain, Sized, framing_of


BREAKS = st.sampled_from([b"", b"\r\n", b"\r", b"5\r\nhello\r\n", b"\n\n"])
CONTENT = st.builds(lambda a, b, c: a + b + c, st.binary(min_size=1, max_size=12), BREAKS, BREAKS)


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    ends = sorted({min(place, len(data)) for place in at} | {len(data)})
    return [data[a:b] for a, b in zip([0, *ends], ends, strict=False)]


@given(st.lists(CONTENT, max_size=6), st.lists(st.integers(0, 200), max_size=8), st.booleans())
@settings(max_examples=100)
def test_however_the_reads_cut_it_the_body_is_what_the_chunks_hold(contents, at, ends):
    framed = b"".join(map(chunk, contents)) + (b"0\r\n\r\n" if ends else b"")
    framing = Chunked()
    assert b"".join(map(framing.feed, cut(framed, at))) == b"".join(contents)
    assert (framing.is_over, framing.is_whole, framing.broken) == (ends, ends, "")


@given(st.lists(st.sampled_from([b"one\n\n", b"three\n\n", b"a\r\nb"]), min_size=1, max_size=9))
def test_once_the_sizes_are_known_a_read_of_several_chunks_gives_the_same(contents):
    framing = Chunked()
    framed = b"".join(map(chunk, contents))
    for _ in range(3):
        assert framing.feed(framed) == b"".join(contents)


def test_nothing_of_a_chunk_waits_for_the_rest_of_it():
    framing = Chunked()
    assert framing.feed(b"5\r\nhel") == b"hel"
    assert framing.feed(b"lo") == b"lo"
    assert framing.feed(b"\r") == b""
    assert framing.feed(b"\n3\r\nabc\r\n4") == b"abc"
    assert framing.feed(b"\r\nfour\r\n") == b"four"


def test_extensions_and_trailers_are_passed_over():
    framing = Chunked()
    assert framing.feed(b'5 ;a="b"\r\nhello\r\n0;x\r\nX-Sum: 1\r\n\r\nrest') == b"hello"
    assert framing.is_over
    assert framing.feed(b"more") == b""


@pytest.mark.parametrize(
    ("framed", "said"),
    [
        (b"2\r\nabc\r\n", "longer than it says"),
        (b"zz\r\nabc\r\n", "how long it is"),
        (b"0x3\r\nabc\r\n", "how long it is"),
        (b"-3\r\nabc\r\n", "how long it is"),
        (b"\r\nabc", "how long it is"),
        (b"1" * 20_000, "does not end"),
    ],
)
def test_a_body_that_is_not_framed_is_broken_and_what_came_before_is_kept(framed, said):
    framing = Chunked()
    found = framing.feed(b"5\r\nhello\r\n" + framed)
    assert found.startswith(b"hello")
    assert said in framing.broken
    assert framing.feed(b"5\r\nhello\r\n") == b""


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"transfer-encoding": "Chunked"}, Chunked),
        ({"transfer-encoding": "chunked", "content-length": "5"}, Chunked),
        ({"transfer-encoding": "gzip, chunked"}, type(None)),
        ({"content-length": "5"}, Sized),
        ({"content-length": "five"}, type(None)),
        ({}, Plain),
    ],
)
def test_the_headers_say_how_a_body_is_framed(headers, kind):
    assert type(framing_of(headers)) is kind


def test_a_sized_body_is_over_when_all_has_come():
    framing = Sized(5)
    assert framing.feed(b"abc") == b"abc"
    assert not framing.is_over
    assert framing.feed(b"defgh") == b"de"
    assert framing.is_over
    assert framing.is_whole
