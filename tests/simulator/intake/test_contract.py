from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from grantex_sim.http.coding import TooLargeError, decode_body
from grantex_sim.intake.contract import MAX_BODY, Payload, judge, judge_key


if TYPE_CHECKING:
    from collections.abc import Callable


JSON = "application/json"
ENTRY = {"message": "m", "ddsource": "grantex", "service": "s"}


def encode(value: object) -> bytes:
    return json.dumps(value).encode()


def raw_deflate(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "zstd": zstandard.ZstdCompressor().compress,
    "zstd1": zstandard.ZstdCompressor(write_content_size=False).compress,
}


@pytest.mark.parametrize(
    ("body", "status", "messages"),
    [
        (b"{}", 202, [""]),
        (b"[]", 202, []),
        (encode(ENTRY), 202, ["m"]),
        (b"  \n" + encode([ENTRY, {"message": "é\u2028"}]), 202, ["m", "é\u2028"]),
        (encode([{**ENTRY, "extra": {"a": [1, None]}}]), 202, ["m"]),
        (
            encode([{"message": None}, {"message": 5}, {"message": {"a": 1}}]),
            202,
            ["", "5", '{"a":1}'],
        ),
        (b'[{"message":"\\ud800"}]', 202, ["?"]),
        (b"", 400, []),
        (b"[", 400, []),
        (b"{} {}", 400, []),
        (b'{"message":"a"},{"message":"b"}', 400, []),
        (b'"text"', 400, []),
        (b"null", 400, []),
        (b"[1]", 400, []),
        (b'[{"message":"a"},[]]', 400, []),
        (b'[{"message":"\xff"}]', 400, []),
        (b"[" * 100_000, 400, []),
        (b'{"a":' * 100_000, 400, []),
    ],
)
def test_json_bodies(body, status, messages):
    verdict = judge(Payload(JSON, "", body))
    assert (verdict.status, verdict.messages) == (status, messages)
    assert bool(verdict.reason) == (status != 202)


@pytest.mark.parametrize(
    ("content_type", "body", "messages"),
    [
        ("text/plain", b"one\ntwo\n\n", ["one", "two"]),
        ("application/logplex-1", b"one", ["one"]),
        ("text/plain; charset=utf-8", b"[1]", ["[1]"]),
        ("application/json;simple", b'{"message":"m"}', ["m"]),
        ("", b"plain", ["plain"]),
        ("application/x-www-form-urlencoded", b'{"message":"m"}', ["m"]),
    ],
)
def test_content_types(content_type, body, messages):
    verdict = judge(Payload(content_type, "", body))
    assert (verdict.status, verdict.messages) == (202, messages)


@pytest.mark.parametrize(("entries", "status"), [(1, 202), (1_000, 202), (1_001, 413)])
def test_a_request_takes_a_thousand_entries(entries, status):
    assert judge(Payload(JSON, "", encode([ENTRY] * entries))).status == status


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(("excess", "status"), [(0, 202), (1, 413)])
def test_five_megabytes_are_counted_uncompressed(coding, excess, status):
    shell = len(encode([{"a": "", "b": ""}]))
    half = (MAX_BODY - shell) // 2
    body = encode([{"a": "x" * half, "b": "x" * (MAX_BODY - shell - half + excess)}])
    assert len(body) == MAX_BODY + excess
    assert judge(Payload(JSON, coding, CODINGS[coding](body))).status == status


def test_an_entry_over_a_megabyte_is_accepted_and_noted():
    body = encode([{"message": "small"}, {"message": "x" * 1_000_001}, {"message": "last"}])
    verdict = judge(Payload(JSON, "", body))
    assert (verdict.status, verdict.truncated) == (202, frozenset({1}))


def test_a_single_object_and_a_text_line_over_a_megabyte_are_noted_too():
    assert judge(Payload(JSON, "", encode({"message": "x" * 1_000_001}))).truncated == {0}
    assert judge(Payload("text/plain", "", b"a\n\n" + b"x" * 1_000_001)).truncated == {1}


def test_many_small_entries_over_a_megabyte_together_are_not():
    assert judge(Payload(JSON, "", encode([{"message": "x" * 2_000}] * 1_000))).truncated == set()


@pytest.mark.parametrize(
    ("given_key", "status"), [("", 401), ("wrong", 403), ("right ", 403), ("right", None)]
)
def test_keys(given_key, status):
    verdict = judge_key(given_key, "right")
    assert (verdict.status if verdict else None) == status


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "br", "gzip, gzip"])
def test_a_body_that_is_not_coded_as_it_says_is_malformed(coding):
    verdict = judge(Payload(JSON, coding, b"{}"))
    assert verdict.status == 400
    assert verdict.messages == []


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_a_compressed_body_that_breaks_off_is_malformed(coding):
    body = CODINGS[coding](encode([ENTRY]))
    assert judge(Payload(JSON, coding, body[: len(body) // 2])).status == 400


@given(st.binary(max_size=2_000), st.sampled_from(sorted(CODINGS)))
def test_decoding_undoes_coding(data, coding):
    assert decode_body(CODINGS[coding](data), coding, 2_000) == data


def test_gzip_members_and_zstd_frames_follow_each_other():
    assert decode_body(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", 9) == b"ab"
    assert decode_body(CODINGS["zstd"](b"a") + CODINGS["zstd"](b"b"), "zstd", 9) == b"ab"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_a_bomb_is_not_blown_up(coding):
    with pytest.raises(TooLargeError):
        decode_body(CODINGS[coding](bytes(50_000_000)), coding, 1_000)


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "zstd"]))
def test_any_bytes_are_judged(data, coding):
    assert judge(Payload(JSON, coding, data)).status in (202, 400)
