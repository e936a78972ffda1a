from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.events.live.sse import Comment, Message, Oversized, SSEDecoder


FIXTURES = Path(__file__).parents[3] / "fixtures"
CASES = json.loads((FIXTURES / "sse-parse-cases.json").read_bytes())


def chunks_of(case: dict) -> list[bytes]:
    chunks: list[bytes] = []
    for chunk in case["chunks"]:
        if isinstance(chunk, str):
            chunks.append(base64.b64decode(chunk))
        elif chunk["as"] == "one chunk":
            chunks.append(base64.b64decode(chunk["b64"]) * chunk["times"])
        else:
            chunks += [base64.b64decode(chunk["b64"])] * chunk["times"]
    return chunks


def text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def matches(message: Message, expected: dict) -> bool:
    data = text(message.data)
    if "data" in expected:
        same = data == expected["data"]
    else:
        digest = hashlib.sha256(data.encode()).hexdigest()
        same = len(data) == expected["data_len"] and digest == expected["data_sha256"]
    about = {"event": message.event, "id": message.id, "retry": message.retry}
    return same and all(expected[key] == value for key, value in about.items())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_decodes_as_the_standard_says(case):
    decoder = SSEDecoder()
    messages: list[Message] = []
    comments: list[str] = []
    after_chunk = []
    for chunk in chunks_of(case):
        for item in decoder.feed(chunk):
            if isinstance(item, Message):
                messages.append(item)
            elif isinstance(item, Comment):
                comments.append(text(item.text))
        after_chunk.append(len(messages))
    assert len(messages) == len(case["expect"])
    assert all(map(matches, messages, case["expect"]))
    assert (decoder.last_event_id, decoder.retry) == (case["final_id"], case["final_retry"])
    assert comments == case.get("comments", comments)
    assert after_chunk == case.get("after_chunk", after_chunk), "an event came later than its bytes"


LINES = st.sampled_from(
    [
        b"data: {}", b"data:x", b"data", b"data:  two", b": keepalive", b":", b"", b"", b"",
        b"event: e", b"event", b"id: 1", b"id", b"id: a\0b", b"retry: 10", b"retry: x", b"other: y",
        b"\xef\xbb\xbfdata: bom", "data: \u2028 \U0001f600".encode(), b"data: \xff",
    ]
)  # fmt: skip
STREAMS = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r", b"\r\n"]))).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


@given(STREAMS, st.data())
def test_chopping_changes_nothing(stream, data):
    whole = SSEDecoder()
    expected = whole.feed(stream)
    chopped = SSEDecoder()
    items = []
    rest = stream
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        items += chopped.feed(rest[:size])
        rest = rest[size:]
    assert items == expected
    assert (chopped.last_event_id, chopped.retry) == (whole.last_event_id, whole.retry)


@given(STREAMS)
def test_agrees_with_a_reading_line_by_line(stream):
    assert [m for m in SSEDecoder().feed(stream) if isinstance(m, Message)] == by_the_book(stream)


PLAIN = st.sampled_from(
    [b"data: one\n\n", b"data: two\n\n", b"data:\n\n", b"data: \n\n", b"data: a\ndata: b\n\n",
     b"data: c\n\n\n", b": keepalive\n\n", b"data: \xff\n\n", b"id: 1\ndata: d\n\n", b"data: e\r\n\r\n"]
)  # fmt: skip


@given(st.lists(st.one_of(PLAIN, PLAIN, STREAMS), max_size=12), st.data())
@settings(max_examples=100)
def test_the_data_alone_is_the_data_of_the_messages_however_the_reads_cut_it(pieces, data):
    rest = b"".join(pieces)
    decoder, twin = SSEDecoder(max_event_size=60), SSEDecoder(max_event_size=60)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        read, rest = rest[:size], rest[size:]
        items = [item for item in twin.feed(read) if not isinstance(item, Comment)]
        expected = [item.data if isinstance(item, Message) else item for item in items]
        assert decoder.feed_data(read) == expected
        assert decoder.pending == twin.pending
    assert decoder.last_event_id == twin.last_event_id


def by_the_book(stream: bytes) -> list[Message]:
    """The standard's own steps, written down with no thought of speed."""
    messages = []
    data: list[bytes] = []
    event, new_id, last_id, retry = "", None, "", None
    stream = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    *lines, _unfinished = stream.split(b"\n")
    for line in lines:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if line == b"":
            last_id = new_id if new_id is not None else last_id
            if data:
                messages.append(Message(b"\n".join(data), event or "message", last_id, retry))
                retry = None
            data, event, new_id = [], "", None
        elif name == b"data":
            data.append(value)
        elif name == b"event":
            event = value.decode()
        elif name == b"id" and b"\0" not in value:
            new_id = value.decode()
        elif name == b"retry" and value.isdigit():
            retry = int(value)
    return messages


def test_a_large_event_in_single_bytes_is_kept_in_pieces_until_its_line_ends():
    # Linear cost, without a clock: no byte is copied again before the line is complete.
    decoder = SSEDecoder()
    stream = b"data: " + b"x" * 20_000
    for i in range(len(stream)):
        assert decoder.feed(stream[i : i + 1]) == []
    assert decoder.pending == len(stream)
    assert len(decoder._partial) == len(stream)
    assert decoder.feed(b"\n\n") == [Message(b"x" * 20_000)]


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_an_oversized_event_is_skipped_and_named_and_the_stream_goes_on(size, end):
    decoder = SSEDecoder(max_event_size=1000)
    lines = [b'data: {"id":"evt_1",' + b"z" * 2000, b"data: more", b"", b"data: ok", b"", b""]
    stream = end.join(lines)
    items = [i for at in range(0, len(stream), size) for i in decoder.feed(stream[at : at + size])]
    oversized, message = items
    assert isinstance(oversized, Oversized)
    assert oversized.size == len(lines[0]) + len(lines[1])
    assert oversized.head.startswith(b'{"id":"evt_1",zzz')
    assert len(oversized.head) <= 512
    assert message == Message(b"ok")
    assert decoder.pending == 0


def test_an_oversized_event_takes_no_memory_while_it_is_skipped():
    decoder = SSEDecoder(max_event_size=1000)
    for _ in range(100):
        decoder.feed(b"data: " + b"z" * 10_000 + b"\n")
    assert sum(map(len, decoder._partial)) + sum(map(len, decoder._data)) == 0


def test_many_small_lines_count_towards_the_limit_too():
    decoder = SSEDecoder(max_event_size=100)
    items = decoder.feed(b"data: 123456789\n" * 20 + b"\n" + b"data: ok\n\n")
    assert [type(i) for i in items] == [Oversized, Message]


def test_an_event_of_exactly_the_limit_passes():
    line = b"data: " + b"x" * 94
    assert SSEDecoder(max_event_size=100).feed(line + b"\n\n") == [Message(b"x" * 94)]


def test_pending_says_how_much_a_cut_would_lose():
    decoder = SSEDecoder()
    assert len(decoder.feed(b"data: 1\n\ndata: 12")) == 1
    assert decoder.pending == len(b"data: 12")
