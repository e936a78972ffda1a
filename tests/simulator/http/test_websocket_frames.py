from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Frame
from websockets.frames import Opcode as TheirOpcode
from websockets.protocol import Protocol, Side, State

from grantex_sim.http.websocket_frames import (
    FrameError,
    FrameReader,
    Opcode,
    close_bytes,
    close_code,
    frame_bytes,
)


LIMIT = 1_000
MASK = b"\x01\x80\xff\x00"


def masked(first: int, payload: bytes, *, length: int | None = None, mask: bytes = MASK) -> bytes:
    """A client's frame, right or wrong."""
    length = len(payload) if length is None else length
    if length <= 125:
        head = struct.pack("!BB", first, 0x80 | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, length)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


def ours(data: bytes, cuts=()) -> tuple[list[tuple[int, bytes]], int | None]:
    """Messages until the first error or close, and the code of the error."""
    reader, found = FrameReader(max_message=LIMIT), []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    try:
        for start, end in pairwise(edges):
            for message in reader.feed(data[start:end]):
                found.append((int(message.opcode), message.payload))
                if message.opcode is Opcode.CLOSE:
                    return found, None
    except FrameError as error:
        return found, error.code
    return found, None


def theirs(data: bytes) -> tuple[list[tuple[int, bytes]], int | None]:
    """The same by the `websockets` package's own protocol."""
    protocol = Protocol(Side.SERVER, state=State.OPEN, max_size=LIMIT)
    protocol.receive_data(data)
    found: list[tuple[int, bytes]] = []
    kind, parts = 0, b""
    for event in protocol.events_received():
        assert isinstance(event, Frame)
        if event.opcode >= TheirOpcode.CLOSE:
            found.append((int(event.opcode), bytes(event.data)))
            continue
        kind = kind if event.opcode is TheirOpcode.CONT else int(event.opcode)
        parts = bytes(event.data) if event.opcode is not TheirOpcode.CONT else parts + event.data
        if event.fin:
            found.append((kind, parts))
    error = protocol.parser_exc
    if isinstance(error, PayloadTooBig):
        return found, 1009
    if isinstance(error, UnicodeDecodeError):
        return found, 1007
    return found, 1002 if isinstance(error, ProtocolError) else None


def is_text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def closes_amid_a_message(data: bytes) -> bool:
    """A close between the fragments of a message: RFC 6455 5.4 allows it, they refuse it."""
    reader = FrameReader(max_message=LIMIT)
    closes = any(message.opcode is Opcode.CLOSE for message in reader.feed(data))
    return closes and reader._opcode is not None


PAYLOADS = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=80).map(str.encode),
    st.sampled_from([b"", b"x" * 125, b"x" * 126, b"x" * 999, b"x" * 1_000, b"x" * 1_001]),
    st.sampled_from([b"\x03\xe8", b"\x03\xe8bye", b"\x03", b"\x03\xed", b"\x0b\xb8", b"\x13\x88"]),
)
FIRST = st.one_of(
    st.sampled_from([0x81, 0x82, 0x01, 0x02, 0x80, 0x00, 0x88, 0x89, 0x8A]), st.integers(0, 255)
)
FRAMES = st.lists(st.tuples(FIRST, PAYLOADS, st.binary(min_size=4, max_size=4)), max_size=6)


FULL = (1, b"x" * LIMIT, b"\0\0\0\0")


@given(FRAMES, st.lists(st.integers(0, 5_000), max_size=6))
@example([FULL, (0x89, b"\0", b"\0\0\0\0")], [])
@example([FULL, (0x80, b"x", b"\0\0\0\0")], [])
def test_any_frames_are_read_as_the_websockets_package_reads_them(frames, cuts):
    data = b"".join(masked(first, payload, mask=mask) for first, payload, mask in frames)
    expected, code = theirs(data)
    found, error = ours(data, cuts)
    if error == 1007:
        # Their sans-I/O layer leaves a text message's UTF-8 to the connection above it.
        index = len(found)
        assert found == expected[:index]
        bad_text = index < len(expected) and not is_text(expected[index][1])
        assert bad_text or code == 1007
        return
    if code == 1002 and error is None and closes_amid_a_message(data):
        assert found[:-1] == expected
        return
    if code == 1009 and found != expected:
        # Control frames count against the length of the message around them over there.
        assert found[: len(expected)] == expected
        assert found[len(expected)][0] >= Opcode.CLOSE
        return
    assert found == expected
    # A frame that is wrong in two ways: too long and out of order, or a close frame with a code
    # that may not be sent and a reason that is no text. They look at the other one first.
    assert error == code or (error, code) in {(1002, 1009), (1002, 1007)}


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_any_bytes_at_all_end_in_messages_or_in_a_code(data, cuts):
    found, error = ours(data, cuts)
    assert (found, error) == ours(data)
    assert error in (None, 1002, 1007, 1009)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x01x", 1002),
        (masked(0xC1, b"x"), 1002),
        (masked(0x83, b"x"), 1002),
        (masked(0x8B, b"x"), 1002),
        (masked(0x09, b""), 1002),
        (masked(0x89, b"x" * 126), 1002),
        (masked(0x80, b"x"), 1002),
        (masked(0x01, b"x") + masked(0x81, b"y"), 1002),
        (masked(0x88, b"\x03"), 1002),
        (masked(0x88, (1005).to_bytes(2, "big")), 1002),
        (masked(0x88, (999).to_bytes(2, "big")), 1002),
        (masked(0x88, (1000).to_bytes(2, "big") + b"\xff"), 1007),
        (masked(0x81, b"\xff"), 1007),
        (masked(0x01, b"\xe2\x80") + masked(0x80, b"\xff"), 1007),
        (masked(0x81, b"x" * (LIMIT + 1)), 1009),
        (masked(0x01, b"x" * LIMIT) + masked(0x80, b"y"), 1009),
        (masked(0x82, b"", length=1 << 62)[:14], 1009),
    ],
)
def test_what_breaks_the_protocol_has_its_code(data, code):
    assert ours(data)[1] == code


def test_a_character_cut_by_a_fragment_is_no_mistake():
    data = masked(0x01, b"\xe2\x80") + masked(0x89, b"now") + masked(0x80, b"\xa8")
    assert ours(data) == ([(9, b"now"), (1, "\u2028".encode())], None)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 100_000])
@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.PING])
def test_frames_written_are_those_that_the_websockets_package_writes(opcode, length):
    payload = bytes(length if opcode is Opcode.TEXT else min(length, 125))
    expected = Frame(TheirOpcode(int(opcode)), payload).serialize(mask=False)
    assert frame_bytes(opcode, payload) == expected


def test_close_frames_carry_code_and_reason_and_none_when_there_is_none():
    assert close_bytes(1013, "busy") == b"\x88\x06\x03\xf5busy"
    assert close_bytes(1005) == b"\x88\x00"
    assert close_code(b"") == 1005
