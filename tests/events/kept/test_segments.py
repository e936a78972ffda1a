from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.events.event import decode_event
from grantex_tui.events.kept.lines import encode_items
from grantex_tui.events.kept.proving.survey import survey
from grantex_tui.events.kept.segments import (
    Segment,
    SegmentReader,
    cut_torn_line,
    find_segments,
    starts_a_line,
)


@pytest.fixture
def segment(tmp_path: Path) -> Segment:
    items = [decode_event(b'{"id":"evt_%d","type":"t"}' % number) for number in range(3)]
    (tmp_path / "00000007.ndjson").write_bytes(encode_items(items, 5.0))
    (found,) = find_segments(tmp_path)
    return found


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The descriptors that were opened and not closed."""
    descriptors: list[int] = []
    opens, closes = os.open, os.close

    def noted_open(path, flags, *mode) -> int:
        descriptors.append(opens(path, flags, *mode))
        return descriptors[-1]

    def noted_close(descriptor: int) -> None:
        descriptors.remove(descriptor)  # what was never opened is an error
        closes(descriptor)

    monkeypatch.setattr(os, "open", noted_open)
    monkeypatch.setattr(os, "close", noted_close)
    return descriptors


def test_counting_leaves_nothing_open(segment: Segment, opened: list[int]) -> None:
    length = segment.size // 3
    segment.version = 1
    counts = []
    for place in range(4):
        with SegmentReader() as reader:
            survey([(segment, place * length)], reader, None)
        counts.append(segment.events)
    assert counts == [3, 2, 1, 0]
    assert opened == []


def test_a_reader_may_be_closed_twice_and_reads_again(segment: Segment, opened: list[int]) -> None:
    reader = SegmentReader()
    reader.close()
    for _ in range(2):
        assert len(reader.lines(segment, 0, max_lines=2, max_bytes=10_000)) == 2
        assert len(opened) == 1
        reader.close()
        reader.close()
    assert opened == []


def test_a_place_is_a_lines_start_or_the_end(segment: Segment) -> None:
    length = segment.size // 3
    places = [place for place in range(segment.size + 5) if starts_a_line(segment, place)]
    assert places == [0, length, 2 * length, 3 * length]


@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=8), st.integers(1, 5), st.integers(1, 300)
)
def test_lines_are_whole_and_within_the_limits_but_for_one(tmp_path_factory, sizes, most, limit):
    path = tmp_path_factory.mktemp("segment") / "00000001.ndjson"
    whole = [b"x" * size for size in sizes]
    path.write_bytes(b"".join(line + b"\n" for line in whole) + b"torn")
    size = sum(sizes) + len(sizes)
    segment, offset, read = Segment(1, path, size, 0.0), 0, []
    with SegmentReader() as reader:
        while lines := reader.lines(segment, offset, max_lines=most, max_bytes=limit):
            taken = sum(map(len, lines)) + len(lines)
            assert len(lines) == 1 or (len(lines) <= most and taken <= limit)
            offset += taken
            read += lines
    assert read == whole


@pytest.mark.parametrize("kept", [0, 1, 5])
@pytest.mark.parametrize("torn", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_what_follows_the_last_line_break_is_cut(tmp_path: Path, kept: int, torn: int) -> None:
    path = tmp_path / "00000001.ndjson"
    path.write_bytes(b"ab\n" * kept + b"x" * torn)
    assert cut_torn_line(path) == torn
    assert path.read_bytes() == b"ab\n" * kept
