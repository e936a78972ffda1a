"""A recording counted in blocks comes to what it comes to event by event, whatever its lines are."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.datadog.pipeline import parse_pipelines
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.events.recorded.sketch import Sketcher, Sketches
from grantex_tui.monitoring.count.event_logs import EventLogs
from grantex_tui.rehearsal.engine.input import Recordings
from grantex_tui.rehearsal.engine.model import INSTANT, WATCH, DeliveryModel
from grantex_tui.rehearsal.engine.run import run_pass
from tests.support.plans import load_plan


START = 1_780_000_020.0
SEARCHES = [
    ("source:grantex", "count", ()),
    ("@grantex.event_type:grant.*", "count", ("@grantex.principal_id",)),
    ("@data.cascade:true", "count", ()),
    ("-@data.cascade:true type:grant.revoked", "count", ()),
    ("@data.delegationDepth:>=2", "count", ("@data.delegationDepth", "@grantex.agent_id")),
    ("*", "count", ("type", "service")),
    ("status:warn", "count", ()),
    ("grnt_1", "count", ()),
    ("@data.scopes:a", "count", ()),
    ("*", "cardinality", ("@grantex.agent_id",)),
    ("@type:budget.threshold", "max", ()),
    ("@odd:x OR @data.x.y:1", "count", ()),
]
MEASURE = {"cardinality": ', "@grantex.grant_id"', "max": ', "@data.pct"', "count": ""}


def monitor(number, search, method, by):
    query = f"logs({json.dumps(search)})" + f'.index("*").rollup("{method}"{MEASURE[method]})'
    if by:
        query += ".by(" + json.dumps(",".join(by)) + ")"
    value = {
        "name": f"{number}",
        "type": "log alert",
        "query": query + '.last("2m") > 1',
        "message": "{{log.id}} {{log.attributes.id}} @a",
        "options": {"thresholds": {"critical": 1}, "new_group_delay": 0},
    }
    return load_monitors(json.dumps(value), path="m")[0]


BUNDLED = load_plan()
MONITORS = [*BUNDLED.monitors, *(monitor(n, *search) for n, search in enumerate(SEARCHES))]
PLAN = replace(BUNDLED, monitors=MONITORS)
UNDATED = parse_pipelines([])
NO_PIPELINE = replace(PLAN, monitors=MONITORS[:3], pipelines=UNDATED, logs=EventLogs(UNDATED))

texts = st.sampled_from(["a", "b", "é", "x,y", "", "\u2028", "true", "1"])
scalars = texts | st.sampled_from([True, False, None, 0, 1, 2, 3, 1.0, 2.5, -0.0, 10**30])
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(texts, scalars, max_size=1)
KEYS = ["grantId", "agentId", "principalId", "userId", "cascade", "delegationDepth", "pct",
        "scopes", "x", "x.y", "remaining"]  # fmt: skip
KINDS = ["grant.revoked", "token.issued", "budget.exhausted", "grant.created",
         "budget.threshold", "vault.credential.exchanged", "made,up"]  # fmt: skip


@st.composite
def payloads(draw, at):
    created = at + draw(st.sampled_from([0, 0, 0, -0.001, -70, -7200, -65000, 7100, -1e6]))
    value: dict[str, object] = {
        "id": f"evt_{draw(st.integers(0, 99))}",
        "type": draw(st.sampled_from(KINDS)),
        "createdAt": rfc3339(created),
        "data": draw(st.dictionaries(st.sampled_from(KEYS), values, max_size=4)),
    }
    odd = draw(st.sampled_from(["", "", "", "", "key", "data", "date", "id", "missing", "zone"]))
    if odd == "key":
        value[draw(st.sampled_from(["odd", "status", "service", "grantex"]))] = "x"
    elif odd == "data":
        value["data"] = draw(values)
    elif odd == "date":
        value["createdAt"] = draw(st.sampled_from(["yesterday", None, "", 5]))
    elif odd == "zone":
        value["createdAt"] = rfc3339(created)[:-1] + "+00:00"
    elif odd == "id":
        value["id"] = ""
    elif odd == "missing":
        del value[draw(st.sampled_from(["id", "type", "createdAt", "data"]))]
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def odd_lines(payload: bytes, when: bytes) -> list[bytes]:
    """Forms that a line of a journal should not have, and may all the same."""
    usual = b'{"receivedAt":"' + when + b'","event":' + payload + b"}"
    return [
        usual.replace(b'","event":', b'", "event": '),
        usual + b" ",
        usual + b" " + usual,
        usual[:-1] + b',"event":' + payload + b"}",
        usual[:-1] + b',"receivedAt":"' + when + b'"}',
        usual[:-5],
        usual[:60] + b"\n" + usual[60:],
        usual.replace(b'"data":{', b'"data":\n{'),
        usual.replace(when, when[:-1] + b"+00:00"),
        usual.replace(when, b"2026-99-99T00:00:00.000Z"),
        usual + b"\r",
        usual.replace(b'"id":"evt', b'"id":"\xff'),
        usual.replace(b'"data":{', b'"data":{"u":"\xff",'),
        b"",
        payload,
        b'{"gap":{"from":"' + when + b'","to":"' + when + b'","reason":"reset"}}',
        b'{"receivedAt":"' + when + b'","malformed":{"reason":"not JSON","payload":"?"}}',
        b'{"receivedAt":"' + when + b'","payload":' + json.dumps(payload.decode()).encode() + b"}",
    ]


@st.composite
def recordings(draw):
    lines = []
    at = START
    bare = draw(st.sampled_from([False, False, True]))
    for _ in range(draw(st.integers(1, 30))):
        at += draw(st.sampled_from([0.0, 0.0, 0.001, 0.999, 7.3, 59.0, 60.0, 181.5, -2.0]))
        payload = draw(payloads(at))
        when = rfc3339(at).encode()
        odd = draw(st.integers(0, 60))
        forms = odd_lines(payload, when)
        if odd < len(forms):
            lines.append(forms[odd])
        else:
            lines.append(
                payload if bare else b'{"receivedAt":"' + when + b'","event":' + payload + b"}"
            )
    return b"\n".join(lines) + draw(st.sampled_from([b"\n", b""]))


def usual() -> bytes:
    payload = (
        b'{"id":"evt_u","type":"token.issued","createdAt":"2026-05-28T20:27:00.000Z","data":{}}'
    )
    return b'{"receivedAt":"' + rfc3339(START).encode() + b'","event":' + payload + b"}\n"


MODELS = [INSTANT, WATCH, DeliveryModel("slow", 3, 20.0, 5.0, ((START + 60, START + 200),))]


def pass_over(*data: bytes, plan=PLAN, plainly: bool, **options):
    recordings = Recordings([Recording(io.BytesIO(each)) for each in data])
    events = iter_with_problems(recordings) if plainly else recordings
    return run_pass(events, plan, source="x", with_tracks=True, **options)


def iter_with_problems(recording: Recordings):
    """The recordings, but not in sketches."""

    class Plain:
        def __iter__(self):
            return iter(recording)

        @property
        def problems(self):
            return recording.problems

        @property
        def bad_lines(self):
            return recording.bad_lines

        @property
        def repeated(self):
            return recording.repeated

    return Plain()


def everything(result) -> tuple:
    tracks = [
        (t.monitor, t.group, list(t.instants), list(t.outcomes), list(t.recoveries), t.left_at)
        for t in result.tracks
    ]
    return (*(getattr(result, name) for name in result.__slots__ if name != "tracks"), tracks)


@settings(max_examples=30, deadline=None)
@given(recordings(), st.sampled_from(MODELS), st.booleans(), st.sampled_from([None, 200.0]))
def test_in_blocks_or_one_by_one(data, model, short, end):
    data = usual() + data
    options = {"delivery": model, "phase": 10 if short else 0,
               "end": None if end is None else START + end}  # fmt: skip
    plain = pass_over(data, plainly=True, **options)
    quick = pass_over(data, plainly=False, **options)
    if end is not None:  # how far beyond the end lines are read is nobody's business
        plain, quick = replace(plain, problems=()), replace(quick, problems=())
    assert everything(quick) == everything(plain)


@settings(max_examples=8, deadline=None)
@given(recordings())
def test_without_a_pipeline_that_dates_logs_it_is_one_by_one_anyway(data):
    data = usual() + data
    plain = pass_over(data, plan=NO_PIPELINE, plainly=True, delivery=WATCH)
    quick = pass_over(data, plan=NO_PIPELINE, plainly=False, delivery=WATCH)
    assert everything(quick) == everything(plain)


@settings(max_examples=6, deadline=None)
@given(st.lists(recordings(), min_size=2, max_size=4), st.sampled_from(MODELS))
def test_several_at_once_come_to_the_same_as_merged_one_by_one(several, model):
    data = [usual() + each for each in several]
    plain = pass_over(*data, plainly=True, delivery=model)
    quick = pass_over(*data, plainly=False, delivery=model)
    assert everything(quick) == everything(plain)


def test_the_usual_lines_are_sketched_and_an_odd_one_costs_only_its_neighbours():
    block = (usual() * 100 + usual().replace(b'{"receivedAt', b'{ "receivedAt') + usual() * 99)[:-1]
    sketcher = Sketcher(["cascade"])
    assert sketcher.read(block) is None
    parts = list(Recording(io.BytesIO(block)).sketched(sketcher))
    sketched = sum(len(part.events) for part in parts if isinstance(part, Sketches))
    assert sketched == 200 - 64


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
def test_compressed_recordings_are_counted_in_blocks_as_well(tmp_path, pack):
    file = tmp_path / "r"
    file.write_bytes(pack(usual() * 500))
    result = run_pass(Recordings([Recording(file)]), PLAN, source="x", delivery=INSTANT)
    assert (result.events, result.problems) == (500, ())


def test_a_payload_is_as_it_was_received():
    sketches = Sketcher().read((usual() * 3)[:-1])
    assert sketches is not None
    assert (
        sketches.event(1).raw
        == usual()[len(b'{"receivedAt":"2026-05-28T20:27:00.000Z","event":') : -2]
    )
