from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.errors import ExitCode, RecordingError
from grantex_tui.events.event import Malformed, decode_event
from grantex_tui.events.gap import Gap
from grantex_tui.events.kept.lines import encode_gap, encode_items
from grantex_tui.events.recorded.line import Arrival, LineReader
from grantex_tui.events.recorded.recording import Recording


AT = 1_767_603_600.0
FIXTURE = Path(__file__).parents[3] / "fixtures" / "grantex-events.ndjson"
RAWS = [line for line in FIXTURE.read_bytes().split(b"\n") if line]
EVENTS = [decode_event(raw) for raw in RAWS]


def datadog_archive(raw: bytes, *, message: bool = True) -> bytes:
    """A log as Datadog archives it (logs/log_configuration/archives)."""
    log = {
        "_id": "AQAAAYh2F8o1",
        "date": "2026-01-05T09:00:00.000Z",
        "service": "grantex",
        "host": "grantex-auth-service",
        "source": "grantex",
        "status": "info",
        "tags": ["type:x", "source:grantex"],
        "attributes": json.loads(raw),
    }
    if message:
        log["message"] = raw.decode()
    return json.dumps(log).encode()


def search_result(raw: bytes) -> bytes:
    """One of ``data`` of POST /api/v2/logs/events/search."""
    attributes = {
        "timestamp": "2026-01-05T09:00:00.000Z",
        "message": raw.decode(),
        "attributes": json.loads(raw),
        "tags": [],
    }
    return json.dumps({"id": "AQAA", "type": "log", "attributes": attributes}).encode()


def journal(raw: bytes) -> bytes:
    return encode_items([decode_event(raw)], AT).rstrip(b"\n")


def spaced_journal(raw: bytes) -> bytes:
    return b'{ "receivedAt" : "2026-01-05T10:00:00+01:00", "event" : ' + raw + b" }"


def packed_plain(data: bytes) -> bytes:
    return data


def packed_gzip(data: bytes) -> bytes:
    middle = len(data) // 2  # archives are often joined of several gzip members
    return gzip.compress(data[:middle]) + gzip.compress(data[middle:])


def packed_zstd(data: bytes) -> bytes:
    compress = zstandard.ZstdCompressor().compress
    return compress(data[: len(data) // 2]) + compress(data[len(data) // 2 :])


def envelope(event) -> tuple[object, ...]:
    return event.id, event.type, event.created_at, event.grant_id, event.principal_id, event.raw


@pytest.mark.parametrize("pack", [packed_plain, packed_gzip, packed_zstd])
@pytest.mark.parametrize(
    ("line", "received_at"),
    [
        (journal, AT),
        (spaced_journal, AT),
        (bytes, None),
        (datadog_archive, AT),
        (search_result, AT),
    ],
)
def test_every_kind_is_recognised_by_content(tmp_path: Path, line, received_at, pack) -> None:
    file = tmp_path / "anything"
    file.write_bytes(pack(b"\n".join(map(line, RAWS)) + b"\n"))
    recording = Recording(file)
    items = [item for item in recording if isinstance(item, Arrival)]
    assert [item.received_at for item in items] == [received_at] * len(EVENTS)
    assert [envelope(item.event) for item in items] == list(map(envelope, EVENTS))
    assert recording.bad_lines == 0


def test_an_archived_log_without_its_message_is_read_from_its_attributes(tmp_path: Path) -> None:
    file = tmp_path / "archive.json"
    file.write_bytes(datadog_archive(RAWS[0], message=False))
    (arrival,) = Recording(file)
    assert isinstance(arrival, Arrival)
    assert not isinstance(arrival.event, Malformed)
    assert arrival.received_at == AT
    assert json.loads(arrival.event.raw) == json.loads(RAWS[0])
    assert arrival.event.grant_id == EVENTS[0].grant_id  # type: ignore[union-attr] # all are events


def test_gaps_and_malformed_payloads_are_read_too(tmp_path: Path) -> None:
    bad = Malformed(b"{oops", "not JSON")
    file = tmp_path / "j.ndjson"
    file.write_bytes(
        encode_items([EVENTS[0], bad], AT)
        + encode_gap(Gap(AT, AT + 3, "reset"))
        + encode_gap(Gap(AT, None, "away"))
    )
    assert list(Recording(file)) == [
        Arrival(AT, EVENTS[0]),
        Arrival(AT, bad),
        Gap(AT, AT + 3, "reset"),
        Gap(AT, None, "away"),
    ]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_blank_lines_and_a_byte_order_mark_are_no_trouble(tmp_path, ending, last) -> None:
    file = tmp_path / "events.ndjson"
    body = ending.join([RAWS[0], b"", b"  ", RAWS[1]]) + (ending if last else b"")
    file.write_bytes(b"\xef\xbb\xbf" + body)
    recording = Recording(file)
    assert [a.event.raw for a in recording if isinstance(a, Arrival)] == RAWS[:2]
    assert recording.bad_lines == 0


def test_lines_longer_than_a_read_are_whole(tmp_path: Path) -> None:
    raw = b'{"id":"1","type":"t","data":{"reason":"%b"}}' % (b"x" * 3_000_000)
    file = tmp_path / "events.ndjson"
    file.write_bytes(raw + b"\n" + RAWS[0] + b"\n" + raw)
    assert [a.event.raw for a in Recording(file) if isinstance(a, Arrival)] == [
        raw,
        RAWS[0],
        raw,
    ]


def test_bad_lines_are_counted_named_and_stop_nothing(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    lines = [RAWS[0], b'{"id":1', b"[1]", b'{"foo":1}', b'{"id":"1"}', b"\x1b[31m", RAWS[1]]
    file.write_bytes(b"\n".join(lines))
    recording = Recording(file)
    assert [a.event for a in recording if isinstance(a, Arrival)] == EVENTS[:2]
    assert recording.bad_lines == 5
    assert [problem.split(": ")[0] for problem in recording.problems] == [
        f"{file}:{number}" for number in range(2, 7)
    ]
    assert not any("\x1b" in problem for problem in recording.problems)


def test_only_the_first_bad_lines_are_named(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(RAWS[0] + b"\nbad" * 1000)
    recording = Recording(file)
    assert len(list(recording)) == 1
    assert (recording.bad_lines, len(recording.problems)) == (1000, 20)


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"", "it is empty"),
        (b"id,type\n1,2\n", "id,type"),
        (b'{"foo":1}\n', "neither an event nor a log"),
        (b"PK\x03\x04zip", "PK␃␄zip"),
        (gzip.compress(b"hello", mtime=0), "hello"),
        (gzip.compress(b"hello", mtime=0)[:-9], "ends in an error"),
    ],
)
def test_a_file_without_any_event_is_an_error_that_says_what_it_is(tmp_path, data, seen) -> None:
    file = tmp_path / "events.csv"
    file.write_bytes(data)
    with pytest.raises(RecordingError) as caught:
        list(Recording(file))
    assert str(file) in str(caught.value)
    assert seen in str(caught.value)
    assert caught.value.exit_code is ExitCode.INVALID_FILE


def test_a_cut_gzip_file_gives_what_is_there_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson.gz"
    file.write_bytes(gzip.compress(b"\n".join(RAWS * 20))[:-2000])
    recording = Recording(file)
    assert len(list(recording)) > 100
    assert "ends in an error" in recording.problems[-1]


def test_a_damaged_zstd_file_gives_what_is_there_and_says_so(tmp_path: Path) -> None:
    lines = b"".join(raw + b"\n" for raw in RAWS) * 200
    sound, broken = (bytearray(packed_zstd(lines)) for _ in range(2))
    broken[len(broken) // 2 :] = b"\xff" * (len(broken) - len(broken) // 2)
    file = tmp_path / "events.ndjson.zst"
    file.write_bytes(sound + broken)
    recording = Recording(file)
    assert len(list(recording)) >= len(RAWS) * 200
    assert "ends in an error" in recording.problems[-1]
    assert sum(block.count(b"\n") + 1 for block in recording.blocks()) >= len(RAWS) * 200


def test_a_journal_is_read_with_its_packed_segments_and_its_plain_ones(tmp_path: Path) -> None:
    for number, raw in enumerate(RAWS, start=1):
        name = tmp_path / f"{number:08d}.ndjson"
        line = journal(raw) + b"\n"
        if number % 2:
            name.with_name(f"{name.name}.zst").write_bytes(packed_zstd(line))
        else:
            name.write_bytes(line)
    recording = Recording(tmp_path)
    read = [a.event for a in recording if isinstance(a, Arrival)]
    assert [envelope(event) for event in read] == list(map(envelope, EVENTS))
    assert recording.is_journal()
    assert recording.bad_lines == 0


@pytest.mark.parametrize("pack", [packed_gzip, packed_zstd])
def test_a_packed_document_is_recognised_as_a_plain_one_is(tmp_path: Path, pack) -> None:
    file = tmp_path / "export.csv"
    row = b"Date,Service,Message\n2026-01-05T09:00:00.250Z,shop,hello\n"
    file.write_bytes(pack(row * 1 + row.partition(b"\n")[2] * 20_000))
    assert sum(1 for _ in Recording(file)) == 20_001


def test_a_missing_file_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere\.ndjson: can't be read: No such file"):
        list(Recording(tmp_path / "nowhere.ndjson"))


def test_an_archive_folder_is_read_in_order_and_nothing_else_in_it(tmp_path: Path) -> None:
    hours = [tmp_path / "dt=20260105" / f"hour={hour}" for hour in ("09", "10")]
    for hour, raw in zip(hours, RAWS, strict=False):
        hour.mkdir(parents=True)
        (hour / "archive_1.json.gz").write_bytes(gzip.compress(datadog_archive(raw)))
        (hour / "README.md").write_text("not a log")
    read = [a.event for a in Recording(tmp_path) if isinstance(a, Arrival)]
    assert [envelope(event) for event in read] == list(map(envelope, EVENTS[:2]))


def test_a_folder_without_a_recording_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="holds no recording"):
        list(Recording(tmp_path))


def test_standard_input_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(gzip.compress(RAWS[0]))))
    monkeypatch.setattr("sys.stdin", stdin)
    assert list(Recording("-")) == [Arrival(None, EVENTS[0])]


def test_a_stream_can_be_read_as_it_comes() -> None:
    stream = io.BufferedReader(io.BytesIO(b"\n".join(RAWS)))
    assert [a.event for a in Recording(stream) if isinstance(a, Arrival)] == EVENTS


def test_a_recording_can_be_read_again(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(RAWS[0] + b"\nbad\n")
    recording = Recording(file)
    assert list(recording) == list(recording)
    assert recording.bad_lines == 1


KEYS = ["receivedAt", "event", "payload", "malformed", "gap", "id", "type", "date", "timestamp"]
KEYS += ["message", "attributes", "from", "to", "reason"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.sampled_from(["log", "2026-01-05T09:00:00Z", "0001-01-01T00:00:00+14:00", "99"]),
    st.sampled_from(['{"id":"1","type":"t"}', "{"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5))
@settings(max_examples=500)
def test_any_line_is_read_or_refused_by_a_value_error(line: dict[str, object]) -> None:
    try:
        read = LineReader().read(json.dumps(line).encode())
    except ValueError:
        return
    assert isinstance(read, Arrival | Gap)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused_by_a_value_error(line: bytes) -> None:
    for start in (
        b"",
        b'{"receivedAt":"2026-01-05T09:00:00.000Z","event":',
        b'{"type":"log","attributes":',
    ):
        try:
            LineReader().read(start + line)
        except ValueError:
            continue


def test_lines_nested_too_deeply_are_refused_by_a_value_error() -> None:
    for depth in (10, 100, 900, 20_000):
        deep = b'{"type":"log","attributes":' * depth + b"1" + b"}" * depth
        with pytest.raises(ValueError):
            LineReader().read(deep)
