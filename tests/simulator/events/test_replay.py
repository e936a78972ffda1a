from __future__ import annotations

import gzip
import json

import pytest
import zstandard

from grantex_sim.events.emission import emission
from grantex_sim.events.replay import read, renew_id, replay
from grantex_sim.service.app import serve_in_thread
from grantex_tui.errors import RecordingError


ODD = '{"id":"evt_1", "type":"t","data":{"a":"\u2028\u0085\\u001b\U0001f600" }}'.encode()


def payloads(path):
    return [payload for _, payload in read(path)]


def written(tmp_path, data, name="recording"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def line(event: bytes, second: int = 0) -> bytes:
    return b'{"receivedAt":"2026-01-05T09:00:%02d.000Z","event":%b}\n' % (second, event)


def test_the_raw_capture_gives_the_payloads_as_they_were_sent(fixtures, captured):
    assert payloads(fixtures / "grantex-sse-raw.txt") == captured


def test_bare_events_are_taken_as_they_are(fixtures, captured):
    assert payloads(fixtures / "grantex-events.ndjson") == captured


def test_a_journal_gives_its_events_byte_for_byte(tmp_path, captured):
    path = written(tmp_path, b"".join(map(line, captured)))
    assert payloads(path) == captured


def test_a_journal_as_our_own_writer_makes_it(tmp_path):
    from grantex_tui.events.event import Malformed, decode_event
    from grantex_tui.events.gap import Gap
    from grantex_tui.events.kept.lines import encode_gap, encode_items

    several_lines = b'{"id":"evt_2",\n"type":"t"}'
    items = [decode_event(ODD), decode_event(several_lines), Malformed(b"oops", "not JSON")]
    gap = Gap(start=1.0, end=2.0, reason="cut")
    path = written(tmp_path, encode_gap(gap) + encode_items(items, 0.0))
    assert payloads(path) == [ODD, several_lines, b"oops"]


def test_spaces_in_a_journal_line_are_not_part_of_the_event(tmp_path):
    path = written(
        tmp_path, b'{ "receivedAt": "2026-01-05T09:00:00Z", "event":  ' + ODD + b" }\r\n"
    )
    assert payloads(path) == [ODD]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress, bytes])
@pytest.mark.parametrize("source", ["grantex-sse-raw.txt", "grantex-events.ndjson"])
def test_each_kind_may_be_compressed(fixtures, tmp_path, captured, source, pack):
    path = written(tmp_path, pack((fixtures / source).read_bytes()))
    assert payloads(path) == captured


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: " + ODD + b"\n\n",
        b": hello\n\ndata: " + ODD + b"\n\n",
        b"data:" + ODD + b"\r\n\r\n",
        b"id: 1\ndata: " + ODD + b"\r\r",
        b"\xef\xbb\xbf" + ODD,
        b"\n\n" + ODD + b"\r\n\n",
    ],
)
def test_other_ways_to_have_recorded_it(tmp_path, data):
    assert payloads(written(tmp_path, data)) == [ODD]


def test_a_capture_that_breaks_off_gives_what_is_whole(fixtures, tmp_path, captured):
    data = (fixtures / "grantex-sse-raw.txt").read_bytes()
    path = written(tmp_path, data[: data.index(b"data: ", 5_000) + 40])
    found = payloads(path)
    assert found == captured[: len(found)]
    assert len(found) > 5


def test_a_line_that_is_no_json_is_replayed_too(tmp_path):
    assert payloads(written(tmp_path, ODD + b"\n{oops\n")) == [ODD, b"{oops"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no event"),
        (b"\n\n", "no event"),
        (b"timestamp,id\n1,2\n", ":1: is neither"),
        (b"HTTP/1.1 200 OK\r\n", "head has no end"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "size is not a number"),
        (gzip.compress(ODD)[:-12], "can't be read"),
        (zstandard.ZstdCompressor().compress(ODD)[:5] + b"xxxxxxxxxxxxx", "can't be read"),
        (b'{"gap":{"from":"x"}}\n', "no event"),
    ],
    ids=[
        "empty",
        "blank lines",
        "csv",
        "head without end",
        "bad chunk",
        "torn gzip",
        "broken zstd",
        "gaps alone",
    ],
)
def test_what_is_no_recording_is_told_with_its_place(tmp_path, data, said):
    path = written(tmp_path, data)
    with pytest.raises(RecordingError, match=said) as refused:
        replay(path)
    assert str(path) in str(refused.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(RecordingError, match="No such file"):
        replay(tmp_path / "nothing")


def test_a_journal_is_spaced_by_when_events_were_received(tmp_path):
    path = written(tmp_path, line(ODD, 5) + line(ODD, 5) + line(ODD, 8))
    assert [event.at for event in replay(path)(0.0)] == [0.0, 0.0, 3.0]


def test_the_capture_is_spaced_by_when_events_were_created(fixtures):
    times = [event.at for event in replay(fixtures / "grantex-sse-raw.txt")(0.0)]
    assert len(times) == 354
    assert times[0] == 0
    assert times == sorted(times)
    assert 5 < times[-1] < 10


def test_a_loop_goes_on_with_new_ids_and_all_else_the_same(tmp_path):
    path = written(tmp_path, line(ODD, 1) + line(ODD.replace(b"evt_1", b"evt_2"), 2))
    source = replay(path, loop=True)(0.0)
    events = [next(source) for _ in range(6)]
    assert [event.at for event in events] == [0, 1, 2, 3, 4, 5]
    assert events[0].payload == ODD
    ids = [emission(event.payload).id for event in events]
    assert len(set(ids)) == 6
    assert events[2].payload.replace(ids[2].encode(), b"evt_1") == ODD


def test_renewed_ids_keep_the_service_form(captured):
    for payload in captured[:20]:
        old, new = json.loads(payload)["id"], json.loads(renew_id(payload, 1))["id"]
        assert new != old
        assert len(new) == len(old)
        assert new[:14] == old[:14]
        assert renew_id(payload, 1) == renew_id(payload, 1) != renew_id(payload, 2)


def test_what_has_no_id_is_looped_as_it_is():
    assert renew_id(b"oops", 3) == b"oops"


def test_a_replayed_capture_arrives_byte_for_byte(connect, fixtures, captured):
    source = replay(fixtures / "grantex-sse-raw.txt")
    with serve_in_thread(source=source, speed=0.0) as simulator:
        client = connect(simulator)
        client.get()
        served = client.until_events(354)
    assert [part.split(b"\n\n")[0] for part in served.split(b"data: ")[1:]] == captured
