"""An archive counted in blocks comes to what it comes to log by log, whatever its lines are."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grantex_tui.clock import rfc3339
from grantex_tui.datadog.monitor.load import load_monitors
from grantex_tui.events.recorded.held_sketch import HeldLayout
from grantex_tui.events.recorded.recording import Recording
from grantex_tui.events.recorded.sketch import Sketcher, Sketches
from grantex_tui.rehearsal.engine.counting import Counting
from grantex_tui.rehearsal.engine.input import Recordings
from grantex_tui.rehearsal.engine.model import INSTANT, WATCH
from grantex_tui.rehearsal.engine.run import run_pass
from tests.support.plans import load_plan


START = 1_780_000_020.0
SEARCHES = [
    ("source:grantex", "count", ()),
    ("service:shop -env:dev", "count", ("host",)),
    ("@grantex.event_type:grant.*", "count", ("@grantex.principal_id",)),
    ("@a.b:1 OR @a.b:true", "count", ("@a.b",)),
    ("@a.b.c:*", "count", ("@a.b.c", "env")),
    ("status:error", "count", ()),
    ("*", "cardinality", ("service",)),
    ("team:*", "sum", ()),
    ("@nothing:1 OR tags:prod", "count", ("source",)),
    ('@"a.b":1', "count", ()),
]
FREE_TEXT = ("hello @a.b:1", "count", ())
MEASURE = {"cardinality": ', "@a.b"', "sum": ', "@a.b"', "count": ""}


def monitor(number, search, method, by):
    query = f"logs({json.dumps(search)})" + f'.index("*").rollup("{method}"{MEASURE[method]})'
    if by:
        query += ".by(" + json.dumps(",".join(by)) + ")"
    value = {
        "name": f"{number}",
        "type": "log alert",
        "query": query + '.last("2m") > 1',
        "message": "{{log.id}} {{log.service}} {{log.attributes.a}} {{log.tags.env}} @a",
        "options": {"thresholds": {"critical": 1}, "new_group_delay": 0},
    }
    return load_monitors(json.dumps(value), path="m")[0]


BUNDLED = load_plan()
PLAN = replace(BUNDLED, monitors=[monitor(n, *search) for n, search in enumerate(SEARCHES)])
BY_TEXT = replace(PLAN, monitors=[*PLAN.monitors[:2], monitor(9, *FREE_TEXT)])

texts = st.sampled_from(["a", "b", "é", "x,y", "", "\u2028", "true", "1", "\\", '"'])
scalars = texts | st.sampled_from([True, False, None, 0, 1, 1.0, 2.5, -0.0, 10**30, 1e15, 10**15])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["b", "c", "b.c"]), inner, max_size=2)
    ),
    max_leaves=4,
)
attributes = st.dictionaries(st.sampled_from(["a", "a.b", "a.b.c", "b", "id", "type"]), values)
some_tags = st.lists(st.sampled_from(["env:prod", "Env:dev", "team:a", "prod", "source:x"]))
EVENT = {"id": "evt_1", "type": "grant.revoked", "createdAt": "2026-01-05T09:00:00.000Z"}


@st.composite
def held_logs(draw, at):
    log: dict[str, object] = {
        "_id": f"AQ{draw(st.integers(0, 9))}",
        "date": rfc3339(at),
        "host": draw(st.sampled_from(["web-1", "web-2", None, 5])),
        "service": draw(st.sampled_from(["shop", "grantex", "", None])),
        "source": draw(st.sampled_from(["grantex", "nginx", "grantex", None])),
        "status": draw(st.sampled_from(["info", "error", "warning", "OK", None])),
        "tags": draw(some_tags | st.sampled_from([None, "env:prod,team:a", [1], []])),
        "message": draw(st.sampled_from(["hello", "", json.dumps(EVENT), None])),
        "attributes": draw(attributes),
    }
    if draw(st.booleans()):
        log["attributes"] = EVENT | {
            "grantex": {"event_type": "grant.revoked", "principal_id": draw(texts)}
        }
    for name in draw(st.sets(st.sampled_from(["host", "service", "source", "status", "tags"]))):
        del log[name]
    return log


def odd_lines(log: dict[str, object], at: float) -> list[bytes]:
    """Forms that a line of an archive should not have, and may all the same."""
    line = json.dumps(log).encode()
    date = rfc3339(at).encode()
    return [
        line.replace(b'", "', b'" , "'),
        b" " + line,
        line + b" " + line,
        line.replace(b'"attributes": {', b'"attributes":\n{', 1),
        line[:-3],
        line.replace(b'"_id"', b'"type": "log", "_id"', 1),
        line.replace(b'"_id"', b'"receivedAt": "' + date + b'", "_id"', 1),
        line.replace(b'"_id"', b'"gap": null, "_id"', 1),
        line.replace(b'"_id"', b'"date": "2026-05-28T20:27:00.000Z", "_id"', 1),
        line.replace(date, date[:-1] + b"+00:00"),
        line.replace(date, b"2026-02-30T00:00:00.000Z"),
        line.replace(b'"' + date + b'"', b"%d" % (at * 1000)),
        line.replace(b'"date"', b'"timestamp"', 1),
        line.replace(b'"attributes": {', b'"attributes": null, "odd": {', 1),
        line.replace(b'"attributes": {', b'"attributes": {"big": 1e999, ', 1),
        line.replace(b'"attributes": {', b'"attributes": {"u": "\\ud800", ', 1),
        line.replace(b'"attributes": {', b'"attributes": {"u": "\xff", ', 1),
        line.replace(b'"attributes": {', b'"attributes": {"a": {"b": 1}, "a": ', 1),
        line.replace(b'"attributes": {', b'"attributes": {"a": {"b": 1}, ', 1),
        json.dumps({key: log[key] for key in reversed(log)}).encode(),
        json.dumps({"id": "AQ7", "type": "log", "attributes": log | {"timestamp": rfc3339(at)}})
        .encode(),
        json.dumps(EVENT | {"createdAt": rfc3339(at), "data": {}}, separators=(",", ":")).encode(),
        b'{"receivedAt":"' + date + b'","event":' + json.dumps(EVENT).encode() + b"}",
        b"",
        b"{}",
    ]  # fmt: skip


@st.composite
def archives(draw):
    lines = []
    at = START
    for _ in range(draw(st.integers(1, 30))):
        at += draw(st.sampled_from([0.0, 0.001, 0.999, 7.3, 59.0, 60.0, 181.5, 70_000.0, -2.0]))
        log = draw(held_logs(at))
        forms = odd_lines(log, at)
        odd = draw(st.integers(0, 3 * len(forms)))
        lines.append(forms[odd] if odd < len(forms) else json.dumps(log).encode())
    return b"\n".join(lines) + draw(st.sampled_from([b"\n", b""]))


def usual(**changes: object) -> bytes:
    log = {
        "_id": "AQ0", "date": rfc3339(START), "host": "web-1", "service": "shop",
        "source": "nginx", "status": "info", "tags": ["env:prod"], "message": "m",
        "attributes": {"a": {"b": 1}},
    }  # fmt: skip
    return json.dumps(log | changes).encode() + b"\n"


class Plainly:
    """A recording that can't be had in sketches."""

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings

    def __iter__(self):
        return iter(self._recordings)

    @property
    def problems(self):
        return self._recordings.problems

    @property
    def bad_lines(self):
        return self._recordings.bad_lines


def pass_over(path, plan, *, plainly: bool, model):
    recordings = Recordings([Recording(path)])
    events = Plainly(recordings) if plainly else recordings
    return run_pass(events, plan, source="x", delivery=model, with_tracks=True)


def everything(result) -> tuple:
    tracks = [(t.monitor, t.group, list(t.instants), list(t.outcomes)) for t in result.tracks]
    return (*(getattr(result, name) for name in result.__slots__ if name != "tracks"), tracks)


@settings(max_examples=25, deadline=None)
@given(archives(), st.sampled_from([INSTANT, WATCH]), st.integers(0, 3))
def test_in_blocks_or_log_by_log(path, data, model, by_text):
    path.write_bytes(usual() + data)
    plan = PLAN if by_text else BY_TEXT
    plain = pass_over(path, plan, plainly=True, model=model)
    quick = pass_over(path, plan, plainly=False, model=model)
    assert everything(quick) == everything(plain)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("held") / "archive.json"


def test_the_usual_lines_are_sketched_and_an_odd_one_costs_only_its_neighbours():
    block = (usual() * 100 + usual(host=5, source=7) + usual() * 99)[:-1]
    sketcher = Counting(PLAN, (0,), with_tracks=False, with_notifications=False).sketcher()
    assert sketcher is not None
    parts = list(Recording(io.BytesIO(block)).sketched(sketcher))
    assert sum(len(part) for part in parts if isinstance(part, Sketches)) == 200 - 64


def test_logs_without_a_source_are_sketched_too():
    block = (usual() * 3 + usual(source=None, tags=["source:x"]))[:-1]
    sketches = Sketcher(None, HeldLayout(["a.b"], {"source"})).read(block)
    assert sketches is not None
    assert [log.tags for log in sketches.held][-1] == ("source:x",)  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["a.b.c.d.e", 'a."\\"".b'])
def test_what_cant_be_decoded_in_part_is_refused(path):
    with pytest.raises(ValueError, match=r"."):
        HeldLayout([path], ())
